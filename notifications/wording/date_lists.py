"""Dates of a mail as people read them best: a few one by one, many by what they have in common."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

from django.utils.translation import ngettext

from rooms.formats import format_day, format_day_of_month, format_month, format_weekly

Lines = dict[str, Any]

# More than that nobody reads one by one; on a phone they would fill two screens.
MOST_ONE_BY_ONE = 6
# From such a share on a weekday is that of a series, and other days are exceptions.
MAINLY = 0.75
# What all dates of a group share; of what moved, what it was before as well.
SHARED = ("times", "rooms", "gross", "status", "reason")
SHARED_BEFORE = ("times", "rooms")


def in_groups(dates: Sequence[Lines]) -> list[Lines]:
    """Return the dates to be listed: each of a few, and of many those together that differ by their day only.

    No date is left out, because the mail is what people keep. A group looks like its first date, with all
    its days by `months`, and their `number`; a date of its own has no months.
    """
    if len(dates) <= MOST_ONE_BY_ONE:
        return list(dates)
    groups: defaultdict[tuple[Any, ...], list[Lines]] = defaultdict(list)
    for lines in dates:
        groups[_shared(lines)].append(lines)
    parts = [part for of_group in groups.values() for part in _by_main_weekday(of_group)]
    parts.sort(key=lambda part: part[0]["day"])
    return [_group(part) if len(part) > 1 else part[0] for part in parts]


def _by_main_weekday(dates: Sequence[Lines]) -> list[list[Lines]]:
    """Split off the few dates on other weekdays of what is otherwise weekly, which needs no weekdays then."""
    weekdays = Counter(lines["day"].weekday() for lines in dates)
    weekday, number = weekdays.most_common(1)[0]
    if number < MAINLY * len(dates):
        return [list(dates)]
    parts = [
        [lines for lines in dates if (lines["day"].weekday() == weekday) is is_main]
        for is_main in (True, False)
    ]
    return [part for part in parts if part]


def _shared(lines: Lines) -> tuple[Any, ...]:
    before: Lines = lines.get("before") or {}
    return (
        *(lines[name] for name in SHARED),
        *(before.get(name) for name in SHARED_BEFORE),
        lines["day"] == before.get("day"),
    )


def _group(dates: Sequence[Lines]) -> Lines:
    group = dates[0] | _days(dates)
    befores = [lines["before"] for lines in dates if lines.get("before")]
    if befores:
        days = _days(befores)
        if [lines["day"] for lines in befores] == [lines["day"] for lines in dates]:
            days["months"] = []
        group["before"] = befores[0] | days
    return group


def _days(dates: Sequence[Lines]) -> Lines:
    """Return on which days the dates are: the weekday once, where they share it."""
    days = [lines["day"] for lines in dates]
    is_weekly = len({day.weekday() for day in days}) == 1
    return {
        "when": f"{format_weekly(days[0])}, {dates[0]['times']}" if is_weekly else dates[0]["times"],
        "number": len(days),
        "months": [
            {
                "month": format_month(in_month[0]),
                "days": ", ".join(format_day_of_month(day, with_weekday=not is_weekly) for day in in_month),
            }
            for in_month in _by_month(days)
        ],
    }


def _by_month(days: Sequence[date]) -> list[list[date]]:
    grouped = groupby(sorted(days), key=lambda day: (day.year, day.month))
    return [list(of_month) for _month, of_month in grouped]


def in_short(dates: Sequence[Lines]) -> str:
    """Return the dates as a subject names them: its day, or how many there are from when on."""
    if not dates:
        return ""
    first = format_day(min(lines["day"] for lines in dates))
    if len(dates) == 1:
        return first
    number = len(dates)
    return ngettext("%(number)d date from %(day)s", "%(number)d dates from %(day)s", number) % {
        "number": number,
        "day": first,
    }
