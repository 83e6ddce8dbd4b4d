"""A series for programs: its plan, what of it is chosen, and what is refused with which code."""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from rest_framework import serializers

from bookings.enums import SlotStatus, Visibility
from bookings.models import Association, Booking
from hausderbegegnung.api.serializers.series import SeriesPlanSerializer
from rooms.models import Equipment, House
from tests.factories import BERLIN, DAY, berlin, make_booking, make_house_rules, make_room

pytestmark = pytest.mark.django_db

CHECK, LIST = "/api/v1/series/check/", "/api/v1/bookings/"
WEEKS = [DAY + timedelta(weeks=week) for week in range(60)]


def a_series(**fields: Any) -> dict[str, Any]:
    """Tuesdays, 16:00 to 18:00, four of them."""
    return {
        "rooms": ["saal-a"],
        "starts_at": "2027-04-20T16:00",
        "ends_at": "2027-04-20T18:00",
        "rrule": "FREQ=WEEKLY;COUNT=4",
        **fields,
    }


def without(names: list[str], **fields: Any) -> dict[str, Any]:
    return {name: value for name, value in a_series(**fields).items() if name not in names}


def a_request(series: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    return {
        "series": series or a_series(),
        "association": "Chor",
        "association_kind": "registered_association",
        "contact_name": "Maria Beispiel",
        "kind": "culture",
        "title": "Probe",
        "persons": 24,
        **fields,
    }


def states(plan: dict[str, Any]) -> list[str]:
    return [one["state"] for one in plan["dates"]]


def codes(response) -> list[tuple[str, str | None]]:
    return [(reason["code"], reason["field"]) for reason in response.json()["reasons"]]


@pytest.fixture
def taken(place) -> Booking:
    """Something else in Saal A on the second date; Saal B is free then."""
    return make_booking([place.hall_a], berlin(WEEKS[1], "17:00"), title="Yoga", visibility=Visibility.PUBLIC)


# The check ---------------------------------------------------------------------------------------


def test_the_plan_of_a_series_says_everything_about_each_date(taken, visitor):
    House.objects.update(shift_minutes=0)
    response = visitor.post(CHECK, {"series": a_series(exdates=["2027-05-04"]), "persons": 24})
    plan = response.json()
    assert response.status_code == 200
    assert {name: plan[name] for name in ("words", "counts", "notes")} == {
        "words": "every Tuesday, 16:00–18:00, 4 dates",
        "counts": {"dates": 4, "skipped": 1, "free": 2, "open": 1, "proposed": 1},
        "notes": [],
    }
    free, clash, skipped, _last = plan["dates"]
    assert free == {
        "key": "2027-04-20T16:00",
        "starts_at": "2027-04-20T16:00:00+02:00",
        "ends_at": "2027-04-20T18:00:00+02:00",
        "gross": {"starts_at": "2027-04-20T16:00:00+02:00", "ends_at": "2027-04-20T18:00:00+02:00"},
        "rooms": ["saal-a"],
        "state": "free",
        "is_possible": True,
        "staff_may_override": False,
        "skipped_because": "",
        "skipped_sentence": "",
        "reasons": [],
        "proposals": [],
        "chosen": "keep",
    }
    assert clash["reasons"] == [
        {
            "code": "clash",
            "message": "Saal A is already booked Tue 27 Apr 2027, 17:00–19:00 (Yoga).",
            "overridable_by": "nobody",
            "field": "starts_at",
            "nearest": None,
        }
    ]
    assert clash["proposals"][:2] == [
        {
            "way": "room",
            "token": "2027-04-27T16:00/2027-04-27T18:00/saal-b",
            "sentence": "in Saal B",
            "starts_at": "2027-04-27T16:00:00+02:00",
            "ends_at": "2027-04-27T18:00:00+02:00",
            "rooms": ["saal-b"],
        },
        {
            "way": "day",
            "token": "2027-04-26T16:00/2027-04-26T18:00/saal-a",
            "sentence": "Mon 26 Apr 2027, 16:00–18:00",
            "starts_at": "2027-04-26T16:00:00+02:00",
            "ends_at": "2027-04-26T18:00:00+02:00",
            "rooms": ["saal-a"],
        },
    ]
    assert clash["proposals"][-1] == {
        "way": "skip",
        "token": "skip",
        "sentence": "is left out",
        "starts_at": None,
        "ends_at": None,
        "rooms": [],
    }
    assert clash["chosen"] == clash["proposals"][0]["token"]
    assert (skipped["state"], skipped["skipped_because"], skipped["chosen"]) == ("skipped", "chosen", "skip")


def keys_of(serializer: serializers.BaseSerializer) -> Any:
    if isinstance(serializer, serializers.ListSerializer):
        return [keys_of(serializer.child)]
    if not isinstance(serializer, serializers.Serializer):
        return None
    return {name: keys_of(field) for name, field in serializer.fields.items()}


def keys_in(value: Any, described: Any) -> Any:
    if isinstance(described, list):
        return [keys_in(value[0], described[0])] if value else described
    if isinstance(described, dict) and value is not None:
        return {name: keys_in(value[name], described.get(name)) for name in value}
    return described


def test_what_is_answered_is_what_the_schema_describes(taken, visitor):
    plan = visitor.post(
        CHECK,
        {
            "series": a_series(
                starts_at="2027-04-27T16:00", ends_at="2027-04-27T18:00", exdates=["2028-01-01"]
            )
        },
    ).json()
    described = keys_of(SeriesPlanSerializer())
    assert plan["dates"][0]["reasons"]
    assert plan["notes"]
    assert keys_in(plan, described) == described


def test_holidays_pause_a_series_as_it_says(place, visitor):
    series = a_series(
        starts_at="2027-04-22T16:00", ends_at="2027-04-22T18:00", skip_public=True, school="paused"
    )
    plan = visitor.post(CHECK, {"series": series}).json()
    assert [(one["skipped_because"], one["skipped_sentence"]) for one in plan["dates"]] == [
        ("", ""),
        ("", ""),
        ("public_holiday", "Public holiday: Ascension Day"),
        ("", ""),
    ]
    assert plan["words"].endswith("not on public holidays, not in school holidays")


def test_times_stay_on_the_wall_through_a_clock_change_and_over_midnight(place, visitor):
    House.objects.update(facts_version=9)
    series = a_series(
        starts_at="2027-10-23T20:00", ends_at="2027-10-24T01:00", rrule="FREQ=WEEKLY", until="2027-11-06"
    )
    plan = visitor.post(CHECK, {"series": series}).json()
    assert [(one["starts_at"], one["ends_at"]) for one in plan["dates"]] == [
        ("2027-10-23T20:00:00+02:00", "2027-10-24T01:00:00+02:00"),
        ("2027-10-30T20:00:00+02:00", "2027-10-31T01:00:00+02:00"),
        ("2027-11-06T20:00:00+01:00", "2027-11-07T01:00:00+01:00"),
    ]


def test_further_dates_stand_on_holidays_too(place, visitor):
    series = a_series(rdates=["2027-05-06T10:00"], skip_public=True)
    plan = visitor.post(CHECK, {"series": series}).json()
    assert [one["key"] for one in plan["dates"] if one["is_possible"]] == [
        "2027-04-20T16:00",
        "2027-04-27T16:00",
        "2027-05-04T16:00",
        "2027-05-06T10:00",
        "2027-05-11T16:00",
    ]


def test_the_first_date_may_stand_among_the_dates(taken, visitor):
    first = {
        "rooms": ["saal-b"],
        "starts_at": "2027-04-20T14:00:00Z",
        "ends_at": "2027-04-20T18:00:00+02:00",
        "setup_minutes": 30,
    }
    plan = visitor.post(CHECK, {"series": {"rrule": "FREQ=WEEKLY;COUNT=2"}, "dates": [first]}).json()
    assert [(one["key"], one["rooms"], one["gross"]["starts_at"]) for one in plan["dates"]] == [
        ("2027-04-20T16:00", ["saal-b"], "2027-04-20T15:30:00+02:00"),
        ("2027-04-27T16:00", ["saal-b"], "2027-04-27T15:30:00+02:00"),
    ]


def test_equipment_layout_and_kind_are_looked_at(taken, place, visitor):
    projector = Equipment.objects.create(house=place.house, name="Beamer")
    place.hall_a.equipment.add(projector)
    House.objects.update(facts_version=9)
    asked = {"series": a_series(), "persons": 24, "layout": "rows", "kind": "sport", "equipment": ["Beamer"]}
    plan = visitor.post(CHECK, asked).json()
    assert {proposal["way"] for proposal in plan["dates"][1]["proposals"]} == {"day", "skip"}
    assert visitor.post(CHECK, {**asked, "layout": "circle"}).json()["counts"]["free"] == 0


def test_the_check_tells_nothing_that_the_public_plan_does_not(place, visitor, as_stranger):
    make_booking([place.hall_a], berlin(WEEKS[0], "16:00"), title="Geheim", visibility=Visibility.BUSY)
    make_booking([place.hall_a], berlin(WEEKS[1], "16:00"), title="Geheim", visibility=Visibility.HIDDEN)
    make_booking([place.hall_a], berlin(WEEKS[2], "16:00"), title="Geheim", status=SlotStatus.REQUESTED)
    told, to_members = (client.post(CHECK, {"series": a_series()}) for client in (visitor, as_stranger))
    assert states(told.json()) == ["clash", "clash", "free", "free"]
    assert told.json()["dates"][2]["reasons"] == []
    assert states(to_members.json()) == ["clash", "clash", "rivals", "free"]
    assert "Geheim" not in told.content.decode() + to_members.content.decode()


@pytest.mark.parametrize(
    ("sent", "code", "field"),
    [
        ({}, "required", "series"),
        ({"series": without(["starts_at"])}, "required", "series.starts_at"),
        ({"series": without(["rooms"])}, "required", "series.rooms"),
        ({"series": without(["rrule"])}, "required", "series.rrule"),
        ({"series": a_series(), "equipment": ["Orgel"]}, "unknown_equipment", "equipment"),
        ({"series": a_series(), "persons": 0}, "min_value", "persons"),
    ],
)
def test_what_was_sent_wrongly_is_told_at_its_field(place, visitor, sent, code, field):
    response = visitor.post(CHECK, sent)
    assert (response.status_code, codes(response)) == (400, [(code, field)])


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"rooms": []}, "empty", "rooms"),
        ({"rooms": ["keller"]}, "unknown_room", "rooms"),
        ({"starts_at": "2027-04-20T16:00:00+02:00"}, "aware", "starts_at"),
        ({"starts_at": "morgen"}, "invalid", "starts_at"),
        ({"starts_at": "1899-04-20T16:00"}, "out_of_range", "starts_at"),
        ({"ends_at": "2027-04-20T16:00"}, "ends_before_start", "ends_at"),
        ({"ends_at": "2027-04-21T16:01"}, "too_long", "ends_at"),
        ({"rrule": "FREQ=YEARLY;COUNT=3"}, "pattern_not_supported", "rrule"),
        ({"rrule": "FREQ=WEEKLY;BYHOUR=3;COUNT=3"}, "pattern_not_supported", "rrule"),
        ({"rrule": "FREQ=MONTHLY;BYDAY=1MO,3FR;COUNT=3"}, "pattern_not_supported", "rrule"),
        ({"rrule": "FREQ=WEEKLY;COUNT=0"}, "pattern_not_supported", "rrule"),
        ({"rrule": "Dienstags"}, "pattern_not_supported", "rrule"),
        ({"rrule": "FREQ=WEEKLY"}, "pattern_not_supported", "until"),
        ({"until": "2027-12-31"}, "pattern_not_supported", "until"),
        ({"rrule": "FREQ=WEEKLY", "until": "2027-04-19"}, "until_before_start", "until"),
        ({"rrule": "FREQ=DAILY;COUNT=251"}, "too_many_dates", "until"),
        ({"rrule": "FREQ=MONTHLY;BYMONTHDAY=31", "until": "2027-04-30"}, "no_dates", "until"),
        ({"rdates": ["2031-01-01T10:00"]}, "period_too_long", "until"),
        ({"exdates": ["bald"]}, "invalid", "exdates.0"),
        ({"exdates": ["2027-04-20T16:00Z"]}, "aware", "exdates.0"),
        ({"rdates": ["2027-04-20"]}, "invalid", "rdates.0"),
        ({"school": "immer"}, "invalid_choice", "school"),
        ({"setup_minutes": -1}, "min_value", "setup_minutes"),
    ],
)
def test_what_is_wrong_with_a_series_is_told_at_its_field(place, visitor, fields, code, field):
    response = visitor.post(CHECK, {"series": a_series(**fields)})
    assert (response.status_code, codes(response)) == (400, [(code, f"series.{field}")])


