"""Bookings for programs: who sees what, asking, deciding, and what is refused with which code."""

from datetime import timedelta

import pytest

from bookings.enums import SlotStatus
from bookings.models import Booking, Slot
from rooms.models import Equipment
from tests.factories import (
    DAY,
    berlin,
    make_booking,
)
from tests.hausderbegegnung.api.calls import LIST, a_request, address, codes

pytestmark = pytest.mark.django_db

VERBS = ["approve", "decide", "move", "add", "reject", "give-back", "revoke", "renew-links"]


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


@pytest.mark.parametrize("verb", ["approve", "reject", "revoke", "renew-links"])
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
    assert told & {"id", "pk", "token", "link_generation", "submission_key", "applicant", "actor"} == set()


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


def test_the_applicant_withdraws_what_waits_and_once(pending, as_owner, as_staff):
    assert as_owner.post(address(pending, "give-back")).json()["status"] == "withdrawn"
    again = as_owner.post(address(pending, "give-back"))
    assert (again.status_code, again.json()["code"]) == (409, "transition_not_allowed")
    late = as_staff.post(address(pending, "approve"))
    assert (late.status_code, late.json()["code"]) == (409, "transition_not_allowed")


def test_the_applicant_gives_back_and_the_house_revokes_what_was_approved(
    approved, place, as_owner, as_staff
):
    assert as_owner.post(address(approved, "give-back"), {"note": "Krank"}).json()["status"] == "cancelled"
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


# What no program should send --------------------------------------------------------------------


def test_a_reference_that_no_column_takes_is_unknown(as_owner):
    assert [
        client_method(f"{LIST}%00/{verb}").status_code
        for client_method, verb in [(as_owner.get, ""), *[(as_owner.post, f"{verb}/") for verb in VERBS]]
    ] == [404] * (len(VERBS) + 1)


def test_json_nested_too_deeply_is_malformed(as_owner):
    response = as_owner.generic("POST", LIST, "[" * 100_000, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (400, "parse_error")


def test_staff_renew_the_links_of_a_booking(pending, as_staff):
    renewed = as_staff.post(address(pending, "renew-links"), {"version": pending.version})
    assert (renewed.status_code, renewed.json()["history"][-1]["verb"]) == (200, "renew")
    assert Booking.objects.get(pk=pending.pk).link_generation == 2
    stale = as_staff.post(address(pending, "renew-links"), {"version": pending.version + 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
