"""What the rules look at: a house with its rooms and hours as plain values, loaded once per facts version."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from rooms.clock import day_of, days, instant, whole_days
from rooms.enums import HolidayKind
from rooms.intervals import Interval, intersect
from rooms.models import (
    Closure,
    Equipment,
    Holiday,
    HolidayCoverage,
    House,
    HouseRules,
    OpeningHours,
    Room,
    SeatingLayout,
)

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
class ClosureFacts:
    """A time in which the house is closed, or some of its rooms (`room_ids`, empty for the house)."""

    interval: Interval
    reason: str
    room_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class HolidayClosure:
    """Days on which a holiday closes the house (`part_ids` None) or these atomic parts; both included."""

    first: date
    last: date
    name: str
    part_ids: frozenset[int] | None


@dataclass(frozen=True, slots=True)
class RulesFacts:
    """A version of the house rules, without its text, and the first day on which it holds."""

    id: int
    version: str
    valid_from: date


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
    # The latest first.
    house_rules: tuple[RulesFacts, ...] = ()
    region: str = ""
    quiet_from: time = time(22)
    quiet_until: time = time(6)
    # By their start; those that are over as well, for the plans of former days.
    closures: tuple[ClosureFacts, ...] = ()
    holiday_closures: tuple[HolidayClosure, ...] = ()
    # The first and the last day school holidays are known for; asked only where they close something.
    school_known: tuple[date, date] | None = None

    def closures_in(self, period: Interval) -> list[ClosureFacts]:
        """Return what is closed within `period` beside holidays, by its start."""
        return [closure for closure in self.closures if closure.interval.overlaps(period)]

    def holidays_closed_in(self, period: Interval) -> list[tuple[Interval, HolidayClosure]]:
        """Return which holidays close something within `period`, with their whole days."""
        first, last = day_of(period.start, self.zone), day_of(period.end, self.zone)
        found = (
            (whole_days(holiday.first, holiday.last, self.zone), holiday)
            for holiday in self.holiday_closures
            if holiday.first <= last and holiday.last >= first
        )
        return [(interval, holiday) for interval, holiday in found if interval.overlaps(period)]

    def rules_on(self, day: date) -> RulesFacts | None:
        """Return the version of the house rules that holds on a local day; None where there is none."""
        return next((rules for rules in self.house_rules if rules.valid_from <= day), None)

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
        facts = _read_in_transaction(house)
    if facts is None:
        facts = _load(house)
        transaction.on_commit(partial(_keep, facts), robust=True)
    return facts


def _read_in_transaction(house: House) -> HouseFacts | None:
    """Return what this transaction has read already, and keeps when it is committed.

    Django forgets what is to be done then with whatever is rolled back, so that a version which is given
    to something else afterwards is read anew.
    """
    planned: list[Any] = connection.run_on_commit
    for _savepoints, done, _robust in reversed(planned):
        if isinstance(done, partial) and done.func is _keep:
            facts: HouseFacts = done.args[0]
            if (facts.id, facts.version) == (house.pk, house.facts_version):
                return facts
    return None


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
        house_rules=_house_rules(house.pk),
        region=house.holiday_region,
        quiet_from=house.quiet_from,
        quiet_until=house.quiet_until,
        closures=_closures(house.pk),
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


def _closures(house_id: int) -> tuple[ClosureFacts, ...]:
    room_ids: dict[int, set[int]] = defaultdict(set)
    found: dict[int, tuple[Interval, str]] = {}
    rows = Closure.objects.filter(house_id=house_id).order_by("starts_at", "pk")
    for number, starts_at, ends_at, reason, room_id in rows.values_list(
        "pk", "starts_at", "ends_at", "reason", "rooms"
    ):
        found[number] = Interval(starts_at, ends_at), reason
        if room_id is not None:
            room_ids[number].add(room_id)
    return tuple(
        ClosureFacts(interval, reason, frozenset(room_ids[number]))
        for number, (interval, reason) in found.items()
    )


def _house_rules(house_id: int) -> tuple[RulesFacts, ...]:
    rows = HouseRules.objects.filter(house_id=house_id).order_by("-valid_from", "-pk")
    return tuple(RulesFacts(*row) for row in rows.values_list("pk", "version", "valid_from"))


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