def test_the_first_date_is_sent_once(place, visitor):
    first = {"rooms": ["saal-a"], "starts_at": "2027-04-20T16:00:00Z", "ends_at": "2027-04-20T18:00:00Z"}
    twice = visitor.post(CHECK, {"series": a_series(), "dates": [first]})
    assert (twice.status_code, codes(twice)) == (400, [("one_first_date", "dates")])
    unknown = visitor.post(
        CHECK, {"series": {"rrule": "FREQ=DAILY;COUNT=2"}, "dates": [{**first, "rooms": ["x"]}]}
    )
    assert codes(unknown) == [("unknown_room", "dates.0.rooms")]


def test_too_many_dates_are_counted_with_the_limit(place, visitor):
    response = visitor.post(CHECK, {"series": a_series(rrule="FREQ=DAILY;COUNT=300")})
    assert response.json()["detail"] == "This gives 300 dates; at most 250 are possible in one request."
    assert response.json()["code"] == "too_many_dates"


@pytest.mark.parametrize("count", [2, 52])
def test_the_check_costs_the_same_number_of_queries_for_many_dates(
    taken, visitor, count, django_assert_num_queries
):
    asked = {"series": a_series(rrule=f"FREQ=WEEKLY;COUNT={count}", skip_public=True)}
    visitor.post(CHECK, asked)
    with django_assert_num_queries(6):
        assert visitor.post(CHECK, asked).json()["counts"]["open"] == 1


