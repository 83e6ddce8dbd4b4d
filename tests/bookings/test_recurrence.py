"""A pattern gives the dates that RFC 5545 means, whatever django-scheduler's traps."""

from datetime import date, datetime, time, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bookings.patterns import WEEKDAY_CODES, Pattern, PatternNotSupported, pattern_from_rrule
from bookings.recurrence import dates_of, slot_times
from rooms.models import House
from tests.factories import BERLIN

MOST = 3000


def dates(
    rrule: str, first_day: date, until: date | None = None, starts=time(16), ends=time(18)
) -> list[date]:
    return dates_of(
        pattern_from_rrule(rrule, first_day=first_day, starts=starts, ends=ends, until=until), most=MOST
    )


def oracle(rrule: str, first_day: date, until: date) -> list[date]:
    """The same RRULE by dateutil alone, in naive local time."""
    start = datetime.combine(first_day, time(16))
    rule = rrulestr(rrule, dtstart=start)
    return [moment.date() for moment in rule.between(start, datetime.combine(until, time.max), inc=True)]


days = st.dates(date(2024, 1, 1), date(2030, 12, 31))
weekdays = st.lists(st.sampled_from(WEEKDAY_CODES), min_size=1, max_size=4, unique=True).map(",".join)
intervals = st.integers(1, 6)
positions = st.lists(st.sampled_from([1, 2, 3, 4, 5, -1]), min_size=1, max_size=3, unique=True)
rrules = st.one_of(
    st.builds("FREQ=DAILY;INTERVAL={}".format, intervals),
    st.builds("FREQ=WEEKLY;INTERVAL={};BYDAY={}".format, intervals, weekdays),
    st.builds("FREQ=WEEKLY;INTERVAL={}".format, intervals),
    st.builds(
        lambda interval, some, code: (
            f"FREQ=MONTHLY;INTERVAL={interval};BYDAY=" + ",".join(f"{position}{code}" for position in some)
        ),
        intervals,
        positions,
        st.sampled_from(WEEKDAY_CODES),
    ),
    st.builds("FREQ=MONTHLY;INTERVAL={};BYMONTHDAY={}".format, intervals, st.integers(1, 31)),
)


@settings(max_examples=1500, deadline=None)
@given(rrules, days, st.integers(0, 800))
@example("FREQ=WEEKLY;INTERVAL=1;BYDAY=TU,TH", date(2027, 3, 2), 60)
@example("FREQ=MONTHLY;INTERVAL=1;BYDAY=2MO", date(2027, 1, 11), 365)
@example("FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=29", date(2024, 1, 29), 800)
def test_the_dates_are_those_of_an_independent_expansion(rrule, first_day, length):
    until = first_day + timedelta(days=length)
    assert dates(rrule, first_day, until) == oracle(rrule, first_day, until)


@settings(max_examples=200, deadline=None)
@given(rrules, days, st.integers(1, 40))
def test_a_count_ends_the_series(rrule, first_day, count):
    expected = oracle(rrule, first_day, first_day + timedelta(days=366 * 25))[:count]
    assert dates(f"{rrule};COUNT={count}", first_day)[: len(expected)] == expected


@pytest.mark.parametrize("first_day", [date(2027, 3, 1) + timedelta(days=n) for n in range(7)])
def test_tuesdays_and_thursdays_are_both_kept_whatever_the_first_day(first_day):
    found = dates("FREQ=WEEKLY;BYDAY=TU,TH", first_day, first_day + timedelta(days=27))
    assert [day.weekday() for day in found].count(1) == 4
    assert [day.weekday() for day in found].count(3) == 4


def test_the_consultation_hour_has_36_tuesdays_in_2017_and_558_until_2027():
    first = date(2017, 4, 25)
    assert len(dates("FREQ=WEEKLY;BYDAY=TU", first, date(2017, 12, 31))) == 36
    assert len(dates("FREQ=WEEKLY;BYDAY=TU", first, date(2027, 12, 31))) == 558


