"""What the rules look at: a house with its rooms and hours as plain values, loaded once per facts version."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from rooms.clock import day_of, days, instant, whole_days
from rooms.enums import HolidayKind
from rooms.intervals import Interval, intersect
from rooms.models import Equipment, Holiday, HolidayCoverage, House, OpeningHours, Room, SeatingLayout

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
class HolidayClosure:
    """Days on which a holiday closes the house (`part_ids` None) or these atomic parts; both included."""

    first: date
    last: date
    name: str
    part_ids: frozenset[int] | None


@dataclass(frozen=True, slots=True)
class EquipmentFacts:
    """A kind of equipment; of what can be carried into any room, how many there are (None: it stays)."""

    id: int
    name: str
    mobile_count: int | None


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """Where the picture of a room is, in which widths (empty: in one), and what it shows."""

    url: str
    srcset: str
    description: str


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
    is_outdoors: bool = False
    step_free: bool = False
    hearing_loop: bool = False
    accessible_toilet: bool = False
    equipment_ids: frozenset[int] = frozenset()
    closed_in_school_holidays: bool = False
    area_m2: int | None = None
    picture: PictureFacts | None = None

    def capacity(self, layout: str = "") -> int:
        """Return how many persons fit in `layout`, or at most where none is named; 0 if unknown."""
        return self.layouts.get(layout, 0) if layout else max(self.layouts.values(), default=0)


@dataclass(frozen=True, slots=True, eq=False)
class HouseFacts:
    """A house with its rooms; only the same object is equal, so that it can stand for all that is in it."""

    id: int
    zone: ZoneInfo
    max_persons: int | None
    version: int
    timetables: tuple[Timetable, ...]
    rooms: Mapping[int, RoomFacts]
    equipment: tuple[EquipmentFacts, ...] = ()
    region: str = ""
    quiet_from: time = time(22)
    quiet_until: time = time(6)
    holiday_closures: tuple[HolidayClosure, ...] = ()
    # The first and the last day school holidays are known for; asked only where they close something.
    school_known: tuple[date, date] | None = None

    def holidays_closed_in(self, period: Interval) -> list[tuple[Interval, HolidayClosure]]:
        """Return which holidays close something within `period`, with their whole days."""
        first, last = day_of(period.start, self.zone), day_of(period.end, self.zone)
        found = (
            (whole_days(holiday.first, holiday.last, self.zone), holiday)
            for holiday in self.holiday_closures
            if holiday.first <= last and holiday.last >= first
        )
        return [(interval, holiday) for interval, holiday in found if interval.overlaps(period)]

    def rooms_in_order(self, room_ids: Collection[int]) -> list[RoomFacts]:
        """Return these rooms in the order of the house."""
        # Nearly all dates are in one, and every rule asks.
        if len(room_ids) == 1:
            return [self.rooms[room_id] for room_id in room_ids]
        return [room for room in self.rooms.values() if room.id in room_ids]

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
        return intersect(spans, [period])


def _timetable_on(day: date, timetables: Iterable[Timetable]) -> Timetable | None:
    valid = [timetable for timetable in timetables if timetable.holds_on(day)]
    return max(valid, key=lambda timetable: timetable.valid_from or date.min, default=None)


_latest: dict[int, HouseFacts] = {}


def house_facts(house: House) -> HouseFacts:
    """Return the facts of `house` at its facts version, from memory where that has not changed.

    `house.facts_version` has to be fresh, and read before the transaction raised it itself. What
    memory holds was committed under its version, so it is true inside a transaction as well. What
    is read there is kept once it is committed; before, it may be rolled back, and its version
    given to something else.
    """
    facts = _latest.get(house.pk)
    if facts is None or facts.version != house.facts_version:
        facts = _load(house)
        transaction.on_commit(partial(_keep, facts), robust=True)
    return facts


def _keep(facts: HouseFacts) -> None:
    # Whatever was read last, also where the version went back because a backup was restored.
    _latest[facts.id] = facts


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
    equipment, equipment_of = _equipment(house.pk)
    timetables = _timetables(house.pk)
    stored_rooms = list(Room.objects.filter(house_id=house.pk).order_by("position", "name"))
    closed = {kind: _closed_on(kind, house, stored_rooms, parts) for kind in HolidayKind}
    rooms = {
        room.pk: RoomFacts(
            id=room.pk,
            slug=room.slug,
            name=room.name,
            is_active=room.is_active,
            part_ids=frozenset(parts.get(room.pk) or {room.pk}),
            floor=room.floor,
            wayfinding=room.wayfinding,
            is_outdoors=room.is_outdoors,
            step_free=room.step_free,
            hearing_loop=room.hearing_loop,
            accessible_toilet=room.accessible_toilet,
            equipment_ids=frozenset(equipment_of.get(room.pk, ())),
            layouts=layouts.get(room.pk, {}),
            setup=timedelta(minutes=_own_or(room.setup_minutes, house.setup_minutes)),
            teardown=timedelta(minutes=_own_or(room.teardown_minutes, house.teardown_minutes)),
            lead=timedelta(hours=_own_or(room.lead_hours, house.lead_hours)),
            horizon=timedelta(days=_own_or(room.horizon_days, house.horizon_days)),
            shortest=timedelta(minutes=_own_or(room.min_minutes, house.min_minutes)),
            longest=timedelta(minutes=_own_or(room.max_minutes, house.max_minutes)),
            grid_minutes=_own_or(room.grid_minutes, house.grid_minutes),
            timetables=timetables.get(room.pk, ()),
            closed_in_school_holidays=bool(
                (parts.get(room.pk) or {room.pk}) & closed[HolidayKind.SCHOOL].part_ids
            ),
            area_m2=room.area_m2,
            picture=_picture(room),
        )
        for room in stored_rooms
    }
    return HouseFacts(
        id=house.pk,
        zone=house.zone,
        max_persons=house.max_persons,
        version=house.facts_version,
        timetables=timetables.get(None, ()),
        rooms=rooms,
        equipment=equipment,
        region=house.holiday_region,
        quiet_from=house.quiet_from,
        quiet_until=house.quiet_until,
        holiday_closures=_holiday_closures(house, closed),
        school_known=_school_known(house) if closed[HolidayKind.SCHOOL] else None,
    )


def _equipment(house_id: int) -> tuple[tuple[EquipmentFacts, ...], dict[int, set[int]]]:
    """Return the equipment of a house by its name, and for each room the ids of what is in it."""
    found: dict[int, EquipmentFacts] = {}
    ids_of: dict[int, set[int]] = defaultdict(set)
    rows = Equipment.objects.filter(house_id=house_id).order_by("name")
    for number, name, mobile_count, room_id in rows.values_list("pk", "name", "mobile_count", "rooms"):
        found[number] = EquipmentFacts(number, name, mobile_count)
        if room_id is not None:
            ids_of[room_id].add(number)
    return tuple(found.values()), ids_of


def _picture(room: Room) -> PictureFacts | None:
    picture: Any = room.picture
    return PictureFacts(picture.url, picture.srcset, room.picture_description) if picture else None


@dataclass(frozen=True, slots=True)
class _Closed:
    """The atomic parts that a kind of holidays closes, and whether that is the whole house."""

    part_ids: frozenset[int]
    is_whole_house: bool

    def __bool__(self) -> bool:
        return self.is_whole_house or bool(self.part_ids)


def _closed_on(
    kind: HolidayKind, house: House, rooms: Iterable[Room], parts: Mapping[int, set[int]]
) -> _Closed:
    """Return what the holidays of a kind close; only atomic rooms count, combinations follow their parts."""
    field = {
        HolidayKind.PUBLIC: "closed_on_public_holidays",
        HolidayKind.SCHOOL: "closed_in_school_holidays",
    }[kind]
    closed, is_whole_house = set(), True
    for room in rooms:
        if room.pk in parts:
            continue
        if _own_or(getattr(room, field), getattr(house, field)):
            closed.add(room.pk)
        elif room.is_active:
            is_whole_house = False
    return _Closed(frozenset(closed), is_whole_house and (bool(closed) or getattr(house, field)))


def _holiday_closures(house: House, closed: Mapping[HolidayKind, _Closed]) -> tuple[HolidayClosure, ...]:
    kinds = [kind for kind, what in closed.items() if what]
    if not kinds:
        return ()
    rows = Holiday.objects.filter(house_id=house.pk, kind__in=kinds).order_by("first_date", "kind", "pk")
    return tuple(
        HolidayClosure(first, last, name, None if what.is_whole_house else what.part_ids)
        for kind, name, first, last in rows.values_list("kind", "name", "first_date", "last_date")
        for what in [closed[HolidayKind(kind)]]
    )


def _school_known(house: House) -> tuple[date, date] | None:
    return (
        HolidayCoverage.objects.filter(house_id=house.pk, kind=HolidayKind.SCHOOL)
        .values_list("first_date", "last_date")
        .first()
    )


def _own_or(room_value: int | None, house_value: int) -> int:
    return house_value if room_value is None else room_value


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
