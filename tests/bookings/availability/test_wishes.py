"""Whoever looks at a date that is stored sees how loud it is: the quiet of a day is told to all of them."""

from datetime import date

import pytest

from bookings.access.lookups import get_booking
from bookings.availability.wishes import wish_of_slot
from bookings.desk.inbox import inbox_entry
from bookings.desk.move_options import ways_to_move
from bookings.enums import BookingKind, SlotStatus
from bookings.errors import RoomAlreadyBooked
from bookings.impact.hits import find_hits, rules_known
from bookings.services import Move, approve_booking, move_dates
from rooms.clock import whole_day
from rooms.enums import Activity
from rooms.intervals import Interval
from rooms.models import Closure, House
from rooms.rules import Wish
from tests.factories import BERLIN, NOW, berlin, make_booking, make_house, make_room

pytestmark = pytest.mark.django_db

# Concerts are not for this day, by the law on Sundays and holidays of North Rhine-Westphalia.
GOOD_FRIDAY = date(2027, 3, 26)
THURSDAY = date(2027, 4, 8)


@pytest.fixture
def room():
    return make_room(make_house())


def concert(room, day=GOOD_FRIDAY, **fields):
    fields = {"kind": BookingKind.CULTURE, "layout": "rows", "setup_minutes": 30, **fields}
    return make_booking([room], berlin(day, "18:00"), **fields)


def codes(error):
    return [reason.code for reason in error.value.reasons]


def test_it_is_the_date_as_it_is_stored(room):
    booking = concert(room)
    wish = Wish(
        (room.pk,),
        Interval(berlin(GOOD_FRIDAY, "18:00"), berlin(GOOD_FRIDAY, "20:00")),
        Interval(berlin(GOOD_FRIDAY, "17:30"), berlin(GOOD_FRIDAY, "20:00")),
        10,
        "rows",
        Activity.ENTERTAINMENT,
    )
    slot = booking.slots.get()
    assert (wish_of_slot(slot, booking), wish_of_slot(slot, booking, [room.pk])) == (wish, wish)


def test_who_approves_is_told_beside_the_clash(room, staff):
    booking = concert(room, status=SlotStatus.REQUESTED)
    make_booking([room], berlin(GOOD_FRIDAY, "18:00"))
    with pytest.raises(RoomAlreadyBooked) as error:
        approve_booking(booking_id=booking.pk, actor=staff, now=NOW)
    assert codes(error) == ["clash", "silent_day"]


def test_who_moves_a_date_is_told_beside_the_clash(room, staff):
    booking = concert(room, THURSDAY)
    make_booking([room], berlin(GOOD_FRIDAY, "18:00"))
    slot = booking.slots.get()
    there = Move(slot.pk, berlin(GOOD_FRIDAY, "18:00"), berlin(GOOD_FRIDAY, "20:00"), (room.pk,))
    with pytest.raises(RoomAlreadyBooked) as error:
        move_dates(booking_id=booking.pk, actor=staff, now=NOW, moves=[there])
    assert codes(error) == ["clash", "silent_day"]


def test_a_date_hit_by_a_change_of_the_house_is_looked_at_as_loud_as_it_is(room):
    booking = concert(room)
    before = rules_known(House.objects.get(), NOW)
    closed = whole_day(GOOD_FRIDAY, BERLIN)
    Closure.objects.create(house=room.house, starts_at=closed.start, ends_at=closed.end, reason="Rohrbruch")
    house = House.objects.get()
    (hit,) = find_hits(house, before, rules_known(house, NOW), NOW)
    assert hit.wish == wish_of_slot(booking.slots.get(), booking)


def test_who_decides_sees_it_in_the_inbox(room, staff):
    booking = concert(room, status=SlotStatus.REQUESTED)
    entry = inbox_entry(get_booking(booking.reference, actor=staff), now=NOW)
    assert [[reason.code for reason in pending_date.broken] for pending_date in entry.dates] == [
        ["silent_day"]
    ]


def test_where_else_a_date_could_be_is_asked_for_one_as_loud(room, staff):
    make_room(room.house, "Saal B")
    booking = get_booking(concert(room, THURSDAY).reference, actor=staff)
    (slot,) = booking.slots.all()
    ways = ways_to_move(house=room.house, booking=booking, slot=slot, now=NOW)
    assert {proposal.wish.activity for proposal in ways} == {Activity.ENTERTAINMENT}
