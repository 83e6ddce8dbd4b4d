from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from rooms.clock import day_of, days, end_after, exists, instant, week_of, whole_day, whole_days
from rooms.intervals import Interval

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        (date(2027, 1, 15), time(16), datetime(2027, 1, 15, 15, tzinfo=UTC)),
        (date(2027, 7, 15), time(16), datetime(2027, 7, 15, 14, tzinfo=UTC)),
        # 02:30 does not exist on this night: the clocks show 03:30 at that moment.
        (date(2027, 3, 28), time(2, 30), datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),
        # 02:30 exists twice on this night: the first is meant.
        (date(2027, 10, 31), time(2, 30), datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
    ],
)
def test_instant_is_what_berlin_clocks_show(day, clock, expected):
    assert instant(day, clock, BERLIN) == expected


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        # An ordinary night; over the lost hour; into it; over the hour that comes twice.
        (datetime(2027, 1, 15, 1, tzinfo=UTC), 2, datetime(2027, 1, 15, 3, tzinfo=UTC)),
        (datetime(2027, 3, 28, 0, tzinfo=UTC), 2, datetime(2027, 3, 28, 1, tzinfo=UTC)),
        (datetime(2027, 3, 28, 0, 30, tzinfo=UTC), 1, datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),
        (datetime(2027, 10, 31, 0, 30, tzinfo=UTC), 1, datetime(2027, 10, 31, 2, 30, tzinfo=UTC)),
        # Into it, from before it and from within its second time.
        (datetime(2027, 10, 30, 23, 30, tzinfo=UTC), 1, datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
        (datetime(2027, 10, 31, 1, 15, tzinfo=UTC), 0.5, datetime(2027, 10, 31, 1, 45, tzinfo=UTC)),
    ],
)
def test_an_end_is_when_the_clocks_have_gone_on_by_so_much(start, hours, end):
    assert end_after(start, timedelta(hours=hours), BERLIN) == end


def test_a_time_in_the_gap_is_shown_as_the_clocks_show_it():
    assert instant(date(2027, 3, 28), time(2, 30), BERLIN).astimezone(BERLIN).time() == time(3, 30)


@pytest.mark.parametrize(
    ("day", "expected"), [(date(2027, 3, 28), False), (date(2027, 10, 31), True), (date(2027, 4, 20), True)]
)
def test_half_past_two_exists_but_on_one_night(day, expected):
    assert exists(day, time(2, 30), BERLIN) is expected


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2027, 3, 28), 23), (date(2027, 4, 20), 24), (date(2027, 10, 31), 25)]
)
def test_a_day_is_as_long_as_its_clocks_run(day, hours):
    assert whole_day(day, BERLIN).duration == timedelta(hours=hours)


def test_whole_days_include_the_last():
    week = whole_days(date(2027, 4, 19), date(2027, 4, 25), BERLIN)
    assert week.duration == timedelta(days=7)


def test_days_of_an_interval_end_before_midnight():
    evening = Interval(datetime(2027, 4, 20, 20, tzinfo=BERLIN), datetime(2027, 4, 21, 0, tzinfo=BERLIN))
    assert days(evening, BERLIN) == [date(2027, 4, 20)]


def test_day_of_uses_the_local_date():
    assert day_of(datetime(2027, 4, 20, 22, 30, tzinfo=UTC), BERLIN) == date(2027, 4, 21)


def test_week_of_starts_on_monday():
    assert week_of(date(2027, 4, 25)) == [date(2027, 4, 19) + timedelta(days=n) for n in range(7)]
