"""Bookings for programs: who sees what, asking, deciding, and what is refused with which code."""

import uuid
from datetime import timedelta

import pytest

from bookings.enums import SlotStatus
from bookings.models import Association, Booking, Slot
from notifications.models import Message
from rooms.models import Equipment
from tests.factories import (
    DAY,
    berlin,
    make_association,
    make_booking,
    make_house_rules,
)

pytestmark = pytest.mark.django_db

LIST = "/api/v1/bookings/"
VERBS = ["approve", "decide", "move", "add", "reject", "withdraw", "cancel", "revoke"]


def address(booking: Booking, verb: str = "") -> str:
    return f"{LIST}{booking.reference}/{verb + '/' if verb else ''}"


def a_request(**fields) -> dict:
    return {
        "dates": [
            {
                "rooms": ["saal-a"],
                "starts_at": "2027-04-20T19:30:00+02:00",
                "ends_at": "2027-04-20T21:30:00+02:00",
            }
        ],
        "association": "Kita Regenbogenwiese",
        "association_kind": "school",
        "contact_name": "Maria Beispiel",
        "kind": "meeting",
        "title": "Elternabend",
        "persons": 24,
        **fields,
    }


def a_date(starts_at: str, ends_at: str) -> dict:
    return {"rooms": ["saal-a"], "starts_at": starts_at, "ends_at": ends_at}


def codes(response) -> list[tuple[str, str | None]]:
    return [(reason["code"], reason["field"]) for reason in response.json()["reasons"]]


@pytest.fixture
def pending(place, owner) -> Booking:
    return make_booking([place.hall_a], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED, applicant=owner)


@pytest.fixture
def approved(place, owner) -> Booking:
    return make_booking([place.hall_a], berlin(DAY, "16:00"), applicant=owner)


# Who sees what ---------------------------------------------------------------------------------


def test_owner_and_staff_see_a_booking_and_for_strangers_it_does_not_exist(
    pending, as_owner, as_staff, as_stranger, visitor
):
    clients = [as_owner, as_staff, as_stranger, visitor]
    assert [client.get(address(pending)).status_code for client in clients] == [200, 200, 404, 401]


def test_strangers_and_guessed_references_get_the_same_answer(pending, as_stranger):
    foreign, unknown = as_stranger.get(address(pending)), as_stranger.get(f"{LIST}HdB-2027-9999/")
    assert foreign.json() == unknown.json()
    assert foreign.json()["code"] == "not_found"


def test_who_acts_for_the_association_sees_its_bookings(pending, place, stranger, as_stranger):
    pending.association.memberships.create(user=stranger)
    assert as_stranger.get(address(pending)).status_code == 200
    assert [one["reference"] for one in as_stranger.get(LIST).json()["results"]] == [pending.reference]


@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_tells_strangers_that_a_booking_exists(pending, as_stranger, visitor, verb):
    sent = {"reason": "Weil", "version": 99}
    assert as_stranger.post(address(pending, verb), sent).status_code == 404
    assert visitor.post(address(pending, verb), sent).status_code == 401
    assert Slot.objects.get().status == SlotStatus.REQUESTED


@pytest.mark.parametrize("verb", ["approve", "reject", "revoke"])
def test_owners_do_not_decide_on_their_own_bookings(pending, as_owner, verb):
    response = as_owner.post(address(pending, verb), {"reason": "Weil"})
    assert (response.status_code, response.json()["code"]) == (403, "not_allowed")


def test_staff_list_all_bookings_and_owners_their_own(pending, place, as_owner, as_staff, as_stranger):
    other = make_booking([place.hall_b], berlin(DAY, "16:00"))
    listed = [
        {one["reference"] for one in client.get(LIST).json()["results"]}
        for client in (as_staff, as_owner, as_stranger)
    ]
    assert listed == [{pending.reference, other.reference}, {pending.reference}, set()]
    assert as_staff.get(LIST, {"mine": "true"}).json()["results"] == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"status": "requested"}, {"Anfrage"}),
        ({"status": "approved"}, {"Saal B", "Später"}),
        ({"room": "saal-b"}, {"Saal B"}),
        ({"from": "2027-05-01T00:00:00+02:00"}, {"Später"}),
        ({"to": "2027-04-20T18:00:00+02:00"}, {"Anfrage", "Saal B"}),
        ({"to": "2027-04-20T16:00:00+02:00"}, set()),
        ({"room": "saal-a", "from": "2027-04-21T00:00:00+02:00"}, {"Später"}),
        ({"house": "hdb"}, {"Anfrage", "Saal B", "Später"}),
        ({"house": "anderes"}, set()),
    ],
)
def test_the_list_is_narrowed_by_every_condition(place, as_staff, query, expected):
    make_booking([place.hall_a], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED, title="Anfrage")
    make_booking([place.hall_b], berlin(DAY, "16:00"), title="Saal B")
    make_booking([place.hall_a], berlin(DAY + timedelta(days=30), "16:00"), title="Später")
    assert {one["title"] for one in as_staff.get(LIST, query).json()["results"]} == expected


