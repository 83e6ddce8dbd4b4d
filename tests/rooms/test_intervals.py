"""Interval arithmetic against the plain meaning: which minutes are in it."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.intervals import Interval, covers, hull, intersect, most_at_once, subtract, union

ZERO = datetime(2027, 3, 27, 22, tzinfo=UTC)


def at(minute: int) -> datetime:
    return ZERO + timedelta(minutes=minute)


def minutes(intervals: list[Interval]) -> set[int]:
    return {
        minute
        for interval in intervals
        for minute in range(
            (interval.start - ZERO) // timedelta(minutes=1), (interval.end - ZERO) // timedelta(minutes=1)
        )
    }


intervals = st.builds(
    lambda start, length: Interval(at(start), at(start + length)), st.integers(0, 80), st.integers(1, 30)
)
lists = st.lists(intervals, max_size=8)


def is_normal(result: list[Interval]) -> bool:
    return all(left.end < right.start for left, right in pairwise(result))


@given(lists)
def test_union_has_the_same_minutes_and_no_two_that_touch(spans):
    assert minutes(union(spans)) == minutes(spans)
    assert is_normal(union(spans))


@given(lists, lists)
def test_intersect_has_the_minutes_of_both(left, right):
    assert minutes(intersect(left, right)) == minutes(left) & minutes(right)
    assert is_normal(intersect(left, right))


@given(lists, lists)
def test_subtract_has_the_minutes_of_the_first_alone(left, right):
    assert minutes(subtract(left, right)) == minutes(left) - minutes(right)
    assert is_normal(subtract(left, right))


@given(lists, intervals)
def test_covers_when_no_wanted_minute_is_missing(spans, wanted):
    assert covers(spans, wanted) == (minutes([wanted]) <= minutes(spans))


@given(intervals, intervals)
def test_overlaps_when_a_minute_is_shared(left, right):
    assert left.overlaps(right) == bool(minutes([left]) & minutes([right]))
    assert left.overlaps(right) == right.overlaps(left)


def test_intervals_that_touch_do_not_overlap():
    assert not Interval(at(0), at(60)).overlaps(Interval(at(60), at(120)))


@pytest.mark.parametrize("end", [at(0), at(-1)])
def test_an_interval_without_time_is_refused(end):
    with pytest.raises(ValueError, match="ends after it starts"):
        Interval(at(0), end)


def test_a_naive_instant_is_refused():
    with pytest.raises(ValueError, match="aware instants"):
        Interval(datetime(2027, 1, 1, 10), datetime(2027, 1, 1, 11))  # noqa: DTZ001 - that is the point


def test_duration_counts_the_hour_a_clock_change_adds():
    berlin = ZoneInfo("Europe/Berlin")
    night = Interval(datetime(2027, 10, 30, 20, tzinfo=berlin), datetime(2027, 10, 31, 9, tzinfo=berlin))
    assert night.duration == timedelta(hours=14)


@pytest.mark.parametrize(
    ("start", "end", "meets"), [(0, 10, False), (0, 11, True), (20, 30, False), (19, 30, True)]
)
def test_what_touches_does_not_overlap_either_way_round(start, end, meets):
    booked, other = Interval(at(10), at(20)), Interval(at(start), at(end))
    assert (booked.overlaps(other), other.overlaps(booked)) == (meets, meets)
    assert (booked.intersection(other) is not None, other.intersection(booked) is not None) == (meets, meets)


@given(st.lists(intervals, min_size=1, max_size=8))
def test_the_hull_is_all_time_from_the_first_minute_to_the_last(spans):
    there = minutes(spans)
    assert minutes([hull(spans)]) == set(range(min(there), max(there) + 1))


@given(lists)
def test_most_at_once_is_the_minute_in_which_most_are_on(spans):
    on = Counter(minute for interval in spans for minute in minutes([interval]))
    assert most_at_once(spans) == max(on.values(), default=0)
