"""What a service did to one booking, as it is announced."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bookings.access.actors import Actor
from bookings.enums import Verb
from bookings.models import Booking, Slot
from bookings.signals import booking_changed
from rooms.intervals import Interval


@dataclass(frozen=True, slots=True)
class Before:
    """When and where a date was before it moved; rooms by name in the order of the house."""

    net: Interval
    rooms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One verb on one booking: the dates it changed, and what those that moved were before."""

    booking: Booking
    verb: Verb
    slots: Sequence[Slot]
    note: str = ""
    before: Mapping[int, Before] = field(default_factory=dict)


def announce(change: Change, *, actor: Actor, now: datetime) -> None:
    """Tell whoever listens what was done; call inside the transaction, after everything is written."""
    booking_changed.send(
        sender=Booking,
        booking=change.booking,
        verb=change.verb,
        slots=list(change.slots),
        before=dict(change.before),
        actor=actor,
        note=change.note,
        now=now,
    )