def test_the_list_comes_in_pages(place, as_staff):
    for number in range(3):
        make_booking([place.hall_a], berlin(DAY + timedelta(days=number), "16:00"))
    page = as_staff.get(LIST, {"page_size": 2}).json()
    assert (page["count"], len(page["results"]), page["previous"]) == (3, 2, None)
    assert len(as_staff.get(page["next"]).json()["results"]) == 1
    assert as_staff.get(LIST, {"page": 9}).status_code == 404


@pytest.mark.parametrize("bookings", [1, 6])
def test_the_list_costs_the_same_number_of_queries_however_many(
    place, as_staff, django_assert_num_queries, bookings
):
    beamer = Equipment.objects.create(house=place.house, name="Beamer")
    for number in range(bookings):
        booking = make_booking([place.hall_a, place.hall_b], berlin(DAY + timedelta(days=number), "16:00"))
        booking.equipment.add(beamer)
    with django_assert_num_queries(6):
        as_staff.get(LIST)


def test_a_booking_is_told_with_its_dates_and_its_history(approved, place, as_owner):
    booking = as_owner.get(address(approved)).json()
    slot = approved.slots.get()
    assert booking["dates"] == [
        {
            "uid": str(slot.uid),
            "status": "approved",
            "rooms": ["saal-a"],
            "starts_at": "2027-04-20T16:00:00+02:00",
            "ends_at": "2027-04-20T18:00:00+02:00",
            "gross_starts_at": "2027-04-20T16:00:00+02:00",
            "gross_ends_at": "2027-04-20T18:00:00+02:00",
            "setup_minutes": 0,
            "teardown_minutes": 0,
            "reason": "",
            "skipped_because": "",
            "skipped_day_name": "",
            "replaced_by": None,
            "replaces": None,
        }
    ]
    assert booking["contact"] == {"name": "Maria Beispiel", "email": "maria@example.org", "phone": ""}
    assert booking["history"][-1]["to_status"] == "approved"


def test_no_proxy_keeps_a_booking(pending, as_owner):
    for path in (address(pending), LIST, f"{LIST}HdB-2027-9999/"):
        assert as_owner.get(path)["Cache-Control"] == "no-store, private"


def test_a_booking_carries_neither_primary_keys_nor_the_link_token(pending, as_staff):
    def keys(value):
        if isinstance(value, dict):
            return set(value) | {key for inner in value.values() for key in keys(inner)}
        return {key for inner in value for key in keys(inner)} if isinstance(value, list) else set()

    told = keys(as_staff.get(address(pending)).json())
    assert told & {"id", "pk", "token", "token_hash", "submission_key", "applicant", "actor"} == set()


# Asking ----------------------------------------------------------------------------------------


def test_a_request_is_stored_and_told_with_its_reference(place, owner, as_owner):
    response = as_owner.post(LIST, a_request())
    booking = Booking.objects.get()
    assert response.status_code == 201
    assert response.json()["reference"] == booking.reference == "HdB-2027-0001"
    assert (response.json()["status"], response.json()["version"]) == ("requested", 1)
    assert (booking.applicant, booking.association.name) == (owner, "Kita Regenbogenwiese")
    assert list(booking.association.members.all()) == [owner]
    assert booking.slots.get().starts_at == berlin(DAY, "19:30")


def test_staff_enter_a_request_for_somebody_without_e_mail(place, staff, as_staff):
    association = make_association(name="Nachbarschaftshilfe")
    sent = a_request(association="Nachbarschaftshilfe", association_kind="other")
    assert as_staff.post(LIST, sent).status_code == 201
    booking = Booking.objects.get()
    assert (booking.applicant, booking.entered_by, booking.association) == (None, staff, association)


