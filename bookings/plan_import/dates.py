"""From wall-clock times of a plan to dates."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bookings.plan_import.plan import PlanDate
from bookings.series.dates import SeriesDate, clock_note
from rooms.clock import between
from rooms.intervals import Interval


def date_between(
    starts: datetime, ends: datetime, zone: ZoneInfo, setup: int, teardown: int
) -> PlanDate | None:
    """Return the date between two local wall-clock times, with so many minutes before and after.

    None where the end is not the later one.
    """
    if ends <= starts:
        return None
    note = clock_note(starts, zone) or clock_note(ends, zone)
    return with_buffers(SeriesDate(between(starts, ends, zone), clock_note=note), setup, teardown)


def with_buffers(series_date: SeriesDate, setup: int, teardown: int) -> PlanDate:
    """Return the date with so many minutes before and after; real minutes, also on a night of the change."""
    gross = Interval(
        series_date.net.start - timedelta(minutes=setup), series_date.net.end + timedelta(minutes=teardown)
    )
    return PlanDate(series_date.net, series_date.skipped, series_date.clock_note, gross=gross)
