"""How a date recurs: daily, weekly, monthly on nth weekdays or on a day; pure values.

A pattern speaks of local dates and wall-clock times only, so 16:00 stays 16:00 through every
clock change. `bookings.series.scheduler` expands it.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rooms.errors import DomainError

WEEKDAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LAST = -1
LONGEST_INTERVAL = 52


class Frequency(models.TextChoices):
    DAILY = "DAILY", gettext_lazy("daily")
    WEEKLY = "WEEKLY", gettext_lazy("weekly")
    MONTHLY = "MONTHLY", gettext_lazy("monthly")


class PatternNotSupported(DomainError):
    """A pattern that cannot be kept as it is meant; it is refused, never silently changed."""

    code = "pattern_not_supported"
    sentence = gettext_lazy("This recurrence cannot be taken over.")


class LastDayBeforeFirst(PatternNotSupported):
    code = "until_before_start"
    sentence = gettext_lazy("The last day lies before the first.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A recurring date by the clocks of the house.

    `first_day` is the first date, if the pattern meets it; it ends on `until` (included) or
    after `count` dates. `weekdays` are 0 (Monday) to 6; `positions` say which of them in the
    month (1 to 5, -1 is the last); `month_day` is a day of the month instead. An end at or
    before the start is on the next day.
    """

    frequency: Frequency
    first_day: date
    starts: time
    ends: time
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    month_day: int | None = None
    until: date | None = None
    count: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.interval <= LONGEST_INTERVAL:
            raise PatternNotSupported(_("The interval is a number from 1 to 52."), field="interval")
        if (self.until is None) == (self.count is None):
            raise PatternNotSupported(
                _("A series needs an end: a last day or a number of dates."), field="until"
            )
        if self.until is not None and self.until < self.first_day:
            raise LastDayBeforeFirst(field="until")
        if self.count is not None and self.count < 1:
            raise PatternNotSupported(_("A series has at least one date."), field="count")
        if any(position not in {1, 2, 3, 4, 5, LAST} for position in self.positions):
            raise PatternNotSupported(
                _("Only the first to fifth or the last weekday of a month can be chosen."), field="positions"
            )
        if self.frequency == Frequency.MONTHLY:
            self._check_monthly()
        elif self.positions or self.month_day is not None:
            raise PatternNotSupported(_("Only a monthly series has nth weekdays or days of the month."))

    def _check_monthly(self) -> None:
        by_weekday = bool(self.positions) and len(self.weekdays) == 1 and self.month_day is None
        by_day = self.month_day is not None and not self.weekdays and not self.positions
        if not by_weekday and not by_day:
            raise PatternNotSupported(
                _(
                    "A monthly series is on one weekday (such as the 1st and 3rd Saturday) or on one day of "
                    "the month. Please ask for the other dates one by one."
                )
            )
        if by_day and not 1 <= (self.month_day or 0) <= 31:
            raise PatternNotSupported(_("A day of the month is a number from 1 to 31."), field="month_day")

    @property
    def ends_next_day(self) -> bool:
        return self.ends <= self.starts


def rrule_of(pattern: Pattern) -> str:
    """Return the pattern as an RRULE (RFC 5545), which `pattern_from_rrule` reads back."""
    parts = [f"FREQ={pattern.frequency.value}"]
    if pattern.interval != 1:
        parts.append(f"INTERVAL={pattern.interval}")
    if pattern.weekdays:
        codes = [WEEKDAY_CODES[weekday] for weekday in pattern.weekdays]
        parts.append(
            "BYDAY="
            + ",".join(f"{position}{code}" for code in codes for position in pattern.positions or [""])
        )
    if pattern.month_day is not None:
        parts.append(f"BYMONTHDAY={pattern.month_day}")
    if pattern.count is not None:
        parts.append(f"COUNT={pattern.count}")
    if pattern.until is not None:
        parts.append(f"UNTIL={pattern.until:%Y%m%d}T235959")
    return ";".join(parts)


_PART = re.compile(r"^[A-Z]+=[^=;]+$")
_NTH = re.compile(r"^([+-]?\d+)?(MO|TU|WE|TH|FR|SA|SU)$")
_UNTIL = re.compile(r"^(\d{8})(?:(T\d{6})(Z)?)?$", re.ASCII)
_KNOWN_PARTS = {"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYSETPOS", "UNTIL", "COUNT", "WKST"}


