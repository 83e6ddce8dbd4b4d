"""Which new date of a change takes the place of which old one: by day, by week, in order."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.services._pairs import pair_dates
from rooms.intervals import Interval
from tests.factories import BERLIN, berlin

MONDAY = date(2027, 4, 19)


def dates(text: str) -> list[Interval]:
    """Read days from that Monday on, each with an hour: `1@18` is the Tuesday at 18:00, for two hours."""
    starts = [word.partition("@") for word in text.split()]
    moments = [
        berlin(MONDAY + timedelta(days=int(day)), f"{int(hour or 18):02}:00") for day, _at, hour in starts
    ]
    return [Interval(moment, moment + timedelta(hours=2)) for moment in moments]


@pytest.mark.parametrize(
    ("old", "new", "pairs"),
    [
        pytest.param("1 8 15", "1@20 8@20 15@20", [(0, 0), (1, 1), (2, 2)], id="another hour"),
        pytest.param("1 8 15", "3 10 17", [(0, 0), (1, 1), (2, 2)], id="another weekday"),
        pytest.param("1 8 15", "1 17", [(0, 0), (2, 1)], id="a date is dropped"),
        pytest.param("1 15", "1 8 15", [(0, 0), (1, 2)], id="a date is new"),
        pytest.param("1 3", "3 5", [(0, 1), (1, 0)], id="the day counts more than the order"),
        pytest.param("1@10 1@18", "1@12 1@19", [(0, 0), (1, 1)], id="two on a day, in order"),
        pytest.param("1@10 1@18", "1@19", [(1, 0)], id="two on a day become one: the nearer"),
        pytest.param("1 3", "2", [(0, 0)], id="equally near: the earlier"),
        pytest.param("1 8", "29 36", [(0, 0), (1, 1)], id="weeks later, in order"),
        pytest.param("1 8 15", "40", [(2, 0)], id="the nearest of what is left"),
        pytest.param("6", "7", [(0, 0)], id="Sunday and Monday are no week, but near"),
        pytest.param("8 1", "3 10", [(0, 1), (1, 0)], id="not sorted"),
        pytest.param("", "1", [], id="nothing old"),
        pytest.param("1", "", [], id="nothing new"),
    ],
)
def test_dates_are_paired_by_day_then_by_week_then_in_order(old: str, new: str, pairs) -> None:
    assert pair_dates(dates(old), dates(new), BERLIN) == pairs


def test_the_day_is_that_of_the_house() -> None:
    late, early = berlin(MONDAY, "23:30"), berlin(MONDAY + timedelta(days=1), "00:30")
    two = [Interval(moment, moment + timedelta(minutes=10)) for moment in (late, early)]
    new = Interval(berlin(MONDAY + timedelta(days=1), "23:00"), berlin(MONDAY + timedelta(days=1), "23:30"))
    assert pair_dates(two, [new], BERLIN) == [(1, 0)]


DAYS = st.lists(st.integers(0, 60).map(str), max_size=12, unique=True).map(" ".join)


@given(old=DAYS, new=DAYS)
def test_as_many_pairs_as_can_be_and_nobody_twice(old: str, new: str) -> None:
    pairs = pair_dates(dates(old), dates(new), BERLIN)
    olds, news = [number for number, _new in pairs], [number for _old, number in pairs]
    assert len(pairs) == min(len(old.split()), len(new.split()))
    assert (len(set(olds)), len(set(news))) == (len(pairs), len(pairs))
