"""The dates of the series of a plan. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from bookings.plan_import.dates import with_buffers
from bookings.plan_import.plan import PlanBooking, PlanFile
from bookings.series import dates
from bookings.series.dates import Series
from rooms.clock import instant
from rooms.holidays import HolidayCalendar


def period_of(plan: PlanFile) -> tuple[date, date] | None:
    """Return the first and last local day on which dates of the plan start, None where it has none."""
    days = [day for booking in plan.bookings for day in _days_of(booking, plan.zone)]
    return (min(days), max(days)) if days else None


def _days_of(booking: PlanBooking, zone: ZoneInfo) -> Iterator[date]:
    if booking.series is None:
        yield from (plan_date.local_day(zone) for plan_date in booking.dates)
    else:
        yield from (start.date() for start in dates.series_starts(booking.series))


def with_series_dates(plan: PlanFile, calendar: HolidayCalendar) -> PlanFile:
    """Return the plan with the dates of its series, in order, and what is to be known of them.

    Single dates stay as they are; a plan that was expanded before is expanded anew.
    """
    return replace(
        plan,
        bookings=tuple(
            booking if booking.series is None else _expanded(booking, booking.series, plan.zone, calendar)
            for booking in plan.bookings
        ),
    )


def _expanded(
    booking: PlanBooking, repeated: Series, zone: ZoneInfo, calendar: HolidayCalendar
) -> PlanBooking:
    sources = {instant(wall.date(), wall.time(), zone): source for wall, source in booking.sources.items()}
    return replace(
        booking,
        dates=tuple(
            replace(
                with_buffers(series_date, booking.setup_minutes, booking.teardown_minutes),
                source=sources.get(series_date.net.start),
            )
            for series_date in dates.series_dates(repeated, zone, calendar)
        ),
        notes=tuple(dates.notes_on(repeated, calendar)),
    )