def test_a_name_of_somebody_elses_association_makes_a_new_one(place, as_owner):
    foreign = make_association(name="Chor")
    assert as_owner.post(LIST, a_request(association="Chor")).status_code == 201
    assert Booking.objects.get().association != foreign
    assert Association.objects.filter(name="Chor").count() == 2


def test_a_request_of_several_dates_and_rooms_with_equipment_and_rules(place, owner, as_owner):
    rules = make_house_rules(place.house)
    Equipment.objects.create(house=place.house, name="Beamer")
    make_association(owner, name="Kita Regenbogenwiese")
    dates = [
        {
            "rooms": ["saal-a", "saal-b"],
            "starts_at": f"2027-04-{day}T16:00:00+02:00",
            "ends_at": f"2027-04-{day}T18:00:00Z",
            "setup_minutes": 30,
        }
        for day in (20, 21)
    ]
    sent = a_request(dates=dates, equipment=["Beamer"], house_rules="2027-01", layout="rows", persons=60)
    response = as_owner.post(LIST, sent)
    assert response.status_code == 201
    told = response.json()
    assert [(one["rooms"], one["ends_at"], one["setup_minutes"]) for one in told["dates"]] == [
        (["saal-a", "saal-b"], "2027-04-20T20:00:00+02:00", 30),
        (["saal-a", "saal-b"], "2027-04-21T20:00:00+02:00", 30),
    ]
    assert (told["equipment"], told["house_rules"]) == (["Beamer"], "2027-01")
    assert Booking.objects.get().house_rules == rules
    assert Association.objects.count() == 1


@pytest.mark.parametrize("way", ["body", "header"])
def test_sending_twice_makes_one_booking(place, as_owner, way):
    key = str(uuid.uuid4())
    sent = a_request(**({"submission_key": key} if way == "body" else {}))
    headers = {"HTTP_IDEMPOTENCY_KEY": "mein Schlüssel"} if way == "header" else {}
    first, second = as_owner.post(LIST, sent, **headers), as_owner.post(LIST, sent, **headers)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert Booking.objects.count() == 1


def test_two_people_may_use_the_same_idempotency_key(place, as_owner, as_stranger):
    for client in (as_owner, as_stranger):
        assert client.post(LIST, a_request(), HTTP_IDEMPOTENCY_KEY="1").status_code == 201
    assert Booking.objects.count() == 2


def test_somebody_elses_submission_key_opens_nothing(place, as_owner, as_stranger):
    sent = a_request(submission_key=str(uuid.uuid4()))
    as_owner.post(LIST, sent)
    response = as_stranger.post(LIST, sent)
    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    assert "HdB-2027-0001" not in response.content.decode()


def test_asking_needs_a_login(place, visitor):
    response = visitor.post(LIST, a_request())
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Token")
    assert (response.json()["code"], Booking.objects.count()) == ("not_authenticated", 0)


def test_a_clash_is_a_conflict_with_the_reasons(approved, place, as_owner):
    sent = a_request(
        dates=[
            {
                "rooms": ["saal"],
                "starts_at": "2027-04-20T17:00:00+02:00",
                "ends_at": "2027-04-20T19:00:00+02:00",
            }
        ]
    )
    response = as_owner.post(LIST, sent)
    problem = response.json()
    assert (response.status_code, response["Content-Type"]) == (409, "application/problem+json")
    assert (problem["code"], problem["status"]) == ("clash", 409)
    assert [reason["code"] for reason in problem["reasons"]] == ["clash"]
    assert problem["reasons"][0]["nearest"] == {
        "starts_at": "2027-04-20T18:00:00+02:00",
        "ends_at": "2027-04-20T20:00:00+02:00",
    }
    assert Booking.objects.count() == 1


def test_broken_rules_refuse_and_staff_override_those_they_may(place, as_owner, as_staff):
    sent = a_request(
        dates=[
            {
                "rooms": ["saal-a"],
                "starts_at": "2027-04-20T06:00:00+02:00",
                "ends_at": "2027-04-20T07:00:00+02:00",
            }
        ],
        override=True,
        override_reason="Absprache",
    )
    response = as_owner.post(LIST, sent)
    assert (response.status_code, response.json()["code"]) == (400, "rules_broken")
    assert [(one["code"], one["overridable_by"]) for one in response.json()["reasons"]] == [
        ("outside_hours", "staff")
    ]
    assert as_staff.post(LIST, sent).status_code == 201


