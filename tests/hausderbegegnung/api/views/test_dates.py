"""Single dates for programs: answered date by date, moved, added; with the codes of the pages."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bookings.enums import SlotStatus
from bookings.models import Booking, Slot
from bookings.services import WantedDate, request_change
from notifications.models import Message
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_association,
    make_booking,
    make_booking_on,
    make_change,
    make_request_data,
    make_staff,
    weekly,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def pending(place, owner) -> Booking:
    """Three pending Tuesdays."""
    return make_booking_on([place.hall_a], weekly(DAY, 3), status=SlotStatus.REQUESTED, applicant=owner)


@pytest.fixture
def approved(place, owner) -> Booking:
    return make_booking_on(
        [place.hall_a], weekly(DAY, 3), applicant=owner, association=make_association(owner)
    )


def address(booking: Booking, verb: str) -> str:
    return f"/api/v1/bookings/{booking.reference}/{verb}/"


def uids(booking: Booking) -> list[str]:
    return [str(uid) for uid in booking.slots.order_by("starts_at").values_list("uid", flat=True)]


def codes(response) -> list[tuple[str, str | None]]:
    return [(reason["code"], reason["field"]) for reason in response.json()["reasons"]]


def wish(day: str, starts: str = "10:00", ends: str = "12:00", rooms=("saal-b",), **more) -> dict:
    return {
        "starts_at": f"{day}T{starts}:00+02:00",
        "ends_at": f"{day}T{ends}:00+02:00",
        "rooms": list(rooms),
        **more,
    }


# Deciding date by date -------------------------------------------------------------------------


def test_each_date_gets_its_answer_with_one_mail(pending, as_staff):
    first, second, _third = uids(pending)
    sent = {"approve": [first], "reject": [second], "reason": "Belegt", "note": "Gern", "version": 1}
    response = as_staff.post(address(pending, "decide"), sent)
    told = response.json()
    assert (response.status_code, told["status"], told["version"]) == (200, "requested", 2)
    assert [(one["status"], one["reason"]) for one in told["dates"]] == [
        ("approved", ""),
        ("rejected", "Belegt"),
        ("requested", ""),
    ]
    assert [(line["verb"], line["date"], line["note"]) for line in told["history"][-3:]] == [
        ("decide", None, "Gern"),
        ("approve", first, "Gern"),
        ("reject", second, "Belegt"),
    ]
    assert list(Message.objects.values_list("kind", flat=True)) == ["partial_approval"]


def test_buffers_are_shortened_while_deciding(place, pending, as_staff):
    make_booking([place.hall_a], berlin(DAY, "14:00"), berlin(DAY, "16:00"), setup_minutes=0)
    Slot.objects.filter(booking=pending).update(gross_starts_at=berlin(DAY, "15:30"))
    first = uids(pending)[0]
    assert as_staff.post(address(pending, "decide"), {"approve": [first]}).json()["code"] == "buffer_clash"
    buffers = [{"date": first, "setup_minutes": 0, "teardown_minutes": 0}]
    assert (
        as_staff.post(address(pending, "decide"), {"approve": [first], "buffers": buffers}).status_code == 200
    )


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({}, 400, "invalid"),
        ({"reject": [0]}, 400, "reason_required"),
        ({"approve": [0], "reject": [0], "reason": "Belegt"}, 400, "invalid"),
        ({"approve": [0], "version": 9}, 409, "stale"),
        ({"approve": ["00000000-0000-0000-0000-000000000000"]}, 400, "invalid"),
    ],
)
def test_what_is_refused_has_the_codes_of_the_services(pending, as_staff, sent, status, code):
    dates = uids(pending)
    for name in ("approve", "reject"):
        if name in sent:
            sent = sent | {name: [dates[one] if isinstance(one, int) else one for one in sent[name]]}
    response = as_staff.post(address(pending, "decide"), sent)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert set(Slot.objects.values_list("status", flat=True)) == {"requested"}


def test_only_staff_decide_and_move(pending, as_owner, as_stranger, visitor):
    sent = {
        "decide": {"approve": uids(pending)[:1]},
        "move": {"moves": [wish("2027-04-21", date=uids(pending)[0])]},
    }
    for verb, body in sent.items():
        answers = [
            client.post(address(pending, verb), body, format="json")
            for client in (as_owner, as_stranger, visitor)
        ]
        assert [answer.status_code for answer in answers] == [403, 404, 401]


# Moving ----------------------------------------------------------------------------------------


def test_a_date_moves_to_another_time_and_room(approved, as_staff):
    first, second, _third = uids(approved)
    moves = [wish("2027-04-21", date=first), wish("2027-04-27", date=second, setup_minutes=30)]
    response = as_staff.post(address(approved, "move"), {"moves": moves, "note": "Wahl"}, format="json")
    told = {one["uid"]: one for one in response.json()["dates"]}
    assert response.status_code == 200
    assert [
        (told[uid]["starts_at"], told[uid]["rooms"], told[uid]["setup_minutes"]) for uid in (first, second)
    ] == [
        ("2027-04-21T10:00:00+02:00", ["saal-b"], 0),
        ("2027-04-27T10:00:00+02:00", ["saal-b"], 30),
    ]
    assert told[first]["reason"] == ""
    assert list(Message.objects.values_list("kind", flat=True)) == ["moved"]


def test_a_clash_moves_nothing(place, approved, as_staff):
    first, second, _third = uids(approved)
    make_booking([place.hall_b], berlin(DAY + timedelta(days=1), "11:00"))
    moves = [wish("2027-04-21", date=first), wish("2027-04-28", date=second)]
    response = as_staff.post(
        address(approved, "move"),
        {"moves": moves, "override": True, "override_reason": "Absprache"},
        format="json",
    )
    assert (response.status_code, response.json()["code"]) == (409, "clash")
    assert Slot.objects.get(uid=second).starts_at == berlin(DAY + timedelta(weeks=1), "16:00")


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        ({"rooms": ["mars"]}, [("unknown_room", "moves.0.rooms")]),
        ({"date": "00000000-0000-0000-0000-000000000000"}, [("unknown_date", "moves")]),
        ({"starts_at": "2027-04-21T10:00:00"}, [("naive", "moves.0.starts_at")]),
        ({"date": "x"}, [("invalid", "moves.0.date")]),
    ],
)
def test_what_was_sent_wrongly_is_told_field_by_field(approved, as_staff, move, expected):
    sent = {"moves": [wish("2027-04-21", date=uids(approved)[0]) | move]}
    response = as_staff.post(address(approved, "move"), sent, format="json")
    assert (response.status_code, codes(response)) == (400, expected)


# Adding ----------------------------------------------------------------------------------------


def test_the_applicant_asks_for_further_dates(approved, as_owner):
    response = as_owner.post(
        address(approved, "add"), {"dates": [wish("2027-05-11"), wish("2027-05-18")]}, format="json"
    )
    told = response.json()
    assert (response.status_code, told["status"]) == (200, "requested")
    assert [one["status"] for one in told["dates"]] == ["approved"] * 3 + ["requested"] * 2
    assert sorted(Message.objects.values_list("kind", flat=True)) == ["dates_added", "staff_dates_added"]


def test_further_dates_keep_the_rules(approved, as_owner, as_staff, as_stranger):
    sent = {"dates": [wish("2027-05-11", "05:00", "07:00")], "override": True, "override_reason": "Absprache"}
    refused = as_owner.post(address(approved, "add"), sent, format="json")
    assert (refused.status_code, [code for code, _field in codes(refused)]) == (400, ["outside_hours"])
    assert as_stranger.post(address(approved, "add"), sent, format="json").status_code == 404
    assert as_staff.post(address(approved, "add"), sent, format="json").status_code == 200
    assert codes(as_staff.post(address(approved, "add"), {"dates": []}, format="json")) == [
        ("empty", "dates")
    ]


# Changes ---------------------------------------------------------------------------------------


def test_each_date_of_a_change_names_the_one_it_replaces(approved, as_staff):
    old = uids(approved)
    change = make_change(approved, weekly(DAY, 2), "18:00", "20:00")
    first, second = uids(change)
    told = as_staff.get(f"/api/v1/bookings/{change.reference}/").json()
    assert (told["replaces"], [one["replaces"] for one in told["dates"]], told["dropped_dates"]) == (
        approved.reference,
        old[:2],
        old[2:],
    )
    as_staff.post(address(change, "approve"), {"dates": [second]})
    stands = as_staff.get(f"/api/v1/bookings/{approved.reference}/").json()
    assert [one["status"] for one in stands["dates"]] == ["approved", "cancelled", "approved"]
    as_staff.post(address(change, "reject"), {"dates": [first], "reason": "Belegt"})
    stands = as_staff.get(f"/api/v1/bookings/{approved.reference}/").json()
    assert [one["status"] for one in stands["dates"]] == ["approved", "cancelled", "cancelled"]


def test_a_new_date_in_the_way_of_an_old_one_that_stays_is_a_clash(place, as_staff):
    def dates(*hours: int) -> tuple[WantedDate, ...]:
        return tuple(
            WantedDate(berlin(DAY, f"{hour}:00"), berlin(DAY, f"{hour + 2}:00"), (place.hall_a.pk,))
            for hour in hours
        )

    booking = make_booking([place.hall_a], berlin(DAY, "10:00"), dates=dates(10, 12))
    # Both move by two hours: the first one to where the second one is.
    data = make_request_data([place.hall_a], berlin(DAY, "12:00"), berlin(DAY, "14:00"))
    change = request_change(
        booking_id=booking.pk, data=replace(data, dates=dates(12, 14)), actor=make_staff(), now=NOW
    )
    first, second = uids(change)
    sent = {"approve": [first], "reject": [second], "reason": "Nein"}
    refused = as_staff.post(address(change, "decide"), sent)
    assert (refused.status_code, codes(refused)) == (409, [("clash", "starts_at")])
    assert as_staff.post(address(change, "decide"), {"approve": [first, second]}).status_code == 200
    assert list(booking.slots.values_list("status", flat=True)) == ["cancelled", "cancelled"]
