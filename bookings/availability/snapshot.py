"""What is known of a house in a period: its facts, its closures, what is booked or asked for.

One look at the database with a fixed number of queries; everything else is computed from it.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from bookings.access.actors import Actor
from bookings.access.permissions import can_see_requests
from bookings.availability.stored import times_taken
from bookings.enums import Visibility
from bookings.models import Booking
from rooms.clock import day_of, whole_days
from rooms.facts import HouseFacts, RoomFacts, house_facts
from rooms.intervals import Interval, subtract, union
from rooms.memory import Memory
from rooms.models import House
from rooms.stored import instant_in

# A month of a full house takes some two megabytes.
MOST_MONTHS = 4


@dataclass(frozen=True, slots=True)
class TakenTime:
    """The time one slot takes of the house; `part_ids` are the atomic parts."""

    slot_id: int
    booking_id: int
    reference: str
    title: str
    net: Interval
    gross: Interval
    persons: int
    is_approved: bool
    part_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class ClosedTime:
    """A closure, or a holiday that closes like one; `part_ids` are its atomic parts, None for the house.

    `room_names` are the rooms it was entered for, in the order of the house; none for the house.
    """

    interval: Interval
    reason: str
    part_ids: frozenset[int] | None
    # Only for people: what becomes of a room does not depend on what it is called.
    room_names: tuple[str, ...] = field(default=(), compare=False)

    @property
    def is_whole_house(self) -> bool:
        return self.part_ids is None

    def closes(self, part_ids: frozenset[int]) -> bool:
        """Whether it closes one of these atomic parts."""
        return self.part_ids is None or bool(self.part_ids & part_ids)


@dataclass(frozen=True, slots=True)
class RoomTimes:
    """How a room stands in a period: everything that says free, taken or closed reads it here.

    What is `free` is neither taken nor closed. What is `taken` may lie where the room is `closed`: a date
    that takes place all the same. `hours` are by the timetable alone, without closures.
    """

    period: Interval
    hours: Sequence[Interval]
    closures: Sequence[ClosedTime]
    taken: Sequence[Interval]

    @property
    def open(self) -> list[Interval]:
        return subtract(self.hours, [closed_time.interval for closed_time in self.closures])

    @property
    def closed(self) -> list[Interval]:
        return subtract([self.period], self.open)

    @property
    def free(self) -> list[Interval]:
        return subtract(self.hours, [*(closed_time.interval for closed_time in self.closures), *self.taken])

    def within(self, period: Interval) -> "RoomTimes":
        """Return how the room stands in a part of the period."""
        return RoomTimes(
            period,
            [part for span in self.hours if (part := span.intersection(period))],
            [closed_time for closed_time in self.closures if closed_time.interval.overlaps(period)],
            [part for span in self.taken if (part := span.intersection(period))],
        )


def room_times(
    room: RoomFacts,
    period: Interval,
    *,
    hours: Sequence[Interval],
    closed: Iterable[ClosedTime],
    taken: Iterable[tuple[Interval, frozenset[int]]],
) -> RoomTimes:
    """Return how a room stands in a period, from its hours and all that is closed and taken in the house.

    A combination is closed or taken where one of its parts is; a room out of use never opens.
    """
    return RoomTimes(
        period,
        hours if room.is_active else (),
        [closed_time for closed_time in closed if closed_time.closes(room.part_ids)],
        [interval for interval, part_ids in taken if part_ids & room.part_ids],
    )


@dataclass(frozen=True, slots=True)
class MobileEquipment:
    """Equipment that is carried into rooms: how many of it there are, and which bookings asked for one."""

    name: str
    count: int
    booking_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class Block:
    """Why a room is not free for a while; the label is fit for everybody's eyes."""

    interval: Interval
    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that is known of a house in a period; pure from here on."""

    facts: HouseFacts
    period: Interval
    closed: Sequence[ClosedTime]
    taken: Sequence[TakenTime]
    # By id; only what was asked for, and what approved dates of the period have.
    mobile: Mapping[int, MobileEquipment] = field(default_factory=dict)
    _open: dict[int, list[Interval]] = field(default_factory=dict)
    _free: dict[int, list[Interval]] = field(default_factory=dict)
    _present: list[tuple[datetime, datetime, int]] = field(default_factory=list)
    _taken_by_day: dict[int, list[TakenTime]] = field(default_factory=dict)
    _blocked: dict[int, tuple[list[datetime], list[datetime]]] = field(default_factory=dict)

    def open_hours(self, room_id: int) -> list[Interval]:
        if room_id not in self._open:
            self._open[room_id] = self.facts.open_hours(room_id, self.period)
        return self._open[room_id]

    def around(self, span: Interval) -> "Snapshot":
        """Return what is known of `span` alone, so that looking at many dates of a long plan stays cheap."""
        if not self._taken_by_day:
            by_day: dict[int, list[TakenTime]] = defaultdict(list)
            for taken_time in self.taken:
                for day in days_touched(taken_time.gross):
                    by_day[day].append(taken_time)
            # At once, for threads may share it.
            self._taken_by_day.update(by_day)
        near = {
            taken_time.slot_id: taken_time
            for day in days_touched(span)
            for taken_time in self._taken_by_day.get(day, ())
            if taken_time.gross.overlaps(span)
        }
        closed = [closed_time for closed_time in self.closed if closed_time.interval.overlaps(span)]
        return Snapshot(self.facts, span, closed, list(near.values()), self.mobile)

    def closures_of(self, part_ids: frozenset[int]) -> list[ClosedTime]:
        return [closed_time for closed_time in self.closed if closed_time.closes(part_ids)]

    def approved(self, part_ids: frozenset[int]) -> list[TakenTime]:
        return [
            taken_time
            for taken_time in self.taken
            if taken_time.is_approved and taken_time.part_ids & part_ids
        ]

    def is_taken(self, part_ids: frozenset[int], span: Interval) -> bool:
        """Whether something approved takes one of the parts for some of `span`; cheap enough to ask often.

        What blocks a part never overlaps, so that starts and ends have the same order, and only the
        last that starts before the end of `span` can reach into it.
        """
        if not self._blocked:
            blocked: dict[int, tuple[list[datetime], list[datetime]]] = defaultdict(lambda: ([], []))
            for taken_time in sorted(
                (taken_time for taken_time in self.taken if taken_time.is_approved),
                key=lambda taken_time: taken_time.gross,
            ):
                for part_id in taken_time.part_ids:
                    starts, ends = blocked[part_id]
                    starts.append(taken_time.gross.start)
                    ends.append(taken_time.gross.end)
            self._blocked.update(blocked)
        for part_id in part_ids:
            starts, ends = self._blocked.get(part_id, ([], []))
            number = bisect_left(starts, span.end)
            if number and ends[number - 1] > span.start:
                return True
        return False

    def blocks(self, room_id: int) -> list[Block]:
        """Return what keeps the room from being booked: closures and gross times of approved bookings."""
        part_ids = self.facts.rooms[room_id].part_ids
        blocks = [
            Block(closed_time.interval, "closure", closed_time.reason)
            for closed_time in self.closures_of(part_ids)
        ]
        blocks += [
            Block(taken_time.gross, "booking", taken_time.title) for taken_time in self.approved(part_ids)
        ]
        return sorted(blocks, key=lambda block: block.interval)

    def times(self, room_id: int) -> RoomTimes:
        """Return how the room stands in the period."""
        return room_times(
            self.facts.rooms[room_id],
            self.period,
            hours=self.open_hours(room_id),
            closed=self.closed,
            taken=(
                (taken_time.gross, taken_time.part_ids) for taken_time in self.taken if taken_time.is_approved
            ),
        )

    def free(self, room_id: int) -> list[Interval]:
        """Return when the room is open and nothing blocks it."""
        if room_id not in self._free:
            self._free[room_id] = self.times(room_id).free
        return self._free[room_id]

    def crowded(self, persons: int) -> list[Interval]:
        """Return when `persons` more people would be too many for the house, by net times."""
        limit = self.facts.max_persons
        if limit is None:
            return []
        if persons > limit:
            return [self.period]
        return union(
            Interval(start, end) for start, end, there in self._presence() if there + persons > limit
        )

    def _presence(self) -> list[tuple[datetime, datetime, int]]:
        """Return from when until when how many persons are in the house, by net times."""
        if not self._present:
            changes: Counter[datetime] = Counter()
            for taken_time in self.taken:
                if taken_time.is_approved:
                    changes[taken_time.net.start] += taken_time.persons
                    changes[taken_time.net.end] -= taken_time.persons
            there, present = 0, []
            for start, end in pairwise(sorted(changes)):
                there += changes[start]
                present.append((start, end, there))
            self._present[:] = present
        return self._present


def days_touched(span: Interval) -> range:
    """Return the days of the UTC calendar that `span` touches, by number."""
    return range(span.start.toordinal(), span.end.toordinal() + 1)


def load_snapshot(
    house: House,
    period: Interval,
    *,
    with_pending: bool = False,
    ignore_slot_ids: Collection[int] = (),
    facts: HouseFacts | None = None,
    near: Collection[Interval] = (),
    closed: Sequence[ClosedTime] | None = None,
    asker: Actor | None = None,
    equipment_ids: Collection[int] = (),
) -> Snapshot:
    """Load what is known of `house` in `period` with a fixed number of queries.

    Pending requests block nothing and are loaded only for `with_pending`, without those that the
    `asker` has sent or acts for: nobody is their own rival. To staff all are rivals. `ignore_slot_ids` are
    dates that are looked at as if they were not there, such as those to be replaced. `facts`, and
    the `closed` times of the period, are given where the caller has them already. With `near` only
    what is on during these intervals is loaded, for callers that look at a few dates of a long period.
    Who asks for `equipment_ids` learns with one query more what others have of the mobile ones.
    """
    facts = facts or house_facts(house)
    taken = list(
        _taken_times(
            facts,
            union(near) or [period],
            with_pending=with_pending,
            ignore_slot_ids=ignore_slot_ids,
            asker=None if asker is None or can_see_requests(asker, house) else asker,
        )
    )
    return Snapshot(
        facts,
        period,
        list(closed_times(facts, period)) if closed is None else closed,
        taken,
        _mobile_equipment(
            equipment_ids, {taken_time.booking_id for taken_time in taken if taken_time.is_approved}
        ),
    )


_months: Memory[Snapshot] = Memory(MOST_MONTHS)


def snapshot_to_search(house: House, period: Interval, facts: HouseFacts) -> Snapshot:
    """Return what is approved in the whole days that `period` touches, read once for the same plan version.

    It is there to look for times, not to say who is there: the titles are in the language of whoever was the
    first to ask. The versions of `house` and `facts` have to be fresh, and not raised by the current
    transaction, which may be rolled back.
    """
    days = whole_days(day_of(period.start, facts.zone), day_of(period.end, facts.zone), facts.zone)
    return _months.kept(
        (house.pk, days),
        (house.plan_version, facts.version),
        lambda: load_snapshot(house, days, facts=facts),
    )


def forget_months() -> None:
    """Empty the memory: the database is another one now, as between two tests."""
    _months.forget()


def _mobile_equipment(
    equipment_ids: Collection[int], booking_ids: Collection[int]
) -> dict[int, MobileEquipment]:
    """Return by id what the bookings have of it, as far as it is mobile; in one query or none."""
    if not equipment_ids or not booking_ids:
        return {}
    known: dict[int, tuple[str, int]] = {}
    having: dict[int, set[int]] = defaultdict(set)
    rows = Booking.equipment.through.objects.filter(
        equipment__in=equipment_ids, equipment__mobile_count__isnull=False, booking__in=booking_ids
    ).values_list("equipment_id", "booking_id", "equipment__name", "equipment__mobile_count")
    for equipment_id, booking_id, name, count in rows:
        known[equipment_id] = name, count or 0
        having[equipment_id].add(booking_id)
    return {
        equipment_id: MobileEquipment(name, count, frozenset(having[equipment_id]))
        for equipment_id, (name, count) in known.items()
    }


def closed_times(facts: HouseFacts, period: Interval) -> tuple[ClosedTime, ...]:
    """Return the closures within the period by their start, and then the holidays that close like one."""
    closures = (
        ClosedTime(
            closure.interval,
            closure.reason,
            facts.parts_of(closure.room_ids) if closure.room_ids else None,
            _names(closure.room_ids, facts),
        )
        for closure in facts.closures_in(period)
    )
    holidays = (
        ClosedTime(interval, holiday.name, holiday.part_ids, _names(holiday.part_ids or (), facts))
        for interval, holiday in facts.holidays_closed_in(period)
    )
    return (*closures, *holidays)


def _names(room_ids: Collection[int], facts: HouseFacts) -> tuple[str, ...]:
    return tuple(room.name for room in facts.rooms.values() if room.id in room_ids)


def _taken_times(
    facts: HouseFacts,
    spans: Sequence[Interval],
    *,
    with_pending: bool,
    ignore_slot_ids: Collection[int],
    asker: Actor | None,
) -> Iterator[TakenTime]:
    rows = times_taken(spans, facts.parts_of(facts.rooms), with_pending=with_pending, asker=asker)
    parts: dict[int, set[int]] = defaultdict(set)
    slots: dict[int, tuple[Any, ...]] = {}
    for slot_id, part_id, *columns in rows:
        parts[slot_id].add(part_id)
        slots[slot_id] = tuple(columns)
    occupied = _("Occupied")
    for slot_id, values in slots.items():
        booking_id, reference, title, display, visibility, *times, persons, is_approved = values
        if slot_id in ignore_slot_ids:
            continue
        starts_at, ends_at, gross_starts_at, gross_ends_at = map(instant_in, times)
        yield TakenTime(
            slot_id=slot_id,
            booking_id=booking_id,
            reference=reference,
            title=(display or title) if visibility == Visibility.PUBLIC else occupied,
            net=Interval(starts_at, ends_at),
            gross=Interval(gross_starts_at, gross_ends_at),
            persons=persons,
            is_approved=bool(is_approved),
            part_ids=frozenset(parts[slot_id]),
        )