def test_staff_cannot_override_their_way_past_what_the_database_takes(place, as_staff):
    place.hall_a.setup_minutes = 7 * 24 * 60
    place.hall_a.save()
    sent = a_request(
        dates=[a_date("2027-04-01T00:00:00Z", "2027-05-01T00:00:00Z")],
        override=True,
        override_reason="Absprache",
    )
    response = as_staff.post(LIST, sent)
    assert (response.status_code, response.json()["code"]) == (400, "rules_broken")
    assert ("too_long", "nobody") in {
        (one["code"], one["overridable_by"]) for one in response.json()["reasons"]
    }


def test_buffers_cannot_be_approved_past_what_the_database_takes(place, as_staff):
    pending = make_booking(
        [place.hall_a],
        berlin(DAY, "16:00"),
        berlin(DAY + timedelta(days=25), "16:00"),
        status=SlotStatus.REQUESTED,
    )
    buffers = [{"date": str(pending.slots.get().uid), "setup_minutes": 10_080, "teardown_minutes": 0}]
    response = as_staff.post(
        address(pending, "approve"), {"buffers": buffers, "override": True, "override_reason": "Absprache"}
    )
    assert (response.status_code, response.json()["code"]) == (400, "rules_broken")


def test_a_blocked_association_is_refused(place, owner, as_owner):
    Association.objects.filter(pk=make_association(owner, name="Chor").pk).update(is_blocked=True)
    response = as_owner.post(LIST, a_request(association="Chor"))
    assert (response.status_code, response.json()["code"]) == (403, "association_blocked")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"dates": []}, [("empty", "dates")]),
        (
            {
                "dates": [
                    {
                        "rooms": ["mars"],
                        "starts_at": "2027-04-20T16:00:00Z",
                        "ends_at": "2027-04-20T17:00:00Z",
                    }
                ]
            },
            [("unknown_room", "dates.0.rooms")],
        ),
        (
            {"dates": [{"rooms": ["saal-a"], "starts_at": "2027-04-20T16:00", "ends_at": "morgen"}]},
            [("naive", "dates.0.starts_at"), ("invalid", "dates.0.ends_at")],
        ),
        (
            {"persons": 0, "kind": "party", "title": " ", "contact_email": "maria"},
            [
                ("invalid", "contact_email"),
                ("invalid_choice", "kind"),
                ("blank", "title"),
                ("min_value", "persons"),
            ],
        ),
        ({"association": "Neu", "association_kind": None}, [("null", "association_kind")]),
        ({"equipment": ["Beamer", "Orgel"]}, [("unknown_equipment", "equipment")] * 2),
        ({"house": "mars"}, [("unknown_house", "house")]),
        ({"house_rules": "2020"}, [("house_rules", "house_rules")]),
        (
            {"dates": [a_date("2027-04-20T16:00:00Z", "2027-05-22T16:00:00Z")]},
            [("too_long", "dates.0.ends_at")],
        ),
        (
            {
                "dates": [
                    a_date("2027-04-20T16:00:00Z", "2027-04-20T17:00:00Z"),
                    a_date("2031-04-20T16:00:00Z", "2031-04-20T17:00:00Z"),
                ]
            },
            [("period_too_long", "dates")],
        ),
        ({"submission_key": "1"}, [("invalid", "submission_key")]),
        ({"title": "x\x00y"}, [("null_characters_not_allowed", "title")]),
    ],
)
def test_what_was_sent_wrongly_is_told_field_by_field(place, as_owner, fields, expected):
    response = as_owner.post(LIST, a_request(**fields))
    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    assert codes(response) == expected
    assert Booking.objects.count() == 0


def test_a_new_association_needs_its_kind(place, as_owner):
    sent = a_request()
    del sent["association_kind"]
    assert codes(as_owner.post(LIST, sent)) == [("unknown_association", "association")]


def test_applicants_accept_the_house_rules_that_hold(place, as_owner, as_staff):
    make_house_rules(place.house)
    refused = as_owner.post(LIST, a_request())
    assert codes(refused) == [("house_rules", "house_rules")]
    assert "2027-01" in refused.json()["detail"]
    assert as_staff.post(LIST, a_request()).status_code == 201


