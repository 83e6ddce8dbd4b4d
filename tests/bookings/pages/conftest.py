import pytest
import time_machine
from django.test import Client

from hausderbegegnung.models import User
from rooms.models import House, Room
from tests.factories import NOW, make_house, make_room, make_staff, make_user


@pytest.fixture
def house(db: None) -> House:
    return make_house()


@pytest.fixture
def room(house: House) -> Room:
    return make_room(house)


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
