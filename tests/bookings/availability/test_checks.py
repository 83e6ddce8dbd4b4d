"""What availability promises: every broken rule with its code, and a free time that breaks none."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from bookings.availability.checks import room_availability
from bookings.availability.nearest import check_wish
from bookings.availability.wishes import wish_for
from bookings.enums import SlotStatus, Visibility
from bookings.errors import HouseFull, WishBreaksRules
from bookings.services import approve_booking
from rooms.clock import whole_day, whole_days
from rooms.enums import Severity
from rooms.intervals import Interval
from rooms.models import Closure, House, OpeningHours
from tests.factories import BERLIN, DAY, NOW, berlin, make_booking, make_house, make_room, make_staff
from tests.generated import examples

pytestmark = pytest.mark.django_db


def codes(
    house: House, rooms: list, start: str, end: str, *, day: Any = DAY, now: datetime = NOW, **fields: Any
) -> list[str]:
    """The codes of what a wish breaks; an end before the start is on the next day."""
    starts_at, ends_at = berlin(day, start), berlin(day, end)
    if ends_at < starts_at:
        ends_at += timedelta(days=1)
    wish = wish_for(
        house=house, room_ids=[room.pk for room in rooms], starts_at=starts_at, ends_at=ends_at, **fields
    )
    return [reason.code for reason in check_wish(house=house, wish=wish, now=now)]


def test_a_free_time_breaks_nothing(house, room):
    assert codes(house, [room], "16:00", "18:00") == []


def test_bookings_that_touch_do_not_clash(house, room):
    make_booking([room], berlin(DAY, "16:00"), berlin(DAY, "18:00"))
    assert codes(house, [room], "18:00", "20:00") == []
    assert codes(house, [room], "14:00", "16:00") == []


def test_an_approved_booking_in_the_way_is_a_clash(house, room):
    make_booking([room], berlin(DAY, "16:00"), berlin(DAY, "18:00"))
    assert codes(house, [room], "17:45", "20:00") == ["clash"]


@pytest.mark.parametrize("status", ["rejected", "withdrawn", "cancelled", "revoked", "skipped"])
def test_what_is_not_approved_blocks_nothing(house, room, status):
    make_booking([room], berlin(DAY, "16:00"), status=status)
    assert codes(house, [room], "16:00", "18:00") == []


def test_a_pending_request_is_a_rival_and_blocks_nothing(house, room):
    make_booking([room], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED)
    reasons = check_wish(
        house=house,
        wish=wish_for(
            house=house, room_ids=[room.pk], starts_at=berlin(DAY, "16:00"), ends_at=berlin(DAY, "18:00")
        ),
        now=NOW,
    )
    assert [(reason.code, reason.severity) for reason in reasons] == [("rival", Severity.WARNING)]


def test_a_combination_and_its_part_clash_both_ways(house):
    left, right = make_room(house, "Saal A"), make_room(house, "Saal B")
    hall = make_room(house, "Saal", parts=[left, right])
    make_booking([hall], berlin(DAY, "10:00"))
    make_booking([left], berlin(DAY, "14:00"))
    assert codes(house, [left], "10:00", "12:00") == ["clash"]
    assert codes(house, [hall], "14:00", "16:00") == ["clash"]
    assert codes(house, [right], "14:00", "16:00") == []


def test_only_buffers_that_meet_are_a_warning(house, room):
    make_booking([room], berlin(DAY, "14:30"), berlin(DAY, "17:00"), teardown_minutes=45)
    assert codes(house, [room], "18:00", "21:00", setup_minutes=60) == ["buffer_clash"]
    assert codes(house, [room], "18:00", "21:00", setup_minutes=15) == []


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("07:00", "09:00", ["outside_hours"]),
        ("21:00", "23:00", ["outside_hours"]),
        ("10:07", "12:00", ["off_grid"]),
        ("10:00", "10:15", ["too_short"]),
        ("20:00", "11:00", ["too_long", "outside_hours"]),
    ],
)
def test_rules_of_time(house, room, start, end, expected):
    assert codes(house, [room], start, end) == expected


def test_hours_are_checked_for_the_gross_time(house, room):
    assert codes(house, [room], "20:00", "22:00") == []
    assert codes(house, [room], "20:00", "22:00", teardown_minutes=15) == ["outside_hours"]


def test_the_past_the_lead_time_and_the_horizon(house, room):
    assert codes(house, [room], "10:00", "12:00", now=berlin(DAY, "11:00")) == ["in_past"]
    assert codes(house, [room], "16:00", "18:00", now=berlin(DAY, "11:00")) == ["too_soon"]
    early = NOW - timedelta(days=600)
    assert codes(house, [room], "16:00", "18:00", now=early) == ["beyond_horizon"]


def test_persons_and_layouts(house, room):
    assert codes(house, [room], "16:00", "18:00", persons=41) == ["too_many_persons"]
    assert codes(house, [room], "16:00", "18:00", persons=21, layout="tables") == ["too_many_persons"]
    assert codes(house, [room], "16:00", "18:00", persons=5, layout="circle") == ["layout_missing"]


def test_capacity_of_several_rooms_counts_those_that_have_the_layout(house, room):
    kitchen = make_room(house, "Küche", capacity=6)
    kitchen.layouts.filter(kind="tables").delete()
    assert codes(house, [room, kitchen], "16:00", "18:00", persons=46) == []
    assert codes(house, [room, kitchen], "16:00", "18:00", persons=21, layout="tables") == [
        "too_many_persons"
    ]


def test_a_room_and_a_combination_of_it_are_not_wished_together(house, room):
    hall = make_room(house, "Saal", parts=[room, make_room(house, "Saal B")])
    assert codes(house, [room, hall], "16:00", "18:00") == ["overlapping_rooms"]


def test_a_closure_of_the_house_or_of_a_part(house, room):
    other = make_room(house, "Saal B")
    hall = make_room(house, "Saal", parts=[room, other])
    day = whole_day(DAY, BERLIN)
    closure = Closure.objects.create(house=house, starts_at=day.start, ends_at=day.end, reason="Wartung")
    assert codes(house, [other], "16:00", "18:00") == ["closed"]
    closure.rooms.set([room])
    closure.save()
    house.refresh_from_db()
    assert codes(house, [other], "16:00", "18:00") == []
    assert codes(house, [hall], "16:00", "18:00") == ["closed"]


def test_never_more_persons_than_the_house_may_hold(house):
    rooms = [make_room(house, f"Raum {n}", capacity=80) for n in range(3)]
    make_booking([rooms[0]], berlin(DAY, "16:00"), persons=70)
    make_booking([rooms[1]], berlin(DAY, "16:00"), persons=50)
    assert codes(house, [rooms[2]], "17:00", "19:00", persons=30) == []
    assert codes(house, [rooms[2]], "17:00", "19:00", persons=31) == ["house_full"]
    assert codes(house, [rooms[2]], "18:00", "20:00", persons=80) == []


def test_the_timetable_that_started_last_holds_alone(house, room):
    OpeningHours.objects.create(
        house=house, weekday=DAY.weekday(), opens_at=time(10), closes_at=time(14), valid_from=DAY
    )
    assert codes(house, [room], "16:00", "18:00") == ["outside_hours"]
    assert codes(house, [room], "16:00", "18:00", day=DAY - timedelta(days=1)) == []
    assert codes(house, [room], "10:00", "12:00", day=DAY + timedelta(days=1)) == ["outside_hours"]


def test_a_room_with_hours_of_its_own_does_not_follow_the_house(house, room):
    OpeningHours.objects.create(
        house=house, room=room, weekday=DAY.weekday(), opens_at=time(22), closes_at=time(0)
    )
    assert codes(house, [room], "22:00", "00:00") == []
    assert codes(house, [room], "16:00", "18:00") == ["outside_hours"]


def test_an_end_before_the_start_is_told(house, room):
    with pytest.raises(WishBreaksRules) as caught:
        wish_for(
            house=house, room_ids=[room.pk], starts_at=berlin(DAY, "18:00"), ends_at=berlin(DAY, "16:00")
        )
    assert [reason.code for reason in caught.value.reasons] == ["ends_before_start"]


@pytest.mark.parametrize("year", [1, 9999])
def test_a_year_that_cannot_be_meant_is_told(house, room, year):
    day = DAY.replace(year=year)
    with pytest.raises(WishBreaksRules) as caught:
        wish_for(
            house=house, room_ids=[room.pk], starts_at=berlin(day, "16:00"), ends_at=berlin(day, "18:00")
        )
    assert [reason.code for reason in caught.value.reasons] == ["strange_year"]


def test_a_room_of_another_house_is_unknown(house):
    stranger = make_room(make_house())
    with pytest.raises(WishBreaksRules) as caught:
        wish_for(
            house=house, room_ids=[stranger.pk], starts_at=berlin(DAY, "16:00"), ends_at=berlin(DAY, "18:00")
        )
    assert [reason.code for reason in caught.value.reasons] == ["unknown_room"]


def test_a_clash_names_only_what_everybody_may_know(house, room):
    make_booking([room], berlin(DAY, "16:00"), title="Anonyme Gruppe", visibility=Visibility.BUSY)
    wish = wish_for(
        house=house, room_ids=[room.pk], starts_at=berlin(DAY, "16:00"), ends_at=berlin(DAY, "18:00")
    )
    (clash,) = check_wish(house=house, wish=wish, now=NOW)
    assert "Anonyme" not in clash.message
    assert "Maria" not in clash.message


def test_the_nearest_free_time_is_as_near_as_can_be(house, room):
    make_booking([room], berlin(DAY, "16:00"), berlin(DAY, "18:00"), teardown_minutes=30)
    wish = wish_for(
        house=house, room_ids=[room.pk], starts_at=berlin(DAY, "17:00"), ends_at=berlin(DAY, "19:00")
    )
    (clash,) = check_wish(house=house, wish=wish, now=NOW)
    assert clash.nearest == Interval(berlin(DAY, "18:30"), berlin(DAY, "20:30"))


def test_the_nearest_free_time_respects_the_lead_time(house, room):
    now = berlin(DAY, "11:10")
    wish = wish_for(
        house=house, room_ids=[room.pk], starts_at=berlin(DAY, "16:00"), ends_at=berlin(DAY, "18:00")
    )
    (too_soon,) = check_wish(house=house, wish=wish, now=now)
    in_a_week = DAY + timedelta(days=7)
    assert too_soon.nearest == Interval(berlin(in_a_week, "16:00"), berlin(in_a_week, "18:00"))


SATURDAY = date(2027, 4, 24)


@pytest.mark.parametrize(
    ("taken", "nearest"),
    [
        ({0: "18:00–20:30"}, (0, "20:30")),
        ({0: "14:00–22:00"}, (7, "19:00")),
        ({0: "14:00–22:00", 7: "18:00–19:30"}, (7, "19:30")),
        ({0: "14:00–22:00", 7: "14:00–22:00"}, (-7, "19:00")),
        (dict.fromkeys((-14, -7, 0, 7, 14), "14:00–22:00"), (1, "19:00")),
        (dict.fromkeys((-14, -7, 0, 1, 7, 14), "14:00–22:00"), (-1, "19:00")),
        # No evening is free in these weeks: another hour of the same day comes before other days.
        (dict.fromkeys(range(-14, 15), "14:00–22:00"), (0, "12:30")),
        ({0: "08:00–22:00"} | {day: "14:00–22:00" for day in range(-14, 15) if day}, (1, "12:30")),
    ],
)
def test_the_wished_hour_of_the_same_weekday_is_nearest(house, room, taken, nearest):
    for day, span in taken.items():
        starts, ends = span.split("–")
        on = SATURDAY + timedelta(days=day)
        make_booking([room], berlin(on, starts), berlin(on, ends))
    wish = wish_for(
        house=house,
        room_ids=[room.pk],
        starts_at=berlin(SATURDAY, "19:00"),
        ends_at=berlin(SATURDAY, "20:30"),
    )
    (clash,) = check_wish(house=house, wish=wish, now=NOW)
    days, starts = nearest
    assert clash.nearest.start == berlin(SATURDAY + timedelta(days=days), starts)


def test_the_nearest_hour_is_by_the_clocks_on_the_wall(house, room):
    before_summer_time = date(2027, 3, 26)
    make_booking([room], berlin(before_summer_time, "08:00"), berlin(before_summer_time, "22:00"))
    wish = wish_for(
        house=house,
        room_ids=[room.pk],
        starts_at=berlin(before_summer_time, "19:00"),
        ends_at=berlin(before_summer_time, "20:30"),
    )
    (clash,) = check_wish(house=house, wish=wish, now=NOW)
    assert clash.nearest.start == berlin(before_summer_time + timedelta(days=7), "19:00")


def test_no_free_time_is_proposed_where_none_would_do(house, room):
    wish = wish_for(
        house=house, room_ids=[room.pk], starts_at=berlin(DAY, "08:00"), ends_at=berlin(DAY, "23:00")
    )
    assert [reason.nearest for reason in check_wish(house=house, wish=wish, now=NOW)] == [None, None]


@examples(40)
@given(
    taken=st.lists(st.tuples(st.integers(0, 50), st.integers(1, 12)), max_size=6),
    start=st.integers(0, 95),
    length=st.integers(2, 24),
)
def test_a_proposed_time_breaks_no_rule(house, room, taken, start, length):
    from bookings.models import Booking, Occupancy

    Occupancy.objects.all().delete()
    Booking.objects.all().delete()
    end_of_last = berlin(DAY, "08:00")
    for gap, hours in taken:
        begin = end_of_last + timedelta(minutes=15 * gap)
        end_of_last = begin + timedelta(minutes=30 * hours)
        make_booking([room], begin, end_of_last)
    starts_at = berlin(DAY, "00:00") + timedelta(minutes=15 * start)
    wish = wish_for(
        house=house,
        room_ids=[room.pk],
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=15 * length),
    )
    for reason in check_wish(house=house, wish=wish, now=NOW):
        if reason.nearest is not None:
            moved = wish.moved(reason.nearest.start - wish.net.start)
            assert check_wish(house=house, wish=moved, now=NOW) == []


def test_availability_of_a_day_says_open_blocked_and_free(house, room):
    make_booking([room], berlin(DAY, "16:00"), berlin(DAY, "18:00"), setup_minutes=30, display_title="Chor")
    Closure.objects.create(
        house=house, starts_at=berlin(DAY, "08:00"), ends_at=berlin(DAY, "09:00"), reason="Reinigung"
    )
    (answer,) = room_availability(house=house, period=whole_day(DAY, BERLIN))
    assert answer.open == [Interval(berlin(DAY, "08:00"), berlin(DAY, "22:00"))]
    assert [(block.kind, block.label, block.interval) for block in answer.blocks] == [
        ("closure", "Reinigung", Interval(berlin(DAY, "08:00"), berlin(DAY, "09:00"))),
        ("booking", "Chor", Interval(berlin(DAY, "15:30"), berlin(DAY, "18:00"))),
    ]
    assert answer.free == [
        Interval(berlin(DAY, "09:00"), berlin(DAY, "15:30")),
        Interval(berlin(DAY, "18:00"), berlin(DAY, "22:00")),
    ]


def test_the_hours_keep_berlin_time_across_both_clock_changes(house, room):
    for day in [datetime(2027, 3, 28, tzinfo=UTC).date(), datetime(2027, 10, 31, tzinfo=UTC).date()]:
        (answer,) = room_availability(house=house, period=whole_day(day, BERLIN))
        assert answer.open == [Interval(berlin(day, "08:00"), berlin(day, "22:00"))]


@pytest.mark.parametrize("many", [1, 8])
def test_the_number_of_queries_depends_on_nothing(house, many):
    rooms = [make_room(house, f"Raum {n}") for n in range(many)]
    for room in rooms:
        for n in range(many):
            make_booking([room], berlin(DAY + timedelta(days=n), "10:00"))
        Closure.objects.create(
            house=house, starts_at=berlin(DAY, "08:00"), ends_at=berlin(DAY, "09:00"), reason="Wartung"
        ).rooms.set([room])
    with CaptureQueriesContext(
        connection,
    ) as queries:
        room_availability(house=house, period=whole_days(DAY, DAY + timedelta(days=many), BERLIN))
    assert len(queries) == 8


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [("18:00", "20:00", []), ("17:45", "20:00", ["house_full"]), ("14:00", "16:00", [])],
    ids=["after", "overlapping", "before"],
)
def test_where_only_set_up_times_meet_nobody_is_in_the_house_at_once(house, start, end, expected):
    """Who sets up or tidies up while others are there is no visitor: the limit counts by net times."""
    House.objects.filter(pk=house.pk).update(max_persons=50, facts_version=9)
    house.refresh_from_db()
    hall, other = (
        make_room(house, name, setup_minutes=30, teardown_minutes=30) for name in ("Saal A", "Saal B")
    )
    make_booking([hall], berlin(DAY, "16:00"), persons=40)
    assert codes(house, [other], start, end, persons=40) == expected
    rival = make_booking(
        [other], berlin(DAY, start), berlin(DAY, end), persons=40, status=SlotStatus.REQUESTED
    )
    found = []
    try:
        approve_booking(booking_id=rival.pk, actor=make_staff(), now=NOW)
    except HouseFull as error:
        found = [reason.code for reason in error.reasons]
    assert found == expected