def test_times_that_do_not_fit_are_rules_with_a_field(place, as_owner):
    dates = [
        {
            "rooms": ["saal-a"],
            "starts_at": "2027-04-20T18:00:00+02:00",
            "ends_at": "2027-04-20T16:00:00+02:00",
        }
    ]
    response = as_owner.post(LIST, a_request(dates=dates))
    assert response.status_code == 400
    assert [code for code, _field in codes(response)] == ["ends_before_start"]


# Deciding --------------------------------------------------------------------------------------


def test_staff_approve_and_the_wall_shows_it(pending, as_staff, visitor):
    response = as_staff.post(address(pending, "approve"), {"note": "Schlüssel um 15:30", "version": 1})
    told = response.json()
    assert (response.status_code, told["status"], told["version"]) == (200, "approved", 2)
    assert [one["status"] for one in told["dates"]] == ["approved"]
    assert (told["history"][-1]["verb"], told["history"][-1]["by"]) == ("approve", "staff")
    plan = visitor.get("/api/v1/schedule/", {"date": "2027-04-20"}).json()
    assert [entry["title"] for entry in plan["entries"]] == ["Elternabend"]


def test_staff_reject_with_a_reason_and_never_without(pending, as_staff):
    refused = as_staff.post(address(pending, "reject"), {"reason": " "})
    assert (refused.status_code, refused.json()["code"]) == (400, "reason_required")
    assert codes(refused) == [("reason_required", "reason")]
    rejected = as_staff.post(address(pending, "reject"), {"reason": "Das Haus ist belegt."}).json()
    assert (rejected["status"], rejected["dates"][0]["reason"]) == ("rejected", "Das Haus ist belegt.")


def test_the_applicant_withdraws_before_and_cancels_after_the_decision(pending, as_owner, as_staff):
    early = as_owner.post(address(pending, "cancel"))
    assert (early.status_code, early.json()["code"]) == (409, "transition_not_allowed")
    assert as_owner.post(address(pending, "withdraw")).json()["status"] == "withdrawn"
    late = as_staff.post(address(pending, "approve"))
    assert (late.status_code, late.json()["code"]) == (409, "transition_not_allowed")


def test_the_applicant_cancels_and_the_house_revokes_what_was_approved(approved, place, as_owner, as_staff):
    assert as_owner.post(address(approved, "cancel"), {"note": "Krank"}).json()["status"] == "cancelled"
    other = make_booking([place.hall_a], berlin(DAY, "16:00"))
    revoked = as_staff.post(address(other, "revoke"), {"reason": "Wasserschaden"}).json()
    assert revoked["status"] == "revoked"


def test_one_of_two_rivals_is_approved_and_the_other_gets_a_conflict(pending, place, as_staff):
    rival = make_booking([place.hall], berlin(DAY, "17:00"), status=SlotStatus.REQUESTED)
    assert as_staff.post(address(pending, "approve")).status_code == 200
    response = as_staff.post(address(rival, "approve"), {"override": True, "override_reason": "Absprache"})
    assert (response.status_code, response.json()["code"]) == (409, "clash")
    assert Slot.objects.get(booking=rival).status == SlotStatus.REQUESTED


def test_shortened_buffers_let_both_stand(place, as_staff):
    make_booking([place.hall_a], berlin(DAY, "14:30"), berlin(DAY, "17:00"), teardown_minutes=45)
    pending = make_booking(
        [place.hall_a],
        berlin(DAY, "18:00"),
        berlin(DAY, "21:00"),
        setup_minutes=60,
        status=SlotStatus.REQUESTED,
    )
    refused = as_staff.post(address(pending, "approve"))
    assert (refused.status_code, refused.json()["code"]) == (409, "buffer_clash")
    buffers = [{"date": str(pending.slots.get().uid), "setup_minutes": 15, "teardown_minutes": 0}]
    approved = as_staff.post(address(pending, "approve"), {"buffers": buffers}).json()
    assert approved["dates"][0]["gross_starts_at"] == "2027-04-20T17:45:00+02:00"


