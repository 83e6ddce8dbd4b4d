"""Every call keeps to the description: each operation, for each of the people, with bookings in every state.

The calls follow from the description, not from chance: what is sound, and then every field with each value
that the description forbids. Nothing that is sent outlives its call.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import transaction
from rest_framework.test import APIClient

from bookings.enums import SlotStatus
from bookings.models import Booking
from hausderbegegnung.models import User
from tests.factories import DAY, berlin, make_association, make_booking
from tests.hausderbegegnung.api.calls import LIST, a_date, address
from tests.hausderbegegnung.api.contract import Description

SNAPSHOT = Path(__file__).parents[3] / "docs" / "openapi.yaml"
PEOPLE = ("visitor", "stranger", "owner", "staff")
STATES = ("requested", "approved", "rejected", "cancelled")
EVENING = ("2027-04-21T19:30:00+02:00", "2027-04-21T21:30:00+02:00")
PERIOD = {"from": EVENING[0], "to": EVENING[1]}
WISH = {"rooms": ["saal-a"], "starts_at": EVENING[0], "ends_at": EVENING[1]}
SERIES = {
    "rooms": ["saal-a"],
    "starts_at": "2027-04-20T16:00",
    "ends_at": "2027-04-20T18:00",
    "rrule": "FREQ=WEEKLY;COUNT=3",
}
REQUEST = {
    "dates": [a_date(*EVENING)],
    "association": "Kita Regenbogenwiese",
    "association_kind": "school",
    "contact_name": "Maria Beispiel",
    "kind": "meeting",
    "title": "Elternabend",
    "persons": 24,
}
# What is sent to the operations that are about no single booking: sound, and answered by a success.
SENT: dict[str, dict[str, Any]] = {
    "house": {},
    "rooms": {},
    "room": {},
    "availability": {**PERIOD, "rooms": ["saal-a"]},
    "check_wish": {**WISH, "persons": 24},
    "check_wish_by_post": {**WISH, "persons": 24},
    "check_series": {"series": SERIES},
    "schedule": {"date": "2027-04-20"},
    "bookings": {"status": "approved", "mine": True, **PERIOD, "page": 1},
    "request_booking": REQUEST,
}


def verb_bodies(uid: str) -> dict[str, dict[str, Any]]:
    """Return what is sent to the operations on one booking about its date."""
    buffers = [{"date": uid, "setup_minutes": 15, "teardown_minutes": 0}]
    return {
        "booking": {},
        "approve_booking": {"dates": [uid], "buffers": buffers, "note": "Gern."},
        "decide_booking": {"approve": [uid]},
        "move_dates": {"moves": [{"date": uid, **a_date(*EVENING)}]},
        "add_dates": {"dates": [a_date(*EVENING)]},
        "reject_booking": {"reason": "Schon vergeben.", "dates": [uid]},
        "give_dates_back": {"note": "Krank", "dates": [uid]},
        "revoke_booking": {"reason": "Rohrbruch", "dates": [uid]},
        "renew_links": {"version": 1},
    }


@pytest.fixture(scope="module")
def description() -> Description:
    return Description()


@pytest.fixture
def people(place, visitor, as_stranger, as_owner, as_staff) -> dict[str, APIClient]:
    return dict(zip(PEOPLE, (visitor, as_stranger, as_owner, as_staff), strict=True))


@pytest.fixture
def bookings(place, owner: User) -> dict[str, Booking]:
    """One booking in every state, in a room and at a time of its own."""
    group = make_association(owner)
    return {
        state: make_booking(
            [place.hall_a],
            berlin(DAY, f"{10 + 2 * number}:00"),
            status=SlotStatus(state),
            applicant=owner,
            association=group,
            reason="Krank" if state in ("rejected", "cancelled") else "",
        )
        for number, state in enumerate(STATES)
    }


@contextmanager
def taken_back() -> Iterator[None]:
    """Take back what happens inside, and what the limits have counted."""
    cache.clear()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def call(description: Description) -> Callable[..., Any]:
    def answer(name: str, client: APIClient, sent: dict[str, Any], **names: str) -> Any:
        method, path, _operation = description.operations[name]
        with taken_back():
            if method == "get":
                return client.get(path.format(**names), {key: _written(value) for key, value in sent.items()})
            return client.post(path.format(**names), sent)

    return answer


def _written(value: Any) -> Any:
    return ",".join(value) if isinstance(value, list) else value


def test_every_operation_is_walked(description):
    assert {*SENT, *verb_bodies("")} == set(description.operations)


def test_what_the_tests_send_is_what_is_described(description, bookings):
    uid = str(bookings["approved"].slots.get().uid)
    sent = {**SENT, **verb_bodies(uid)}
    assert {name: description.sound(name, body) for name, body in sent.items()} == {name: [] for name in sent}


def test_answers_are_as_described_for_everybody(description, people, bookings, call):
    faults, answered = [], set()
    for name, sent in SENT.items():
        for client in people.values():
            response = call(name, client, sent, slug="saal-a")
            faults += description.faults(name, response)
            answered |= {name} if response.status_code in (200, 201) else set()
    assert (faults, answered) == ([], set(SENT))


def test_verbs_answer_as_described_for_everybody_on_bookings_in_every_state(
    description, people, bookings, call
):
    faults, answered = [], {}
    for state, booking in bookings.items():
        for name, sent in verb_bodies(str(booking.slots.get().uid)).items():
            for person, client in people.items():
                response = call(name, client, sent, reference=booking.reference)
                faults += [f"{person}, {state}: {fault}" for fault in description.faults(name, response)]
                answered.setdefault(name, {}).setdefault(response.status_code, set()).add((person, state))
    assert not faults, "\n".join(faults)
    # Only for strangers there is no booking; and each verb has found a state in which it works.
    every = {(person, state) for person in PEOPLE for state in STATES}
    strangers = {(person, state) for person, state in every if person == "stranger"}
    assert {name: by_status.get(404) for name, by_status in answered.items()} == dict.fromkeys(
        answered, strangers
    )
    assert {name for name, by_status in answered.items() if 200 not in by_status} == set()


@pytest.mark.parametrize("name", [*SENT, *verb_bodies("")])
def test_what_the_description_forbids_is_refused_as_described(description, people, bookings, call, name):
    booking = bookings["requested"]
    sent = {**SENT, **verb_bodies(str(booking.slots.get().uid))}[name]
    faults = []
    for why, broken in description.broken(name, sent):
        response = call(name, people["staff"], broken, slug="saal-a", reference=booking.reference)
        faults += [f"{why}: {fault}" for fault in description.faults(name, response)]
        if response.status_code < 400:
            faults.append(f"{why}: {name} takes it")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("name", "headers", "names", "status"),
    [
        ("check_wish_by_post", {"HTTP_AUTHORIZATION": "Token hdb_nobody"}, {}, 401),
        ("request_booking", {"HTTP_ACCEPT": "text/xml"}, {}, 406),
        ("room", {}, {"slug": "keller"}, 404),
        ("booking", {}, {"reference": "HdB-1999-0001"}, 404),
    ],
)
def test_what_goes_wrong_outside_of_what_is_sent_is_described(
    description, people, bookings, call, name, headers, names, status
):
    sent = {**SENT, **verb_bodies("")}[name]
    client = people["staff"]
    client.defaults.update(headers)
    if "HTTP_AUTHORIZATION" in headers:
        client.credentials(**headers)
    response = call(name, client, sent, **names)
    assert (response.status_code, description.faults(name, response)) == (status, [])


def test_a_list_goes_on_by_pages_as_described(description, people, bookings):
    client = people["staff"]
    first = client.get(LIST, {"page_size": 3})
    assert (description.faults("bookings", first), first.json()["count"]) == ([], len(STATES))
    rest = client.get(first.json()["next"])
    assert (description.faults("bookings", rest), len(rest.json()["results"])) == ([], 1)
    beyond = client.get(LIST, {"page": 9})
    assert (beyond.status_code, description.faults("bookings", beyond)) == (404, [])


def test_another_kind_of_body_is_refused_as_described(description, people, bookings):
    where = address(bookings["requested"], "approve")
    response = people["staff"].post(where, "note=Gern", content_type="application/x-www-form-urlencoded")
    assert (response.status_code, description.faults("approve_booking", response)) == (415, [])


def test_the_description_is_the_one_that_was_published(tmp_path):
    """A change of it is a change for programs: CONTRIBUTING says how to write it anew."""
    made = tmp_path / "openapi.yaml"
    call_command("spectacular", lang="en", file=str(made), validate=True, fail_on_warn=True)
    assert made.read_text() == SNAPSHOT.read_text()
