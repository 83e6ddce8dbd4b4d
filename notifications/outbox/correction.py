"""The correction of an applicant's address, and what becomes of the mails that were to go to the old one."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from bookings import services
from bookings.access.actors import Actor
from bookings.models import Booking
from notifications.models import Message, MessageState
from notifications.outbox.entry import can_be_resent, resend
from notifications.outbox.failing_addresses import forgive
from notifications.outbox.link_mail import send_link
from notifications.recipients import is_contact, person_of
from notifications.wording.catalogue import KINDS, Audience

TO_APPLICANTS = [kind.name for kind in KINDS.values() if kind.audience is Audience.APPLICANT]


def contact_of(message: Message) -> str:
    """Return the address that the booking of a mail to its applicant has by now; empty for any other mail."""
    booking = message.booking
    return booking.contact_email if booking is not None and message.kind in TO_APPLICANTS else ""


def is_for_contact(message: Message) -> bool:
    """Whether the mail went, or is to go, to the address that its booking has."""
    return message.recipient.lower() == contact_of(message).lower() != ""


def correct_address(
    *, booking_id: int, actor: Actor, address: str, now: datetime, send_again: bool = False
) -> Booking:
    """Correct the address of a booking; its mails that wait for the old one go to the new one.

    With `send_again` those that could not be sent are tried again as well. What was sent stays
    as it was, and its links have ended; where nothing goes to the new address now, a link of its own
    does. Raises what `bookings.services.correct_address` raises.
    """
    with transaction.atomic():
        old = Booking.objects.filter(pk=booking_id).values_list("contact_email", flat=True).first() or ""
        booking = services.correct_address(booking_id=booking_id, actor=actor, address=address, now=now)
        to_old = Message.objects.filter(booking=booking, kind__in=TO_APPLICANTS, recipient__iexact=old)
        for message in to_old.filter(state=MessageState.PENDING):
            _redirect(message, booking.contact_email, now)
        for message in to_old.filter(state=MessageState.FAILED) if send_again else ():
            if can_be_resent(message):
                resend(message=message, recipient=booking.contact_email, now=now)
                _mean_for(message, booking.contact_email)
        if booking.contact_email != old:
            forgive(old)
        if not (is_contact(old, booking) or _waiting(booking).exists()):
            send_link(booking, now=now)
    return booking


def _waiting(booking: Booking) -> QuerySet[Message]:
    """Return the mails that wait for the contact of the booking."""
    return Message.objects.filter(
        booking=booking,
        kind__in=TO_APPLICANTS,
        recipient=booking.contact_email,
        state=MessageState.PENDING,
    )


def _redirect(message: Message, address: str, now: datetime) -> None:
    """Let a mail that waits go to another address; what failed there for now is tried here at once."""
    tried = {"attempts": 0, "failing_since": None, "not_before": now} if message.attempts else {}
    waiting = Message.objects.filter(pk=message.pk, state=MessageState.PENDING)
    if waiting.update(recipient=address, **tried):
        _mean_for(message, address)


def _mean_for(message: Message, address: str) -> None:
    """Mean the mail for the person of the address, so that they get no planned one a second time."""
    person = person_of(address)
    if not Message.objects.filter(dedupe_key=message.dedupe_key, person=person).exists():
        Message.objects.filter(pk=message.pk).update(person=person)
