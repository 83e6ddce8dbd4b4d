"""Hears what happens to bookings and enters the mails about it, in the same transaction."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from bookings.access.actors import Actor
from bookings.enums import SlotStatus, Verb
from bookings.events import Change, Event, bookings_changed
from bookings.models import Booking
from notifications.outbox.entry import enqueue, enqueue_new_keys, made_message
from notifications.outbox.link_mail import send_link
from notifications.preferences import declined_among
from notifications.recipients import recipients_of
from notifications.wording.catalogue import kinds_told
from notifications.wording.facts import booking_facts, settled_facts


@receiver(bookings_changed, dispatch_uid="notifications.tell")
def tell(sender: Any, *, event: Event, **kwargs: Any) -> None:
    """Enter the mails about what happened: about each booking, or once for each address."""
    if event.is_quiet:
        return
    if event.follows_house:
        tell_about_settled_dates(event.changes, now=event.now)
        return
    for change in event.changes:
        if change.verb == Verb.RENEW:
            send_link(change.booking, now=event.now)
        else:
            tell_about_booking(change, actor=event.actor, now=event.now)


def tell_about_booking(change: Change, *, actor: Actor, now: datetime) -> None:
    """Enter one mail per person and decision, however many dates it was about.

    Stores facts only; nothing is rendered, so no text can stop the decision.
    """
    booking, verb = change.booking, change.verb
    mails = [
        (kind.name, recipient)
        for kind in kinds_told(booking=booking, verb=verb, actor=actor)
        for recipient in recipients_of(kind.audience, booking)
    ]
    declined = declined_among(mails)
    mails = [(kind, recipient) for kind, recipient in mails if (kind, recipient.person) not in declined]
    if not mails:
        return
    facts = booking_facts(
        booking,
        # What a series skips was not asked for.
        changed={slot.pk for slot in change.slots if slot.status != SlotStatus.SKIPPED},
        note=change.note,
        before=change.before,
        asked_at=now if verb == Verb.ADD else None,
    )
    enqueue_new_keys(
        [
            made_message(
                kind=kind_name,
                recipient=recipient,
                facts=facts,
                dedupe_key=decision_mail_key(kind_name, booking),
                now=now,
                booking=booking,
            )
            for kind_name, recipient in mails
        ],
        now=now,
    )


def tell_about_settled_dates(changes: Sequence[Change], *, now: datetime) -> None:
    """Enter one mail for each address, whatever became of however many of its dates and bookings."""
    by_address: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        if change.booking.contact_email:
            by_address[change.booking.contact_email.lower()].append(change)
    for of_address in by_address.values():
        first = of_address[0].booking
        enqueue(
            kind="closure",
            recipient=first.contact_email,
            facts=settled_facts(of_address, reason=of_address[0].note),
            # Every booking has one address, so the first one tells whose mail this is.
            dedupe_key=f"closure:{first.pk}:{first.version}",
            now=now,
            language=first.language,
            booking=first if len({change.booking.pk for change in of_address}) == 1 else None,
        )


def decision_mail_key(kind_name: str, booking: Booking) -> str:
    """Return what one decision's mails are known by: the version rises with every change."""
    return f"{kind_name}:{booking.pk}:{booking.version}"
