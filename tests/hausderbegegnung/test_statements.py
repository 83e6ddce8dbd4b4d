"""How many statements a request and an answer to it take, whoever asks and however many dates there are."""

import uuid
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from bookings.enums import SlotStatus
from bookings.models import Association, Booking
from hausderbegegnung.models import User
from rooms.models import House, HouseRules, Room
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_association,
    make_booking_on,
    make_form_values,
    make_house,
    make_house_rules,
    make_room,
    make_staff,
    make_token,
    make_user,
    weekly,
)

# What is kept in memory of a house is kept when it is committed.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.parametrize("number", [1, 52])]

STATEMENTS = ("SELECT", "INSERT", "UPDATE", "DELETE")


@pytest.fixture(autouse=True)
def stopped_clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def house() -> House:
    return make_house(slug="hdb", horizon_days=1000)


@pytest.fixture
def rules(house: House) -> HouseRules:
    return make_house_rules(house)


@pytest.fixture
def rooms(house: House) -> list[Room]:
    return [make_room(house, name) for name in ("Saal A", "Saal B")]


@pytest.fixture
def association(owner: User) -> Association:
    return make_association(make_user(), owner, name="Chor")


@pytest.fixture
def page(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def page_of_staff(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def program(owner: User) -> APIClient:
    return APIClient(HTTP_AUTHORIZATION=f"Token {make_token(owner)}")


@pytest.fixture
def program_of_staff() -> APIClient:
    return APIClient(HTTP_AUTHORIZATION=f"Token {make_token(make_staff())}")


def statements(send: Callable[[], Any], status: int) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert send().status_code == status
    return sum(query["sql"].lstrip().startswith(STATEMENTS) for query in queries)


def days(number: int, later: int = 0) -> list[date]:
    return weekly(DAY + timedelta(days=later), number)


def sent(
    rooms: Sequence[Room], on: Sequence[date], association: Association, rules: HouseRules
) -> dict[str, Any]:
    """Return what a program sends that asks for these days in these rooms."""
    return {
        "dates": [
            {
                "rooms": [room.slug for room in rooms],
                "starts_at": berlin(day, "16:00").isoformat(),
                "ends_at": berlin(day, "18:00").isoformat(),
            }
            for day in on
        ],
        "association": association.name,
        "contact_name": "Maria Beispiel",
        "kind": "meeting",
        "title": "Elternabend",
        "persons": 10,
        "house_rules": rules.version,
        "submission_key": str(uuid.uuid4()),
    }


def test_a_request_by_a_program(
    program: APIClient, rooms: list[Room], association: Association, rules: HouseRules, number: int
) -> None:
    def ask(later: int) -> Callable[[], Any]:
        body = sent(rooms, days(number, later), association, rules)
        return lambda: program.post("/api/v1/bookings/", body, format="json")

    ask(0)()
    assert statements(ask(1), 201) == 14


def test_a_refused_request_by_a_program(
    program: APIClient, rooms: list[Room], association: Association, rules: HouseRules, number: int
) -> None:
    make_booking_on(rooms, days(number))
    body = sent(rooms, days(number), association, rules)

    def ask() -> Any:
        return program.post("/api/v1/bookings/", body, format="json")

    ask()
    # Of a single date it is said when the rooms are free next.
    assert statements(ask, 409) == (8 if number == 1 else 7)


def test_a_request_from_the_page(
    page: Client, rooms: list[Room], association: Association, rules: HouseRules, number: int
) -> None:
    def ask(later: int) -> Callable[[], Any]:
        values = make_form_values(
            rooms,
            DAY + timedelta(days=later),
            association=association.pk,
            house_rules=rules.pk,
            accept_rules="on",
            **({"repeats": "weekly", "count": number, "school": "ignored"} if number > 1 else {}),
        )
        return lambda: page.post("/anfrage/", values)

    ask(0)()
    # The first series of a house makes its calendar, and with it a new version of the house.
    ask(1)()
    # A series is looked for among those that were sent already before it is planned, and has rule and event.
    assert statements(ask(2), 302) == (14 if number == 1 else 17)
    assert Booking.objects.latest("pk").slots.count() == number


def test_an_approval_from_the_page(page_of_staff: Client, rooms: list[Room], number: int) -> None:
    def approve(later: int) -> Callable[[], Any]:
        booking = make_booking_on(rooms, days(number, later), status=SlotStatus.REQUESTED)
        path = f"/eingang/{booking.reference}/genehmigen/"
        return lambda: page_of_staff.post(path, {"decide-version": booking.version, "decide-note": "Gern."})

    approve(0)()
    assert statements(approve(1), 302) == 14


def test_an_approval_by_a_program(program_of_staff: APIClient, rooms: list[Room], number: int) -> None:
    def approve(later: int) -> Callable[[], Any]:
        booking = make_booking_on(rooms, days(number, later), status=SlotStatus.REQUESTED)
        path = f"/api/v1/bookings/{booking.reference}/approve/"
        return lambda: program_of_staff.post(path, {"version": booking.version}, format="json")

    approve(0)()
    assert statements(approve(1), 200) == 14
