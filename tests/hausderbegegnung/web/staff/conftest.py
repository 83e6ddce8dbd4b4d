"""Bookings of several dates that staff decide on."""

from datetime import timedelta

import pytest

from bookings.enums import SlotStatus
from bookings.models import Booking
from rooms.models import Closure, Room
from tests.factories import DAY, berlin, make_booking, make_booking_on, weekly


@pytest.fixture
def pending(room: Room) -> Booking:
    """Four pending Tuesdays; the second is taken, the third is closed, the fourth has a rival."""
    make_booking([room], berlin(DAY + timedelta(weeks=1), "17:00"), title="Ausschuss")
    closed = DAY + timedelta(weeks=2)
    Closure.objects.create(
        house=room.house, starts_at=berlin(closed, "00:00"), ends_at=berlin(closed, "23:00"), reason="Putztag"
    )
    make_booking([room], berlin(DAY + timedelta(weeks=3), "17:00"), status=SlotStatus.REQUESTED)
    return make_booking_on([room], weekly(DAY, 4), status=SlotStatus.REQUESTED)


@pytest.fixture
def approved(room: Room) -> Booking:
    return make_booking_on([room], weekly(DAY, 4))
