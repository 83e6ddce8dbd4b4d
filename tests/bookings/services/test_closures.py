"""Closing rooms and opening them again."""

from datetime import timedelta

import pytest

from bookings.availability.nearest import check_wish
from bookings.availability.wishes import wish_for
from bookings.errors import ClosureNotFound, InvalidRequest, NotAllowed
from bookings.services import close_rooms, open_rooms
from rooms.intervals import Interval
from rooms.models import Closure, House
from tests.factories import DAY, NOW, berlin, make_house, make_room, make_user

pytestmark = pytest.mark.django_db

NOON = Interval(berlin(DAY, "12:00"), berlin(DAY, "14:00"))


def close(house, actor, **changes):
    return close_rooms(
        **{
            "house_id": house.pk,
            "period": NOON,
            "reason": " Grundreinigung ",
            "actor": actor,
            "now": NOW,
            **changes,
        }
    ).result


def codes(house, room):
    house = House.objects.get(pk=house.pk)
    wish = wish_for(house=house, room_ids=[room.pk], starts_at=NOON.start, ends_at=NOON.end)
    return [reason.code for reason in check_wish(house=house, wish=wish, now=NOW)]


def test_a_closure_closes_its_rooms_until_it_is_removed(house, staff):
    room, other = make_room(house, "Saal A"), make_room(house, "Saal B")
    version = House.objects.get().plan_version
    closure = close(house, staff, room_ids=[room.pk])
    assert (closure.reason, list(closure.rooms.all()), closure.origin) == ("Grundreinigung", [room], "manual")
    assert (codes(house, room), codes(house, other)) == (["closed"], [])
    assert House.objects.get().plan_version > version

    version = House.objects.get().plan_version
    open_rooms(house_id=house.pk, closure_id=closure.pk, actor=staff, now=NOW)
    assert codes(house, room) == []
    assert House.objects.get().plan_version > version


def test_a_closure_changes_its_time_its_rooms_and_its_reason(house, staff):
    room = make_room(house)
    closure = close(house, staff)
    later = Interval(NOON.end, NOON.end + timedelta(hours=2))
    changed = close(house, staff, closure_id=closure.pk, period=later, room_ids=[room.pk], reason="Bau")
    assert changed == closure
    stored = Closure.objects.get()
    assert (stored.starts_at, stored.ends_at, stored.reason) == (later.start, later.end, "Bau")
    assert list(stored.rooms.all()) == [room]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"period": Interval(NOW - timedelta(hours=2), NOW)}, "last_day"),
        ({"room_ids": [999]}, "rooms"),
        ({"room_ids": "foreign"}, "rooms"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_field(house, staff, changes, field):
    if changes.get("room_ids") == "foreign":
        changes = {"room_ids": [make_room(make_house()).pk]}
    with pytest.raises(InvalidRequest) as refused:
        close(house, staff, **changes)
    assert refused.value.field == field
    assert not Closure.objects.exists()


def test_a_closure_of_another_house_is_not_there(house, staff):
    foreign = close(make_house(), staff)
    with pytest.raises(ClosureNotFound):
        close(house, staff, closure_id=foreign.pk)
    with pytest.raises(ClosureNotFound):
        open_rooms(house_id=house.pk, closure_id=foreign.pk, actor=staff, now=NOW)
    assert Closure.objects.get() == foreign


def test_only_staff_close_and_open(house, staff):
    closure = close(house, staff)
    for person in (make_user(), make_user(is_caretaker=True)):
        with pytest.raises(NotAllowed):
            close(house, person)
        with pytest.raises(NotAllowed):
            open_rooms(house_id=house.pk, closure_id=closure.pk, actor=person, now=NOW)
    assert Closure.objects.count() == 1
