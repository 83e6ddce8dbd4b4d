"""What applicants do about the dates they have: ask for another time or further ones, give dates back."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from bookings import services
from bookings.access.permissions import can_override
from bookings.enums import SlotStatus
from bookings.errors import BookingNotFound, TransitionNotAllowed
from bookings.models import Booking, Slot
from hausderbegegnung.web.applicant.forms.dates import AddDatesForm, GiveBackForm
from hausderbegegnung.web.applicant.forms.request import date_values, values_of
from hausderbegegnung.web.applicant.request import change_page
from hausderbegegnung.web.applicant.status import OpenedBooking, open_booking
from hausderbegegnung.web.shared.dates import booking_dates
from hausderbegegnung.web.shared.decorators import applicant_page
from hausderbegegnung.web.shared.drafts import keeps_draft, take_draft
from rooms.errors import DomainError


@applicant_page
@keeps_draft
@require_http_methods(["GET", "POST"])
def change_booking(request: HttpRequest, reference: str, token: str = "") -> HttpResponse:
    """The form filled with an approved booking; what is sent is a request that is to replace it."""
    opened = open_booking(request, reference, token)
    slots = list(opened.booking.slots.all())
    approved = [slot for slot in slots if slot.status == SlotStatus.APPROVED]
    if not approved:
        raise TransitionNotAllowed(_("Only an approved booking can be changed."))
    if len(slots) > 1:
        raise TransitionNotAllowed(_("Please choose which date is to change."))
    return _change(request, opened, approved[0])


def slot_of(booking: Booking, uid: uuid.UUID) -> Slot:
    """Return the date of the booking with this UID; raises BookingNotFound where it has none."""
    for slot in booking.slots.all():
        if slot.uid == uid:
            return slot
    raise BookingNotFound


def _change(request: HttpRequest, opened: OpenedBooking, slot: Slot) -> HttpResponse:
    booking = opened.booking
    return change_page(
        request,
        booking,
        opened.actor,
        slot_ids=[slot.pk],
        initial=values_of(booking, slot),
        done=opened.after,
    )


@applicant_page
@keeps_draft
@require_http_methods(["GET", "POST"])
def add_dates(request: HttpRequest, reference: str, token: str = "") -> HttpResponse:
    """Lines for further dates in the usual rooms; they wait for a decision while the others stand."""
    opened = open_booking(request, reference, token)
    booking, now = opened.booking, timezone.now()
    form = _add_form(request, booking)
    status, may_override = 200, False
    if request.method == "POST" and "more" not in request.POST:
        if not form.is_valid():
            status = 400
        else:
            try:
                services.add_dates(
                    booking_id=booking.pk,
                    actor=opened.actor,
                    now=now,
                    dates=form.wanted,
                    version=form.cleaned_data["version"],
                    override=form.cleaned_data["override"],
                    override_reason=form.cleaned_data["override_reason"],
                )
            except DomainError as error:
                form.add_domain_error(error)
                form.change_typed(version=str(booking.version))
                status = error.status
                may_override = can_override(opened.actor, booking.house) and error.is_overridable
            else:
                messages.success(request, _added(len(form.wanted)))
                return redirect(opened.afterwards)
    context = {
        "booking": booking,
        "house": booking.house,
        "dates": booking_dates(booking, now=now, replacements=booking.replacements.all()),
        "form": form,
        "may_override": may_override,
        "back_url": opened.afterwards,
    }
    return render(request, "applicant/add_dates.html", context, status=status)


def _add_form(request: HttpRequest, booking: Booking) -> AddDatesForm:
    """Return the form as it was sent, with more lines where these are wanted, or with the usual values."""
    slots = list(booking.slots.all())
    like = ([slot for slot in slots if slot.status in SlotStatus.STANDING] or slots)[-1]
    usual = {**date_values(like, booking.house), "version": booking.version}
    if draft := take_draft(request):
        data: Any = draft
    elif request.method != "POST":
        return AddDatesForm(house=booking.house, usual=usual)
    elif "more" not in request.POST:
        return AddDatesForm(request.POST, house=booking.house, usual=usual)
    else:
        data = AddDatesForm.with_more_lines(request.POST, usual)
    form = AddDatesForm(data, house=booking.house, usual=usual)
    # What was not sent yet is not wrong.
    form.forget_errors_except(frozenset())
    return form


def _added(number: int) -> str:
    return ngettext(
        "%(number)d further date is asked for. The house will answer.",
        "%(number)d further dates are asked for. The house will answer.",
        number,
    ) % {"number": number}


@applicant_page
@require_http_methods(["GET", "POST"])
def give_dates_back(request: HttpRequest, reference: str, token: str = "") -> HttpResponse:
    """Ask which dates to come are given back, approved or pending, and do it."""
    opened = open_booking(request, reference, token)
    booking, now = opened.booking, timezone.now()
    dates = booking_dates(booking, now=now, replacements=booking.replacements.all())
    if not dates.coming:
        # Sent twice, decided meanwhile, or over: the status page says how it stands.
        messages.warning(request, _("No date is coming up."))
        return redirect(opened.home)
    initial = {"version": booking.version, "dates": request.GET.getlist("termin")}
    form = GiveBackForm(request.POST or None, slots=[line.slot for line in dates.coming], initial=initial)
    status = 200
    if request.method == "POST" and not form.is_valid():
        status = 400
    elif request.method == "POST":
        try:
            services.give_dates_back(
                booking_id=booking.pk,
                actor=opened.actor,
                now=now,
                slot_ids=form.slot_ids(),
                note=form.cleaned_data["note"],
                version=form.cleaned_data["version"],
            )
        except DomainError as error:
            form.refuse(error, version=booking.version)
            status = error.status
        else:
            messages.success(request, _given_back(len(form.slot_ids()), is_withdrawal=dates.is_pending))
            return redirect(opened.afterwards)
    context = {
        "booking": booking,
        "house": booking.house,
        "dates": dates,
        "form": form,
        "back_url": opened.afterwards,
    }
    return render(request, "applicant/give_back.html", context, status=status)


def _given_back(number: int, *, is_withdrawal: bool) -> str:
    if is_withdrawal:
        return ngettext("The date is withdrawn.", "The dates are withdrawn.", number)
    return ngettext(
        "The date is cancelled. Thank you for telling us.",
        "The dates are cancelled. Thank you for telling us.",
        number,
    )
