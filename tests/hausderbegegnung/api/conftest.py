"""One house with two halls and their combination, and the three people of every permission test."""

from dataclasses import dataclass

import pytest
import time_machine
from rest_framework.test import APIClient

from bookings.enums import SlotStatus
from bookings.models import Booking
from hausderbegegnung.models import User
from rooms.models import House, Room
from tests import factories
from tests.factories import DAY, berlin, make_booking, make_token


@dataclass(frozen=True)
class Place:
    house: House
    hall_a: Room
    hall_b: Room
    hall: Room


@pytest.fixture(autouse=True)
def fixed_now():
    with time_machine.travel(factories.NOW, tick=False):
        yield


@pytest.fixture
def place(db) -> Place:
    house = factories.make_house(slug="hdb")
    hall_a = factories.make_room(house, "Saal A", slug="saal-a")
    hall_b = factories.make_room(house, "Saal B", slug="saal-b")
    hall = factories.make_room(house, "Saal", slug="saal", parts=[hall_a, hall_b], capacity=80)
    return Place(house, hall_a, hall_b, hall)


@pytest.fixture
def owner(db) -> User:
    return factories.make_user(name="Maria Beispiel")


@pytest.fixture
def staff(db) -> User:
    return factories.make_staff()


@pytest.fixture
def stranger(db) -> User:
    return factories.make_user()


def client_of(user: User | None) -> APIClient:
    """A program that uses the token of a person, or none."""
    client = APIClient(HTTP_ACCEPT_LANGUAGE="en")
    if user is not None:
        client.credentials(HTTP_AUTHORIZATION=f"Token {make_token(user)}")
    return client


@pytest.fixture
def visitor() -> APIClient:
    return client_of(None)


@pytest.fixture
def as_owner(owner: User) -> APIClient:
    return client_of(owner)


@pytest.fixture
def as_staff(staff: User) -> APIClient:
    return client_of(staff)


@pytest.fixture
def as_stranger(stranger: User) -> APIClient:
    return client_of(stranger)


@pytest.fixture
def pending(place, owner) -> Booking:
    return make_booking([place.hall_a], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED, applicant=owner)


@pytest.fixture
def approved(place, owner) -> Booking:
    return make_booking([place.hall_a], berlin(DAY, "16:00"), applicant=owner)
