"""Who may what: asked of the owner of a booking, of staff and of a stranger, each in the house at hand."""

import pytest
from django.contrib.auth.models import AnonymousUser

from bookings.access import permissions
from bookings.access.actors import DateHolder, LinkHolder, System
from bookings.access.permissions import (
    May,
    actor_kind,
    can_act_for_applicant,
    can_administer,
    can_change,
    can_correct_contact_of,
    can_decide_on,
    can_give_up,
    can_read,
    can_request,
    can_use_password,
    caretakers_of,
    deciders_of,
    reaches,
    seen_houses,
)
from tests.factories import (
    DAY,
    berlin,
    make_association,
    make_booking,
    make_house,
    make_room,
    make_staff,
    make_user,
)

pytestmark = pytest.mark.django_db

FOR_STAFF = [
    permissions.can_decide,
    permissions.can_override,
    permissions.can_enter_for_others,
    permissions.can_see_requests,
    permissions.can_correct_contact,
    permissions.can_see_outbox,
    permissions.can_manage_house,
]


@pytest.fixture
def people():
    return {
        "owner": make_user(),
        "member": make_user(),
        "staff": make_staff(),
        "caretaker": make_user(is_caretaker=True),
        "stranger": make_user(),
        "visitor": AnonymousUser(),
        "software": System(),
    }


@pytest.fixture
def booking(house, people):
    association = make_association(people["member"])
    booking = make_booking(
        [make_room(house)], berlin(DAY, "16:00"), applicant=people["owner"], association=association
    )
    make_association(people["stranger"])
    return booking


def allowed(people, question):
    return [name for name, person in people.items() if question(person)]


@pytest.mark.parametrize("question", FOR_STAFF, ids=lambda question: question.__name__)
def test_what_is_for_staff_is_for_nobody_else(question, house, people, booking):
    assert allowed(people, lambda person: question(person, house)) == ["staff", "software"]


def test_the_plan_of_a_day_is_for_caretakers_too(house, people):
    assert allowed(people, lambda person: permissions.can_see_day_plan(person, house)) == [
        "staff",
        "caretaker",
        "software",
    ]
    assert allowed(people, lambda person: permissions.is_caretaker(person, house)) == ["caretaker"]


@pytest.mark.parametrize("question", [can_administer, can_use_password])
def test_the_administration_and_passwords_are_for_staff(question, people):
    assert allowed(people, question) == ["staff", "software"]


def test_whoever_is_logged_in_may_ask_for_rooms(people):
    assert allowed(people, can_request) == ["owner", "member", "staff", "caretaker", "stranger", "software"]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (can_act_for_applicant, ["owner", "member"]),
        (can_read, ["owner", "member", "staff", "software"]),
        (can_change, ["owner", "member", "staff", "software"]),
        (can_give_up, ["owner", "member", "staff", "software"]),
        (can_decide_on, ["staff", "software"]),
        (can_correct_contact_of, ["staff", "software"]),
    ],
)
def test_a_booking_is_for_its_people_and_staff(question, expected, people, booking):
    assert allowed(people, lambda person: question(person, booking)) == expected


def test_a_link_leads_to_its_own_booking_only(house, booking):
    other = make_booking([make_room(house, "Saal B")], berlin(DAY, "16:00"))
    holder = LinkHolder(booking.pk)
    for question in [can_act_for_applicant, can_read, can_change, can_give_up]:
        assert (question(holder, booking), question(holder, other)) == (True, False)
    assert not can_decide_on(holder, booking)


def test_the_link_to_a_date_gives_up_that_date_and_nothing_else(house, booking):
    other = make_booking([make_room(house, "Saal B")], berlin(DAY, "16:00"))
    slot = booking.slots.get()
    holder = DateHolder(booking_id=booking.pk, slot_id=slot.pk)
    assert (can_give_up(holder, booking), can_give_up(holder, other)) == (True, False)
    assert (reaches(holder, [slot.pk]), reaches(holder, [slot.pk, slot.pk + 1])) == (True, False)
    assert not any(question(holder, booking) for question in [can_act_for_applicant, can_read, can_change])


def test_the_history_keeps_as_what_somebody_acted(house, people, booking):
    people |= {"link": LinkHolder(booking.pk), "date": DateHolder(booking.pk, booking.slots.get().pk)}
    assert {name: actor_kind(person, house) for name, person in people.items()} == {
        "owner": "applicant",
        "member": "applicant",
        "staff": "staff",
        "caretaker": "applicant",
        "stranger": "applicant",
        "visitor": "applicant",
        "software": "system",
        "link": "link",
        "date": "link",
    }


def test_people_are_found_by_what_they_may_do(house, people):
    make_staff(is_active=False)
    make_user(is_caretaker=True, is_active=False)
    assert list(deciders_of(house)) == [people["staff"]]
    assert list(caretakers_of(house)) == [people["caretaker"]]


def test_all_requests_are_seen_in_the_houses_where_one_is_on_the_staff(house, people):
    houses = [house, make_house()]
    seen = {name: seen_houses(people[name], houses) for name in ["owner", "staff", "stranger"]}
    assert seen == {"owner": [], "staff": houses, "stranger": []}


def test_templates_ask_what_the_visitor_may(house, people):
    answers = {
        name: [question for question in QUESTIONS if getattr(May(people[name], house), question)]
        for name in ["owner", "staff", "caretaker", "stranger", "visitor"]
    }
    assert answers == {
        "owner": [],
        "staff": QUESTIONS,
        "caretaker": ["see_day_plan"],
        "stranger": [],
        "visitor": [],
    }


def test_where_there_is_no_house_staff_may_set_one_up(people):
    may = May(people["staff"], None)
    assert [question for question in QUESTIONS if getattr(may, question)] == ["administer", "use_password"]


QUESTIONS = [
    "decide",
    "enter_for_others",
    "see_requests",
    "correct_contact",
    "see_outbox",
    "manage_house",
    "see_day_plan",
    "administer",
    "use_password",
]
