"""Who may act for whom: the owner, staff, and a stranger who acts for another association."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import get_resolver, reverse
from rest_framework.test import APIClient

from bookings.access.actors import DateHolder
from bookings.enums import SlotStatus
from bookings.errors import DomainError, InvalidRequest
from bookings.models import Booking, Transition
from bookings.services import (
    Move,
    add_dates,
    approve_booking,
    confirm_date,
    correct_address,
    decide_booking,
    give_dates_back,
    move_dates,
    reject_booking,
    renew_links,
    request_booking,
    request_change,
    revoke_booking,
)
from hausderbegegnung.api.views.bookings import VERBS
from hausderbegegnung.models import User
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_association,
    make_booking_on,
    make_house,
    make_house_rules,
    make_request_data,
    make_room,
    make_staff,
    make_token,
    make_user,
    weekly,
)

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class People:
    """Who is tried; the stranger has an association with a booking of its own."""

    owner: User
    staff: User
    stranger: User


@pytest.fixture
def people(db: None) -> People:
    return People(make_user(), make_staff(), make_user())


@pytest.fixture
def booking(people: People) -> Booking:
    """Two approved dates and, for verbs about what is pending, two of another booking; both the owner's."""
    room, association = make_room(make_house(slug="hdb"), slug="saal-a"), make_association(people.owner)
    make_booking_on([room], weekly(DAY, 2), "10:00", "12:00", association=make_association(people.stranger))
    return make_booking_on([room], weekly(DAY, 2), association=association, applicant=make_user())


@pytest.fixture
def pending(booking: Booking) -> Booking:
    room = booking.slots.first().rooms.get()
    return make_booking_on(
        [room], weekly(DAY, 2), "19:00", "21:00", association=booking.association, status=SlotStatus.REQUESTED
    )


def _wanted(booking: Booking) -> Any:
    room = booking.slots.first().rooms.get()
    return make_request_data(
        [room], berlin(DAY.replace(day=22), "16:00"), berlin(DAY.replace(day=22), "18:00")
    )


def _move(booking: Booking, **who: Any) -> None:
    (date,) = _wanted(booking).dates
    slot = booking.slots.first()
    move_dates(
        booking_id=booking.pk, moves=[Move(slot.pk, date.starts_at, date.ends_at, date.room_ids)], **who
    )


def _confirm(booking: Booking, **who: Any) -> None:
    confirm_date(slot_id=booking.slots.first().pk, **who)


def _of(service: Callable[..., Any], **arguments: Any) -> Callable[..., Any]:
    return lambda booking, **who: service(booking_id=booking.pk, **arguments, **who)


# By name: who may, whether it is about a pending booking, and the call.
SERVICES: dict[str, tuple[set[str], bool, Callable[..., Any]]] = {
    "approve": ({"staff"}, True, _of(approve_booking)),
    "decide": (
        {"staff"},
        True,
        lambda booking, **who: decide_booking(
            booking_id=booking.pk,
            approve=[slot.pk for slot in booking.slots.all()],
            reject=[],
            reason="",
            **who,
        ),
    ),
    "reject": ({"staff"}, True, _of(reject_booking, reason="Nein")),
    "revoke": ({"staff"}, False, _of(revoke_booking, reason="Wasser")),
    "move": ({"staff"}, False, _move),
    "renew_links": ({"staff"}, False, _of(renew_links)),
    "correct_address": ({"staff"}, False, _of(correct_address, address="neu@example.org")),
    "withdraw": ({"owner"}, True, _of(give_dates_back)),
    "cancel": ({"owner", "staff"}, False, _of(give_dates_back)),
    "confirm": ({"owner", "staff"}, False, _confirm),
    "add": (
        {"owner", "staff"},
        False,
        lambda booking, **who: add_dates(booking_id=booking.pk, dates=_wanted(booking).dates, **who),
    ),
    "change": (
        {"owner", "staff"},
        False,
        lambda booking, **who: request_change(booking_id=booking.pk, data=_wanted(booking), **who),
    ),
}


def _outcome(call: Callable[..., Any], booking: Booking, actor: Any) -> str:
    try:
        call(booking, actor=actor, now=NOW)
    except DomainError as error:
        return error.code
    return "done"


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("who", ["owner", "staff", "stranger"])
def test_who_may_do_what(booking: Booking, pending: Booking, people: People, name: str, who: str) -> None:
    may, is_pending, call = SERVICES[name]
    outcome = _outcome(call, pending if is_pending else booking, getattr(people, who))
    refused = "not_found" if who == "stranger" else "not_allowed"
    assert outcome == ("done" if who in may else refused)


