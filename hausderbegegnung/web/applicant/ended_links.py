"""A new link for whoever holds an old one, by mail: it shows the holder of the old one nothing at all."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.access.lookups import get_booking_by_token, get_date_by_token
from bookings.models import Booking
from hausderbegegnung.web.shared.decorators import applicant_page, form_target, house_page
from notifications.outbox.link_mail import send_link


@applicant_page
@form_target
def send_booking_link(request: HttpRequest, reference: str, token: str) -> HttpResponse:
    """Asked for by a link to a booking that has ended."""
    booking = get_booking_by_token(reference, token, may_be_ended=True)
    return _send(request, booking, reverse("booking_status", args=[reference, token]))


@house_page
@form_target
def send_date_link(request: HttpRequest, uid: uuid.UUID, token: str) -> HttpResponse:
    """Asked for by a link to one date that has ended."""
    booking = get_date_by_token(uid, token, may_be_ended=True).booking
    return _send(request, booking, reverse("date_confirmation", args=[uid, token]))


def _send(request: HttpRequest, booking: Booking, old_link: str) -> HttpResponse:
    """Send the link to the contact, and say the same whether there is an address or not."""
    send_link(booking, now=timezone.now())
    messages.success(
        request,
        _(
            "If the booking has an e-mail address, the new link is on its way there. "
            "Please look into that mailbox, also among the spam."
        ),
    )
    return redirect(old_link)
