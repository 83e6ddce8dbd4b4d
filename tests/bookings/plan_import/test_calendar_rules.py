"""The dates of a calendar are those of an expansion day by day, without dateutil and without patterns."""

from calendar import isleap, monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.bookings.plan_import.calendars import CLOCKS_OF_BERLIN, event, read
from tests.factories import BERLIN
from tests.generated import examples

pytestmark = pytest.mark.usefixtures("english")

CODES = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


# Day by day ------------------------------------------------------------------------------------


def days_between(first, last):
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def nths(day, *, by_month):
    """The number of a weekday in its month or year, counted from both ends."""
    place = day.day if by_month else day.timetuple().tm_yday
    length = monthrange(day.year, day.month)[1] if by_month else 365 + isleap(day.year)
    return {(place - 1) // 7 + 1, -((length - place) // 7 + 1)}


def meets(day, rule, start):
    """Whether BYMONTH, BYMONTHDAY and BYDAY let a day through."""
    if "BYMONTH" in rule and day.month not in rule["BYMONTH"]:
        return False
    last = monthrange(day.year, day.month)[1]
    if "BYMONTHDAY" in rule and not {day.day, day.day - last - 1} & set(rule["BYMONTHDAY"]):
        return False
    if "BYDAY" in rule:
        by_month = "BYMONTH" in rule or rule["FREQ"] == "MONTHLY"
        return any(
            day.weekday() == weekday and (not number or number in nths(day, by_month=by_month))
            for number, weekday in rule["BYDAY"]
        )
    if "BYMONTHDAY" in rule or rule["FREQ"] == "DAILY":
        return True
    if rule["FREQ"] == "WEEKLY":
        return day.weekday() == start.weekday()
    return day.day == start.day and (
        rule["FREQ"] == "MONTHLY" or "BYMONTH" in rule or day.month == start.month
    )


def periods(rule, start, last):
    """Yield the days, weeks, months or years that count, each as its days."""
    interval = rule["INTERVAL"]
    if rule["FREQ"] == "DAILY":
        yield from ([day] for day in days_between(start, last)[::interval])
    elif rule["FREQ"] == "WEEKLY":
        week = start - timedelta(days=(start.weekday() - rule["WKST"]) % 7)
        while week <= last:
            yield days_between(week, week + timedelta(days=6))
            week += timedelta(weeks=interval)
    elif rule["FREQ"] == "MONTHLY":
        month = start.year * 12 + start.month - 1
        while (first := date(month // 12, month % 12 + 1, 1)) <= last:
            yield days_between(first, first.replace(day=monthrange(first.year, first.month)[1]))
            month += interval
    else:
        for year in range(start.year, last.year + 1, interval):
            yield days_between(date(year, 1, 1), date(year, 12, 31))


def expand_by_hand(rule, start, last):
    """Return the days of a rule from `start` to `last`; the start is always one, and counts first."""
    found = [start]
    for period in periods(rule, start, last):
        days = [day for day in period if meets(day, rule, start)]
        if "BYSETPOS" in rule:
            places = [number - 1 if number > 0 else number for number in rule["BYSETPOS"]]
            days = sorted({days[place] for place in places if -len(days) <= place < len(days)})
        found += [day for day in days if start < day <= last]
    return found[: rule.get("COUNT")]


def written(rule):
    """Return the rule as a calendar writes it."""

    def value(part):
        if part == "BYDAY":
            return ",".join(f"{number or ''}{CODES[weekday]}" for number, weekday in rule[part])
        if part == "WKST":
            return CODES[rule[part]]
        return ",".join(map(str, rule[part])) if isinstance(rule[part], list) else rule[part]

    return ";".join(f"{part}={value(part)}" for part in rule)


# Generated calendars ---------------------------------------------------------------------------

WEEKDAYS = st.integers(0, 6)
PLACES = st.tuples(st.sampled_from([1, 2, 3, 4, 5, -1, -2]), WEEKDAYS)


def few(values, most=2):
    return st.lists(st.sampled_from(values), min_size=1, max_size=most, unique=True)


@st.composite
def rules(draw):
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    is_wide = frequency in {"MONTHLY", "YEARLY"}
    rule = {
        "FREQ": frequency,
        "INTERVAL": draw(st.sampled_from([1, 1, 1, 2, 3])),
        "WKST": draw(st.sampled_from([0, 0, 6])),
    }
    if is_wide and draw(st.booleans()):
        rule["BYDAY"] = draw(st.lists(PLACES, min_size=1, max_size=3, unique=True))
    elif draw(st.booleans()):
        rule["BYDAY"] = [(0, day) for day in draw(few(range(7), most=5))]
    if frequency != "WEEKLY" and draw(st.integers(0, 3)) == 0:
        rule["BYMONTHDAY"] = draw(few([1, 13, 28, 29, 30, 31, -1, -3]))
    if draw(st.integers(0, 4)) == 0:
        rule["BYMONTH"] = draw(few([1, 2, 3, 10, 12]))
    if is_wide and "BYDAY" in rule and draw(st.integers(0, 2)) == 0:
        rule["BYSETPOS"] = draw(few([1, 2, -1]))
    return rule


# Around both clock changes, the turn of the year and a leap day; dates may end on the next.
FIRST_DAYS = st.builds(
    lambda day, days: day + timedelta(days=days),
    st.sampled_from([date(2027, 3, 1), date(2027, 10, 4), date(2027, 12, 27), date(2028, 2, 29)]),
    st.integers(0, 13),
)
CLOCKS = st.builds(time, st.sampled_from([4, 9, 12, 19, 22]), st.sampled_from([0, 15, 30]))
# A well-known name, one of Windows, one that only the file describes, and none at all.
NAMES_OF_BERLIN = ["Europe/Berlin", "W. Europe Standard Time", "Meine Zeit", ""]
CHANGES = ["left out", "left out by its day", "cancelled", "moved", "longer", "renamed"]


def local(name, wall, kind="DTSTART"):
    return f"{kind}{f';TZID={name}' if name else ''}:{wall:%Y%m%dT%H%M%S}"


def in_utc(wall, kind):
    return f"{kind}:{wall.replace(tzinfo=BERLIN).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def either(name, wall, kind):
    """The same time as programs write it: by the clocks on the wall, or in UTC."""
    return st.sampled_from([local(name, wall, kind), in_utc(wall, kind)])


def end_of(last, name):
    """The end of a rule: a day, or the last second of it."""
    wall = datetime.combine(last, time(23, 59, 59))
    return st.just(f"{last:%Y%m%d}") | either("", wall, "UNTIL").map(lambda line: line.partition(":")[2])


def instants(start, length):
    """Start and end of a date, both by the clocks on the wall."""
    return tuple(wall.replace(tzinfo=BERLIN).astimezone(UTC) for wall in (start, start + length))


def standing(plan):
    return sorted(
        (plan_date.net.start, plan_date.net.end)
        for booking in plan.bookings
        for plan_date in booking.dates
        if not plan_date.skipped
    )


@st.composite
def calendars(draw):
    """The parts of a calendar with one series, and the instants of its dates."""
    rule, name = draw(rules()), draw(st.sampled_from(NAMES_OF_BERLIN))
    start = datetime.combine(draw(FIRST_DAYS), draw(CLOCKS))
    length = timedelta(minutes=draw(st.integers(1, 40)) * 30)
    count = draw(st.none() | st.integers(1, 12))
    if count:
        rule["COUNT"] = count
    last = start.date() + timedelta(days=366 * 12 if count else draw(st.integers(0, 800)))
    days = expand_by_hand(rule, start.date(), last)
    assume(not count or len(days) == count)
    lines = [
        local(name, start),
        local(name, start + length, "DTEND"),
        f"RRULE:{written(rule)}" + ("" if count else f";UNTIL={draw(end_of(last, name))}"),
    ]
    added = [start + timedelta(days=number, hours=1) for number in draw(few(range(60)))]
    lines += [draw(either(name, moment, "RDATE")) for moment in added]
    expected = {
        moment: instants(moment, length)
        for moment in [*(datetime.combine(day, start.time()) for day in days), *added]
    }
    changed = draw(st.dictionaries(st.sampled_from(sorted(expected)), st.sampled_from(CHANGES), max_size=4))
    for moment, change in changed.items():
        if change == "left out":
            lines.append(draw(either(name, moment, "EXDATE")))
            expected.pop(moment, None)
        elif change == "left out by its day":
            lines.append(f"EXDATE;VALUE=DATE:{moment:%Y%m%d}")
            expected = {other: times for other, times in expected.items() if other.date() != moment.date()}
    others = []
    for number, (moment, change) in enumerate(changed.items()):
        if moment not in expected:
            continue
        # By a few minutes, or some days and minutes, so that it meets no other date.
        minutes = draw(st.sampled_from([37, 3 * 1440 + 41])) + number
        new_start = moment + timedelta(minutes=minutes) if change == "moved" else moment
        new_length = length + timedelta(minutes=30) if change == "longer" else length
        expected[moment] = instants(new_start, new_length)
        if change == "cancelled":
            del expected[moment]
        others.append(
            event(
                local(name, new_start),
                local(name, new_start + new_length, "DTEND"),
                draw(either(name, moment, "RECURRENCE-ID")),
                f"STATUS:{'CANCELLED' if change == 'cancelled' else 'CONFIRMED'}",
                title="Anders" if change == "renamed" else "Chorprobe",
            )
        )
    parts = draw(st.permutations([event(*lines), *others, CLOCKS_OF_BERLIN.format("Meine Zeit")]))
    return parts, sorted(expected.values())


@given(calendars())
@examples(500)
def test_all_dates_of_any_series_are_taken_over(generated):
    parts, expected = generated
    plan = read(*parts)
    assert standing(plan) == expected
    assert [problem.code for problem in plan.skipped] == ([] if plan.bookings else ["no_date"])


# Other clocks ----------------------------------------------------------------------------------

ZONES = {name: ZoneInfo(name) for name in ["UTC", "Europe/London", "America/New_York", "Asia/Tokyo"]}


@given(
    st.sampled_from(sorted(ZONES)),
    FIRST_DAYS,
    st.builds(time, st.integers(0, 23), st.sampled_from([0, 30])),
    st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY;BYDAY=1MO", "FREQ=MONTHLY;BYMONTHDAY=3"]),
    st.integers(1, 60),
)
@examples(300)
def test_a_series_by_other_clocks_keeps_the_time_of_its_first_date_and_says_where_that_differs(
    name, day, clock, text, count
):
    zone, first = ZONES[name], datetime.combine(day, clock)
    starts = "DTSTART:{:%Y%m%dT%H%M%SZ}" if name == "UTC" else f"DTSTART;TZID={name}:{{:%Y%m%dT%H%M%S}}"
    rule = {"FREQ": text[5:].partition(";")[0], "INTERVAL": 1, "WKST": 0, "COUNT": count}
    rule |= {"BYDAY": [(1, 0)]} if "BYDAY" in text else {"BYMONTHDAY": [3]} if "BYMONTHDAY" in text else {}
    days = expand_by_hand(rule, day, day + timedelta(days=366 * 6))
    in_house = first.replace(tzinfo=zone).astimezone(BERLIN).replace(tzinfo=None)
    kept = [
        instants(
            datetime.combine(day_of_series, in_house.time()) + (in_house.date() - day), timedelta(hours=2)
        )
        for day_of_series in days
    ]
    meant = [datetime.combine(day_of_series, clock, tzinfo=zone).astimezone(UTC) for day_of_series in days]
    plan = read(event(starts.format(first), f"RRULE:{text};COUNT={count}"))
    assert standing(plan) == kept
    (booking,) = plan.bookings
    assert ("other_clocks" in [reason.code for reason in booking.reasons]) == (
        [begin for begin, _end in kept] != meant
    )
