import pytest

from rooms.models import House, Room
from tests.factories import make_house, make_room


@pytest.fixture
def house(db: None) -> House:
    return make_house()


@pytest.fixture
def room(house: House) -> Room:
    return make_room(house)