# Asking ------------------------------------------------------------------------------------------


def test_a_series_is_stored_as_its_plan_proposes(taken, place, owner, as_owner):
    response = as_owner.post(LIST, a_request(a_series(exdates=["2027-05-04"]), accept_plan=True))
    assert response.status_code == 201
    booking = Booking.objects.get(title="Probe")
    assert [
        (
            slot.starts_at,
            [room.slug for room in slot.rooms.all()],
            slot.status,
            str(slot.skip or slot.instead_of),
        )
        for slot in booking.slots.order_by("starts_at")
    ] == [
        (berlin(WEEKS[0], "16:00"), ["saal-a"], "requested", ""),
        (berlin(WEEKS[1], "16:00"), ["saal-b"], "requested", "instead of Saal A"),
        (berlin(WEEKS[2], "16:00"), ["saal-a"], "skipped", "Left out"),
        (berlin(WEEKS[3], "16:00"), ["saal-a"], "requested", ""),
    ]
    assert response.json()["series"] == {
        "words": "every Tuesday, 16:00–18:00, 4 dates",
        "rrule": "FREQ=WEEKLY;BYDAY=TU;COUNT=4",
        "starts_at": "2027-04-20T16:00",
        "ends_at": "2027-04-20T18:00",
        "skip_public": False,
        "school": "ignored",
    }
    assert booking.applicant == owner


