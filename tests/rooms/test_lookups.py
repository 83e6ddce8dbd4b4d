"""What is kept of a house in memory is never older than its versions."""

from contextlib import suppress

import pytest
from django.db import DatabaseError, transaction

from rooms.facts import house_facts
from rooms.lookups import house_to_read
from rooms.models import House, raise_plan_version
from tests.factories import make_house, make_room

pytestmark = pytest.mark.django_db(transaction=True)


def name_read() -> str:
    house = house_to_read()
    assert house is not None
    return house.name


def test_a_house_is_read_again_when_its_plan_version_rises(django_assert_num_queries) -> None:
    house = make_house(name="Haus")
    name_read()
    with django_assert_num_queries(1):
        assert name_read() == "Haus"
    house.name = "Treff"
    house.save()
    assert name_read() == "Treff"


def test_a_booking_costs_no_new_look_at_house_and_rooms(django_assert_num_queries) -> None:
    house = make_house()
    make_room(house)
    first = house_to_read()
    facts = house_facts(first)
    raise_plan_version(house.pk, facts_change=False)
    with django_assert_num_queries(1):
        second = house_to_read()
        assert house_facts(second) is facts
    # Whoever still reads the former one keeps its version.
    assert second.plan_version == first.plan_version + 1


def test_rooms_are_read_again_where_the_version_goes_back() -> None:
    """As after a backup was restored: the same number stands for other rooms then."""
    house = make_house()
    room = make_room(house, "Saal")
    backup = House.objects.values("plan_version", "facts_version").get()
    room.name = "Halle"
    room.save()
    facts = house_facts(house_to_read())
    assert [known.name for known in facts.rooms.values()] == ["Halle"]
    House.objects.update(**backup)
    house_facts(house_to_read())
    room.name = "Aula"
    room.save()
    known = house_to_read()
    assert known.facts_version == facts.version
    assert [room.name for room in house_facts(known).rooms.values()] == ["Aula"]


def test_what_is_rolled_back_is_not_kept() -> None:
    house = make_house(name="Haus")
    with suppress(DatabaseError), transaction.atomic():
        house.name = "Treff"
        house.save()
        assert name_read() == "Treff"
        raise DatabaseError
    # The next change gets the version that was rolled back.
    raise_plan_version(house.pk)
    assert name_read() == "Haus"


def test_of_several_houses_the_first_that_is_meant_is_read() -> None:
    first, second = make_house(), make_house()
    assert [house_to_read(), house_to_read(slug=second.slug)] == [first, second]
    House.objects.all().delete()
    assert house_to_read() is None
