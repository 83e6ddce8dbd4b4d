"""What is bookable or shown never changes without the plan version: pages are cached under it."""

from datetime import UTC, datetime, time

import pytest

from rooms.models import Closure, Equipment, House, OpeningHours, SeatingLayout
from tests.factories import DAY, berlin, make_association, make_booking

pytestmark = pytest.mark.django_db


def version(house):
    return House.objects.values_list("plan_version", flat=True).get(pk=house.pk)


def versions(house):
    return House.objects.values_list("plan_version", "facts_version").get(pk=house.pk)


CHANGES = {
    "a room": lambda room: room.save(),
    "a room that goes": lambda room: room.delete(),
    "a layout": lambda room: SeatingLayout.objects.create(room=room, kind="circle", capacity=9),
    "hours": lambda room: OpeningHours.objects.create(
        house=room.house, room=room, weekday=0, opens_at=time(8), closes_at=time(9)
    ),
    "a closure": lambda room: Closure.objects.create(
        house=room.house,
        starts_at=datetime(2027, 1, 1, tzinfo=UTC),
        ends_at=datetime(2027, 1, 2, tzinfo=UTC),
        reason="Wartung",
    ),
    "equipment": lambda room: Equipment.objects.create(house=room.house, name="Beamer"),
    "the house": lambda room: House.objects.get(pk=room.house_id).save(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_saving_raises_both_versions(house, room, change):
    plan, facts = versions(house)
    CHANGES[change](room)
    assert versions(house) == (plan + 1, facts + 1)


def test_a_booking_leaves_the_facts_as_they_are(house, room):
    plan, facts = versions(house)
    make_booking([room], berlin(DAY, "16:00"))
    assert versions(house) > (plan, facts)
    assert versions(house)[1] == facts


def test_a_form_with_an_old_house_does_not_turn_the_version_back(house, room):
    old = House.objects.get(pk=house.pk)
    room.save()
    plan, facts = versions(house)
    old.name = "Neuer Name"
    old.save()
    assert (versions(house), House.objects.get(pk=house.pk).name) == ((plan + 1, facts + 1), "Neuer Name")


def test_renaming_an_association_changes_the_plans_that_show_it(house, room):
    association = make_association()
    make_booking([room], berlin(DAY, "16:00"), association=association)
    before = version(house)
    association.name = "Neuer Name e. V."
    association.save()
    assert version(house) == before + 1