def test_dates_for_which_nothing_is_chosen_come_back_with_the_plan(taken, as_owner):
    response = as_owner.post(LIST, a_request())
    assert (response.status_code, response.json()["code"]) == (409, "dates_undecided")
    assert response["Content-Type"] == "application/problem+json"
    assert states(response.json()["plan"]) == ["free", "clash", "free", "free"]
    assert codes(response) == [("clash", "starts_at")]
    assert response.json()["reasons"][0]["message"].startswith("Tue 27 Apr 2027: Saal A is already booked")
    assert not Booking.objects.filter(title="Probe").exists()


def test_single_dates_are_chosen_by_their_keys(taken, as_owner):
    (clash,) = (
        one for one in as_owner.post(CHECK, {"series": a_series()}).json()["dates"] if one["proposals"]
    )
    monday = next(proposal for proposal in clash["proposals"] if proposal["way"] == "day")
    sent = a_request(choices={clash["key"]: monday["token"]}, skipped=["2027-05-11T16:00"])
    assert as_owner.post(LIST, sent).status_code == 201
    slots = Booking.objects.get(title="Probe").slots.order_by("starts_at")
    assert [(slot.starts_at, slot.status) for slot in slots] == [
        (berlin(WEEKS[0], "16:00"), "requested"),
        (berlin(date(2027, 4, 26), "16:00"), "requested"),
        (berlin(WEEKS[2], "16:00"), "requested"),
        (berlin(WEEKS[3], "16:00"), "skipped"),
    ]


@pytest.mark.parametrize(
    "token",
    [
        "keep",
        "2027-04-27T16:00/2027-04-27T18:00/saal-a",
        "2027-04-27T03:00/2027-04-27T05:00/saal-a",
        "2027-04-28T16:00/2027-04-28T18:00/saal",
        "nonsense",
        "",
    ],
)
def test_a_choice_that_is_no_proposal_is_none(taken, as_owner, token):
    sent = a_request(choices={"2027-04-27T16:00": token} if token else {}, accept_plan=False)
    response = as_owner.post(LIST, sent)
    assert (response.status_code, response.json()["code"]) == (409, "dates_undecided")


