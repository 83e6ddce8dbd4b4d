"""First requests for one new association sent at once: first without the guard, then with it."""

import threading
from collections import Counter

import pytest
import time_machine

from bookings.access.associations import associations_for, find_association
from bookings.errors import AmbiguousAssociation
from bookings.models import Association, Membership
from bookings.services import request_booking
from hausderbegegnung.models import User
from rooms.models import Room
from tests.bookings.occupancy.test_races import race
from tests.bookings.occupancy.test_races_of_submissions import CLIENTS, post, sent_at_once
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_association,
    make_house,
    make_request_data,
    make_room,
    make_staff,
    make_token,
)

pytestmark = pytest.mark.django_db(transaction=True)

# Whatever its capitals and spaces, it is one name.
SPELLINGS = ("Lesekreis Ährenweg", "LESEKREIS  ährenweg")


@pytest.fixture
def room() -> Room:
    return make_room(make_house(slug="hdb"), slug="saal-a")


def test_control_looking_for_the_association_and_then_making_it_makes_it_again(
    room: Room, owner: User
) -> None:
    """The control: without the lock everybody makes one, and then the name says nothing."""
    looked = threading.Barrier(CLIENTS)

    def look_then_make(number: int) -> None:
        known = find_association(SPELLINGS[0], associations_for(owner, room.house))
        looked.wait(timeout=30)
        if known is None:
            make_association(owner, name=SPELLINGS[0])

    assert race(look_then_make, CLIENTS) == {"won": CLIENTS}
    assert Association.objects.count() == CLIENTS
    with pytest.raises(AmbiguousAssociation):
        find_association(SPELLINGS[0], associations_for(owner, room.house))


@pytest.mark.parametrize("who", ["applicant", "staff"])
def test_first_requests_sent_at_once_make_the_association_once(room: Room, owner: User, who: str) -> None:
    actor = owner if who == "applicant" else make_staff()

    def send(number: int) -> int:
        data = make_request_data(
            [room],
            berlin(DAY, "16:00"),
            berlin(DAY, "18:00"),
            new_association_name=SPELLINGS[number % 2],
            new_association_kind="initiative",
        )
        return request_booking(data=data, actor=actor, now=NOW).association_id

    assert sent_at_once(send) == [Association.objects.get().pk] * CLIENTS
    members = list(Membership.objects.values_list("user_id", flat=True))
    assert members == ([owner.pk] if who == "applicant" else [])


@pytest.mark.parametrize("who", ["applicant", "staff"])
def test_first_requests_in_two_houses_at_once_make_the_association_once(
    room: Room, owner: User, who: str
) -> None:
    actor = owner if who == "applicant" else make_staff()
    rooms = [room, make_room(make_house(slug="muehle"), slug="saal-a")]

    def send(number: int) -> int:
        data = make_request_data(
            [rooms[number % 2]],
            berlin(DAY, "16:00"),
            berlin(DAY, "18:00"),
            new_association_name=SPELLINGS[number // 2 % 2],
            new_association_kind="initiative",
        )
        return request_booking(data=data, actor=actor, now=NOW).association_id

    assert sent_at_once(send) == [Association.objects.get().pk] * CLIENTS


def test_a_program_that_asks_at_once_for_a_new_association_goes_on_by_its_name(
    room: Room, owner: User
) -> None:
    token = make_token(owner)

    def send(number: int) -> int:
        sent = {"association": "Lesekreis", "association_kind": "initiative", "title": f"Treffen {number}"}
        return post(token, room, key=str(number), **sent).status_code

    with time_machine.travel(NOW, tick=False):
        assert Counter(sent_at_once(send)) == {201: CLIENTS}
        assert Association.objects.get().name == "Lesekreis"
        again = post(token, room, key="later", association="Lesekreis", title="Treffen")
    assert (again.status_code, again.json()["association"]["number"]) == (201, Association.objects.get().pk)
