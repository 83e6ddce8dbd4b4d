"""From wall-clock times of a plan to dates."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bookings.plan_import.plan import PlanDate
from bookings.recurrence import net_time
from rooms.clock import exists, instant
from rooms.intervals import Interval


def date_between(
    starts: datetime, ends: datetime, zone: ZoneInfo, setup: int, teardown: int
) -> PlanDate | None:
    """Return the date between two local wall-clock times, with so many minutes before and after.

    None where nothing lies between them. Minutes of set-up and tear-down are real minutes,
    also on a night of the clock change.
    """
    start, end = (instant(wall.date(), wall.time(), zone) for wall in (starts, ends))
    return date_of(starts, ends, zone, setup, teardown) if start < end else None


def date_of(
    starts: datetime,
    ends: datetime,
    zone: ZoneInfo,
    setup: int,
    teardown: int,
    *,
    falls_out: str = "",
) -> PlanDate:
    """Return the date of a series between two wall-clock times; no clock change swallows it."""
    return date_at(
        net_time(starts, ends, zone),
        setup,
        teardown,
        clock_note=clock_note(starts, zone) or clock_note(ends, zone),
        falls_out=falls_out,
    )


def date_at(
    net: Interval, setup: int = 0, teardown: int = 0, *, clock_note: str = "", falls_out: str = ""
) -> PlanDate:
    """Return the date with this net time."""
    return PlanDate(
        net=net,
        gross=Interval(net.start - timedelta(minutes=setup), net.end + timedelta(minutes=teardown)),
        clock_note=clock_note,
        falls_out=falls_out,
    )


def clock_note(wall: datetime, zone: ZoneInfo) -> str:
    """Return whether clocks in `zone` show this time never ("gap") or twice ("twice"), else nothing."""
    if not exists(wall.date(), wall.time(), zone):
        return "gap"
    offsets = {wall.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1)}
    return "twice" if len(offsets) == 2 else ""
