"""A day of some rooms as a chart of bars, for staff who decide a date; drawn as SVG in minutes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bookings.availability.snapshot import ClosedTime, room_times
from bookings.enums import SlotStatus
from bookings.models import Slot
from rooms.clock import day_of, whole_day
from rooms.facts import HouseFacts
from rooms.intervals import Interval, hull

HOUR = 60


@dataclass(frozen=True, slots=True)
class StripBar:
    """From minute `x` of the chart, `width` minutes long; `kind` names its look."""

    kind: str
    x: int
    width: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class StripRow:
    name: str
    bars: list[StripBar] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DayChart:
    """`hours` are (minute of the chart, what the clock shows there); the chart is `width` minutes long."""

    period: Interval
    width: int
    hours: list[tuple[int, str]]
    rows: list[StripRow]


def day_chart_of(
    slot: Slot, neighbours: Sequence[Slot], facts: HouseFacts, closed: Sequence[ClosedTime]
) -> DayChart:
    """Draw the day on which the slot starts, from the first opening to the last thing that is on.

    One row per atomic part the slot takes, with when it is closed, what is approved, who else asks,
    and the slot itself with its set-up and tear-down. `closed` are the closures of that day.
    """
    whole = day_of_slot(slot, facts)
    part_ids = _part_ids(slot, facts)
    parts = [room for room in facts.rooms.values() if room.part_ids == {room.id} and room.id in part_ids]
    taken = {other.pk: _part_ids(other, facts) for other in neighbours}
    open_hours = {part.id: facts.open_hours(part.id, whole) for part in parts}
    shown = [slot.gross, *(hours for spans in open_hours.values() for hours in spans)]
    shown += [inside for other in neighbours if (inside := other.gross.intersection(whole))]
    period = _full_hours(hull(shown))
    rows = []
    for part in parts:
        row = StripRow(part.name)
        times = room_times(part, period, hours=open_hours[part.id], closed=closed, taken=())
        row.bars.extend(_bar("closed", gap, period) for gap in times.closed)
        for other in neighbours:
            if part.id in taken[other.pk] and other.gross.overlaps(period):
                kind = "approved" if other.status == SlotStatus.APPROVED else "rival"
                row.bars.append(_bar(f"{kind}-gross", other.gross, period))
                if other.net.overlaps(period):
                    row.bars.append(_bar(kind, other.net, period, other.booking.title))
        row.bars.append(_bar("own-gross", slot.gross, period))
        row.bars.append(_bar("own", slot.net, period, slot.booking.title))
        rows.append(row)
    return DayChart(period, _minutes(period), _hours(period, facts), rows)


def on_day_of(slot: Slot, neighbours: Sequence[Slot], facts: HouseFacts) -> list[Slot]:
    """Return which of the neighbours are on in the rooms of the slot on its day."""
    whole, parts = day_of_slot(slot, facts), _part_ids(slot, facts)
    return [other for other in neighbours if other.gross.overlaps(whole) and _part_ids(other, facts) & parts]


def day_of_slot(slot: Slot, facts: HouseFacts) -> Interval:
    """Return the day on which the slot starts; of one that goes over midnight, to its end."""
    day = whole_day(day_of(slot.gross_starts_at, facts.zone), facts.zone)
    return Interval(day.start, max(day.end, slot.gross_ends_at))


def _part_ids(slot: Slot, facts: HouseFacts) -> frozenset[int]:
    return facts.parts_of(room.pk for room in slot.rooms.all())


def _minutes(interval: Interval) -> int:
    return int(interval.duration.total_seconds() // 60)


def _full_hours(interval: Interval) -> Interval:
    over = timedelta(minutes=interval.start.minute, seconds=interval.start.second)
    missing = (-interval.end.minute) % HOUR
    return Interval(interval.start - over, interval.end + timedelta(minutes=missing))


def _bar(kind: str, interval: Interval, period: Interval, label: str = "") -> StripBar:
    part = interval.intersection(period) or period
    return StripBar(kind, _minutes_after(period, part), _minutes(part), label)


def _minutes_after(period: Interval, part: Interval) -> int:
    return int((part.start.timestamp() - period.start.timestamp()) // 60)


def _hours(period: Interval, facts: HouseFacts) -> list[tuple[int, str]]:
    """Return every second full hour with its place."""
    return [
        (minute, f"{(period.start + timedelta(minutes=minute)).astimezone(facts.zone):%H}")
        for minute in range(0, _minutes(period), 2 * HOUR)
    ]
