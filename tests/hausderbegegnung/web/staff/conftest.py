"""Bookings of several dates that staff decide on, and their browser."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page

from bookings.enums import SlotStatus
from bookings.models import Booking
from rooms.models import Closure, Room
from tests.factories import DAY, berlin, make_booking, make_booking_on, make_staff, weekly


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


@pytest.fixture
def staff_page(new_page: Callable[..., Page], live_server: Any) -> Callable[..., Page]:
    """A page of somebody on the staff."""
    client = Client()
    client.force_login(make_staff())

    def page_of_staff(**options: Any) -> Page:
        page = new_page(**options)
        session = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        return page

    return page_of_staff