def test_no_more_dates_than_wanted_are_expanded():
    pattern = pattern_from_rrule(
        "FREQ=DAILY", first_day=date(2027, 1, 1), starts=time(16), ends=time(18), until=date(2200, 1, 1)
    )
    assert len(dates_of(pattern, most=10)) == 10


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2027, 10, 29), 13), (date(2027, 10, 30), 14), (date(2027, 3, 27), 12)]
)
def test_an_overnight_date_keeps_its_clock_times_on_the_nights_of_a_change(day, hours):
    pattern = pattern_from_rrule(
        "FREQ=WEEKLY", first_day=day, starts=time(20), ends=time(9), until=day + timedelta(days=30)
    )
    times = slot_times(pattern, day, House(time_zone="Europe/Berlin"))
    assert times.duration == timedelta(hours=hours)
    assert times.end.astimezone(BERLIN).time() == time(9)


@pytest.mark.parametrize(
    "rrule",
    [
        "FREQ=YEARLY",
        "FREQ=HOURLY",
        "FREQ=MONTHLY;BYDAY=1MO,3FR",
        "FREQ=MONTHLY;BYDAY=MO",
        "FREQ=MONTHLY;BYDAY=1MO,TU",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=MONTHLY;BYDAY=-2MO",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=WEEKLY;BYDAY=2MO",
        "FREQ=WEEKLY;BYMONTH=3",
        "FREQ=WEEKLY;INTERVAL=0",
        "FREQ=WEEKLY;COUNT=0",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;UNTIL=soon",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;WKST=SU",
        "FREQ=MONTHLY;BYDAY=2MO;BYMONTHDAY=8",
        "FREQ=DAILY;INTERVAL=2;BYDAY=MO",
        "FREQ=DAILY;UNTIL=20271231;COUNT=3",
        "FREQ=DAILY;UNTIL=20271231T120000Z",
        "FREQ=DAILY;UNTIL=20270230",
        "FREQ=WEEKLY;FREQ=DAILY",
        "every tuesday",
        "",
    ],
)
def test_what_one_rule_cannot_express_is_refused(rrule):
    with pytest.raises(PatternNotSupported):
        pattern_from_rrule(
            rrule, first_day=date(2027, 3, 1), starts=time(16), ends=time(18), until=date(2027, 12, 31)
        )


@pytest.mark.parametrize(
    ("rrule", "same"),
    [
        ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;COUNT=9", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=9"),
        ("FREQ=WEEKLY;WKST=SU;BYDAY=SU,MO;COUNT=9", "FREQ=WEEKLY;BYDAY=SU,MO;COUNT=9"),
        ("FREQ=WEEKLY;WKST=SU;INTERVAL=2;COUNT=9", "FREQ=WEEKLY;INTERVAL=2;COUNT=9"),
        ("rrule:freq=weekly;count=9;", "FREQ=WEEKLY;COUNT=9"),
    ],
)
def test_what_means_the_same_is_the_same(rrule, same):
    assert dates(rrule, date(2027, 3, 1)) == dates(same, date(2027, 3, 1))
    assert dates(rrule, date(2027, 3, 1)) == oracle(same, date(2027, 3, 1), date(2028, 1, 1))


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20270303T160000", date(2027, 3, 3)),
        ("20270303T155959", date(2027, 3, 2)),
        ("20270303T150000Z", date(2027, 3, 3)),
        ("20270303T145959Z", date(2027, 3, 2)),
        ("20270302T230000Z", date(2027, 3, 2)),
    ],
)
def test_the_last_date_starts_no_later_than_until(until, last):
    pattern = pattern_from_rrule(
        f"FREQ=DAILY;UNTIL={until}", first_day=date(2027, 3, 1), starts=time(16), ends=time(18), zone=BERLIN
    )
    assert pattern.until == last


def test_a_date_between_times_that_a_clock_change_swallows_keeps_its_length():
    day = date(2027, 3, 28)
    pattern = pattern_from_rrule("FREQ=DAILY;COUNT=1", first_day=day, starts=time(2, 30), ends=time(3))
    times = slot_times(pattern, day, House(time_zone="Europe/Berlin"))
    assert times.start == datetime(2027, 3, 28, 3, 30, tzinfo=BERLIN)
    assert times.duration == timedelta(minutes=30)


def test_a_series_without_end_or_with_an_end_before_its_start_is_refused():
    fields = {"first_day": date(2027, 3, 1), "starts": time(16), "ends": time(18)}
    for until in [None, date(2027, 2, 28)]:
        with pytest.raises(PatternNotSupported):
            pattern_from_rrule("FREQ=DAILY", until=until, **fields)
    with pytest.raises(PatternNotSupported):
        Pattern(frequency="DAILY", until=date(2027, 4, 1), count=3, **fields)
