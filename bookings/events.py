"""What happened to bookings, as one event: what changed, and what of the house became free by it.

Whoever wants to know connects to `bookings_changed`: mails do, and waiting lists, feeds and calls of other
programs can. It is sent once for each call of a service, inside its transaction and after everything is
written; an exception of a receiver undoes the action. So a receiver notes what it has to do, and does it
when the transaction has committed. Until then somebody else may have taken again what became free.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.dispatch import Signal

from bookings.access.actors import Actor
from bookings.date_facts import Before
from bookings.enums import SlotStatus, Verb
from bookings.models import Booking, Occupancy, Slot
from rooms.intervals import Interval, subtract

# Argument: event (Event).
bookings_changed = Signal()


@dataclass(frozen=True, slots=True)
class FreeTime:
    """A time, with set-up and tear-down, in which parts of a house are no longer taken by what took them."""

    house_id: int
    part_ids: frozenset[int]
    time: Interval


@dataclass(frozen=True, slots=True)
class DateChange:
    """One date of a change; `from_status` is empty where it is new, `before` is where it was if it moved."""

    slot: Slot
    from_status: str
    to_status: str
    before: Before | None


@dataclass(frozen=True, slots=True)
class Change:
    """One verb on one booking: the dates it changed, and what they were before, by their ids.

    `released` are the times that dates which moved had taken while they blocked, by part.
    """

    booking: Booking
    verb: Verb
    slots: Sequence[Slot]
    note: str = ""
    before: Mapping[int, Before] = field(default_factory=dict)
    old_statuses: Mapping[int, str] = field(default_factory=dict)
    released: Sequence[tuple[int, Interval]] = ()

    @property
    def dates(self) -> list[DateChange]:
        return [
            DateChange(slot, self.old_statuses.get(slot.pk, ""), str(slot.status), self.before.get(slot.pk))
            for slot in self.slots
        ]


@dataclass(frozen=True, slots=True)
class Event:
    """What one call of a service did: one change for each verb and booking, and what became free.

    `follows_house`: a change of the house itself, such as a closure, made it necessary. `is_quiet`: what was
    done is taken over from elsewhere, and people are to get no mail about it.
    """

    changes: tuple[Change, ...]
    freed: tuple[FreeTime, ...]
    actor: Actor
    now: datetime
    follows_house: bool = False
    is_quiet: bool = False


def announce(
    changes: Sequence[Change],
    *,
    actor: Actor,
    now: datetime,
    follows_house: bool = False,
    is_quiet: bool = False,
) -> None:
    """Tell whoever listens what was done; call inside the transaction, after everything is written."""
    event = Event(tuple(changes), tuple(_freed(changes)), actor, now, follows_house, is_quiet)
    bookings_changed.send(sender=Booking, event=event)


def _freed(changes: Sequence[Change]) -> Iterator[FreeTime]:
    """Yield what was taken before and is not any more, without what the same changes took instead."""
    left = [
        slot.pk
        for change in changes
        for slot in change.slots
        if change.old_statuses.get(slot.pk) == SlotStatus.APPROVED != slot.status
    ]
    released = [pair for change in changes for pair in change.released]
    if not (left or released):
        return
    given, taken = _by_part(released), _by_part(())
    changed = [slot.pk for change in changes for slot in change.slots]
    rows = Occupancy.objects.filter(slot__in=changed).values_list(
        "slot_id", "part_id", "starts_at", "ends_at", "is_blocking"
    )
    for slot_id, part_id, starts_at, ends_at, is_blocking in rows:
        if slot_id in left:
            given[part_id].append(Interval(starts_at, ends_at))
        elif is_blocking:
            taken[part_id].append(Interval(starts_at, ends_at))
    parts: dict[Interval, set[int]] = defaultdict(set)
    for part_id, times in given.items():
        for time in subtract(times, taken[part_id]):
            parts[time].add(part_id)
    house_id = changes[0].booking.house_id
    for time in sorted(parts):
        yield FreeTime(house_id, frozenset(parts[time]), time)


def _by_part(pairs: Iterable[tuple[int, Interval]]) -> dict[int, list[Interval]]:
    times: dict[int, list[Interval]] = defaultdict(list)
    for part_id, time in pairs:
        times[part_id].append(time)
    return times
