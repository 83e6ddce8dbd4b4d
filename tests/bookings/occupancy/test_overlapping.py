"""Occupancies of many intervals: whatever overlaps one of them is found, however long it is."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.availability.snapshot import load_snapshot
from bookings.enums import SlotStatus
from bookings.models import Occupancy
from bookings.occupancy.overlapping import ids_during
from rooms.intervals import Interval
from tests.factories import DAY, berlin, make_booking, make_room
from tests.generated import examples

pytestmark = pytest.mark.django_db

NOON = berlin(DAY, "12:00")
DAYS = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def found(spans, rooms):
    return set(Occupancy.objects.filter(pk__in=ids_during(spans, [room.pk for room in rooms])))


def stored(room, start, length, status=SlotStatus.REQUESTED):
    booking = make_booking([room], start, start + length, status=status)
    return Occupancy.objects.get(slot__booking=booking)


@pytest.mark.parametrize(
    ("length", "is_long"),
    [
        (2 * MINUTE, False),
        (DAYS - MINUTE, False),
        (DAYS, True),
        (DAYS + MINUTE, True),
        (31 * DAYS, True),
    ],
)
def test_the_database_knows_what_takes_a_day_or_more(room, length, is_long):
    occupancy = stored(room, NOON, length)
    assert Occupancy.objects.get(pk=occupancy.pk).is_long == is_long
    Occupancy.objects.filter(pk=occupancy.pk).update(ends_at=NOON + DAYS * 2)
    assert Occupancy.objects.get(pk=occupancy.pk).is_long


@pytest.mark.parametrize(
    "length", [MINUTE, DAYS - MINUTE, DAYS, DAYS + MINUTE, 25 * DAYS / 24, 30 * DAYS, 31 * DAYS]
)
def test_the_last_and_the_first_minute_of_each_are_found_and_what_only_touches_is_not(room, length):
    occupancy = stored(room, NOON, length)
    start, end = occupancy.starts_at, occupancy.ends_at
    assert found([Interval(end - MINUTE, end + DAYS)], [room]) == {occupancy}
    assert found([Interval(start - DAYS, start + MINUTE)], [room]) == {occupancy}
    assert found([Interval(end, end + DAYS), Interval(start - DAYS, start)], [room]) <= (
        {occupancy} if occupancy.is_long else set()
    )


def test_only_the_parts_that_are_asked_for_are_found(room):
    side_room = make_room(room.house, "Küche")
    ones = [stored(place, NOON, length) for place in (room, side_room) for length in (MINUTE, 3 * DAYS)]
    assert found([Interval(NOON, NOON + MINUTE)], [side_room]) == set(ones[2:])


moments = st.integers(0, 400).map(lambda hours: NOON + hours * 15 * MINUTE)
lengths = st.one_of(
    st.integers(1, 30).map(lambda quarters: quarters * 15 * MINUTE),
    st.integers(90, 110).map(lambda quarters: quarters * 15 * MINUTE),
    st.integers(1, 31).map(lambda days: days * DAYS),
)


@given(
    taken=st.lists(st.tuples(moments, lengths), max_size=8),
    spans=st.lists(st.tuples(moments, lengths), min_size=1, max_size=5),
)
@examples(150)
def test_whatever_overlaps_one_of_the_spans_is_found(room, taken, spans):
    Occupancy.objects.all().delete()
    ones = {stored(room, start, length) for start, length in taken}
    wanted = [Interval(start, start + length) for start, length in spans]
    overlapping = {
        occupancy
        for occupancy in ones
        if any(Interval(occupancy.starts_at, occupancy.ends_at).overlaps(span) for span in wanted)
    }
    assert overlapping <= found(wanted, [room])
    assert {occupancy for occupancy in found(wanted, [room]) if not occupancy.is_long} <= overlapping


def test_hundreds_of_spans_are_one_question(room, django_assert_num_queries):
    spans = [Interval(NOON + day * DAYS, NOON + day * DAYS + 60 * MINUTE) for day in range(1000)]
    ones = {stored(room, NOON + day * DAYS, MINUTE) for day in (0, 500, 999)}
    stored(room, NOON + 70 * MINUTE, MINUTE)
    with django_assert_num_queries(1):
        assert found(spans, [room]) == ones


def test_instants_with_parts_of_a_second_are_compared_as_well(room):
    occupancy = stored(room, NOON + timedelta(microseconds=1), MINUTE)
    assert found([Interval(NOON - MINUTE, NOON)], [room]) == set()
    assert found([Interval(NOON, NOON + timedelta(microseconds=1))], [room]) == set()
    assert found([Interval(NOON, NOON + timedelta(microseconds=2))], [room]) == {occupancy}


def test_a_plan_near_some_spans_knows_no_more_than_them(room):
    make_booking([room], NOON, title="Near")
    make_booking([room], NOON + 7 * DAYS, title="Between")
    make_booking([room], NOON + 14 * DAYS, title="Near as well")
    house = type(room.house).objects.get()
    spans = [Interval(start, start + 60 * MINUTE) for start in (NOON, NOON + 14 * DAYS)]
    snapshot = load_snapshot(house, Interval(spans[0].start, spans[1].end), near=spans)
    assert sorted(taken_time.title for taken_time in snapshot.taken) == ["Near", "Near as well"]
    assert len(load_snapshot(house, snapshot.period).taken) == 3


def test_a_part_is_taken_for_the_gross_time_of_what_is_approved(room):
    make_booking([room], NOON, setup_minutes=30, teardown_minutes=15)
    make_booking([room], NOON + DAYS, status=SlotStatus.REQUESTED)
    make_booking([make_room(room.house, "Küche")], NOON - 3 * DAYS / 24)
    house = type(room.house).objects.get()
    snapshot = load_snapshot(house, Interval(NOON - 5 * DAYS, NOON + 5 * DAYS), with_pending=True)
    part_ids = frozenset({room.pk})

    def is_taken(start: datetime, end: datetime) -> bool:
        return snapshot.is_taken(part_ids, Interval(start, end))

    gross = Interval(NOON - 30 * MINUTE, NOON + 135 * MINUTE)
    assert is_taken(gross.start - MINUTE, gross.start + MINUTE)
    assert is_taken(gross.end - MINUTE, gross.end + MINUTE)
    assert is_taken(gross.start - DAYS, gross.end + 2 * DAYS)
    assert not is_taken(gross.start - DAYS, gross.start)
    assert not is_taken(gross.end, gross.end + 2 * DAYS)
