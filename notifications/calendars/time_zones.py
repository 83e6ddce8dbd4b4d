"""The time zone of a calendar file, by rules: Outlook ignores clock changes that come as lists of dates.

Python only tells which offset holds at which instant, so the rules are derived from that.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import count
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur

WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
# Where the rules of a file start: earlier than any date of a house.
FIRST_YEAR = 1970


@dataclass(frozen=True, slots=True)
class ClockChange:
    """A change of the clocks that comes every year, such as at 02:00 on the last Sunday of March.

    `nth` counts the weekdays of the month from 1 on; the last one is -1.
    """

    month: int
    nth: int
    weekday: int
    clock: time
    before: timedelta
    after: timedelta
    name: str


@dataclass(frozen=True, slots=True)
class Rules:
    """How the clocks of a zone go in a year: as they start into it, and when they change."""

    offset: timedelta
    name: str
    changes: tuple[ClockChange, ...]


def lasting_rules(zone: ZoneInfo, first: int, last: int) -> Rules | None:
    """Return the rules that hold in every year from `first` to `last`; None where they differ."""
    rules = {rules_of(zone, year) for year in range(first, last + 1)}
    return rules.pop() if len(rules) == 1 else None


@lru_cache(maxsize=64)
def rules_of(zone: ZoneInfo, year: int) -> Rules:
    start = datetime(year, 1, 1, tzinfo=UTC)
    days = (start.replace(year=year + 1) - start).days
    changes = (_change_on(start + timedelta(days=n), zone) for n in range(days))
    return Rules(
        _offset(start, zone), _name(start, zone), tuple(change for change in changes if change is not None)
    )


def time_zone(zone: ZoneInfo, rules: Rules) -> Timezone:
    """Return the VTIMEZONE of a zone in which these rules hold."""
    component = Timezone()
    component.add("tzid", zone.key)
    if not rules.changes:
        component.add_component(
            _observance(date(FIRST_YEAR, 1, 1), time.min, rules.offset, rules.offset, rules.name)
        )
    for change in rules.changes:
        part = _observance(_first_day(change), change.clock, change.before, change.after, change.name)
        weekday = f"{change.nth}{WEEKDAYS[change.weekday]}"
        part.add("rrule", vRecur({"FREQ": "YEARLY", "BYMONTH": change.month, "BYDAY": weekday}))
        component.add_component(part)
    return component


def _observance(
    day: date, clock: time, before: timedelta, after: timedelta, name: str
) -> TimezoneDaylight | TimezoneStandard:
    part = TimezoneDaylight() if after > before else TimezoneStandard()
    part.add("dtstart", datetime.combine(day, clock))
    part.add("tzoffsetfrom", before)
    part.add("tzoffsetto", after)
    part.add("tzname", name)
    return part


def _change_on(start: datetime, zone: ZoneInfo) -> ClockChange | None:
    """Return the change of the clocks in the day that starts at `start`, if there is one."""
    before, after = _offset(start, zone), _offset(start + timedelta(days=1), zone)
    if before == after:
        return None
    minutes = (start + timedelta(minutes=n) for n in count())
    moment = next(minute for minute in minutes if _offset(minute, zone) != before)
    # The change is told in the local time that ends with it (RFC 5545, 3.6.5).
    local = (moment + before).replace(tzinfo=None)
    is_last = (local + timedelta(days=7)).month != local.month
    return ClockChange(
        month=local.month,
        nth=-1 if is_last else (local.day - 1) // 7 + 1,
        weekday=local.weekday(),
        clock=local.time(),
        before=before,
        after=after,
        name=_name(moment, zone),
    )


def _first_day(change: ClockChange) -> date:
    """Return the day of the first year on which the change comes: a rule starts on a day of its own."""
    first = date(FIRST_YEAR, change.month, 1)
    days = [first + timedelta(days=n) for n in range(31)]
    days = [day for day in days if (day.month, day.weekday()) == (change.month, change.weekday)]
    return days[change.nth if change.nth < 0 else change.nth - 1]


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def _name(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).tzname() or zone.key
