"""The link to a booking by mail, for its contact: when earlier ones have ended, or one was asked for."""

from datetime import UTC, datetime

from bookings.models import Booking
from notifications.outbox.entry import enqueue
from notifications.recipients import applicant_of
from notifications.wording.facts import booking_facts


def send_link(booking: Booking, *, now: datetime) -> None:
    """Enter a mail with the link to the booking for its contact; nothing where it has no address.

    Whoever holds an ended link may ask for it, so it is entered once an hour for each generation of links.
    """
    for recipient in applicant_of(booking):
        enqueue(
            kind="new_link",
            recipient=recipient.address,
            facts=booking_facts(booking, changed=(), note=""),
            dedupe_key=f"new_link:{booking.pk}:{booking.link_generation}:{now.astimezone(UTC):%Y-%m-%dT%H}",
            now=now,
            language=recipient.language,
            booking=booking,
        )
