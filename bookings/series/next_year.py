"""“As last year”: a series of the past, asked for again in the time that follows. Pure."""

from dataclasses import replace
from datetime import date, timedelta

from bookings.series.dates import Series
from bookings.series.pattern import Frequency, Pattern
from bookings.series.scheduler import pattern_dates

# Fifty-two weeks keep the weekday, and with an even interval the weeks in which it meets.
YEAR = timedelta(weeks=52)


def following(series: Series) -> Series | None:
    """Return the series for its next time: the same rhythm a year later, its holidays those of that year.

    A series of more than a year goes on where it ends, for another year; a shorter one (a year, a
    term, a season) comes back at the same time of the next year. Dates left out or added by hand
    belong to the year they were for. None where there is no pattern.
    """
    if series.pattern is None:
        return None
    first, last = _bounds(series.pattern)
    if last - first > YEAR:
        begin, end = _next_date(series.pattern, last), _year_later(last)
    else:
        begin, end = first + YEAR, _year_later(last)
    pattern = replace(series.pattern, first_day=begin, until=end, count=None)
    if pattern.frequency == Frequency.MONTHLY:
        pattern = replace(pattern, first_day=_first_of(pattern))
    length = series.ends - series.starts
    starts = series.starts.replace(year=pattern.first_day.year, month=1, day=1)
    starts = starts + (pattern.first_day - starts.date())
    return replace(series, starts=starts, ends=starts + length, pattern=pattern, skipped=(), added=())


def _bounds(pattern: Pattern) -> tuple[date, date]:
    """Return the first day and the last: where it ends by a number of dates, that of its last date."""
    if pattern.until is not None:
        return pattern.first_day, pattern.until
    days = pattern_dates(pattern, most=pattern.count or 1)
    return pattern.first_day, days[-1] if days else pattern.first_day


def _next_date(pattern: Pattern, last: date) -> date:
    """Return the first day after `last` on which the rhythm goes on."""
    going_on = replace(pattern, until=last + 2 * YEAR, count=None)
    return next(
        (day for day in pattern_dates(going_on, most=100_000) if day > last), last + timedelta(days=1)
    )


def _first_of(pattern: Pattern) -> date:
    """Return the first day of a monthly pattern, a little before or after its moved start."""
    month = pattern.first_day.replace(day=1)
    days = pattern_dates(replace(pattern, first_day=month), most=2)
    return next((day for day in days if day.month == month.month), pattern.first_day)


def _year_later(day: date) -> date:
    """Return the same day of the next year; the end of February where it has none."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)
