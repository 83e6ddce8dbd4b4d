from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.clock import (
    between,
    ceil_to_grid,
    day_of,
    days,
    exists,
    floor_to_grid,
    instant,
    wall_times,
    week_of,
    whole_day,
    whole_days,
)
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
    ("day", "first", "last", "start", "minutes"),
    [
        # An ordinary night; over the lost hour; into it; from it to its end, which lie in reverse.
        (date(2027, 1, 15), time(2), time(4), time(1), 120),
        (date(2027, 3, 28), time(1), time(3), time(0), 60),
        (date(2027, 3, 28), time(1, 30), time(2, 30), time(0, 30), 60),
        (date(2027, 3, 28), time(2, 30), time(3), time(1, 30), 30),
        (date(2027, 3, 28), time(2), time(2, 30), time(1), 30),
        # Over the hour that comes twice; into its first time; within it.
        (date(2027, 10, 31), time(2, 30), time(3, 30), time(0, 30), 120),
        (date(2027, 10, 31), time(0, 30), time(2, 30), None, 120),
        (date(2027, 10, 31), time(2), time(2, 30), time(0), 30),
    ],
)
def test_between_two_times_on_the_wall_is_the_first_that_the_clocks_show(day, first, last, start, minutes):
    found = between(datetime.combine(day, first), datetime.combine(day, last), BERLIN)
    if start is not None:
        assert found.start == datetime.combine(day, start, tzinfo=UTC)
    assert found.duration == timedelta(minutes=minutes)


def test_nothing_ends_before_it_starts():
    noon = datetime.combine(date(2027, 4, 20), time(12))
    with pytest.raises(ValueError, match="ends after it starts"):
        between(noon, noon, BERLIN)


@pytest.mark.parametrize(
    ("start", "minutes", "first", "last"),
    [
        (datetime(2027, 1, 15, 1, tzinfo=UTC), 60, "02:00", "03:00"),
        # Over the lost hour and over the one that comes twice the clocks show another length.
        (datetime(2027, 3, 28, 0, tzinfo=UTC), 60, "01:00", "03:00"),
        (datetime(2027, 10, 30, 23, tzinfo=UTC), 180, "01:00", "03:00"),
        # From two to two, from a quarter to three back to a quarter past two, all in the second hour.
        (datetime(2027, 10, 31, 0, tzinfo=UTC), 60, "02:00", "03:00"),
        (datetime(2027, 10, 31, 0, 45, tzinfo=UTC), 30, "02:45", "03:15"),
        (datetime(2027, 10, 31, 1, tzinfo=UTC), 30, "02:00", "02:30"),
    ],
)
def test_on_the_wall_the_end_is_always_later(start, minutes, first, last):
    shown = wall_times(Interval(start, start + timedelta(minutes=minutes)), BERLIN)
    assert [f"{wall:%H:%M}" for wall in shown] == [first, last]


@given(
    st.sampled_from([datetime(2027, 3, 27, tzinfo=UTC), datetime(2027, 10, 30, tzinfo=UTC)]),
    st.integers(0, 48 * 60),
    st.integers(1, 40 * 60),
)
def test_what_is_typed_off_the_clocks_lasts_as_long_but_in_an_hour_that_comes_twice(midnight, after, minutes):
    start = midnight + timedelta(minutes=after)
    interval = Interval(start, start + timedelta(minutes=minutes))
    first, last = wall_times(interval, BERLIN)
    assert first < last
    folds = [moment.astimezone(BERLIN).fold for moment in (interval.start, interval.end)]
    typed = between(first, last, BERLIN)
    assert (typed == interval) or any(folds)
    assert typed.duration >= interval.duration


@pytest.mark.parametrize(
    ("clock", "minutes", "floor", "ceil"),
    [("16:00", 15, "16:00", "16:00"), ("16:01", 15, "16:00", "16:15"), ("23:50", 60, "23:00", "00:00")],
)
def test_the_steps_of_a_grid_are_counted_from_midnight(clock, minutes, floor, ceil):
    moment = datetime.combine(date(2027, 4, 20), time.fromisoformat(clock), tzinfo=BERLIN)
    grid = timedelta(minutes=minutes)
    found = [step(moment, grid, BERLIN).astimezone(BERLIN) for step in (floor_to_grid, ceil_to_grid)]
    assert [f"{moment:%H:%M}" for moment in found] == [floor, ceil]


def test_a_step_in_the_second_hour_of_the_clock_change_stays_in_it():
    moment = datetime(2027, 10, 31, 1, 20, tzinfo=UTC)
    assert floor_to_grid(moment.astimezone(BERLIN), timedelta(minutes=15), BERLIN) == datetime(
        2027, 10, 31, 1, 15, tzinfo=UTC
    )


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
