"""Dates and times as people read them, in the active language and the house's local time.

German follows the house's style: `Di., 25.04.2017`, `Dienstag, 25. April 2017`,
`16:00–18:00 Uhr` with an en dash and a non-breaking space, and "von 16:00 bis 18:00 Uhr"
where a dash would be read out badly.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rooms.intervals import Interval

NBSP = "\N{NO-BREAK SPACE}"
EN_DASH = "\N{EN DASH}"


def _language() -> str:
    return "en_GB" if (get_language() or "de").startswith("en") else "de"


def format_short_day(day: date) -> str:
    """Return `Di., 25.04.2017`."""
    language = _language()
    return format_date(day, "EEE, dd.MM.yyyy" if language == "de" else "EEE, d MMM yyyy", locale=language)


def format_long_day(day: date) -> str:
    """Return `Dienstag, 25. April 2017`."""
    language = _language()
    return format_date(day, "EEEE, d. MMMM yyyy" if language == "de" else "EEEE, d MMMM yyyy", locale=language)


def format_day(moment: datetime, zone: ZoneInfo) -> str:
    """Return the local day of an instant, short."""
    return format_short_day(moment.astimezone(zone).date())


def format_clock(moment: datetime, zone: ZoneInfo) -> str:
    """Return `16:00`."""
    return f"{moment.astimezone(zone):%H:%M}"


def format_instant(moment: datetime, zone: ZoneInfo) -> str:
    """Return `Di., 25.04.2017, 16:00 Uhr`."""
    return f"{format_day(moment, zone)}, {_oclock(format_clock(moment, zone))}"


def format_times(interval: Interval, zone: ZoneInfo) -> str:
    """Return `16:00–18:00 Uhr`, or both days where it ends on another day."""
    start, end = interval.start.astimezone(zone), interval.end.astimezone(zone)
    if start.date() == end.date():
        return _oclock(f"{start:%H:%M}{EN_DASH}{end:%H:%M}")
    return f"{format_instant(start, zone)} {EN_DASH} {format_instant(end, zone)}"


def format_times_aloud(interval: Interval, zone: ZoneInfo) -> str:
    """Return `von 16:00 bis 18:00 Uhr`, for mails and screen readers."""
    start, end = interval.start.astimezone(zone), interval.end.astimezone(zone)
    if start.date() == end.date():
        return _("from %(start)s to %(end)s") % {"start": f"{start:%H:%M}", "end": _oclock(f"{end:%H:%M}")}
    return _("from %(start)s to %(end)s") % {"start": format_instant(start, zone), "end": format_instant(end, zone)}


def format_interval(interval: Interval, zone: ZoneInfo) -> str:
    """Return `Di., 25.04.2017, 16:00–18:00 Uhr`, or both ends with their days."""
    start, end = interval.start.astimezone(zone), interval.end.astimezone(zone)
    if start.date() == end.date():
        return f"{format_short_day(start.date())}, {format_times(interval, zone)}"
    return format_times(interval, zone)


def _oclock(clock: str) -> str:
    return f"{clock}{NBSP}Uhr" if _language() == "de" else clock
