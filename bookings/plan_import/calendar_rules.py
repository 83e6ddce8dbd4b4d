"""Recurrence rules (RFC 5545, 3.3.10) of an iCalendar file: all dates they mean, by the clocks of their zone.

Every rule that dateutil expands as the RFC means it is followed, also those that no pattern of
the house can keep; the others are refused.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo

from dateutil.rrule import rrulestr
from django.utils.translation import gettext as _

from bookings.plan_import.calendar_times import NotTakenOver
from bookings.plan_import.series_reader import MOST_DATES
from bookings.plan_import.values import LAST_YEAR, BrokenPlan

# Five hundred series of five years. dateutil looks at each of these days, for up to 50 microseconds.
MOST_DAYS = 1_000_000
LONGEST_RULE = 500

_DAY = r"(MO|TU|WE|TH|FR|SA|SU)"
_FORMS = {
    "FREQ": r"DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": r"[1-9]\d{0,3}",
    "COUNT": r"[1-9]\d{0,5}",
    "UNTIL": r"\d{8}(T\d{6}Z?)?",
    "WKST": _DAY,
    "BYDAY": rf"{_DAY}(,{_DAY})*",
    "BYMONTH": r"([1-9]|1[0-2])(,([1-9]|1[0-2]))*",
    "BYMONTHDAY": r"[-+]?([1-9]|[12]\d|3[01])(,[-+]?([1-9]|[12]\d|3[01]))*",
    "BYSETPOS": r"[-+]?[1-9]\d{0,2}(,[-+]?[1-9]\d{0,2})*",
}
_NTH_DAYS = rf"([-+]?[1-9]\d?)?{_DAY}(,([-+]?[1-9]\d?)?{_DAY})*"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule without its end, which is `count` dates or `until` (as it is written), or neither."""

    text: str
    count: int | None
    until: str

    @property
    def has_end(self) -> bool:
        return self.count is not None or bool(self.until)


def parse_rule(written: str) -> Rule:
    """Return the rule. Raises NotTakenOver where a part of it is unknown or cannot be followed."""
    parts: dict[str, str] = {}
    for part in written[:LONGEST_RULE].strip().upper().rstrip(";").split(";"):
        name, _equals, value = (piece.strip() for piece in part.partition("="))
        if name in parts:
            raise _not_supported(part)
        parts[name] = value
    for name, value in parts.items():
        if not re.fullmatch(_form(name, parts), value, re.ASCII):
            raise _not_supported(f"{name}={value}" if value else name)
    if "FREQ" not in parts or len(written) > LONGEST_RULE:
        raise _not_supported(written)
    # Some of the weekdays numbered, others not: dateutil wants days that are both.
    if len({day[:-2] == "" for day in parts.get("BYDAY", "MO").split(",")}) > 1:
        raise _not_supported(f"BYDAY={parts['BYDAY']}")
    # A position among the dates of a week, or of a day, is counted in different ways.
    if parts["FREQ"] in {"DAILY", "WEEKLY"} and "BYSETPOS" in parts:
        raise _not_supported(f"BYSETPOS={parts['BYSETPOS']}")
    if parts["FREQ"] == "WEEKLY" and "BYMONTHDAY" in parts:
        raise _not_supported(f"BYMONTHDAY={parts['BYMONTHDAY']}")
    count, until = parts.pop("COUNT", None), parts.pop("UNTIL", "")
    if count and until:
        raise NotTakenOver(
            "pattern_not_supported",
            _("A series ends on a last day or after a number of dates, not by both."),
        )
    return Rule(
        ";".join(f"{name}={value}" for name, value in parts.items()), int(count) if count else None, until
    )


def _form(name: str, parts: dict[str, str]) -> str:
    """Return what the value of a part looks like; nothing fits where the part is not known."""
    # Numbered weekdays belong to months and years.
    if name == "BYDAY" and parts.get("FREQ") in {"MONTHLY", "YEARLY"}:
        return _NTH_DAYS
    return _FORMS.get(name, r"(?!)")


def _not_supported(part: str) -> NotTakenOver:
    return NotTakenOver(
        "pattern_not_supported", _("“%(part)s” cannot be taken over here.") % {"part": part[:80]}
    )


class Expander:
    """Expands the rules of one file, as long as they span no more days than any house has."""

    def __init__(self) -> None:
        self._days_left = MOST_DAYS

    def expand(
        self, rule: Rule, starts: datetime, zone: tzinfo, until: date | None
    ) -> tuple[list[datetime], bool]:
        """Return all dates of a rule that counts from `starts`, by the clocks of `zone`; and whether
        there would be more after `until`, the last day.

        A start that the rule does not mean is none of them. Raises NotTakenOver where the rule
        has no end, or too many dates.
        """
        if until is None and not rule.has_end:
            raise NotTakenOver(
                "series_without_end",
                _("The series has no end; --until says up to which day it is taken over."),
            )
        end = datetime(LAST_YEAR, 12, 31, 23, 59, 59)  # noqa: DTZ001 - wall clock
        if rule.until:
            end = min(end, _last_of(rule, zone))
        if end < starts:
            return [], False
        found: list[datetime] = []
        looked_until, is_cut = end, False
        # COUNT is not left to dateutil: a rule that meets no day would be followed for ever.
        for start in rrulestr(f"{rule.text};UNTIL={end:%Y%m%dT%H%M%S}", dtstart=starts):
            is_cut = until is not None and start.date() > until
            if not is_cut:
                found.append(start)
            if is_cut or len(found) in {rule.count, MOST_DATES + 1}:
                looked_until = start
                break
        self._spend((looked_until - starts).days)
        if len(found) > MOST_DATES:
            raise NotTakenOver(
                "too_many_dates",
                _("The series has more than %(most)d dates; with --until it is cut shorter.")
                % {"most": MOST_DATES},
            )
        return found, is_cut

    def _spend(self, days: int) -> None:
        self._days_left -= days
        if self._days_left < 0:
            raise BrokenPlan(
                _("The series of the calendar are too long to be followed. Please give an end by --until.")
            )


def _last_of(rule: Rule, zone: tzinfo) -> datetime:
    """Return UNTIL by the clocks of `zone`; a day counts whole."""
    day, _t, clock = rule.until.partition("T")
    try:
        if not clock:
            return datetime.combine(datetime.strptime(day, "%Y%m%d").date(), time.max)  # noqa: DTZ007
        last = datetime.strptime(day + clock.rstrip("Z"), "%Y%m%d%H%M%S")  # noqa: DTZ007 - wall clock
        return last.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) if clock[-1] == "Z" else last
    except (ValueError, OverflowError):
        raise _not_supported(f"UNTIL={rule.until}") from None
