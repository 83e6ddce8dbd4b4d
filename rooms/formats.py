"""How days and times are written, in German as municipal letters write them, and in English.

Pure functions: an aware instant is shown by the clocks of `zone`, or of the current time zone
where none is given; the language is the active one where none is given.
"""

from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache
from typing import Literal

from babel.dates import get_day_names, get_month_names
from django.conf import settings
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language, to_locale

NBSP = "\N{NO-BREAK SPACE}"
EN_DASH = "\N{EN DASH}"


@cache
def weekday_names(language: str, *, width: Literal["wide", "abbreviated"] = "wide") -> tuple[str, ...]:
    """Return the weekdays from Monday on in a language of Django's; `width` is wide or abbreviated.

    The words are those of the Unicode CLDR, which Babel brings along.
    """
    names = get_day_names(width, locale=to_locale(language))
    return tuple(names[number] for number in range(7))


@cache
def month_names(language: str, *, width: Literal["wide", "abbreviated"] = "wide") -> tuple[str, ...]:
    """Return the months from January on in a language of Django's; `width` is wide or abbreviated."""
    names = get_month_names(width, locale=to_locale(language))
    return tuple(names[number] for number in range(1, 13))


def _language(language: str | None) -> str:
    return language or get_language() or settings.LANGUAGE_CODE


def _is_german(language: str | None) -> bool:
    return _language(language).startswith("de")


def _local(moment: datetime, zone: tzinfo | None) -> datetime:
    return moment.astimezone(zone or get_current_timezone())


def _day(day: date, zone: tzinfo | None) -> date:
    return _local(day, zone).date() if isinstance(day, datetime) else day


def format_weekday(day: date, *, zone: tzinfo | None = None, language: str | None = None) -> str:
    """Return the weekday in short: `Di.`, in English `Tue`."""
    return weekday_names(_language(language), width="abbreviated")[_day(day, zone).weekday()]


def format_day(day: date, *, zone: tzinfo | None = None, language: str | None = None) -> str:
    """Return a day for lists and tables: `Di., 25.04.2017`, in English `Tue 25 Apr 2017`."""
    day = _day(day, zone)
    weekday = format_weekday(day, language=language)
    if _is_german(language):
        return f"{weekday},{NBSP}{day:%d.%m.}{day.year:04}"
    month = month_names(_language(language), width="abbreviated")[day.month - 1]
    return f"{weekday} {day.day} {month} {day.year}"


def format_day_in_words(day: date, *, zone: tzinfo | None = None, language: str | None = None) -> str:
    """Return a day for prose and headings: `Dienstag, 25. April 2017`, in English `Tuesday 25 April 2017`."""
    day = _day(day, zone)
    weekday = weekday_names(_language(language))[day.weekday()]
    month = month_names(_language(language))[day.month - 1]
    if _is_german(language):
        return f"{weekday}, {day.day}.{NBSP}{month} {day.year}"
    return f"{weekday} {day.day} {month} {day.year}"


def format_weekly(day: date, *, language: str | None = None) -> str:
    """Return the weekday of what takes place each week: `dienstags`, in English `Tuesdays`."""
    name = weekday_names(_language(language))[day.weekday()]
    return f"{name.lower()}s" if _is_german(language) else f"{name}s"


def format_day_of_month(day: date, *, with_weekday: bool = False, language: str | None = None) -> str:
    """Return a day beside the name of its month: `20.` or `Di. 20.`, in English `20` or `Tue 20`."""
    number = f"{day.day}." if _is_german(language) else str(day.day)
    return f"{format_weekday(day, language=language)}{NBSP}{number}" if with_weekday else number


def format_month(day: date, *, language: str | None = None) -> str:
    """Return the month of a day: `Mai 2027`, in English `May 2027`."""
    return f"{month_names(_language(language))[day.month - 1]} {day.year}"


def format_clock(moment: datetime, *, zone: tzinfo | None = None) -> str:
    """Return what the clock shows: `09:15`."""
    return f"{_local(moment, zone):%H:%M}"


def format_time(moment: datetime, *, zone: tzinfo | None = None, language: str | None = None) -> str:
    """Return a time of day: `09:15 Uhr`, in English `09:15`."""
    return format_clock(moment, zone=zone) + _uhr(language)


def format_moment(moment: datetime, *, zone: tzinfo | None = None, language: str | None = None) -> str:
    """Return an instant with its day: `Di., 25.04.2017, 16:00 Uhr`."""
    day, clock = (
        format_day(moment, zone=zone, language=language),
        format_time(moment, zone=zone, language=language),
    )
    return f"{day}, {clock}"


def format_time_on(
    moment: datetime, day: date, *, zone: tzinfo | None = None, language: str | None = None
) -> str:
    """Return a time of day on a page about `day`: `09:15 Uhr`, with its own day where it is another one.

    The midnight that ends the day is its 24th hour.
    """
    local = _local(moment, zone)
    if local.date() == day:
        return format_time(moment, zone=zone, language=language)
    if (local.hour, local.minute) == (0, 0) and local.date() == day + timedelta(days=1):
        return f"24:00{_uhr(language)}"
    return format_moment(moment, zone=zone, language=language)


def format_span(
    starts_at: datetime, ends_at: datetime, *, zone: tzinfo | None = None, language: str | None = None
) -> str:
    """Return a span of time for the eye, without its day unless it crosses midnight.

    `16:00–18:00 Uhr`; until midnight `18:00–24:00 Uhr`; over midnight with both days.
    """
    if not _is_one_day(starts_at, ends_at, zone):
        return format_date_span(starts_at, ends_at, zone=zone, language=language)
    start, end = _clocks(starts_at, ends_at, zone)
    return f"{start}{EN_DASH}{end}{_uhr(language)}"


