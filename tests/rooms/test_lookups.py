"""What is kept of a house in memory is never older than its versions."""

from contextlib import suppress
from datetime import date

import pytest
from django.db import DatabaseError, transaction

from bookings.services._lock import lock_house
from rooms.facts import house_facts
from rooms.lookups import house_to_read
from rooms.models import Closure, House, raise_plan_version
from tests.factories import DAY, berlin, make_house, make_house_rules, make_room

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
    with transaction.atomic():
        lock_house(house.pk)
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


def test_rooms_are_read_once_in_a_transaction(django_assert_num_queries) -> None:
    house = make_house()
    make_room(house)
    with transaction.atomic():
        known = House.objects.get()
        facts = house_facts(known)
        with django_assert_num_queries(0):
            assert house_facts(known) is facts
        # Known to nobody else before the transaction is committed.
        assert [room.name for room in facts.rooms.values()] == ["Saal A"]
    with django_assert_num_queries(0):
        assert house_facts(known) is facts


def test_rooms_that_are_rolled_back_are_read_anew_in_the_same_transaction() -> None:
    room = make_room(make_house(), "Saal")
    names = []
    with transaction.atomic():
        for name in ("Halle", "Aula"):
            with suppress(DatabaseError), transaction.atomic():
                room.name = name
                room.save()
                house = House.objects.get()
                names.append([known.name for known in house_facts(house).rooms.values()])
                raise DatabaseError
    assert names == [["Halle"], ["Aula"]]


def test_a_closure_and_new_rules_are_known_with_their_version() -> None:
    house = make_house()
    assert house_facts(house_to_read()).closures == ()
    Closure.objects.create(
        house=house, starts_at=berlin(DAY, "08:00"), ends_at=berlin(DAY, "10:00"), reason="Putzen"
    )
    make_house_rules(house)
    facts = house_facts(house_to_read())
    assert [closure.reason for closure in facts.closures] == ["Putzen"]
    assert facts.rules_on(date(2026, 12, 31)) is None
    assert facts.rules_on(date(2027, 1, 1)).version == "2027-01"
