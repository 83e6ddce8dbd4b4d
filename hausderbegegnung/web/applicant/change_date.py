"""Another time for one date of a booking, as its applicant asks for it: a form of what can change."""

import uuid
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bookings import services
from bookings.access.permissions import can_override
from bookings.enums import SlotStatus
from bookings.errors import TransitionNotAllowed
from hausderbegegnung.web.applicant.check import answers
from hausderbegegnung.web.applicant.forms.change_date import ChangeDateForm
from hausderbegegnung.web.applicant.forms.wish import WishForm
from hausderbegegnung.web.applicant.own_dates import slot_of
from hausderbegegnung.web.applicant.request import REPLACED_SALT, WISH_FIELDS, interval_in
from hausderbegegnung.web.applicant.status import open_booking
from hausderbegegnung.web.shared.decorators import applicant_page
from hausderbegegnung.web.shared.drafts import keeps_draft, take_draft
from rooms.clock import day_of
from rooms.errors import DomainError, Reason
from rooms.lookups import house_rules_on


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
    rules = house_rules_on(booking.house, day_of(now, booking.house.zone))
    draft = take_draft(request)
    data = (draft or request.POST,) if draft or request.method == "POST" else ()
    status, may_override = 200, False
    refused_for: tuple[Reason, ...] = ()
    form = ChangeDateForm(*data, booking=booking, slot=slot, person=actor, rules=rules)
    if draft or {"check", "use"} & request.POST.keys():
        if nearest := interval_in(request.POST.get("use", "")):
            form.fill_time(nearest)
        form.forget_errors_except(WISH_FIELDS)
    elif form.is_bound and not form.is_valid():
        status = 400
    elif form.is_bound:
        try:
            change = services.request_change(
                booking_id=booking.pk,
                data=form.request_data(),
                actor=actor,
                now=now,
                slot_ids=[slot.pk],
                override=form.cleaned_data.get("override", False),
                override_reason=form.cleaned_data.get("override_reason", ""),
            )
        except DomainError as error:
            form.add_domain_error(error)
            status, refused_for = error.status, tuple(error.reasons)
            may_override = can_override(actor, booking.house) and error.is_overridable
        else:
            if change.received_at != now:
                messages.info(request, _("You had sent this request already; it counts once."))
            return redirect(opened.after(change))
    sent: Any = form.data if form.is_bound else form.initial
    wish = WishForm(sent, house=booking.house)
    wish.is_valid()
    context = {
        **answers(
            wish,
            now=now,
            sent=sent,
            person=request.user,
            equipment_ids=[equipment.pk for equipment in booking.equipment.all()],
            replaced_ids=(slot.pk,),
            refused_for=refused_for,
        ),
        "booking": booking,
        "slot": slot,
        "form": form,
        "may_override": may_override,
        "replaces": signing.dumps((slot.pk,), salt=REPLACED_SALT),
        "back_url": opened.home,
    }
    return render(request, "applicant/change_date.html", context, status=status)
