"""What is on in the house, as everybody may see it: entries of days and weeks, closures, opening hours.

Nothing here carries a contact, a remark or a request that is not approved. The pages, the wall
display and the public API all read the plan from here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from django.db.models import Exists, OuterRef

from bookings.agenda.upcoming import SERIES_FROM, number_of_dates
from bookings.availability.snapshot import ClosedTime, RoomTimes, closed_times, room_times
from bookings.enums import AssociationKind, SlotStatus, Verb, Visibility
from bookings.models import Booking, Occupancy, Slot, Transition, public_title
from rooms.clock import day_of, week_of, whole_day, whole_days
from rooms.facts import HouseFacts, RoomFacts, house_facts
from rooms.intervals import Interval, subtract, union
from rooms.models import House, Room

# No occupancy is longer (a check of the database), which bounds how far back to look.
LONGEST = timedelta(days=31)
# A date that is called off stays on the plan, struck out, when people may not have heard of it:
# when that was decided on the same day or on the day before. To a series people come by habit.
CALLED_OFF_NOTICE = timedelta(days=1)
CALLED_OFF_NOTICE_OF_SERIES = timedelta(days=7)


class EntryState(StrEnum):
    UPCOMING = "upcoming"
    RUNNING = "running"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class ShownRoom:
    """A room as the plan names it, with how to find it."""

    id: int
    slug: str
    name: str
    floor: str
    wayfinding: str
    step_free: bool


@dataclass(frozen=True, slots=True)
class ScheduleEntry:
    """One date on the plan. `title` is in the active language and safe to show to everybody.

    `net` is when people are there, `gross` when the rooms are taken.
    `organiser` is empty for private persons and for entries that are only shown as occupied.
    `part_ids` are the atomic rooms that are taken. `is_kept` where it takes place although the house
    or its rooms are closed at that time.
    """

    slot_id: int
    net: Interval
    gross: Interval
    title: str
    organiser: str
    is_public: bool
    is_called_off: bool
    rooms: tuple[ShownRoom, ...]
    part_ids: frozenset[int]
    is_kept: bool = False

    @property
    def is_step_free(self) -> bool:
        """Whether all its rooms are reached without steps."""
        return all(room.step_free for room in self.rooms)

    @property
    def way(self) -> str:
        """How to find the first of its rooms."""
        return (self.rooms[0].wayfinding or self.rooms[0].floor) if self.rooms else ""

    def state(self, now: datetime) -> EntryState:
        if now >= self.net.end:
            return EntryState.OVER
        return EntryState.RUNNING if now >= self.net.start and not self.is_called_off else EntryState.UPCOMING


@dataclass(frozen=True, slots=True)
class DaySchedule:
    """The plan of one local day: what overlaps it, sorted by start; `opening` is clipped to it.

    `times` say by room how each stands on the day; what is taken there includes what nobody is told of.
    """

    day: date
    whole: Interval
    opening: tuple[Interval, ...]
    closures: tuple[ClosedTime, ...]
    entries: tuple[ScheduleEntry, ...]
    times: Mapping[int, RoomTimes]

    @property
    def house_closure(self) -> ClosedTime | None:
        """The closure that takes the whole house for all its hours of the day, if there is one."""
        house_wide = [closure for closure in self.closures if closure.is_whole_house]
        if not house_wide or subtract(
            self.opening or [self.whole], [closure.interval for closure in house_wide]
        ):
            return None
        return house_wide[0]

    @property
    def is_closed(self) -> bool:
        """Whether the house does not open on this day: no hours, or a closure over all of them."""
        return not self.opening or self.house_closure is not None

    def of_room(self, part_ids: frozenset[int]) -> "DaySchedule":
        """Return the same day with only what touches these atomic rooms."""
        return replace(
            self,
            entries=tuple(entry for entry in self.entries if entry.part_ids & part_ids),
            closures=tuple(closure for closure in self.closures if closure.closes(part_ids)),
        )


def day_schedule(house: House, day: date) -> DaySchedule:
    """Return the plan of one day; `house` has to be read in the same request."""
    return schedule_of(house, [day])[0]


def week_schedule(house: House, monday: date) -> list[DaySchedule]:
    """Return the plans of the seven days of the week that contains `monday`."""
    return schedule_of(house, week_of(monday))


def room_week(house: House, room: Room, monday: date) -> list[DaySchedule]:
    """Return the week as far as it touches the room: its parts, and what it is a part of."""
    part_ids = house_facts(house).rooms[room.pk].part_ids
    return [
        replace(schedule.of_room(part_ids), opening=tuple(schedule.times[room.pk].hours))
        for schedule in week_schedule(house, monday)
    ]


def next_day_with_entries(house: House, after: date) -> date | None:
    """Return the first day after `after` on which something starts that people may see."""
    # Asked as a condition, so that the database goes by the index of the starts and stops at the first.
    visible = Booking.objects.filter(pk=OuterRef("booking"), house_id=house.pk).exclude(
        visibility=Visibility.HIDDEN
    )
    starts_at = (
        Slot.objects.approved()
        .filter(Exists(visible), starts_at__gte=whole_day(after, house.zone).end)
        .order_by("starts_at")
        .values_list("starts_at", flat=True)
        .first()
    )
    return day_of(starts_at, house.zone) if starts_at else None


def schedule_of(house: House, days: Sequence[date]) -> list[DaySchedule]:
    """Return the plans of consecutive days, with a number of queries that does not depend on them."""
    facts = house_facts(house)
    period = whole_days(days[0], days[-1], facts.zone)
    closures = sorted(closed_times(facts, period), key=lambda closure: closure.interval.start)
    loaded, taken = _entries(facts, period)
    entries = _marked(loaded, closures)
    times = {
        room.id: room_times(
            room, period, hours=facts.open_hours(room.id, period), closed=closures, taken=taken
        )
        for room in facts.rooms.values()
    }
    opening = union(span for of_room in times.values() for span in of_room.hours)
    schedules = []
    for day in days:
        whole = whole_day(day, facts.zone)
        schedules.append(
            DaySchedule(
                day=day,
                whole=whole,
                opening=tuple(part for span in opening if (part := span.intersection(whole))),
                closures=tuple(closure for closure in closures if closure.interval.overlaps(whole)),
                entries=_without_moved(entry for entry in entries if entry[0].net.overlaps(whole)),
                times={room_id: of_room.within(whole) for room_id, of_room in times.items()},
            )
        )
    return schedules


# An entry, the booking it belongs to, and the booking that one replaces.
_Loaded = tuple[ScheduleEntry, int, int | None]


def _marked(loaded: list[_Loaded], closures: Sequence[ClosedTime]) -> list[_Loaded]:
    """Mark the entries that take place in spite of a closure."""
    if not closures:
        return loaded
    return [
        (
            replace(
                entry,
                is_kept=not entry.is_called_off
                and any(
                    closure.closes(entry.part_ids) and closure.interval.overlaps(entry.net)
                    for closure in closures
                ),
            ),
            booking_id,
            replaces_id,
        )
        for entry, booking_id, replaces_id in loaded
    ]


class _Row(NamedTuple):
    """What the plan needs of a date."""

    starts_at: datetime
    ends_at: datetime
    gross_starts_at: datetime
    gross_ends_at: datetime
    status: str
    booking_id: int
    replaces_id: int | None
    title: str
    display_title: str
    visibility: str
    association: str
    association_kind: str


def _entries(
    facts: HouseFacts, period: Interval
) -> tuple[list[_Loaded], list[tuple[Interval, frozenset[int]]]]:
    """Return what is to be shown, by start, and when which parts are taken by whatever is approved.

    Contacts and remarks are not even loaded.

    Looked up by the parts that are taken: their index holds the times, and no occupancy is longer
    than 31 days, so that it does not matter how many years are stored.
    """
    rows = (
        Occupancy.objects.filter(
            part__house_id=facts.id,
            starts_at__lt=period.end,
            starts_at__gt=period.start - LONGEST,
            ends_at__gt=period.start,
            slot__status__in=[SlotStatus.APPROVED, *SlotStatus.CALLED_OFF],
        )
        .order_by("slot__starts_at", "slot__ends_at", "slot_id")
        .values_list(
            *(
                "slot_id",
                "part_id",
                "slot__rooms",
                "slot__starts_at",
                "slot__ends_at",
                "starts_at",
                "ends_at",
            ),
            *("slot__status", "slot__booking_id", "slot__booking__replaces_id"),
            *("slot__booking__title", "slot__booking__display_title", "slot__booking__visibility"),
            *("slot__booking__association__name", "slot__booking__association__kind"),
        )
    )
    slots: dict[int, _Row] = {}
    room_ids: dict[int, set[int]] = defaultdict(set)
    parts: dict[int, set[int]] = defaultdict(set)
    for slot_id, part_id, room_id, *values in rows:
        slots[slot_id] = _Row(*values)
        parts[slot_id].add(part_id)
        if room_id is not None:
            room_ids[slot_id].add(room_id)
    shown = {room.id: _shown_room(room) for room in facts.rooms.values()}
    worth_telling = _worth_telling(slots, facts)
    entries, taken = [], []
    for slot_id, row in slots.items():
        gross, part_ids = Interval(row.gross_starts_at, row.gross_ends_at), frozenset(parts[slot_id])
        if row.status == SlotStatus.APPROVED:
            taken.append((gross, part_ids))
        if row.visibility == Visibility.HIDDEN:
            continue
        is_public, is_called_off = row.visibility == Visibility.PUBLIC, row.status != SlotStatus.APPROVED
        if is_called_off and not (is_public and slot_id in worth_telling):
            continue
        is_person = row.association_kind == AssociationKind.PRIVATE_PERSON
        entry = ScheduleEntry(
            slot_id=slot_id,
            net=Interval(row.starts_at, row.ends_at),
            gross=gross,
            title=public_title(row.title, row.display_title, row.visibility),
            organiser=row.association if is_public and not is_person else "",
            is_public=is_public,
            is_called_off=is_called_off,
            rooms=tuple(room for room in shown.values() if room.id in room_ids[slot_id]),
            part_ids=part_ids,
        )
        entries.append((entry, row.booking_id, row.replaces_id))
    return entries, taken


def _worth_telling(slots: Mapping[int, _Row], facts: HouseFacts) -> set[int]:
    """Return the dates that were called off at such short notice that people may not have heard of it."""
    called_off = {slot_id: row for slot_id, row in slots.items() if row.status in SlotStatus.CALLED_OFF}
    # Most days have none, and then nothing is asked.
    if not called_off:
        return set()
    # By booking alone: SQLite would take "of no slot" for a handful of lines, and read all of them.
    lines = (
        Transition.objects.filter(
            booking__in={row.booking_id for row in called_off.values()},
            verb__in=[Verb.CANCEL, Verb.REVOKE, Verb.REPLACE],
        )
        .order_by("at")
        .values_list("slot_id", "booking_id", "at", number_of_dates())
    )
    latest = {(slot_id, booking_id): (at, number) for slot_id, booking_id, at, number in lines}
    slot_ids = set()
    for slot_id, row in called_off.items():
        # The line of the date itself, or of its whole booking, whichever is younger.
        known = [latest[key] for key in ((slot_id, row.booking_id), (None, row.booking_id)) if key in latest]
        at, number = max(known, default=(None, 0))
        notice = CALLED_OFF_NOTICE_OF_SERIES if number >= SERIES_FROM else CALLED_OFF_NOTICE
        if at and at >= whole_day(day_of(row.starts_at, facts.zone) - notice, facts.zone).start:
            slot_ids.add(slot_id)
    return slot_ids


def _shown_room(room: RoomFacts) -> ShownRoom:
    return ShownRoom(room.id, room.slug, room.name, room.floor, room.wayfinding, room.step_free)


def _without_moved(loaded: Iterable[_Loaded]) -> tuple[ScheduleEntry, ...]:
    """Drop dates that only moved: another date of the day belongs to the booking that replaced theirs."""
    loaded = list(loaded)
    replaced = {replaces_id for entry, _booking_id, replaces_id in loaded if not entry.is_called_off}
    return tuple(
        entry
        for entry, booking_id, _replaces_id in loaded
        if not (entry.is_called_off and booking_id in replaced)
    )
