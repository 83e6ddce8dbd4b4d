"""What is on in the house, as everybody may see it: entries of days and weeks, closures, opening hours.

Nothing here carries a contact, a remark or a request that is not approved. The pages, the wall
display and the public API all read the plan from here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from django.db.models import Exists, OuterRef
from django.utils.translation import get_language

from bookings.agenda.stored import StoredDate, called_off, dates_during
from bookings.agenda.upcoming import SERIES_FROM
from bookings.availability.snapshot import ClosedTime, RoomTimes, closed_times, room_times
from bookings.enums import AssociationKind, SlotStatus, Visibility
from bookings.models import Booking, Slot, public_title
from rooms.clock import day_of, week_of, whole_day, whole_days
from rooms.facts import HouseFacts, RoomFacts, house_facts
from rooms.intervals import Interval, subtract, union
from rooms.models import House, Room
from rooms.stored import instant_in

# A date that is called off stays on the plan, struck out, when people may not have heard of it:
# when that was decided on the same day or on the day before. To a series people come by habit.
CALLED_OFF_NOTICE = timedelta(days=1)
CALLED_OFF_NOTICE_OF_SERIES = timedelta(days=7)
# So many days of a full house, each with fifty dates, take about 3 MiB of each process.
DAYS_IN_MEMORY = 32


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


@dataclass(frozen=True, slots=True, eq=False)
class DaySchedule:
    """The plan of one local day: what overlaps it, sorted by start; `opening` is clipped to it.

    `times` say by room how each stands on the day; what is taken there includes what nobody is told of.
    Only the same object is equal, so that what was drawn of it can be found again by it.
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
    return week_of_room(week_schedule(house, monday), house_facts(house).rooms[room.pk])


