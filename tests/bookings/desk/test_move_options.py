"""Where a single date of a booking could go: every proposal keeps all rules, near ones come first."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from bookings.access.lookups import get_booking
from bookings.desk.move_options import ways_to_move
from bookings.enums import SlotStatus
from bookings.models import Booking
from bookings.series.dates import Series
from bookings.series.pattern import pattern_from_rrule
from bookings.series.planner import Way
from bookings.services import Move, move_dates
from rooms.models import Equipment, House, OpeningHours, Room
from tests.factories import (
    BERLIN,
    DAY,
    NOW,
    berlin,
    make_booking,
    make_booking_on,
    make_room,
    make_staff,
    weekly,
)


@pytest.fixture
def other(house: House) -> Room:
    return make_room(house, "Saal B")


def found(booking: Booking, number: int = 0, now: datetime = NOW):
    booking = get_booking(booking.reference, actor=make_staff())
    slot = booking.slots.all()[number]
    house = House.objects.get(pk=booking.house_id)
    return ways_to_move(house=house, booking=booking, slot=slot, now=now)


def proposed_starts(proposals, way: Way) -> list[str]:
    return [
        f"{proposal.wish.net.start.astimezone(BERLIN):%d.%m. %H:%M}"
        for proposal in proposals
        if proposal.way == way
    ]


def test_another_room_a_little_earlier_or_later_and_another_day(room: Room, other: Room) -> None:
    proposals = found(make_booking_on([room], weekly(DAY, 3)))
    assert [proposal.wish.room_ids for proposal in proposals if proposal.way == Way.ROOM] == [(other.pk,)]
    assert proposed_starts(proposals, Way.SHIFT) == ["20.04. 15:45", "20.04. 16:15", "20.04. 15:30"]
    assert proposed_starts(proposals, Way.DAY) == ["19.04. 16:00", "21.04. 16:00", "22.04. 16:00"]


def test_every_proposal_can_be_carried_out(room: Room, other: Room) -> None:
    make_booking([other], berlin(DAY, "17:00"))
    make_booking([room], berlin(DAY + timedelta(days=1), "15:00"), teardown_minutes=30)
    booking = make_booking_on([room], weekly(DAY, 2), setup_minutes=15)
    proposals = found(booking)
    assert "21.04. 16:00" not in proposed_starts(proposals, Way.DAY)
    staff = make_staff()
    for proposal in proposals:
        slot = booking.slots.order_by("pk")[0]
        move = Move(slot.pk, proposal.wish.net.start, proposal.wish.net.end, proposal.wish.room_ids)
        move_dates(booking_id=booking.pk, actor=staff, now=NOW, moves=[move])


@pytest.mark.parametrize(
    ("start", "minutes"),
    [
        # Two o'clock exists twice on this night: half an hour from the first and from the second;
        # from the first to the second; from a quarter to three back to a quarter past two.
        (datetime(2027, 10, 31, 0, tzinfo=UTC), 30),
        (datetime(2027, 10, 31, 1, tzinfo=UTC), 30),
        (datetime(2027, 10, 31, 0, tzinfo=UTC), 60),
        (datetime(2027, 10, 31, 0, 45, tzinfo=UTC), 30),
        # Two o'clock to half past two does not exist on this night: the clocks show 03:00–03:30.
        (datetime(2027, 3, 28, 1, tzinfo=UTC), 30),
    ],
)
def test_on_the_night_of_a_clock_change_whatever_is_proposed_lasts_as_long(
    house: House, room: Room, other: Room, start: datetime, minutes: int
) -> None:
    OpeningHours.objects.filter(house=house).update(opens_at=time(0), closes_at=time(0))
    House.objects.filter(pk=house.pk).update(min_minutes=15)
    proposals = found(make_booking([room], start, start + timedelta(minutes=minutes)))
    assert {proposal.way for proposal in proposals} >= {Way.ROOM, Way.DAY}
    assert {proposal.wish.net.duration for proposal in proposals} == {timedelta(minutes=minutes)}


@pytest.mark.parametrize("status", [SlotStatus.APPROVED, SlotStatus.REQUESTED])
def test_the_group_is_not_in_the_house_twice(room: Room, other: Room, status: str) -> None:
    booking = make_booking_on([room], [DAY, DAY + timedelta(days=1)], status=status)
    assert proposed_starts(found(booking), Way.DAY) == ["19.04. 16:00", "22.04. 16:00", "23.04. 16:00"]


def test_a_house_in_a_hurry_asks_for_no_lead_time_but_not_for_the_past(room: Room) -> None:
    booking = make_booking_on([room], weekly(DAY, 2))
    proposals = found(booking, now=berlin(DAY, "15:40"))
    assert proposed_starts(proposals, Way.SHIFT) == ["20.04. 15:45", "20.04. 16:15", "20.04. 16:30"]
    assert proposed_starts(proposals, Way.DAY) == ["21.04. 16:00", "22.04. 16:00", "23.04. 16:00"]


def test_a_series_keeps_its_pauses(room: Room) -> None:
    """Thursday, 06.05.2027 is Ascension Day; and the series does not begin earlier than it was meant to."""
    tuesday = date(2027, 5, 4)
    pattern = pattern_from_rrule("FREQ=WEEKLY;COUNT=3", first_day=tuesday, starts=time(16), ends=time(18))
    series = Series(
        starts=datetime.combine(tuesday, time(16)),
        ends=datetime.combine(tuesday, time(18)),
        pattern=pattern,
        skip_public=True,
    )
    paused = make_booking_on([room], weekly(tuesday, 3), series=series)
    assert proposed_starts(found(paused), Way.DAY) == ["05.05. 16:00", "07.05. 16:00", "08.05. 16:00"]
    assert proposed_starts(found(paused, 1), Way.DAY) == ["10.05. 16:00", "12.05. 16:00", "13.05. 16:00"]
    free = make_booking_on([room], weekly(tuesday, 3), "10:00", "12:00")
    assert proposed_starts(found(free), Way.DAY) == ["03.05. 10:00", "05.05. 10:00", "07.05. 10:00"]


def test_a_room_must_have_what_was_asked_for(room: Room, other: Room) -> None:
    projector = Equipment.objects.create(house=room.house, name="Beamer")
    room.equipment.add(projector)
    room.save()
    booking = make_booking_on([room], weekly(DAY, 2))
    booking.equipment.add(projector)
    assert [proposal.way for proposal in found(booking) if proposal.way == Way.ROOM] == []


@pytest.mark.parametrize("number", [1, 30])
def test_the_number_of_queries_is_fixed(
    room: Room, other: Room, number: int, django_assert_num_queries
) -> None:
    booking = make_booking_on([room], weekly(DAY, number))
    make_booking_on([other], weekly(DAY, number))
    read = get_booking(booking.reference, actor=make_staff())
    house = House.objects.get(pk=read.house_id)
    slot = read.slots.all()[0]
    with django_assert_num_queries(1):
        ways_to_move(house=house, booking=read, slot=slot, now=NOW)