def test_a_choice_may_leave_a_date_out_while_the_plan_holds_for_the_rest(taken, place, as_owner):
    make_booking([place.hall_a], berlin(WEEKS[2], "16:00"))
    sent = a_request(choices={"2027-04-27T16:00": "skip"}, accept_plan=True)
    assert as_owner.post(LIST, sent).status_code == 201
    slots = Booking.objects.get(title="Probe").slots.order_by("starts_at")
    assert [(slot.status, str(slot.skip or slot.instead_of)) for slot in slots] == [
        ("requested", ""),
        ("skipped", "Left out: not free"),
        ("requested", "instead of Saal A"),
        ("requested", ""),
    ]


def test_dates_the_series_does_not_have_are_unknown(place, as_owner):
    sent = a_request(choices={"2027-04-21T16:00": "skip"}, skipped=["2027-04-20"])
    response = as_owner.post(LIST, sent)
    assert (response.status_code, codes(response)) == (
        400,
        [("unknown_date", "choices"), ("unknown_date", "skipped")],
    )


def test_staff_keep_dates_against_rules_they_may_override(place, as_owner, as_staff):
    early = a_series(starts_at="2027-04-20T07:00", ends_at="2027-04-20T09:00")
    sent = a_request(early, override=True, override_reason="Absprache")
    assert as_owner.post(LIST, sent).json()["code"] == "dates_undecided"
    make_booking([place.hall_a], berlin(WEEKS[1], "08:00"))
    assert as_staff.post(LIST, sent).json()["code"] == "dates_undecided"
    assert as_staff.post(LIST, {**sent, "accept_plan": True}).status_code == 201
    slots = Booking.objects.get(title="Probe").slots.order_by("starts_at")
    assert [(slot.starts_at.astimezone(BERLIN).hour, slot.status) for slot in slots] == [
        (7, "requested"),
        (7, "skipped"),
        (7, "requested"),
        (7, "requested"),
    ]


def test_sending_a_series_twice_makes_one_booking_even_if_it_is_taken_by_then(place, as_owner):
    sent = a_request(submission_key=str(uuid.uuid4()))
    first = as_owner.post(LIST, sent)
    make_booking([place.hall_a], berlin(WEEKS[1], "16:00"))
    second = as_owner.post(LIST, sent)
    assert [first.status_code, second.status_code] == [201, 200]
    assert first.json() == second.json()


def test_a_series_of_which_nothing_is_left_is_refused(place, as_owner):
    keys = [f"{day}T16:00" for day in WEEKS[:4]]
    response = as_owner.post(LIST, a_request(skipped=keys))
    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    assert response.json()["detail"] == "All dates of the series are skipped."


def test_a_request_needs_dates_or_a_series(place, as_owner):
    response = as_owner.post(LIST, a_request() | {"series": None})
    assert codes(response) == [("required", "dates")]


def test_what_is_wrong_with_the_request_itself_is_told_before_the_plan(place, as_owner):
    make_house_rules(place.house)
    assert codes(as_owner.post(LIST, a_request())) == [("house_rules", "house_rules")]
    assert Association.objects.count() == 0


def test_asking_needs_a_login(place, visitor):
    assert visitor.post(LIST, a_request()).status_code == 401


def test_a_single_date_tells_of_no_series(taken, as_staff):
    assert as_staff.get(f"{LIST}{taken.reference}/").json()["series"] is None


@pytest.mark.parametrize("count", [2, 52])
def test_asking_costs_the_same_number_of_queries_for_many_dates(
    place, as_owner, count, django_assert_num_queries
):
    make_room(place.house, "Küche")
    # PostgreSQL locks the name of an association that is new.
    with django_assert_num_queries(41 if connection.vendor == "postgresql" else 40):
        response = as_owner.post(
            LIST, a_request(a_series(rrule=f"FREQ=WEEKLY;COUNT={count}", skip_public=True))
        )
    assert len(response.json()["dates"]) == count


def test_the_refusal_is_said_in_german_too(taken, as_owner):
    response = as_owner.post(LIST, a_request(), HTTP_ACCEPT_LANGUAGE="de")
    assert response.json()["detail"] == (
        "Einige Termine sind nicht wie gewünscht möglich. Bitte wählen Sie, was mit ihnen geschieht."
    )
