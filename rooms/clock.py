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


def end_after(start: datetime, length: timedelta, zone: ZoneInfo) -> datetime:
    """Return when the clocks of `zone` have gone on by `length` since `start`, in UTC.

    Over the end of summer time that is an hour later than the length says. Where the clocks never
    show that time, or showed it before `start`, the length itself holds.
    """
    wall = start.astimezone(zone).replace(tzinfo=None) + length
    end = instant(wall.date(), wall.time(), zone)
    return end if start < end else start + length


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