def state_of(*bookings: Booking) -> list[Any]:
    """All that a stranger might have changed."""
    return [
        *Booking.objects.order_by("pk").values(),
        *[list(booking.slots.order_by("pk").values()) for booking in bookings],
        Transition.objects.count(),
    ]


def addresses() -> list[tuple[str, tuple[str, ...]]]:
    """Return the name and parameters of every page of a booking, but for those with a secret link."""
    found = []
    for name, patterns in get_resolver().reverse_dict.lists():
        for possibilities, *_rest in patterns:
            for _template, parameters in possibilities:
                if isinstance(name, str) and "reference" in parameters and "token" not in parameters:
                    found.append((name, tuple(parameters)))
    return sorted(set(found))


def test_pages_of_a_booking_are_closed_to_members_of_other_associations(
    booking: Booking, pending: Booking, people: People
) -> None:
    client, before, tried = Client(), state_of(booking, pending), set()
    with time_machine.travel(NOW, tick=False):
        client.force_login(people.stranger)
        for asked_for in (booking, pending):
            values = {"reference": asked_for.reference, "uid": str(asked_for.slots.first().uid)}
            for name, parameters in addresses():
                if name.startswith("api_"):
                    continue
                path = reverse(name, kwargs={parameter: values[parameter] for parameter in parameters})
                for answer in (client.get(path), client.post(path, {"note": "x", "reason": "x"})):
                    assert answer.status_code in {403, 404, 405}, path
                    assert asked_for.title not in answer.content.decode()
                tried.add(name)
    assert len(tried) >= 15
    assert state_of(booking, pending) == before


def test_programs_of_members_of_other_associations_find_no_booking(
    booking: Booking, pending: Booking, people: People
) -> None:
    client = APIClient(HTTP_AUTHORIZATION=f"Token {make_token(people.stranger)}")
    before = state_of(booking, pending)
    with time_machine.travel(NOW, tick=False):
        for asked_for in (booking, pending):
            uid = str(asked_for.slots.first().uid)
            sent = {"reason": "x", "dates": [uid], "approve": [uid], "reject": [], "moves": []}
            paths = [f"/api/v1/bookings/{asked_for.reference}/{verb}/" for verb in VERBS]
            answers = [client.get(f"/api/v1/bookings/{asked_for.reference}/")]
            answers += [client.post(path, sent, format="json") for path in paths]
            assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "not_found")}
        listed = client.get("/api/v1/bookings/").json()["results"]
    assert {asked_for.reference for asked_for in (booking, pending)} & {
        row["reference"] for row in listed
    } == set()
    assert state_of(booking, pending) == before


def test_the_link_to_one_date_gives_back_this_date_and_never_the_series(booking: Booking) -> None:
    first, second = booking.slots.order_by("starts_at")
    holder = DateHolder(booking_id=booking.pk, slot_id=first.pk)
    for slot_ids in (None, [first.pk, second.pk], [second.pk]):
        assert _outcome(_of(give_dates_back, slot_ids=slot_ids), booking, holder) == "not_allowed"
    assert set(booking.slots.values_list("status", flat=True)) == {"approved"}
    assert _outcome(_of(give_dates_back, slot_ids=[first.pk]), booking, holder) == "done"
    assert list(booking.slots.order_by("starts_at").values_list("status", flat=True)) == [
        "cancelled",
        "approved",
    ]


# What a request may name -----------------------------------------------------------------------


@pytest.mark.parametrize(("who", "follows"), [("owner", True), ("staff", True), ("stranger", False)])
def test_a_request_continues_a_booking_of_its_own_association_only(
    booking: Booking, people: People, who: str, follows: bool
) -> None:
    """Whoever asks, even staff: a series of another association is not continued by a guessed number."""
    association = people.stranger.associations.get() if who == "stranger" else booking.association
    data = replace(_wanted(booking), association_id=association.pk, follows_id=booking.pk)
    asked = request_booking(data=data, actor=getattr(people, who), now=NOW)
    assert asked.follows == (booking if follows else None)


@pytest.mark.parametrize("who", ["owner", "staff", "stranger"])
def test_house_rules_of_another_house_are_no_consent(booking: Booking, people: People, who: str) -> None:
    rules, foreign = make_house_rules(booking.house), make_house_rules(make_house())
    actor = getattr(people, who)
    association = people.stranger.associations.get() if who == "stranger" else booking.association
    data = replace(_wanted(booking), association_id=association.pk)
    with pytest.raises(InvalidRequest) as refused:
        request_booking(data=replace(data, house_rules_id=foreign.pk), actor=actor, now=NOW)
    assert refused.value.field == "house_rules"
    accepted = request_booking(data=replace(data, house_rules_id=rules.pk), actor=actor, now=NOW)
    assert accepted.house_rules == rules
