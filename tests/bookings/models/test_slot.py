"""Dates of bookings with what belongs to them, in few queries."""

import pytest

from bookings.models import Slot
from bookings.services import Move, approve_booking, move_dates
from tests.factories import DAY, NOW, berlin, make_booking_on, make_change, make_house, make_room, weekly

pytestmark = pytest.mark.django_db


@pytest.fixture
def rooms():
    house = make_house()
    return [make_room(house, name) for name in ("Saal A", "Saal B", "Saal A+B")]


@pytest.mark.parametrize("number", [1, 3])
def test_dates_come_with_the_ids_of_their_rooms_in_one_query(rooms, number, django_assert_num_queries):
    make_booking_on([rooms[1], rooms[0]], weekly(DAY, number))
    with django_assert_num_queries(1):
        slots = Slot.objects.all().with_room_ids()
        assert [slot.room_ids for slot in slots] == [(rooms[0].pk, rooms[1].pk)] * number
    assert slots == list(Slot.objects.order_by("starts_at"))


def test_a_date_whose_room_is_gone_is_a_date_all_the_same(rooms):
    booking = make_booking_on([rooms[0]], [DAY])
    Slot.rooms.through.objects.all().delete()
    assert [slot.room_ids for slot in booking.slots.all().with_room_ids()] == [()]


def test_what_replaces_many_dates_is_read_at_once(rooms, staff, django_assert_num_queries):
    days = weekly(DAY, 3)
    booking = make_booking_on([rooms[0]], days)
    change = make_change(booking, days, starts="10:00", ends="12:00")
    approve_booking(booking_id=change.pk, actor=staff, now=NOW)
    with django_assert_num_queries(2):
        slots = Slot.objects.filter(booking=booking).with_room_ids()
        assert [slot.replaced_by.reference for slot in slots] == [change.reference] * 3
    uids = list(Slot.objects.filter(booking=booking).order_by("starts_at").values_list("uid", flat=True))
    with django_assert_num_queries(2):
        slots = Slot.objects.filter(booking=change).with_room_ids()
        assert [slot.replaces.uid for slot in slots] == uids


def test_the_rooms_of_a_date_that_has_just_moved_are_the_new_ones(rooms, staff):
    booking = make_booking_on([rooms[0]], [DAY])
    move = Move(booking.slots.get().pk, berlin(DAY, "10:00"), berlin(DAY, "12:00"), (rooms[1].pk,))
    moved = move_dates(booking_id=booking.pk, actor=staff, now=NOW, moves=[move])
    assert [slot.room_ids for slot in moved.all_slots] == [(rooms[1].pk,)]
