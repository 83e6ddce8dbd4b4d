"""How many others have asked: told to people who are known, and never of their own requests."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from bookings.availability.nearest import check_wish
from bookings.availability.wishes import wish_for
from bookings.enums import SlotStatus
from bookings.errors import WishBreaksRules
from bookings.services import add_dates, request_booking
from hausderbegegnung.models import User
from rooms.models import House, Room
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_association,
    make_booking,
    make_form_values,
    make_house,
    make_request_data,
    make_room,
    make_staff,
    make_token,
    make_user,
)
from tests.hausderbegegnung.web.series import series_values

pytestmark = pytest.mark.django_db

TOLD = "Diese Zeit haben auch andere angefragt ({}). Das Haus entscheidet."
PEOPLE = ["owner", "member", "staff", "stranger", "visitor"]
# The owner has sent two of the four requests, and one is of the association both act for.
OTHERS = {"owner": 1, "member": 2, "staff": 4, "stranger": 4}


@pytest.fixture
def house(db: None) -> House:
    return make_house(slug="hdb")


@pytest.fixture
def room(house: House) -> Room:
    return make_room(house, slug="saal-a")


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def people(room: Room) -> dict[str, User | None]:
    """Four requests for the same time: two of the owner, one of the owner's association, one of others."""
    owner, member = make_user(), make_user()
    common = make_association(owner, member)
    for fields in [
        {"applicant": owner, "association": common},
        {"applicant": owner},
        {"association": common},
        {"applicant": make_user()},
    ]:
        make_booking([room], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED, **fields)
    return {
        "owner": owner,
        "member": member,
        # Staff decide between all of them, also where they act for one.
        "staff": make_staff(),
        "stranger": make_user(),
        "visitor": None,
    }


def others(who: str) -> list[str]:
    """What is told of the four requests, in words."""
    number = {"owner": 1, "member": 2, "staff": 4, "stranger": 4, "visitor": 0}[who]
    return [TOLD.format(number)] if number else []


def browser_of(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def program_of(user: User | None) -> APIClient:
    client = APIClient(HTTP_ACCEPT_LANGUAGE="de")
    if user is not None:
        client.credentials(HTTP_AUTHORIZATION=f"Token {make_token(user)}")
    return client


@pytest.mark.parametrize("who", PEOPLE)
def test_the_form_counts_the_requests_of_others(people: dict[str, Any], room: Room, who: str) -> None:
    answer = browser_of(people[who]).post("/anfrage/pruefen/", make_form_values([room]))
    assert [str(reason.message) for reason in answer.context["check"].warnings] == others(who)


@pytest.mark.parametrize("who", PEOPLE)
def test_the_form_of_a_series_does(people: dict[str, Any], room: Room, who: str) -> None:
    answer = browser_of(people[who]).post("/anfrage/pruefen/", series_values([room]))
    first, *rest = answer.context["series"].rows
    assert list(first.sentences) == others(who)
    assert [row.state for row in rest if row.state == "rivals"] == []


@pytest.mark.parametrize("who", PEOPLE)
def test_the_search_for_a_room_does(people: dict[str, Any], room: Room, who: str) -> None:
    wish = {"datum": "20.04.2027", "von": "16:00", "dauer": "120"}
    client = browser_of(people[who])
    (found,) = client.get("/finden/", wish).context["free"]
    assert found.warnings == others(who)
    (found,) = client.get("/finden/", {**wish, "takt": "weekly", "anzahl": "3"}).context["series"].rooms
    assert [warned.sentence for warned in found.warnings] == others(who)


@pytest.mark.parametrize("who", PEOPLE)
def test_programs_are_told_the_same(people: dict[str, Any], room: Room, who: str) -> None:
    client = program_of(people[who])
    wish = {
        "rooms": [room.slug],
        "starts_at": "2027-04-20T16:00:00+02:00",
        "ends_at": "2027-04-20T18:00:00+02:00",
    }
    single = client.post("/api/v1/availability/check/", wish, format="json").json()
    assert [reason["message"] for reason in single["reasons"]] == others(who)
    series = {"rrule": "FREQ=WEEKLY;COUNT=2", "rooms": [room.slug], "starts_at": "2027-04-20T16:00"}
    series["ends_at"] = "2027-04-20T18:00"
    plan = client.post("/api/v1/series/check/", {"series": series}, format="json").json()
    assert [[reason["message"] for reason in date["reasons"]] for date in plan["dates"]] == [others(who), []]


@pytest.mark.parametrize("who", ["owner", "staff", "stranger"])
def test_what_is_refused_for_another_reason_does_not_count_them_either(
    people: dict[str, Any], house: House, room: Room, who: str
) -> None:
    """The refusal of the service names rivals beside what stopped it, and the page shows that."""
    House.objects.filter(pk=house.pk).update(max_minutes=60, facts_version=9)
    user = people[who]
    data = make_request_data(
        [room],
        berlin(DAY, "16:00"),
        berlin(DAY, "18:00"),
        new_association_name="Lesekreis",
        new_association_kind="initiative",
    )
    with pytest.raises(WishBreaksRules) as refused:
        request_booking(data=data, actor=user, now=NOW)
    sentences = {reason.code: str(reason.message) for reason in refused.value.reasons}
    assert sentences["rival"] == TOLD.format(OTHERS[who])


def test_further_dates_do_not_count_them(people: dict[str, Any], room: Room) -> None:
    owner = people["owner"]
    booking = make_booking([room], berlin(DAY + timedelta(days=1), "16:00"), applicant=owner)
    House.objects.filter(pk=booking.house_id).update(max_minutes=60, facts_version=9)
    wanted = make_request_data([room], berlin(DAY, "16:00"), berlin(DAY, "18:00")).dates
    with pytest.raises(WishBreaksRules) as refused:
        add_dates(booking_id=booking.pk, actor=owner, now=NOW, dates=wanted)
    sentences = {reason.code: str(reason.message) for reason in refused.value.reasons}
    assert sentences["rival"] == TOLD.format(1)


def test_a_member_of_staff_is_told_of_the_requests_of_the_own_choir_too(room: Room) -> None:
    staff = make_staff()
    make_booking(
        [room], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED, association=make_association(staff)
    )
    wish = wish_for(
        house=room.house, room_ids=[room.pk], starts_at=berlin(DAY, "16:00"), ends_at=berlin(DAY, "18:00")
    )
    (reason,) = check_wish(house=room.house, wish=wish, now=NOW, asker=staff)
    assert str(reason.message) == TOLD.format(1)


def test_an_approved_booking_of_ones_own_is_in_the_way_all_the_same(room: Room) -> None:
    owner = make_user()
    make_booking([room], berlin(DAY, "16:00"), applicant=owner)
    wish = wish_for(
        house=room.house, room_ids=[room.pk], starts_at=berlin(DAY, "17:00"), ends_at=berlin(DAY, "19:00")
    )
    (reason,) = check_wish(house=room.house, wish=wish, now=NOW, asker=owner)
    assert reason.code == "clash"


def test_many_own_requests_cost_no_query_more(room: Room) -> None:
    owner, counts = make_user(), []
    wish = wish_for(
        house=room.house, room_ids=[room.pk], starts_at=berlin(DAY, "16:00"), ends_at=berlin(DAY, "18:00")
    )
    for number in (1, 9):
        for _ in range(number):
            make_booking([room], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED, applicant=owner)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert check_wish(house=room.house, wish=wish, now=NOW, asker=owner) == []
        counts.append(len(queries))
    assert counts[0] == counts[1]
