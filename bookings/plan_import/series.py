"""From patterns to dates: which stand, and which fall out and why. Pure.

A date belongs to the day on which it starts, also one that ends on the next. Dates that were
added by hand stand on holidays too, because somebody wanted exactly them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from bookings.plan_import.dates import date_of
from bookings.plan_import.plan import PlanBooking, PlanDate, PlanFile, PlanSeries
from bookings.recurrence import dates_of
from rooms.enums import Severity
from rooms.errors import Reason
from rooms.formats import format_day
from rooms.holidays import HolidayCalendar

# More than any reader lets through, and what does not come from a file is bounded all the same.
MOST_DATES = 10_000


def period_of(plan: PlanFile) -> tuple[date, date] | None:
    """Return the first and last local day on which dates of the plan start, None where it has none."""
    days = [day for booking in plan.bookings for day in _days_of(booking, plan.zone)]
    return (min(days), max(days)) if days else None


def _days_of(booking: PlanBooking, zone: ZoneInfo) -> Iterator[date]:
    if booking.series is None:
        yield from (one.local_day(zone) for one in booking.dates)
    else:
        yield from (start.date() for start in _starts(booking.series))


def expand(plan: PlanFile, calendar: HolidayCalendar) -> PlanFile:
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
    booking: PlanBooking, series: PlanSeries, zone: ZoneInfo, calendar: HolidayCalendar
) -> PlanBooking:
    length = series.ends - series.starts
    by_hand = _by_hand(series)
    starts = _starts(series)
    dates: list[PlanDate] = []
    for start in starts:
        falls_out = "" if start in by_hand else _why_not(start, series, calendar)
        dates.append(
            date_of(
                start,
                start + length,
                zone,
                booking.setup_minutes,
                booking.teardown_minutes,
                falls_out=falls_out,
            )
        )
    return replace(booking, dates=tuple(dates), notes=tuple(_notes(series, starts, calendar)))


def _by_hand(series: PlanSeries) -> set[datetime]:
    """Return the starts that are named one by one: they stand whatever day it is."""
    return {series.starts, *series.added} if series.pattern is None else set(series.added)


def _starts(series: PlanSeries) -> list[datetime]:
    """Return all starts in order, by the clocks on the wall; one that is named twice counts once."""
    starts = _by_hand(series)
    if series.pattern is not None:
        starts |= {
            datetime.combine(day, series.starts.time()) for day in dates_of(series.pattern, most=MOST_DATES)
        }
    return sorted(starts)


def _why_not(start: datetime, series: PlanSeries, calendar: HolidayCalendar) -> str:
    """Return why a date of the pattern falls out, empty where it stands."""
    day = start.date()
    if start in series.left_out or day in series.left_out:
        return _("Left out")
    if series.skip_public and day in calendar.public:
        return _("Public holiday: %(name)s") % {"name": calendar.public[day]}
    if series.skip_school and day in calendar.school:
        return _("School holidays: %(name)s") % {"name": calendar.school[day]}
    if series.only_school and day not in calendar.school:
        if calendar.school_is_known_on(day):
            return _("Only in school holidays")
        return _("School holidays are not known yet")
    return ""


# What is to be known of a series ----------------------------------------------------------------


def _notes(series: PlanSeries, starts: Sequence[datetime], calendar: HolidayCalendar) -> Iterator[Reason]:
    yield from _unknown_holidays(series, starts, calendar)
    for one in series.left_out:
        is_start = isinstance(one, datetime)
        if one not in (starts if is_start else {start.date() for start in starts}):
            day = one.date() if isinstance(one, datetime) else one
            yield Reason(
                "left_out_without_date",
                _("%(day)s is left out, but the series has no date then.") % {"day": format_day(day)},
                Severity.WARNING,
            )
    if series.pattern is not None and series.starts not in starts:
        yield Reason(
            "start_outside_pattern",
            _("%(day)s does not meet the pattern; the first date is on %(first)s.")
            % {"day": format_day(series.starts.date()), "first": format_day(starts[0].date())},
            Severity.WARNING,
        )


def _unknown_holidays(
    series: PlanSeries, starts: Sequence[datetime], calendar: HolidayCalendar
) -> Iterator[Reason]:
    """Say where a series pauses on holidays that nobody knows yet: no holiday known is not none."""
    by_hand = _by_hand(series)
    days = [start.date() for start in starts if start not in by_hand]
    if series.skip_public and _any_unknown(days, calendar.public_is_known_on):
        yield Reason(
            "public_holidays_unknown",
            _("Public holidays are not known for all dates; there the series does not pause."),
            Severity.WARNING,
        )
    if (series.skip_school or series.only_school) and _any_unknown(days, calendar.school_is_known_on):
        sentence = (
            _("School holidays are not known, so the series cannot go by them.")
            if calendar.school_known_until is None
            else _("School holidays are known until %(day)s only; later dates cannot go by them.")
            % {"day": format_day(calendar.school_known_until)}
        )
        yield Reason("school_holidays_unknown", sentence, Severity.WARNING)


def _any_unknown(days: Sequence[date], is_known_on: Callable[[date], bool]) -> bool:
    return any(not is_known_on(day) for day in days)
