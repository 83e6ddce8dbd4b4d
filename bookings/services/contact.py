"""How the applicant is reached, which links let the applicant in, and what was told on the phone."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from bookings.access.actors import Actor
from bookings.access.lookups import bookings_led_to
from bookings.access.permissions import can_correct_contact_of
from bookings.enums import NEWS, Verb
from bookings.errors import InvalidRequest
from bookings.events import Change, announce
from bookings.models import Booking
from bookings.services._records import record_fact
from bookings.services.decisions import lock_booking


def correct_address(*, booking_id: int, actor: Actor, address: str, now: datetime) -> Booking:
    """Staff correct the e-mail address of the applicant; the history keeps the one it was before.

    The links that went to that one end, because nobody knows who has them.
    It decides nothing, so the version stays and an open page can still be sent. The same address
    again changes nothing. Mails that wait are another matter (`notifications.outbox.correction`).

    Raises BookingNotFound, NotAllowed, or InvalidRequest for what is no address.
    """
    address = address.strip()
    try:
        validate_email(address)
    except ValidationError as error:
        raise InvalidRequest(_("This is no e-mail address."), field="address") from error
    with transaction.atomic():
        _house, booking = lock_booking(booking_id, actor, can_correct_contact_of, None)
        before = booking.contact_email
        if address == before:
            return booking
        booking.contact_email = address
        booking.save(update_fields=["contact_email"])
        if before and address.lower() != before.lower():
            end_links(booking)
        record_fact(booking, Verb.CORRECT, actor=actor, now=now, before_email=before)
    return booking


def renew_links(
    *,
    booking_id: int,
    actor: Actor,
    now: datetime,
    version: int | None = None,
    generation: int | None = None,
) -> Booking:
    """Staff let the links end that mails about the booking have carried, in case one is in wrong hands.

    So do those of the bookings that its link leads to, or the new link would be found by an old one. The
    contact of each gets a new link. It decides nothing, so the version stays; sent again from a page that
    knew another `generation`, it changes nothing.

    Raises BookingNotFound, NotAllowed, or StalePage where the booking has another version by now.
    """
    with transaction.atomic():
        house, booking = lock_booking(booking_id, actor, can_correct_contact_of, version)
        if generation not in {None, booking.link_generation}:
            return booking
        bookings = bookings_led_to(booking)
        for each in bookings:
            each.house = house
            end_links(each)
            record_fact(each, Verb.RENEW, actor=actor, now=now)
        announce([Change(each, Verb.RENEW, []) for each in bookings], actor=actor, now=now)
    return booking


def end_links(booking: Booking) -> None:
    """Let every link end that mails about the booking have carried. Call under the lock of its house."""
    booking.link_generation += 1
    booking.save(update_fields=["link_generation"])


def note_call(*, booking_id: int, actor: Actor, now: datetime) -> Booking:
    """Staff have told the contact on the phone what was decided; the history keeps who and when.

    Whom to call is derived (`bookings.desk.calls`). Nothing else changes, the version neither; where
    nothing was decided since the last call, a second click changes nothing.

    Raises BookingNotFound or NotAllowed.
    """
    with transaction.atomic():
        _house, booking = lock_booking(booking_id, actor, can_correct_contact_of, None)
        lines = booking.transitions.order_by("-at", "-pk")
        last = lines.filter(verb__in={*NEWS, Verb.PHONE}).first()
        if last is not None and last.verb != Verb.PHONE:
            record_fact(booking, Verb.PHONE, actor=actor, now=now)
    return booking