def format_span_in_words(
    starts_at: datetime, ends_at: datetime, *, zone: tzinfo | None = None, language: str | None = None
) -> str:
    """Return a span of time for mails and screen readers, which read a dash badly.

    `von 16:00 bis 18:00 Uhr`, in English `from 16:00 to 18:00`; over midnight with both days.
    """
    start, end = _clocks(starts_at, ends_at, zone)
    if not _is_one_day(starts_at, ends_at, zone):
        start = f"{format_day(starts_at, zone=zone, language=language)}, {start}{_uhr(language)}"
        end = f"{format_day(ends_at, zone=zone, language=language)}, {end}"
    return f"von {start} bis {end}{_uhr(language)}" if _is_german(language) else f"from {start} to {end}"


def format_span_on(
    starts_at: datetime,
    ends_at: datetime,
    day: date,
    *,
    zone: tzinfo | None = None,
    language: str | None = None,
) -> str:
    """Return for the eye what of a span of time is on `day`, on a page about that day.

    `16:00–18:00 Uhr` where all of it is; else `ab 20:00 Uhr`, `ganztägig`, `bis 09:00 Uhr`, in English
    `from 20:00`, `all day`, `until 09:00`. What is not on `day` at all stands there with its days.
    """
    german = _is_german(language)
    start, end = _local(starts_at, zone), _local(ends_at, zone)
    midnight = (end.hour, end.minute) == (0, 0)
    last = end.date() - timedelta(days=midnight)
    if not start.date() <= day <= last:
        return format_date_span(starts_at, ends_at, zone=zone, language=language)
    if _is_all_of_day(starts_at, ends_at, day, zone):
        return "ganztägig" if german else "all day"
    if start.date() < day:
        return f"{'bis' if german else 'until'} {format_time(ends_at, zone=zone, language=language)}"
    if day < last:
        return f"{'ab' if german else 'from'} {format_time(starts_at, zone=zone, language=language)}"
    return format_span(starts_at, ends_at, zone=zone, language=language)


def format_span_on_in_words(
    starts_at: datetime,
    ends_at: datetime,
    day: date,
    *,
    zone: tzinfo | None = None,
    language: str | None = None,
) -> str:
    """Return a span of time for screen readers, on a page about `day`; over midnight with both days.

    Where it takes all of `day`: `ganztägig, von Sa., 20.03.2027, 09:00 Uhr bis Mo., 22.03.2027, 18:00 Uhr`.
    """
    words = format_span_in_words(starts_at, ends_at, zone=zone, language=language)
    if not _is_all_of_day(starts_at, ends_at, day, zone):
        return words
    return f"{'ganztägig' if _is_german(language) else 'all day'}, {words}"


def format_date_span(
    starts_at: datetime, ends_at: datetime, *, zone: tzinfo | None = None, language: str | None = None
) -> str:
    """Return day and span: `Di., 25.04.2017, 16:00–18:00 Uhr`.

    Over midnight: `Fr., 17.09.2027, 18:00 Uhr – Sa., 18.09.2027, 17:00 Uhr`.
    """
    first = format_day(starts_at, zone=zone, language=language)
    if _is_one_day(starts_at, ends_at, zone):
        return f"{first}, {format_span(starts_at, ends_at, zone=zone, language=language)}"
    last = format_day(ends_at, zone=zone, language=language)
    start, end = _clocks(starts_at, ends_at, zone)
    uhr = _uhr(language)
    return f"{first}, {start}{uhr} {EN_DASH} {last}, {end}{uhr}"


def format_week(day: date, *, language: str | None = None) -> str:
    """Return the ISO week of a day: `KW 16`, in English `week 16`."""
    word = "KW" if _is_german(language) else "week"
    return f"{word}{NBSP}{day.isocalendar().week}"


def without_uhr(words: str) -> str:
    """Return times as they stand where there is little room, under a head that says what they are."""
    return words.removesuffix(f"{NBSP}Uhr")


def _uhr(language: str | None) -> str:
    return f"{NBSP}Uhr" if _is_german(language) else ""


def _is_all_of_day(starts_at: datetime, ends_at: datetime, day: date, zone: tzinfo | None) -> bool:
    """Whether the span takes the day from midnight to midnight."""
    start, end = _local(starts_at, zone), _local(ends_at, zone)
    return start.replace(tzinfo=None) <= datetime.combine(day, time.min) and end.date() > day


def _is_one_day(starts_at: datetime, ends_at: datetime, zone: tzinfo | None) -> bool:
    """Whether the span stays in one local day; the midnight at its end still belongs to it."""
    start, end = _local(starts_at, zone), _local(ends_at, zone)
    if (end.hour, end.minute) == (0, 0):
        return end.date() - start.date() <= timedelta(days=1)
    return end.date() == start.date()


def _clocks(starts_at: datetime, ends_at: datetime, zone: tzinfo | None) -> tuple[str, str]:
    start, end = format_clock(starts_at, zone=zone), format_clock(ends_at, zone=zone)
    # The midnight that ends a day is its 24th hour; "18:00–00:00" looks like a mistake.
    if end == "00:00" and _is_one_day(starts_at, ends_at, zone):
        end = "24:00"
    return start, end
