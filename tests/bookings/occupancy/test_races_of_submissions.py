"""One form sent several times at once, as it was and changed: first without the guard, then with it."""

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import time_machine
from django.test import Client
from rest_framework.test import APIClient

from bookings.enums import SlotStatus
from bookings.models import Booking
from bookings.services import RequestData, import_booking, request_booking
from hausderbegegnung.models import User
from rooms.models import Room
from tests.bookings.occupancy.test_races import race
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_association,
    make_form_values,
    make_house,
    make_request_data,
    make_room,
    make_staff,
    make_token,
)

pytestmark = pytest.mark.django_db(transaction=True)

CLIENTS = 8
TITLES = ("Elternabend", "Chorprobe")


@pytest.fixture
def room() -> Room:
    return make_room(make_house(slug="hdb"), slug="saal-a")


@pytest.fixture
def data(room: Room, owner: User) -> RequestData:
    return make_request_data(
        [room], berlin(DAY, "16:00"), berlin(DAY, "18:00"), association_id=make_association(owner).pk
    )


def titles() -> list[str]:
    return sorted(Booking.objects.values_list("title", flat=True))


def sent_at_once(send: Callable[[int], Any]) -> list[Any]:
    """Return what `send(number)` gives to clients that start together."""
    answers: list[Any] = []
    assert race(lambda number: answers.append(send(number)), CLIENTS) == {"won": CLIENTS}
    return answers


def post(token: str, room: Room, key: str = "eins", **fields: Any) -> Any:
    """Return what a program is answered that asks for `room` with the token and an Idempotency-Key."""
    client = APIClient(HTTP_AUTHORIZATION=f"Token {token}", HTTP_IDEMPOTENCY_KEY=key)
    date = {
        "rooms": [room.slug],
        "starts_at": "2027-04-20T16:00:00+02:00",
        "ends_at": "2027-04-20T18:00:00+02:00",
    }
    body = {"dates": [date], "contact_name": "Maria Beispiel", "kind": "meeting", "persons": 10, **fields}
    return client.post("/api/v1/bookings/", body, format="json")


def test_control_looking_for_the_request_and_then_storing_it_stores_it_again(data: RequestData) -> None:
    """The control: without the lock and the unique key everybody finds nothing, and stores it."""
    looked, staff = threading.Barrier(CLIENTS), make_staff()

    def look_then_store(number: int) -> None:
        is_known = Booking.objects.filter(title=data.title).exists()
        looked.wait(timeout=30)
        if not is_known:
            sent = replace(data, submission_key=uuid.uuid4())
            import_booking(data=sent, status=SlotStatus.REQUESTED, actor=staff, now=NOW)

    assert race(look_then_store, CLIENTS) == {"won": CLIENTS}
    assert Booking.objects.count() == CLIENTS


def test_the_same_request_sent_at_once_is_one_booking(data: RequestData, owner: User) -> None:
    stored = sent_at_once(lambda _: request_booking(data=data, actor=owner, now=NOW).pk)
    assert stored == [Booking.objects.get().pk] * CLIENTS


def test_of_two_requests_with_one_key_one_is_stored_and_the_other_told_so(
    data: RequestData, owner: User
) -> None:
    def send(number: int) -> None:
        request_booking(data=replace(data, title=TITLES[number % 2]), actor=owner, now=NOW)

    assert race(send, CLIENTS) == {"won": CLIENTS // 2, "KeyReused": CLIENTS // 2}
    assert titles() in [[title] for title in TITLES]


def test_one_key_in_two_houses_at_once_is_one_booking_and_a_conflict(data: RequestData, owner: User) -> None:
    """Each house has a lock of its own."""
    elsewhere = make_room(make_house(slug="muehle"), slug="saal-a")
    at = berlin(DAY, "16:00"), berlin(DAY, "18:00")
    other = make_request_data(
        [elsewhere], *at, association_id=data.association_id, submission_key=data.submission_key
    )

    def send(number: int) -> None:
        request_booking(data=[data, other][number % 2], actor=owner, now=NOW)

    assert race(send, CLIENTS) == {"won": CLIENTS // 2, "KeyReused": CLIENTS // 2}
    assert Booking.objects.count() == 1


def test_two_requests_from_one_page_are_two_bookings(room: Room, owner: User) -> None:
    typed = make_form_values([room], association_name="Lesekreis")

    def send(number: int) -> int:
        client = Client()
        client.force_login(owner)
        return client.post("/anfrage/", {**typed, "title": TITLES[number % 2]}).status_code

    with time_machine.travel(NOW, tick=False):
        assert sent_at_once(send) == [302] * CLIENTS
    assert titles() == sorted(TITLES)


def test_two_requests_with_one_key_are_one_booking_and_a_conflict_for_programs(
    room: Room, owner: User, data: RequestData
) -> None:
    key, association = make_token(owner), owner.memberships.get().association.name

    def send(number: int) -> tuple[str, str]:
        title = TITLES[number % 2]
        answer = post(key, room, association=association, title=title).json()
        return title, answer.get("code") or answer["reference"]

    with time_machine.travel(NOW, tick=False):
        answers = sent_at_once(send)
    stored = Booking.objects.get()
    (other,) = {*TITLES} - {stored.title}
    half = CLIENTS // 2
    assert Counter(answers) == {(stored.title, stored.reference): half, (other, "key_reused"): half}


def test_of_one_request_sent_at_once_by_a_program_one_is_created_and_the_others_are_repeats(
    room: Room, owner: User, data: RequestData
) -> None:
    key, association = make_token(owner), owner.memberships.get().association.name

    def send(number: int) -> tuple[int, dict[str, Any]]:
        answer = post(key, room, association=association, title=TITLES[0])
        return answer.status_code, answer.json()

    with time_machine.travel(NOW, tick=False):
        answers = sent_at_once(send)
    assert Counter(status for status, _body in answers) == {201: 1, 200: CLIENTS - 1}
    assert [body for _status, body in answers] == [answers[0][1]] * CLIENTS
    assert answers[0][1]["reference"] == Booking.objects.get().reference
