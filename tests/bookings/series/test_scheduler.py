"""A pattern gives the dates that RFC 5545 means, whatever django-scheduler's traps."""

from datetime import date, datetime, time, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bookings.series.pattern import WEEKDAY_CODES, Frequency, Pattern, PatternNotSupported, pattern_from_rrule
from bookings.series.scheduler import create_event, pattern_dates, pattern_of, slot_times
from rooms.clock import exists
from rooms.models import House
from tests.factories import BERLIN, DAY, make_house
from tests.generated import examples

MOST = 3000


def dates(
    rrule: str, first_day: date, until: date | None = None, starts=time(16), ends=time(18)
) -> list[date]:
    return pattern_dates(
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
        lambda interval, places, code: (
            f"FREQ=MONTHLY;INTERVAL={interval};BYDAY=" + ",".join(f"{position}{code}" for position in places)
        ),
        intervals,
        positions,
        st.sampled_from(WEEKDAY_CODES),
    ),
    st.builds("FREQ=MONTHLY;INTERVAL={};BYMONTHDAY={}".format, intervals, st.integers(1, 31)),
)


@examples(1500)
@given(rrules, days, st.integers(0, 800))
@example("FREQ=WEEKLY;INTERVAL=1;BYDAY=TU,TH", date(2027, 3, 2), 60)
@example("FREQ=MONTHLY;INTERVAL=1;BYDAY=2MO", date(2027, 1, 11), 365)
@example("FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=29", date(2024, 1, 29), 800)
def test_the_dates_are_those_of_an_independent_expansion(rrule, first_day, length):
    until = first_day + timedelta(days=length)
    assert dates(rrule, first_day, until) == oracle(rrule, first_day, until)


@examples(200)
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
    assert len(pattern_dates(pattern, most=10)) == 10


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


# Reading a stored pattern back ------------------------------------------------------------------

clocks = st.times(time(0), time(23, 59)).map(lambda clock: clock.replace(second=0, microsecond=0))
ends_of_series = st.one_of(
    st.builds(lambda count: {"count": count}, st.integers(1, 400)),
    st.builds(lambda length: {"length": length}, st.integers(0, 800)),
)
rhythms = st.one_of(
    st.just({"frequency": Frequency.DAILY}),
    st.builds(
        lambda days: {"frequency": Frequency.WEEKLY, "weekdays": tuple(days)},
        st.lists(st.integers(0, 6), max_size=7, unique=True),
    ),
    st.builds(
        lambda places, weekday: {
            "frequency": Frequency.MONTHLY,
            "positions": tuple(places),
            "weekdays": (weekday,),
        },
        positions,
        st.integers(0, 6),
    ),
    st.builds(
        lambda day: {"frequency": Frequency.MONTHLY, "month_day": day},
        st.integers(1, 31),
    ),
)


@pytest.mark.django_db
@examples(200)
@given(rhythms, st.integers(1, 52), days, clocks, clocks, ends_of_series)
@example({"frequency": Frequency.DAILY}, 1, date(2027, 10, 30), time(20), time(2, 30), {"length": 7})
@example({"frequency": Frequency.DAILY}, 1, date(2027, 3, 27), time(16), time(16), {"count": 1})
def test_a_stored_pattern_is_read_back_as_it_was(rhythm, interval, first_day, starts, ends, end):
    until = {"until": first_day + timedelta(days=end["length"])} if "length" in end else end
    pattern = Pattern(first_day=first_day, starts=starts, ends=ends, interval=interval, **rhythm, **until)
    last_day = first_day + timedelta(days=pattern.ends_next_day)
    assume(exists(first_day, starts, BERLIN) and exists(last_day, ends, BERLIN))
    house = House.objects.first() or make_house()
    event = create_event(house, "HdB-2027-0001", pattern)
    event.refresh_from_db()
    assert pattern_of(event, BERLIN) == pattern


def test_without_an_event_there_is_no_pattern():
    assert pattern_of(None, BERLIN) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("frequency", "params"),
    [
        ("YEARLY", "interval:1"),
        ("WEEKLY", ""),
        ("WEEKLY", "byweekday:TU"),
        ("WEEKLY", "interval:1;byweekday:2MO"),
        ("WEEKLY", "interval:x"),
        ("WEEKLY", "interval:1;byhour:3"),
        ("MONTHLY", "interval:1"),
    ],
)
def test_a_rule_that_somebody_has_changed_says_nothing(frequency, params):
    pattern = pattern_from_rrule("FREQ=WEEKLY;COUNT=3", first_day=DAY, starts=time(16), ends=time(18))
    event = create_event(make_house(), "HdB-2027-0001", pattern)
    event.rule.frequency, event.rule.params = frequency, params
    assert pattern_of(event, BERLIN) is None
    event.rule = None
    assert pattern_of(event, BERLIN) is None


@pytest.mark.django_db
def test_a_time_that_the_first_night_lacks_is_read_as_the_one_that_was_taken():
    pattern = pattern_from_rrule(
        "FREQ=DAILY;COUNT=3", first_day=date(2027, 3, 28), starts=time(2, 30), ends=time(5)
    )
    event = create_event(make_house(), "HdB-2027-0001", pattern)
    assert pattern_of(event, BERLIN).starts == time(3, 30)
