from typing import Any

import pytest
import time_machine
from django.test import Client
from playwright.sync_api import Page

from bookings.models import Booking
from hausderbegegnung.models import User
from rooms.models import Room
from tests.factories import DAY, NOW, make_association, make_booking_on, make_staff, make_user, weekly
from tests.hausderbegegnung.web.browsing import LogIn


@pytest.fixture
def now(db: None):
    """The clock of the pages stands still at NOW."""
    with time_machine.travel(NOW, tick=False):
        yield NOW


@pytest.fixture
def applicant(db: None) -> User:
    return make_user(name="Maria Beispiel", phone="02272 1234")


@pytest.fixture
def as_applicant(client: Client, applicant: User, now: object) -> Client:
    client.force_login(applicant)
    return client


@pytest.fixture
def as_staff(now: object) -> Client:
    client = Client()
    client.force_login(make_staff())
    return client


@pytest.fixture
def log_in(live_server: Any) -> LogIn:
    """Give the browser the session of somebody who has logged in."""

    def give_session(page: Page, user: User) -> None:
        client = Client()
        client.force_login(user)
        session = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])

    return give_session


@pytest.fixture
def series(room: Room, applicant: User) -> Booking:
    """Four approved Tuesdays."""
    return make_booking_on(
        [room], weekly(DAY, 4), applicant=applicant, association=make_association(applicant)
    )