def test_a_full_house_is_a_conflict(place, as_staff):
    make_booking([place.hall_b], berlin(DAY, "16:00"), persons=140)
    pending = make_booking([place.hall_a], berlin(DAY, "16:00"), persons=20, status=SlotStatus.REQUESTED)
    response = as_staff.post(address(pending, "approve"))
    assert (response.status_code, response.json()["code"]) == (409, "house_full")


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_a_stale_version_is_a_conflict(pending, as_staff, verb):
    response = as_staff.post(address(pending, verb), {"version": 7, "reason": "Weil"})
    assert (response.status_code, response.json()["code"]) == (409, "stale")


def test_a_verb_may_be_about_some_of_the_dates(place, as_owner, as_staff):
    dates = [
        {
            "rooms": ["saal-a"],
            "starts_at": f"2027-04-{day}T16:00:00+02:00",
            "ends_at": f"2027-04-{day}T18:00:00+02:00",
        }
        for day in (20, 21)
    ]
    booking = as_owner.post(LIST, a_request(dates=dates)).json()
    uids = [one["uid"] for one in booking["dates"]]
    path = f"{LIST}{booking['reference']}/"
    assert as_staff.post(f"{path}approve/", {"dates": uids[:1]}).json()["status"] == "requested"
    told = as_staff.post(f"{path}reject/", {"dates": uids[1:], "reason": "Belegt"}).json()
    assert (told["status"], [one["status"] for one in told["dates"]]) == (
        "partly_approved",
        ["approved", "rejected"],
    )


def test_a_date_of_another_booking_is_unknown(pending, approved, as_staff):
    foreign = str(approved.slots.get().uid)
    assert codes(as_staff.post(address(pending, "approve"), {"dates": [foreign]})) == [
        ("unknown_date", "dates")
    ]
    assert codes(as_staff.post(address(pending, "approve"), {"dates": []})) == [("empty", "dates")]


# Getting in ------------------------------------------------------------------------------------


def test_a_session_works_too_and_needs_its_csrf_token(pending, staff):
    from rest_framework.test import APIClient

    client = APIClient(enforce_csrf_checks=True)
    client.force_login(staff)
    assert client.get(address(pending)).status_code == 200
    refused = client.post(address(pending, "approve"))
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
    assert Slot.objects.get().status == SlotStatus.REQUESTED


def test_a_person_who_was_made_inactive_does_not_get_in(pending, as_staff, staff):
    type(staff).objects.update(is_active=False)
    assert as_staff.get(address(pending)).status_code == 401


# To whom the house writes -----------------------------------------------------------------------


def test_nobody_but_staff_has_the_house_write_to_somebody_else(place, as_stranger):
    response = as_stranger.post(LIST, a_request(contact_email="victim@example.com"))
    assert (response.status_code, codes(response)) == (400, [("foreign_address", "contact_email")])
    assert (Booking.objects.count(), Message.objects.count()) == (0, 0)


@pytest.mark.parametrize("sent", ["", "own", "OWN"])
def test_an_applicant_is_written_to_at_the_own_address(place, owner, as_owner, sent):
    address_sent = {"": "", "own": owner.email, "OWN": owner.email.upper()}[sent]
    response = as_owner.post(LIST, a_request(contact_email=address_sent))
    assert (response.status_code, response.json()["contact"]["email"]) == (201, owner.email)


@pytest.mark.parametrize("sent", ["", "maria@example.com"])
def test_staff_enter_any_address_or_none(place, as_staff, sent):
    response = as_staff.post(LIST, a_request(contact_email=sent))
    assert (response.status_code, response.json()["contact"]["email"]) == (201, sent)


def test_an_address_too_long_for_a_mail_is_refused(place, as_staff):
    too_long = "@".join(["m" * 64, ".".join(["example" * 8] * 4) + ".org"])
    response = as_staff.post(LIST, a_request(contact_email=too_long))
    assert (response.status_code, codes(response)) == (400, [("max_length", "contact_email")])


# What no program should send --------------------------------------------------------------------


def test_a_reference_that_no_column_takes_is_unknown(as_owner):
    assert [
        client_method(f"{LIST}%00/{verb}").status_code
        for client_method, verb in [(as_owner.get, ""), *[(as_owner.post, f"{verb}/") for verb in VERBS]]
    ] == [404] * (len(VERBS) + 1)


def test_json_nested_too_deeply_is_malformed(as_owner):
    response = as_owner.generic("POST", LIST, "[" * 100_000, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (400, "parse_error")
