"""What the rules look at: a house with its rooms and hours as plain values, loaded once per plan version."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from django.db import transaction

from rooms.clock import days, instant
from rooms.intervals import Interval, intersect, union
from rooms.models import House, OpeningHours, Room, SeatingLayout

MIDNIGHT = time.min


@dataclass(frozen=True, slots=True)
class Timetable:
    """The weekly hours of the house or one room, and the dates they hold for (None: open-ended)."""

    valid_from: date | None
    valid_until: date | None
    spans: Mapping[int, tuple[tuple[time, time], ...]]

    def holds_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


@dataclass(frozen=True, slots=True)
class RoomFacts:
    """One room; every limit is resolved to the house's where the room has none of its own.

    `part_ids` are the atomic parts a booking of the room occupies: the room itself unless it
    is a combination.
    """

    id: int
    slug: str
    name: str
    is_active: bool
    part_ids: frozenset[int]
    layouts: Mapping[str, int]
    setup: timedelta
    teardown: timedelta
    lead: timedelta
    horizon: timedelta
    shortest: timedelta
    longest: timedelta
    grid_minutes: int
    timetables: tuple[Timetable, ...]
    floor: str = ""
    wayfinding: str = ""
    step_free: bool = False

    def capacity(self, layout: str = "") -> int:
        """Return how many persons fit in `layout`, or at most where none is named; 0 if unknown."""
        return self.layouts.get(layout, 0) if layout else max(self.layouts.values(), default=0)


@dataclass(frozen=True, slots=True)
class HouseFacts:
    id: int
    zone: ZoneInfo
    max_persons: int | None
    plan_version: int
    timetables: tuple[Timetable, ...]
    rooms: Mapping[int, RoomFacts]

    def parts_of(self, room_ids: Iterable[int]) -> frozenset[int]:
        """Return the atomic parts that a booking of these rooms occupies."""
        return frozenset().union(*(self.rooms[room_id].part_ids for room_id in room_ids))

    def open_hours(self, room_id: int, period: Interval) -> list[Interval]:
        """Return when the room is open within `period`, by its timetable or the house's."""
        room = self.rooms[room_id]
        spans: list[Interval] = []
        for day in days(period, self.zone):
            timetable = _timetable_on(day, room.timetables) or _timetable_on(day, self.timetables)
            if timetable is None:
                continue
            for opens, closes in timetable.spans.get(day.weekday(), ()):
                end_day = day + timedelta(days=1) if closes == MIDNIGHT else day
                spans.append(Interval(instant(day, opens, self.zone), instant(end_day, closes, self.zone)))
        return intersect(union(spans), [period])


def _timetable_on(day: date, timetables: Iterable[Timetable]) -> Timetable | None:
    valid = [timetable for timetable in timetables if timetable.holds_on(day)]
    return max(valid, key=lambda timetable: timetable.valid_from or date.min, default=None)


_latest: dict[int, HouseFacts] = {}


def house_facts(house: House) -> HouseFacts:
    """Return the facts of `house` at its plan version, from memory where the version has not changed.

    `house.plan_version` has to be fresh, and read before the transaction raised it itself. What
    memory holds was committed under its version, so it is true inside a transaction as well. What
    is read there is kept once it is committed; before, it may be rolled back, and its version
    given to something else.
    """
    facts = _latest.get(house.pk)
    if facts is None or facts.plan_version != house.plan_version:
        facts = _load(house)
        transaction.on_commit(partial(_keep, facts), robust=True)
    return facts


def keep_facts_over_booking(house: House) -> None:
    """Say that the current transaction raises the version of the locked `house` by one for bookings only.

    What was known of rooms and rules under the version before is true under the one after, too.
    Where the transaction changes rooms or rules as well, they raise the version further, and what
    is remembered here is never asked for.
    """
    transaction.on_commit(partial(_carry_over, house.pk, house.plan_version), robust=True)


def _keep(facts: HouseFacts) -> None:
    known = _latest.get(facts.id)
    if known is None or known.plan_version <= facts.plan_version:
        _latest[facts.id] = facts


def _carry_over(house_id: int, version: int) -> None:
    facts = _latest.get(house_id)
    if facts is not None and facts.plan_version == version:
        _keep(replace(facts, plan_version=version + 1))


def forget_facts() -> None:
    """Empty the memory: the database is another one now, as between two tests."""
    _latest.clear()


def _load(house: House) -> HouseFacts:
    parts: dict[int, set[int]] = defaultdict(set)
    for whole_id, part_id in Room.parts.through.objects.filter(from_room__house_id=house.pk).values_list(
        "from_room_id", "to_room_id"
    ):
        parts[whole_id].add(part_id)
    layouts: dict[int, dict[str, int]] = defaultdict(dict)
    for room_id, kind, capacity in SeatingLayout.objects.filter(room__house_id=house.pk).values_list(
        "room_id", "kind", "capacity"
    ):
        layouts[room_id][kind] = capacity
    timetables = _timetables(house.pk)
    rooms = {
        room.pk: RoomFacts(
            id=room.pk,
            slug=room.slug,
            name=room.name,
            is_active=room.is_active,
            part_ids=frozenset(parts.get(room.pk) or {room.pk}),
            floor=room.floor,
            wayfinding=room.wayfinding,
            step_free=room.step_free,
            layouts=layouts.get(room.pk, {}),
            setup=timedelta(minutes=_own_or(room.setup_minutes, house.setup_minutes)),
            teardown=timedelta(minutes=_own_or(room.teardown_minutes, house.teardown_minutes)),
            lead=timedelta(hours=_own_or(room.lead_hours, house.lead_hours)),
            horizon=timedelta(days=_own_or(room.horizon_days, house.horizon_days)),
            shortest=timedelta(minutes=_own_or(room.min_minutes, house.min_minutes)),
            longest=timedelta(minutes=_own_or(room.max_minutes, house.max_minutes)),
            grid_minutes=_own_or(room.grid_minutes, house.grid_minutes),
            timetables=timetables.get(room.pk, ()),
        )
        for room in Room.objects.filter(house_id=house.pk).order_by("position", "name")
    }
    return HouseFacts(
        id=house.pk,
        zone=house.zone,
        max_persons=house.max_persons,
        plan_version=house.plan_version,
        timetables=timetables.get(None, ()),
        rooms=rooms,
    )


def _own_or(own: int | None, house_value: int) -> int:
    return house_value if own is None else own


def _timetables(house_id: int) -> dict[int | None, tuple[Timetable, ...]]:
    """Group the rows of opening hours into timetables: the rows of one room with one validity."""
    grouped: dict[tuple[int | None, date | None, date | None], dict[int, list[tuple[time, time]]]] = (
        defaultdict(lambda: defaultdict(list))
    )
    for hours in OpeningHours.objects.filter(house_id=house_id).order_by("weekday", "opens_at"):
        validity = (hours.room_id, hours.valid_from, hours.valid_until)
        grouped[validity][hours.weekday].append((hours.opens_at, hours.closes_at))
    timetables: dict[int | None, list[Timetable]] = defaultdict(list)
    for (room_id, valid_from, valid_until), spans in grouped.items():
        timetables[room_id].append(
            Timetable(valid_from, valid_until, {weekday: tuple(times) for weekday, times in spans.items()})
        )
    return {room_id: tuple(tables) for room_id, tables in timetables.items()}
