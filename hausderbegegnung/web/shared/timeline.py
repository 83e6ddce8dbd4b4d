"""Where things stand on a timeline: hours across, one line per room or per day.

Positions are lines of a CSS grid in quarters of an hour by the wall clock (css/timeline_grid.css
has a class for each), so a page draws only what is there. Everything here is pure.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import get_language

from bookings.agenda.public import DaySchedule, ScheduleEntry
from bookings.availability.snapshot import ClosedTime, RoomTimes
from rooms.clock import ceil_to_grid, floor_to_grid
from rooms.facts import HouseFacts, RoomFacts
from rooms.formats import format_span, format_span_on, format_weekday, without_uhr
from rooms.intervals import Interval, subtract

QUARTER = timedelta(minutes=15)
# The first line of the grid holds the hours.
FIRST_LINE = 2
# What a click on a longer free time asks for.
USUAL_LENGTH = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Bar:
    """One thing on the timeline, from grid column `start` to `end`, `lines` lines high from `line` on.

    Free time that can be asked for has a `url`, the `first` start and the `last` end, and the
    `minutes` after midnight at which the bar itself begins and ends.
    """

    kind: str
    line: int
    start: int
    end: int
    title: str = ""
    times: str = ""
    detail: str = ""
    url: str = ""
    first: str = ""
    last: str = ""
    minutes: tuple[int, int] = (0, 0)
    lines: int = 1

    @property
    def classes(self) -> str:
        """Return the classes that put the bar in its place."""
        place = f"bar bar--{self.kind} line-{self.line} from-{self.start} to-{self.end}"
        if self.lines > 1:
            place += f" lines-{self.lines}"
        return f"{place} bar--short" if self.end - self.start < 5 else place


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """One line of the timeline: a room, or a day, or on a day one `part` of a room."""

    label: str
    url: str
    number: int
    bars: list[Bar] = field(default_factory=list)
    is_current: bool = False
    part: str = ""


@dataclass(frozen=True, slots=True)
class Axis:
    """The hours that are shown, from `first` to `last` o'clock in `zone`."""

    first: int
    last: int
    zone: ZoneInfo

    @property
    def quarters(self) -> int:
        return (self.last - self.first) * 4

    @property
    def hours(self) -> list[tuple[str, int]]:
        """Each full hour with the grid line it stands on."""
        return [(f"{hour:02}", (hour - self.first) * 4 + 1) for hour in range(self.first, self.last)]

    def place(self, interval: Interval, whole: Interval) -> tuple[int, int] | None:
        """Return the grid lines of the part of `interval` that lies in the day and is shown."""
        part = interval.intersection(whole)
        if part is None:
            return None
        start = wall_minutes(part.start, whole, self.zone) // 15 - self.first * 4
        end = -(-wall_minutes(part.end, whole, self.zone) // 15) - self.first * 4
        start, end = max(start, 0), min(end, self.quarters)
        return (start + 1, end + 1) if start < end else None

    def minute_at(self, column: int) -> int:
        """Return the minutes after midnight at which a grid column begins."""
        return self.first * 60 + (column - 1) * 15


def wall_minutes(moment: datetime, whole: Interval, zone: ZoneInfo) -> int:
    """Return what the wall clock has gone since midnight of the day, in minutes; 1440 at its end."""
    if moment >= whole.end:
        return 24 * 60
    local = moment.astimezone(zone)
    return local.hour * 60 + local.minute


@dataclass(frozen=True, slots=True)
class Timeline:
    axis: Axis
    lines: list[TimelineLine]
    now_at: int = 0


def axis_of(schedules: Iterable[DaySchedule], zone: ZoneInfo) -> Axis:
    """Return the hours in which the days are open or something is on; 8 to 22 where there is nothing."""
    first, last = 24, 0
    for schedule in schedules:
        spans = [*schedule.opening, *(entry.net for entry in schedule.entries)]
        for span in spans:
            part = span.intersection(schedule.whole)
            if part is not None:
                first = min(first, wall_minutes(part.start, schedule.whole, zone) // 60)
                last = max(last, -(-wall_minutes(part.end, schedule.whole, zone) // 60))
    return Axis(first, last, zone) if first < last else Axis(8, 22, zone)


def rooms_of_day(schedule: DaySchedule, facts: HouseFacts) -> list[RoomFacts]:
    """Return the atomic rooms a plan of the day shows: those in use, and others if something is in them."""
    return [
        room
        for room in facts.rooms.values()
        if room.part_ids == {room.id}
        and (room.is_active or any(room.id in entry.part_ids for entry in schedule.entries))
    ]


def day_timeline(
    schedule: DaySchedule,
    rooms: Sequence[tuple[RoomFacts, Sequence["FreeTime"]]],
    now: datetime,
    zone: ZoneInfo,
) -> Timeline:
    """Return the day with one line for each of the atomic rooms, which come with their free times.

    What takes several neighbours is drawn once over their lines.
    """
    axis = axis_of([schedule], zone)
    lines = []
    for number, (room, free) in enumerate(rooms, start=FIRST_LINE):
        line = TimelineLine(room.name, reverse("room_detail", args=[room.slug]), number)
        line.bars.extend(_free_bars(number, room.name, free, schedule, axis))
        for closure in schedule.closures:
            if closure.closes(room.part_ids):
                line.bars.extend(_closure_bar(number, closure, schedule, axis, 1))
        lines.append(line)
    shown = [room.id for room, _free in rooms]
    for entry in schedule.entries:
        for position, height in _runs(entry.part_ids, shown):
            lines[position].bars.extend(_entry_bars(position + FIRST_LINE, entry, schedule, axis, height))
    return Timeline(axis, lines, _now_at(schedule, axis, now))


def room_timeline(
    room: RoomFacts,
    parts: Sequence[RoomFacts],
    week: Sequence[tuple[DaySchedule, Sequence["FreeTime"]]],
    now: datetime,
    zone: ZoneInfo,
) -> Timeline:
    """Return the week of one room with one line per day, and of a combination one per day and part.

    The days come with the room's free times. What takes, closes or leaves free several parts is drawn once
    over their lines; where one is free and another is not, nothing can be asked for here.
    """
    axis = axis_of([schedule for schedule, _free in week], zone)
    lines: list[TimelineLine] = []
    for schedule, free in week:
        first = FIRST_LINE + len(lines)
        of_day = [
            TimelineLine(
                f"{format_weekday(schedule.day)} {schedule.day:%d.%m.}",
                reverse("day", args=[schedule.day]),
                first + position,
                is_current=schedule.whole.start <= now < schedule.whole.end,
                part=part.name if len(parts) > 1 else "",
            )
            for position, part in enumerate(parts)
        ]
        of_day[0].bars.extend(_free_bars(first, room.name, free, schedule, axis, len(parts)))
        for line, part in zip(of_day, parts, strict=True):
            alone = subtract(schedule.times[part.id].free, schedule.times[room.id].free)
            rest = [FreeTime(span, format_span(span.start, span.end, zone=zone)) for span in alone]
            line.bars.extend(_free_bars(line.number, part.name, rest, schedule, axis))
        shown = [part.id for part in parts]
        for closure in schedule.closures:
            for position, height in _runs(closure.part_ids or room.part_ids, shown):
                of_day[position].bars.extend(_closure_bar(first + position, closure, schedule, axis, height))
        for entry in schedule.entries:
            for position, height in _runs(entry.part_ids, shown):
                of_day[position].bars.extend(_entry_bars(first + position, entry, schedule, axis, height))
        lines += of_day
    return Timeline(axis, lines)


@dataclass(frozen=True, slots=True)
class FreeTime:
    """A time nobody has; `url` leads to the request form where it can still be asked for.

    `is_too_soon` where it is long enough for a date, and only too near to be asked for here.
    """

    interval: Interval
    times: str
    url: str = ""
    first: str = ""
    last: str = ""
    is_too_soon: bool = False


def free_times(room: RoomFacts, times: RoomTimes, now: datetime, zone: ZoneInfo) -> Iterator[FreeTime]:
    """Yield the free times of the room within the period of `times`.

    What can be asked for lies between the lead time and the horizon of the room; it begins and ends on a
    step of its grid, also where it is said in words.
    """
    grid, language = timedelta(minutes=room.grid_minutes), get_language()
    earliest = ceil_to_grid(now + room.lead, grid, zone)
    askable = Interval(earliest, max(floor_to_grid(now + room.horizon, grid, zone), earliest + grid))
    for gap in times.free:
        for part in subtract([gap], [askable]):
            words = format_span(part.start, part.end, zone=zone, language=language)
            is_long_enough = part.end - max(part.start, now) >= room.setup + room.shortest + room.teardown
            yield FreeTime(part, words, is_too_soon=part.start < earliest and is_long_enough)
        if within := gap.intersection(askable):
            yield _askable_time(room, within, gap, zone, language)


def _askable_time(
    room: RoomFacts, part: Interval, gap: Interval, zone: ZoneInfo, language: str | None
) -> FreeTime:
    """Return the `part` of a free time that can be asked for, unless it is too short for a date.

    Set-up and tear-down need all of the gap only, not of that part.
    """
    grid = timedelta(minutes=room.grid_minutes)
    first = max(ceil_to_grid(gap.start + room.setup, grid, zone), ceil_to_grid(part.start, grid, zone))
    last = min(floor_to_grid(gap.end - room.teardown, grid, zone), floor_to_grid(part.end, grid, zone))
    if last - first < room.shortest:
        return FreeTime(part, format_span(part.start, part.end, zone=zone, language=language))
    until = min(last, first + max(room.shortest, min(USUAL_LENGTH, room.longest)))
    return FreeTime(
        part,
        format_span(
            ceil_to_grid(part.start, grid, zone),
            floor_to_grid(part.end, grid, zone),
            zone=zone,
            language=language,
        ),
        url=request_url([room.slug], Interval(first, until), zone),
        first=f"{first.astimezone(zone):%H:%M}",
        last=f"{last.astimezone(zone):%H:%M}",
    )


def request_url(
    slugs: Sequence[str],
    net: Interval,
    zone: ZoneInfo,
    *,
    persons: int | None = None,
    layout: str = "",
    equipment_ids: Iterable[int] = (),
    series: Iterable[tuple[str, str]] = (),
) -> str:
    """Return the address of the request form, filled in with what is known.

    `series` is how the date repeats, as `hausderbegegnung.web.shared.forms.series.series_query` returns it.
    """
    start, end = net.start.astimezone(zone), net.end.astimezone(zone)
    query: list[tuple[str, str]] = [("raum", slug) for slug in slugs]
    # The midnight that ends a day is its 24th hour.
    until = "24:00" if end.date() > start.date() and (end.hour, end.minute) == (0, 0) else f"{end:%H:%M}"
    query += [("datum", f"{start:%Y-%m-%d}"), ("von", f"{start:%H:%M}"), ("bis", until)]
    if until != "24:00" and end.date() != start.date():
        query.append(("bis_datum", f"{end:%Y-%m-%d}"))
    query += wish_query(persons=persons, layout=layout, equipment_ids=equipment_ids)
    query += series
    return f"{_request_path()}?{urlencode(query)}"


def wish_query(*, persons: int | None, layout: str, equipment_ids: Iterable[int]) -> list[tuple[str, str]]:
    """Return what stands in the address of the request form beside rooms and times."""
    query = [("personen", str(persons))] if persons else []
    if layout:
        query.append(("bestuhlung", layout))
    return query + [("ausstattung", str(number)) for number in sorted(equipment_ids)]


@lru_cache(maxsize=1)
def _request_path() -> str:
    """The path of the request form; a plan asks for it dozens of times."""
    return reverse("request_booking")


def _free_bars(
    line: int, room_name: str, free: Iterable[FreeTime], schedule: DaySchedule, axis: Axis, height: int = 1
) -> Iterator[Bar]:
    for free_time in free:
        place = axis.place(free_time.interval, schedule.whole)
        if place:
            yield Bar(
                "free",
                line,
                *place,
                title=room_name,
                times=free_time.times,
                url=free_time.url,
                first=free_time.first,
                last=free_time.last,
                minutes=(axis.minute_at(place[0]), axis.minute_at(place[1])),
                lines=height,
            )


def _closure_bar(
    line: int, closure: ClosedTime, schedule: DaySchedule, axis: Axis, height: int
) -> Iterator[Bar]:
    if place := axis.place(closure.interval, schedule.whole):
        yield Bar("closed", line, *place, title=closure.reason, lines=height)


def _entry_bars(
    line: int, entry: ScheduleEntry, schedule: DaySchedule, axis: Axis, height: int
) -> Iterator[Bar]:
    place = axis.place(entry.net, schedule.whole)
    if place is None:
        return
    if not entry.is_called_off:
        for buffer in subtract([entry.gross], [entry.net]):
            if around := axis.place(buffer, schedule.whole):
                yield Bar("buffer", line, *around, lines=height)
    kind = "off" if entry.is_called_off else "entry" if entry.is_public else "busy"
    yield Bar(
        kind,
        line,
        *place,
        title=entry.title,
        times=_bar_times(entry.net, schedule.day, axis.zone, get_language()),
        detail=entry.organiser,
        lines=height,
    )


@lru_cache(maxsize=1024)
def _bar_times(net: Interval, day: date, zone: ZoneInfo, language: str | None) -> str:
    # A bar is narrow, and the hours stand above it: no "Uhr".
    return without_uhr(format_span_on(net.start, net.end, day, zone=zone, language=language))


def _runs(part_ids: frozenset[int], shown: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield (first position, length) for each run of neighbouring rooms that are taken."""
    for taken, run in groupby(enumerate(shown), key=lambda numbered: numbered[1] in part_ids):
        if taken:
            positions = [position for position, _room_id in run]
            yield positions[0], len(positions)


def _now_at(schedule: DaySchedule, axis: Axis, now: datetime) -> int:
    if not schedule.whole.start <= now < schedule.whole.end:
        return 0
    place = axis.place(Interval(now, now + timedelta(minutes=1)), schedule.whole)
    return place[0] if place else 0
