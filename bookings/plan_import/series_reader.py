"""Read how a booking of a plan file repeats."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from bookings.enums import SchoolHolidays
from bookings.plan_import.values import (
    at,
    check_year,
    read_day,
    read_days_or_starts,
    read_flag,
    read_text,
    read_wall_clock,
    refuse,
)
from bookings.series.dates import Series
from bookings.series.pattern import Pattern, PatternNotSupported, pattern_from_rrule
from bookings.series.scheduler import pattern_dates

# Eight years of every day.
MOST_DATES = 3000
COUNTED = 100_000


def read_series(entry: dict[str, Any], place: str, zone: ZoneInfo) -> Series | None:
    """Return how the booking repeats; None where it has neither a pattern nor further dates.

    Raises PatternNotSupported where its pattern cannot be kept as it is meant, and BrokenPlan
    for everything else that is wrong.
    """
    starts, ends = (read_wall_clock(entry, key, place) for key in ("dtstart", "dtend"))
    rrule = read_text(entry, "rrule", place, longest=500, default="")
    until = read_day(entry, "until", place) if entry.get("until") is not None else None
    skipped = read_days_or_starts(entry, "exdates", place)
    added = tuple(
        value if isinstance(value, datetime) else datetime.combine(value, starts.time())
        for value in read_days_or_starts(entry, "rdates", place)
    )
    series = Series(
        starts=starts,
        ends=ends,
        skipped=skipped,
        added=added,
        skip_public=read_flag(entry, "skip_public", place),
        school=_school_holidays(entry, place),
    )
    if not rrule:
        for key in ("until", "exdates"):
            if entry.get(key):
                refuse(at(place, key), _("this belongs to a series, but “rrule” is missing."))
        return series if added else None
    for index, start in enumerate(added):
        if start in skipped or (start.time() == starts.time() and start.date() in skipped):
            refuse(at(at(place, "rdates"), f"[{index}]"), _("this date is left out and added."))
    if until is not None and until < starts.date():
        refuse(at(place, "until"), _("the last day lies before the first."))
    pattern = _pattern(rrule, starts, ends, until, zone)
    _check_dates(pattern, len(added), at(place, "rrule"))
    return replace(series, pattern=pattern)


def _school_holidays(entry: dict[str, Any], place: str) -> SchoolHolidays:
    skip, only = (read_flag(entry, key, place) for key in ("skip_school", "only_school"))
    if skip and only:
        refuse(at(place, "only_school"), _("this contradicts “skip_school”."))
    if skip:
        return SchoolHolidays.PAUSED
    return SchoolHolidays.ONLY if only else SchoolHolidays.IGNORED


def _pattern(rrule: str, starts: datetime, ends: datetime, until: date | None, zone: ZoneInfo) -> Pattern:
    """Return the pattern, ending on `until` or where the RRULE says, whichever comes first."""
    pattern = pattern_from_rrule(
        rrule,
        first_day=starts.date(),
        starts=starts.time(),
        ends=ends.time(),
        until=until,
        zone=zone,
    )
    if ends.date() != starts.date() + timedelta(days=pattern.ends_next_day):
        raise PatternNotSupported(_("A date of a series ends within 24 hours."), field="ends")
    if until is None:
        return pattern
    if pattern.until is not None:
        return replace(pattern, until=min(until, pattern.until))
    last = pattern_dates(pattern, most=COUNTED)[-1:]
    return replace(pattern, count=None, until=until) if last and last[0] > until else pattern


def _check_dates(pattern: Pattern, added: int, place: str) -> None:
    days = pattern_dates(pattern, most=COUNTED)
    if not days:
        refuse(place, _("no day meets this pattern."))
    if len(days) + added > MOST_DATES:
        refuse(
            place,
            _("this gives %(count)d dates; at most %(most)d are possible.")
            % {"count": len(days) + added, "most": MOST_DATES},
        )
    check_year(days[-1], place)
