"""Notes about earlier times, stored in the language of whoever moved a date, told in that of the reader."""

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext, gettext_noop, override

from rooms.clock import instant
from rooms.formats import EN_DASH, MONTHS, format_date_span
from rooms.intervals import Interval

BEFORE = gettext_noop("Before: %(before)s")
INSTEAD = gettext_noop("instead of %(what)s")
HOLE = re.compile(r"%\(\w+\)s")

DAY = r"(?:\w\w\.,\s(\d\d)\.(\d\d)\.(\d{4})|\w{3} (\d{1,2}) ([A-Z]\w\w) (\d{4}))"
CLOCK = r"(\d\d):(\d\d)"
# As `rooms.formats.format_date_span` writes it, in either language.
SPAN = re.compile(rf"{DAY}, {CLOCK}(?:{EN_DASH}|(?:\sUhr)? {EN_DASH} {DAY}, ){CLOCK}(?:\sUhr)?")
ENGLISH_MONTHS = {name[:3]: number for number, name in enumerate(MONTHS["en"], 1)}


def retold(note: str, zone: ZoneInfo) -> str:
    """Return a note about an earlier time or other rooms in the reader's language, any other as it is."""
    for sentence in (BEFORE, INSTEAD):
        what = _filled_in(note, sentence)
        if what is not None:
            before, after = HOLE.split(gettext(sentence))
            return f"{before}{SPAN.sub(partial(_again, zone), what)}{after}"
    return note


def time_before(note: str, zone: ZoneInfo) -> Interval | None:
    """Return the time that the note of a move says the date had before; None where it says none."""
    what = _filled_in(note, BEFORE)
    match = SPAN.search(what or "")
    return _read(match, zone) if match else None


def _filled_in(note: str, sentence: str) -> str | None:
    """Return what a sentence was filled in with, in whichever language it was written."""
    for before, after in _around(sentence):
        if note.startswith(before) and note.endswith(after):
            return note[len(before) : len(note) - len(after)]
    return None


@lru_cache
def _around(sentence: str) -> list[tuple[str, str]]:
    """Return for each language what stands before and after the hole in a sentence."""
    written = []
    for language, _name in settings.LANGUAGES:
        with override(language):
            before, after = HOLE.split(gettext(sentence))
        written.append((before, after))
    return written


def _again(zone: ZoneInfo, match: re.Match[str]) -> str:
    span = _read(match, zone)
    return format_date_span(span.start, span.end, zone=zone) if span else match[0]


def _read(match: re.Match[str], zone: ZoneInfo) -> Interval | None:
    first, (hour, minute), last, (end_hour, end_minute) = (
        match.groups()[:6],
        match.groups()[6:8],
        match.groups()[8:14],
        match.groups()[14:],
    )
    try:
        starts = _instant(_day(first), hour, minute, zone)
        ends = _instant(_day(last if any(last) else first), end_hour, end_minute, zone)
        return Interval(starts, ends)
    except (ValueError, KeyError):
        return None


def _day(parts: tuple[str, ...]) -> date:
    day, month, year, english_day, english_month, english_year = parts
    if day:
        return date(int(year), int(month), int(day))
    return date(int(english_year), ENGLISH_MONTHS[english_month], int(english_day))


def _instant(day: date, hour: str, minute: str, zone: ZoneInfo) -> datetime:
    hours = int(hour)
    return instant(day + timedelta(days=hours // 24), time(hours % 24, int(minute)), zone)