def pattern_from_rrule(
    rrule: str,
    *,
    first_day: date,
    starts: time,
    ends: time,
    until: date | None = None,
    zone: ZoneInfo | None = None,
) -> Pattern:
    """Return the pattern an RRULE (RFC 5545, 3.3.10) means, for dates from `first_day` on.

    `until` is the last day where the RRULE itself names no end; a time of day in its UNTIL is
    local, or in UTC, for which `zone` is needed. A mixture that one rule of the calendar cannot
    express (first Monday and third Friday), and every part that is not known, raises
    PatternNotSupported with a sentence that names it.
    """
    parts = _rrule_parts(rrule)
    frequency = parts.get("FREQ", "")
    if frequency not in Frequency.values:
        raise PatternNotSupported(
            _("Series recur daily, weekly or monthly, not “%(word)s”.") % {"word": frequency or rrule}
        )
    if "UNTIL" in parts and "COUNT" in parts:
        raise PatternNotSupported(_("A series ends on a last day or after a number of dates, not by both."))
    interval = _number(parts.get("INTERVAL", "1"), "INTERVAL")
    weekdays, positions = _by_day(parts.get("BYDAY", ""))
    # The first day of the week says which days share one: of no matter where every week counts.
    counts_weeks = (
        frequency == Frequency.WEEKLY and interval > 1 and weekdays not in {(), (first_day.weekday(),)}
    )
    if counts_weeks and parts.get("WKST", "MO") != "MO":
        raise PatternNotSupported(
            _("Weeks start on Monday here, not on “%(word)s”.") % {"word": parts["WKST"]}
        )
    if frequency == Frequency.DAILY and weekdays and not positions and interval == 1:
        frequency = Frequency.WEEKLY
    if "BYSETPOS" in parts:
        if positions or len(weekdays) != 1:
            raise PatternNotSupported(_("“%(part)s” cannot be taken over here.") % {"part": "BYSETPOS"})
        positions = tuple(_number(word, "BYSETPOS") for word in parts["BYSETPOS"].split(","))
    month_day = _number(parts["BYMONTHDAY"], "BYMONTHDAY") if "BYMONTHDAY" in parts else None
    if frequency == Frequency.WEEKLY and not weekdays:
        weekdays = (first_day.weekday(),)
    if frequency == Frequency.MONTHLY and not weekdays and month_day is None:
        month_day = first_day.day
    if frequency == Frequency.DAILY and weekdays:
        raise PatternNotSupported(_("“%(part)s” cannot be taken over here.") % {"part": "BYDAY"})
    if "UNTIL" in parts:
        until = _until(parts["UNTIL"], starts, zone)
    return Pattern(
        frequency=Frequency(frequency),
        first_day=first_day,
        starts=starts,
        ends=ends,
        interval=interval,
        weekdays=weekdays,
        positions=positions,
        month_day=month_day,
        until=None if "COUNT" in parts else until,
        count=_number(parts["COUNT"], "COUNT") if "COUNT" in parts else None,
    )


def _rrule_parts(rrule: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in rrule.strip().upper().removeprefix("RRULE:").rstrip(";").split(";"):
        name, _equals, value = part.partition("=")
        if not _PART.match(part) or name not in _KNOWN_PARTS or name in parts:
            raise PatternNotSupported(_("“%(part)s” cannot be taken over here.") % {"part": part})
        parts[name] = value
    return parts


def _by_day(words: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return weekdays and their positions in the month; a mixture of positions is refused."""
    weekdays: list[int] = []
    positions: list[int] = []
    numbered = 0
    for word in words.split(",") if words else []:
        match = _NTH.match(word)
        if match is None:
            raise PatternNotSupported(_("“%(part)s” is no weekday.") % {"part": word})
        position, code = match.groups()
        weekday = WEEKDAY_CODES.index(code)
        if weekday not in weekdays:
            weekdays.append(weekday)
        if position is not None:
            numbered += 1
            positions.append(int(position))
    count = len(words.split(",")) if words else 0
    if numbered and (numbered != count or len(weekdays) > 1):
        raise PatternNotSupported(
            _("Different weekdays of a month (such as the 1st Monday and the 3rd Friday) need a series each.")
        )
    return tuple(sorted(weekdays)), tuple(dict.fromkeys(positions))


def _number(word: str, part: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,4}", word):
        raise PatternNotSupported(_("“%(part)s” cannot be taken over here.") % {"part": f"{part}={word}"})
    return int(word)


def _until(word: str, starts: time, zone: ZoneInfo | None) -> date:
    """Return the local last day that UNTIL means: a date that starts later on it does not count."""
    part = f"UNTIL={word}"
    match = _UNTIL.match(word)
    if match is None:
        raise PatternNotSupported(_("“%(part)s” is no date.") % {"part": part})
    day, clock, is_utc = match.groups()
    try:
        last = datetime.strptime(day + (clock or "T235959"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - wall clock
        if is_utc:
            if zone is None:
                raise PatternNotSupported(_("“%(part)s” cannot be taken over here.") % {"part": part})
            last = last.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
        return last.date() if last.time() >= starts else last.date() - timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise PatternNotSupported(_("“%(part)s” is no date.") % {"part": part}) from error
