"""Hears what happens to bookings and enters the mails about it, in the same transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from bookings.actors import Actor
from bookings.changes import Before
from bookings.enums import Verb
from bookings.models import Booking, Slot
from bookings.signals import booking_changed
from notifications.catalogue import kinds_told
from notifications.facts import booking_facts
from notifications.outbox import enqueue
from notifications.preferences import declined_among
from notifications.recipients import Recipient, recipients_of


@receiver(booking_changed, dispatch_uid="notifications.tell_about_booking")
def tell_about_booking(
    sender: Any,
    *,
    booking: Booking,
    verb: Verb,
    slots: list[Slot],
    before: Mapping[int, Before],
    actor: Actor,
    note: str,
    now: datetime,
    **kwargs: Any,
) -> None:
    """Enter one mail per person and decision, however many dates it was about.

    Stores facts only; nothing is rendered, so no text can stop the decision.
    """
    told = [
        (kind.name, recipient)
        for kind in kinds_told(booking=booking, verb=verb, actor=actor)
        for recipient in recipients_of(kind.audience, booking)
    ]
    declined = declined_among(told)
    told = [(kind, recipient) for kind, recipient in told if (kind, recipient.person) not in declined]
    if not told:
        return
    facts = booking_facts(
        booking,
        changed={slot.pk for slot in slots},
        note=note,
        before=before,
        asked_at=now if verb == Verb.ADD else None,
    )
    for kind_name, recipient in told:
        enqueue(
            kind=kind_name,
            recipient=recipient.address,
            facts=facts,
            dedupe_key=key_of(kind_name, booking, recipient),
            now=now,
            language=recipient.language,
            booking=booking,
        )


def key_of(kind_name: str, booking: Booking, recipient: Recipient) -> str:
    """Return what one decision's mail to one person is known by: the version rises with every change."""
    return f"{kind_name}:{booking.pk}:{booking.version}:{recipient.person}"
