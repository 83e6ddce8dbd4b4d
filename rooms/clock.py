"""Between wall-clock time and instants: the house's days, and times on nights of a clock change."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from rooms.intervals import Interval


def instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Return the instant, in UTC, at which the clocks of `zone` show `clock` on `day`.

    In UTC because Python calls no wall-clock time in a repeated hour equal to any instant. Of
    a time that exists twice (end of summer time) the first is taken; a time that does not
    exist (start of summer time) becomes the instant the clocks jump to plus what was missing,
    as PEP 495 defines for fold=0: 02:30 becomes 03:30.
    """
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


def between(first: datetime, last: datetime, zone: ZoneInfo) -> Interval:
    """Return the time from one wall-clock time of `zone` to another, which is later and also without zone.

    Where a clock change leaves nothing between them (02:30–03:00 on the night on which the clocks
    jump from two to three), it is as long as they say. Raises ValueError where `last` is not later.
    """
    if last <= first:
        raise ValueError(f"A time ends after it starts: {first} – {last}")
    start, end = (instant(wall.date(), wall.time(), zone) for wall in (first, last))
    return Interval(start, end if start < end else start + (last - first))


def wall_times(interval: Interval, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return start and end as the clocks of `zone` show them, without zone, the end always the later.

    Whoever types both gets a time of the same length, but at the first of two equal clock times. Where
    the clocks show the end at or before the start, or the end is a clock time that comes for the second
    time, the end is as much later as the interval is long.
    """
    start, end = interval.start.astimezone(zone), interval.end.astimezone(zone)
    first = start.replace(tzinfo=None, fold=0)
    last = first + interval.duration if start.fold or end.fold else end.replace(tzinfo=None)
    return first, last


def floor_to_grid(moment: datetime, grid: timedelta, zone: tzinfo) -> datetime:
    """Return the last step of `grid`, by the clocks of `zone` from midnight, that is not after `moment`.

    In UTC; a grid of an hour or less has the same steps on the night of a clock change.
    """
    local = moment.astimezone(zone)
    clock = timedelta(
        hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )
    return moment.astimezone(UTC) - clock % grid


def ceil_to_grid(moment: datetime, grid: timedelta, zone: tzinfo) -> datetime:
    """Return the first step of `grid` that is not before `moment`; see `floor_to_grid`."""
    floor = floor_to_grid(moment, grid, zone)
    return floor if floor == moment else floor + grid


def exists(day: date, clock: time, zone: ZoneInfo) -> bool:
    """Whether clocks in `zone` show `clock` on `day` at all."""
    return instant(day, clock, zone).astimezone(zone).time() == clock


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """Return the local date of an aware instant."""
    return moment.astimezone(zone).date()


def whole_day(day: date, zone: ZoneInfo) -> Interval:
    """Return the day from midnight to midnight; 23, 24 or 25 hours long."""
    return whole_days(day, day, zone)


def whole_days(first: date, last: date, zone: ZoneInfo) -> Interval:
    """Return the days from `first` to `last`, both included, from midnight to midnight."""
    return Interval(instant(first, time.min, zone), instant(last + timedelta(days=1), time.min, zone))


def days(interval: Interval, zone: ZoneInfo) -> list[date]:
    """Return the local dates that `interval` touches, in order."""
    first = day_of(interval.start, zone)
    last = day_of(interval.end - timedelta(microseconds=1), zone)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def as_whole_days(interval: Interval, zone: tzinfo) -> tuple[date, date] | None:
    """Return the first and the last local day where the interval is made of whole days, else None."""
    start, end = interval.start.astimezone(zone), interval.end.astimezone(zone)
    if start.time() != time.min or end.time() != time.min:
        return None
    return start.date(), end.date() - timedelta(days=1)


def week_of(day: date) -> list[date]:
    """Return the seven days of the ISO week of `day`, Monday first."""
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=n) for n in range(7)]
