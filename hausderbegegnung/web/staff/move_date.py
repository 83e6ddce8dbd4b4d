"""Moving one date of a booking, for staff: the form with the date as it is, and ways out beside it."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bookings import services
from bookings.access.lookups import get_booking
from bookings.desk.move_options import ways_to_move
from bookings.enums import SlotStatus
from bookings.errors import TransitionNotAllowed
from bookings.models import Booking, Slot
from bookings.series.planner import Proposal
from bookings.series.request import token_of
from bookings.series.wording import without_hearing_loop
from hausderbegegnung.web.applicant.forms.request import date_values
from hausderbegegnung.web.applicant.forms.wish import time_values
from hausderbegegnung.web.applicant.own_dates import slot_of
from hausderbegegnung.web.shared.decorators import decider_page
from hausderbegegnung.web.staff.forms.dates import MoveForm
from rooms.errors import DomainError
from rooms.facts import HouseFacts, house_facts
from rooms.models import House
from rooms.rules import Wish


@dataclass(frozen=True, slots=True)
class ShownProposal:
    """A way out as a button shows and sends it."""

    token: str
    label: str
    wish: Wish
    rooms: str

    @property
    def starts_at(self) -> datetime:
        return self.wish.net.start

    @property
    def ends_at(self) -> datetime:
        return self.wish.net.end


@decider_page
@require_http_methods(["GET", "POST"])
def move_date(request: HttpRequest, reference: str, uid: uuid.UUID) -> HttpResponse:
    """Move a pending or approved date to another time or room; a proposal only fills the form."""
    booking, now = get_booking(reference, actor=request.user), timezone.now()
    slot = slot_of(booking, uid)
    if slot.status not in SlotStatus.STANDING or slot.ends_at <= now:
        raise TransitionNotAllowed(_("This date cannot be moved any more."))
    house = booking.house
    proposals = shown_proposals(booking, slot, now)
    form = _form(request, booking, slot, proposals)
    refusal: DomainError | None = None
    status = 200
    if form.is_bound and not form.is_valid():
        status = 400
    elif form.is_bound:
        try:
            services.move_dates(
                booking_id=booking.pk,
                actor=request.user,
                now=now,
                moves=[form.move_of(slot)],
                note=form.cleaned_data["note"],
                version=form.cleaned_data["version"],
                override=form.cleaned_data["override"],
                override_reason=form.cleaned_data["override_reason"],
            )
        except DomainError as error:
            refusal, status = error, error.status
        else:
            messages.success(request, _("The date is moved."))
            return redirect("decide", booking.reference)
    context = {
        "booking": booking,
        "house": house,
        "slot": slot,
        "form": form,
        "proposals": proposals,
        "refusal": refusal,
        "may_override": refusal is not None and refusal.is_overridable,
    }
    return render(request, "staff/move_date.html", context, status=status)


def shown_proposals(booking: Booking, slot: Slot, now: datetime) -> list[ShownProposal]:
    """Return where else a date of the booking could be, as buttons show it."""
    facts = house_facts(booking.house)
    return [
        _shown(proposal, proposal.wish, facts)
        for proposal in ways_to_move(house=booking.house, booking=booking, slot=slot, now=now)
        if proposal.wish is not None
    ]


def _form(request: HttpRequest, booking: Booking, slot: Slot, proposals: list[ShownProposal]) -> MoveForm:
    """Return the form as it was sent; filled with a proposal that was picked, or with the date as it is."""
    house = booking.house
    if request.method == "POST" and "use" not in request.POST:
        return MoveForm(request.POST, house=house)
    values: dict[str, Any] = {**date_values(slot, house), "version": booking.version}
    picked = next((proposal for proposal in proposals if proposal.token == request.POST.get("use")), None)
    if picked is not None:
        values |= _values_of(picked.wish, house)
    if request.method == "POST":
        values |= {"note": request.POST.get("note", ""), "version": request.POST.get("version", "")}
    return MoveForm(house=house, initial=values)


def _values_of(wish: Wish, house: House) -> dict[str, Any]:
    rooms = house_facts(house).rooms
    return {**time_values(wish.net, house), "rooms": [rooms[room_id].slug for room_id in wish.room_ids]}


def _shown(proposal: Proposal, wish: Wish, facts: HouseFacts) -> ShownProposal:
    names = [room.name for room in facts.rooms.values() if room.id in wish.room_ids]
    label = str(proposal.way.label)
    if proposal.loses_hearing_loop:
        label = f"{label}, {without_hearing_loop()}"
    return ShownProposal(token_of(proposal, facts), label, wish, ", ".join(names))