def week_of_room(week: Iterable[DaySchedule], room: RoomFacts) -> list[DaySchedule]:
    """Return of a week what touches the room: its parts, and what it is a part of."""
    return [
        replace(schedule.of_room(room.part_ids), opening=tuple(schedule.times[room.id].hours))
        for schedule in week
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
    """Return the plans of consecutive days, with a number of queries that does not depend on them.

    A day that is the same as when it was last read, be it under another plan version, is the same object.
    """
    facts = house_facts(house)
    period = whole_days(days[0], days[-1], facts.zone)
    closures = sorted(closed_times(facts, period), key=lambda closure: closure.interval.start)
    # Closures do not differ by the names of their rooms, but what is told of them does.
    closed = tuple((closure, closure.room_names) for closure in closures)
    dates = dates_during(period, facts.parts_of(facts.rooms))
    worth_telling = _worth_telling(dates, facts)
    taken = [
        (instant_in(stored.gross_starts_at), instant_in(stored.gross_ends_at), stored)
        for stored in dates
        if stored.status == SlotStatus.APPROVED or stored.slot_id in worth_telling
    ]
    schedules = []
    for day in days:
        whole = whole_day(day, facts.zone)
        of_day = tuple(stored for start, end, stored in taken if start < whole.end and end > whole.start)
        schedules.append(_schedule(facts, day, closed, of_day, get_language()))
    return schedules


@lru_cache(maxsize=DAYS_IN_MEMORY)
def _schedule(
    facts: HouseFacts,
    day: date,
    closed: tuple[tuple[ClosedTime, tuple[str, ...]], ...],
    dates: tuple[StoredDate, ...],
    _language: str | None,
) -> DaySchedule:
    """Return the plan of a day from all that it is made of, in the active language."""
    whole = whole_day(day, facts.zone)
    closures = [closure for closure, _names in closed]
    closures_of_day = [closure for closure in closures if closure.interval.overlaps(whole)]
    taken = []
    for stored in dates:
        gross = Interval(instant_in(stored.gross_starts_at), instant_in(stored.gross_ends_at))
        if stored.status == SlotStatus.APPROVED and (part := gross.intersection(whole)):
            taken.append((part, frozenset(stored.part_ids)))
    times = {
        room.id: room_times(
            room, whole, hours=facts.open_hours(room.id, whole), closed=closures_of_day, taken=taken
        )
        for room in facts.rooms.values()
    }
    shown = {room.id: _shown_room(room) for room in facts.rooms.values()}
    return DaySchedule(
        day=day,
        whole=whole,
        opening=tuple(union(span for of_room in times.values() for span in of_room.hours)),
        closures=tuple(closures_of_day),
        entries=_entries(dates, whole, closures, shown),
        times=times,
    )


def _entries(
    dates: Sequence[StoredDate],
    whole: Interval,
    closures: Sequence[ClosedTime],
    rooms: Mapping[int, ShownRoom],
) -> tuple[ScheduleEntry, ...]:
    """Return what is to be shown on a day, by start."""
    shown = []
    for stored in dates:
        if stored.visibility == Visibility.HIDDEN:
            continue
        net = Interval(instant_in(stored.starts_at), instant_in(stored.ends_at))
        if net.overlaps(whole):
            shown.append((stored, net))
    replaced = {stored.replaces_id for stored, _net in shown if stored.status == SlotStatus.APPROVED}
    return tuple(
        _entry(stored, net, closures, rooms)
        for stored, net in shown
        # What only moved is not told: another date of the day belongs to the booking that replaced it.
        if stored.status == SlotStatus.APPROVED or stored.booking_id not in replaced
    )


def _entry(
    stored: StoredDate, net: Interval, closures: Iterable[ClosedTime], rooms: Mapping[int, ShownRoom]
) -> ScheduleEntry:
    is_public, is_called_off = stored.visibility == Visibility.PUBLIC, stored.status != SlotStatus.APPROVED
    is_person = stored.association_kind == AssociationKind.PRIVATE_PERSON
    part_ids = frozenset(stored.part_ids)
    return ScheduleEntry(
        slot_id=stored.slot_id,
        net=net,
        gross=Interval(instant_in(stored.gross_starts_at), instant_in(stored.gross_ends_at)),
        title=public_title(stored.title, stored.display_title, stored.visibility),
        organiser=stored.association if is_public and not is_person else "",
        is_public=is_public,
        is_called_off=is_called_off,
        rooms=tuple(room for room in rooms.values() if room.id in stored.room_ids),
        part_ids=part_ids,
        is_kept=not is_called_off
        and any(closure.closes(part_ids) and closure.interval.overlaps(net) for closure in closures),
    )


def _worth_telling(dates: Iterable[StoredDate], facts: HouseFacts) -> frozenset[int]:
    """Return the public dates that were called off so late that people may not have heard of it."""
    # Most days have none, and then nothing is asked.
    off = [
        stored
        for stored in dates
        if stored.status != SlotStatus.APPROVED and stored.visibility == Visibility.PUBLIC
    ]
    lines = called_off({stored.booking_id for stored in off})
    latest = {(line.slot_id, line.booking_id): line for line in lines}
    slot_ids = set()
    for stored in off:
        # The line of the date itself, or of its whole booking, whichever is younger.
        keys = (stored.slot_id, stored.booking_id), (None, stored.booking_id)
        known = [(instant_in(latest[key].at), latest[key].number_of_dates) for key in keys if key in latest]
        at, number = max(known, default=(None, 0))
        notice = CALLED_OFF_NOTICE_OF_SERIES if number >= SERIES_FROM else CALLED_OFF_NOTICE
        day = day_of(instant_in(stored.starts_at), facts.zone)
        if at and at >= whole_day(day - notice, facts.zone).start:
            slot_ids.add(stored.slot_id)
    return frozenset(slot_ids)


def _shown_room(room: RoomFacts) -> ShownRoom:
    return ShownRoom(room.id, room.slug, room.name, room.floor, room.wayfinding, room.step_free)
