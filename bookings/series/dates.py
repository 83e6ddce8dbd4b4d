"""A series: a pattern with its pauses and its dates by hand, and which dates that gives. Pure.

A date belongs to the day on which it starts, also one that ends on the next. Dates that were
added by hand stand on holidays too, because somebody wanted exactly them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.date_facts import Skip
from bookings.enums import SchoolHolidays, SkippedBecause
from bookings.series.pattern import Frequency, Pattern
from bookings.series.scheduler import pattern_dates
from rooms.clock import between, exists, wall_times
from rooms.enums import Severity
from rooms.errors import Reason
from rooms.formats import format_date_span, format_day
from rooms.holidays import HolidayCalendar
from rooms.intervals import Interval

# More than any reader or form lets through; what comes from elsewhere is bounded all the same.
MOST_DATES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """How a date repeats, in local wall-clock times without zone.

    `starts` to `ends` is the date it is described with; `pattern` is None where there are only
    further dates. `skipped` are days or starts taken out by hand, `added` starts of further
    dates of the same length.
    """

    starts: datetime
    ends: datetime
    pattern: Pattern | None = None
    skipped: tuple[date | datetime, ...] = ()
    added: tuple[datetime, ...] = ()
    skip_public: bool = False
    school: SchoolHolidays = SchoolHolidays.IGNORED

    @property
    def heeds_holidays(self) -> bool:
        """Whether holidays make a difference to its dates."""
        return self.skip_public or self.school != SchoolHolidays.IGNORED


@dataclass(frozen=True, slots=True)
class SeriesDate:
    """One date: its net time, and why the series itself skips it, None where it is to stand.

    `clock_note` is "gap" where a time does not exist on the night of a clock change, "twice"
    where it exists twice, else empty.
    """

    net: Interval
    skipped: Skip | None = None
    clock_note: str = ""

    def local_day(self, zone: ZoneInfo) -> date:
        """Return the local date on which people come."""
        return self.net.start.astimezone(zone).date()


def series_starts(series: Series) -> list[datetime]:
    """Return all starts in order, by the clocks on the wall; one that is named twice counts once."""
    starts = _by_hand(series)
    if series.pattern is not None:
        starts |= {
            datetime.combine(day, series.starts.time())
            for day in pattern_dates(series.pattern, most=MOST_DATES)
        }
    return sorted(starts)


def series_dates(series: Series, zone: ZoneInfo, calendar: HolidayCalendar) -> list[SeriesDate]:
    """Return the dates of the series in order, those skipped by holidays or by hand with the reason.

    `calendar` knows the holidays of the house in the time of the series.
    """
    length = series.ends - series.starts
    by_hand = _by_hand(series)
    return [
        SeriesDate(
            between(start, start + length, zone),
            None if start in by_hand else why_not(start, series, calendar),
            clock_note(start, zone) or clock_note(start + length, zone),
        )
        for start in series_starts(series)
    ]


def _by_hand(series: Series) -> set[datetime]:
    """Return the starts that are named one by one: they stand whatever day it is."""
    return {series.starts, *series.added} if series.pattern is None else set(series.added)


def why_not(start: datetime, series: Series, calendar: HolidayCalendar) -> Skip | None:
    """Return why a date of the pattern is skipped, None where it stands."""
    day = start.date()
    if start in series.skipped or day in series.skipped:
        return Skip(SkippedBecause.CHOSEN)
    if series.skip_public and day in calendar.public:
        return Skip(SkippedBecause.PUBLIC_HOLIDAY, calendar.public[day])
    if series.school == SchoolHolidays.PAUSED and day in calendar.school:
        return Skip(SkippedBecause.SCHOOL_HOLIDAYS, calendar.school[day])
    if series.school == SchoolHolidays.ONLY and day not in calendar.school:
        if calendar.school_is_known_on(day):
            return Skip(SkippedBecause.OUTSIDE_SCHOOL_HOLIDAYS)
        return Skip(SkippedBecause.SCHOOL_HOLIDAYS_UNKNOWN)
    return None


def clock_note(wall: datetime, zone: ZoneInfo) -> str:
    """Return "gap" where the clocks never show `wall`, "twice" where they show it twice, else nothing."""
    offsets = {wall.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1)}
    if len(offsets) == 1:
        return ""
    return "twice" if exists(wall.date(), wall.time(), zone) else "gap"


def count_note(series: Series, dates: Sequence[SeriesDate]) -> Reason | None:
    """Return how many of a number of dates are left where holidays take some; None where they take none.

    The number is that of the pattern, as in calendars: what is skipped is not made up for at the end.
    What was left out by hand needs no word, and added dates are none of the number.
    """
    skipped = sum(
        series_date.skipped is not None and series_date.skipped.because != SkippedBecause.CHOSEN
        for series_date in dates
    )
    if series.pattern is None or series.pattern.count is None or not skipped:
        return None
    sentence = ngettext(
        "Of %(count)d dates %(skipped)d is skipped; no other one is added at the end.",
        "Of %(count)d dates %(skipped)d are skipped; no other ones are added at the end.",
        skipped,
    ) % {"count": series.pattern.count, "skipped": skipped}
    return Reason("count_with_skipped_dates", sentence, Severity.WARNING)


def as_typed(net: Interval, zone: ZoneInfo) -> SeriesDate:
    """Return a single date that was typed by the clocks, with a note where they show a time of it twice."""
    starts, ends = wall_times(net, zone)
    return SeriesDate(net, clock_note=clock_note(starts, zone) or clock_note(ends, zone))


# What is to be known of a series ----------------------------------------------------------------


def notes_on(series: Series, calendar: HolidayCalendar) -> Iterator[Reason]:
    """Yield what people have to know of the series as a whole: unknown holidays, days that never come."""
    starts = series_starts(series)
    yield from _unknown_holidays(series, starts, calendar)
    yield from _skipped_for_nothing(series, starts)
    if series.pattern is not None and starts and series.starts not in starts:
        yield Reason(
            "start_outside_pattern",
            _("%(day)s does not meet the pattern; the first date is on %(first)s.")
            % {"day": format_day(series.starts.date()), "first": format_day(starts[0].date())},
            Severity.WARNING,
        )
    yield from _months_without(series)


def clock_reason(series_date: SeriesDate, zone: ZoneInfo) -> Reason | None:
    """Return which time was taken where the clocks show it never or twice; None on any other night.

    Where it takes longer than the clocks say, that is said too.
    """
    if not series_date.clock_note:
        return None
    sentences = {
        "gap": _("On the night of the clock change this time does not exist; %(time)s was taken."),
        "twice": _(
            "On the night of the clock change this time exists twice; the first was taken (%(time)s)."
        ),
    }
    time = format_date_span(series_date.net.start, series_date.net.end, zone=zone)
    sentence = sentences[series_date.clock_note] % {"time": time}
    starts, ends = wall_times(series_date.net, zone)
    if series_date.net.duration > ends - starts:
        sentence += " " + _("So the date lasts one hour longer than the clocks say.")
    return Reason(f"clock_{series_date.clock_note}", sentence, Severity.WARNING)


def _unknown_holidays(
    series: Series, starts: Sequence[datetime], calendar: HolidayCalendar
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
    if series.school != SchoolHolidays.IGNORED and _any_unknown(days, calendar.school_is_known_on):
        sentence = (
            _("School holidays are not known, so the series cannot go by them.")
            if calendar.school_known_until is None
            else _("School holidays are known until %(day)s only; later dates cannot go by them.")
            % {"day": format_day(calendar.school_known_until)}
        )
        yield Reason("school_holidays_unknown", sentence, Severity.WARNING)


def _any_unknown(days: Sequence[date], is_known_on: Callable[[date], bool]) -> bool:
    return any(not is_known_on(day) for day in days)


def _skipped_for_nothing(series: Series, starts: Sequence[datetime]) -> Iterator[Reason]:
    days = {start.date() for start in starts}
    for skipped in series.skipped:
        if skipped not in (starts if isinstance(skipped, datetime) else days):
            day = skipped.date() if isinstance(skipped, datetime) else skipped
            yield Reason(
                "skipped_without_date",
                _("%(day)s is left out, but the series has no date then.") % {"day": format_day(day)},
                Severity.WARNING,
            )


def _months_without(series: Series) -> Iterator[Reason]:
    """Say that months lack the wanted day: there is no date in them, and none is made up."""
    pattern = series.pattern
    if pattern is None or pattern.frequency != Frequency.MONTHLY:
        return
    if (pattern.month_day or 0) > 28:
        yield Reason(
            "months_without_day",
            _("Months without a day %(number)d have no date.") % {"number": pattern.month_day},
            Severity.WARNING,
        )
    elif 5 in pattern.positions:
        yield Reason(
            "months_without_day",
            _("Most months have no fifth such weekday; these have no date."),
            Severity.WARNING,
        )
