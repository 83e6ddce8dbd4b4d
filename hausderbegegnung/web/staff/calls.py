"""Whom staff have to phone, and saying that it is done."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings import services
from bookings.access.lookups import bookings_to_change, get_booking
from bookings.desk.calls import Call, call_about, list_calls
from bookings.models import Booking
from hausderbegegnung.web.shared.decorators import contact_page, form_target
from notifications.outbox.lookups import undelivered_to_contacts
from rooms.models import House


def calls_of(house: House, now: datetime) -> list[Call]:
    """Return the calls to make about bookings of the house."""
    return list_calls(house, now=now, undelivered=undelivered_to_contacts(house=house))


def call_of(booking: Booking, now: datetime) -> Call | None:
    """Return the call to make about the booking, None where there is none."""
    undelivered = undelivered_to_contacts(pk=booking.pk).get(booking.pk)
    return call_about(booking, now=now, undelivered=undelivered)


@contact_page
@form_target
def note_call(request: HttpRequest, reference: str) -> HttpResponse:
    """The contact was phoned, in the inbox about other bookings as well; back to where the button stood."""
    references = list(dict.fromkeys([reference, *request.POST.getlist("too")]))
    bookings = [get_booking(each, actor=request.user, bookings=bookings_to_change()) for each in references]
    for booking in bookings:
        services.note_call(booking_id=booking.pk, actor=request.user, now=timezone.now())
    messages.success(request, _("%(reference)s: the call is noted.") % {"reference": ", ".join(references)})
    return redirect("inbox") if "inbox" in request.POST else redirect("decide", reference)
