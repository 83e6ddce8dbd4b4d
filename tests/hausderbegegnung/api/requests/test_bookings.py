"""Asking for dates over the API: what is stored, what is refused, and to whom the house writes."""

import uuid
from datetime import timedelta

import pytest

from bookings.enums import SlotStatus
from bookings.models import Association, Booking
from notifications.models import Message
from rooms.models import Equipment
from tests.factories import DAY, berlin, make_association, make_booking, make_house_rules
from tests.hausderbegegnung.api.calls import LIST, a_date, a_request, address, codes


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


def test_namesakes_are_told_apart_by_their_number(place, owner, as_owner):
    first, second = make_association(owner, name="Chor"), make_association(owner, name="Chor")
    either = as_owner.post(LIST, a_request(association="chor", association_kind="other"))
    assert (either.status_code, codes(either)) == (400, [("ambiguous_association", "association")])
    assert either.json()["detail"] == (
        f"Several associations have this name: Chor (no. {first.pk}); Chor (no. {second.pk}). "
        "Please say which one you mean."
    )
    sent = a_request(association_number=second.pk, submission_key=str(uuid.uuid4()))
    del sent["association"]
    told = as_owner.post(LIST, sent)
    assert told.json()["association"] == {
        "number": second.pk,
        "name": "Chor",
        "kind": "registered_association",
    }
    other = as_owner.post(LIST, {**sent, "association_number": first.pk})
    assert (told.status_code, other.status_code, other.json()["code"]) == (201, 409, "key_reused")


def test_whom_a_request_is_for_is_said_once_and_is_ones_own(place, owner, as_owner):
    own, foreign = make_association(owner, name="Chor"), make_association(name="Lesekreis")
    for sent, field, code in [
        (a_request(association=""), "association", "blank"),
        (a_request(association="Chor", association_number=own.pk), "association", "required"),
    ]:
        assert codes(as_owner.post(LIST, sent)) == [(code, field)]
    sent = a_request(association_number=foreign.pk)
    del sent["association"]
    assert codes(as_owner.post(LIST, sent)) == [("unknown_association", "association_number")]
    assert Booking.objects.count() == 0


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
