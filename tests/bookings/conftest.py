"""The house, the room and the people of most tests of bookings."""

import pytest

from hausderbegegnung.models import User
from rooms.models import House, Room
from tests.factories import make_house, make_room, make_staff, make_user


@pytest.fixture
def house(db: None) -> House:
    return make_house()


@pytest.fixture
def room(house: House) -> Room:
    return make_room(house)


@pytest.fixture
def owner(db: None) -> User:
    return make_user()


@pytest.fixture
def staff(db: None) -> User:
    return make_staff()
