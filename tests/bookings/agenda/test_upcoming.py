"""Dates to come: which, and what is known of them."""

from datetime import timedelta

import pytest

from bookings.access.actors import System
from bookings.agenda.upcoming import dates_to_come, last_dates
from bookings.enums import SlotStatus
from bookings.models import Booking, Slot
from bookings.services import confirm_date, give_dates_back
from rooms.clock import whole_days
from rooms.intervals import Interval
from rooms.models import House, Room
from tests.factories import BERLIN, DAY, NOW, berlin, make_booking, make_house, make_room, make_series, weekly

pytestmark = pytest.mark.django_db


THIS_WEEK = whole_days(DAY, DAY + timedelta(days=6), BERLIN)


def test_approved_dates_that_start_in_the_period_are_to_come(house: House, room: Room) -> None:
    make_booking([room], THIS_WEEK.end)
    make_booking([room], THIS_WEEK.start - timedelta(hours=2))
    make_booking([make_room(make_house())], berlin(DAY, "10:00"))
    for status in [SlotStatus.REQUESTED, SlotStatus.REJECTED, SlotStatus.REVOKED]:
        make_booking([room], berlin(DAY, "10:00"), status=status)
    late = make_booking([room], berlin(DAY, "12:00"))
    early = make_booking([room], THIS_WEEK.start)
    assert [slot.booking for slot in dates_to_come(house, THIS_WEEK)] == [early, late]


def test_a_date_knows_how_many_stand_or_stood_and_the_last_news(house: House, room: Room) -> None:
    booking = make_series(room, weekly(DAY, 3))
    first, second, _third = booking.slots.order_by("starts_at")
    cancelled_at = NOW + timedelta(hours=3)
    give_dates_back(booking_id=booking.pk, slot_ids=[second.pk], actor=System(), now=cancelled_at)
    confirm_date(slot_id=first.pk, actor=System(), now=NOW + timedelta(days=1))
    (slot,) = dates_to_come(house, THIS_WEEK)
    assert (slot.dates_of_booking, slot.last_news_at) == (3, cancelled_at)


def test_the_last_date_of_a_booking_is_the_last_that_stands(house: House, room: Room) -> None:
    def ends(booking: Booking, period: Interval) -> bool:
        return booking.pk in {slot.booking_id for slot in last_dates(house, period)}

    booking = make_series(room, weekly(DAY, 3))
    final = booking.slots.order_by("starts_at").last()
    last_week = Interval(THIS_WEEK.start + timedelta(weeks=2), THIS_WEEK.end + timedelta(weeks=2))
    week_before = Interval(THIS_WEEK.start + timedelta(weeks=1), THIS_WEEK.end + timedelta(weeks=1))
    assert (ends(booking, week_before), ends(booking, last_week)) == (False, True)
    give_dates_back(booking_id=booking.pk, slot_ids=[final.pk], actor=System(), now=NOW)
    assert (ends(booking, week_before), ends(booking, last_week)) == (True, False)


def test_dates_that_were_asked_for_in_vain_are_not_counted(house: House, room: Room) -> None:
    booking = make_series(room, weekly(DAY, 4))
    rejected = booking.slots.order_by("starts_at").last()
    Slot.objects.filter(pk=rejected.pk).update(status=SlotStatus.REJECTED)
    (slot,) = dates_to_come(house, THIS_WEEK)
    assert slot.dates_of_booking == 3


@pytest.mark.parametrize("number", [1, 5])
def test_queries_do_not_grow_with_the_dates(
    house: House, room: Room, number: int, django_assert_num_queries
) -> None:
    for hour in range(number):
        make_series(room, weekly(DAY, number), starts=f"{10 + hour}:00", ends=f"{11 + hour}:00")
    with django_assert_num_queries(2):
        for slot in dates_to_come(house, THIS_WEEK):
            assert (slot.booking.house, list(slot.rooms.all())) == (house, [room])
            assert slot.booking.association.name
