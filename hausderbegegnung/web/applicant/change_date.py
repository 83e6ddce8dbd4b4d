"""Another time for one date of a booking, as its applicant asks for it: a form of what can change."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bookings import services
from bookings.access.permissions import can_override
from bookings.enums import SlotStatus
from bookings.errors import TransitionNotAllowed
from bookings.models import Booking
from hausderbegegnung.web.applicant.forms.change_date import ChangeDateForm
from hausderbegegnung.web.applicant.own_dates import slot_of
from hausderbegegnung.web.applicant.status import open_booking
from hausderbegegnung.web.applicant.wish_page import answer_wish
from hausderbegegnung.web.shared.decorators import applicant_page
from hausderbegegnung.web.shared.drafts import keeps_draft
from rooms.clock import day_of
from rooms.facts import house_facts


@applicant_page
@keeps_draft
@require_http_methods(["GET", "POST"])
def change_date(request: HttpRequest, reference: str, uid: uuid.UUID, token: str = "") -> HttpResponse:
    """The date as it is, to be sent otherwise; the others of the booking stay as they are."""
    opened = open_booking(request, reference, token)
    booking, actor, now = opened.booking, opened.actor, timezone.now()
    slot = slot_of(booking, uid)
    if slot.status != SlotStatus.APPROVED:
        raise TransitionNotAllowed(_("Only an approved date can be changed."))
    rules = house_facts(booking.house).rules_on(day_of(now, booking.house.zone))

    def form_of(*data: Any) -> ChangeDateForm:
        return ChangeDateForm(*data, booking=booking, slot=slot, person=actor, rules=rules)

    def send(form: ChangeDateForm) -> Booking:
        return services.request_change(
            booking_id=booking.pk,
            data=form.request_data(),
            actor=actor,
            now=now,
            slot_ids=[slot.pk],
            override=form.cleaned_data.get("override", False),
            override_reason=form.cleaned_data.get("override_reason", ""),
        )

    page = answer_wish(request, form_of, send, opened.after, now=now)
    if isinstance(page, HttpResponse):
        return page
    context = {
        **page.context(
            now=now,
            person=request.user,
            replaced_ids=(slot.pk,),
            equipment_ids=[equipment.pk for equipment in booking.equipment.all()],
        ),
        "booking": booking,
        "slot": slot,
        "may_override": page.may_override and can_override(actor, booking.house),
        "back_url": opened.home,
    }
    return render(request, "applicant/change_date.html", context, status=page.status)
