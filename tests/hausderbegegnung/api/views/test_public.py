"""What everybody may ask: house, rooms, availability, a wished date, the plan of a day."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from bookings.availability.snapshot import Block
from bookings.enums import SlotStatus, Visibility
from bookings.services import give_dates_back
from hausderbegegnung.api.serializers.public import AvailabilitySerializer
from rooms.intervals import Interval
from rooms.models import Closure, Equipment
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_booking,
    make_house,
    make_house_rules,
    make_room,
    make_staff,
)

pytestmark = pytest.mark.django_db

FROM, TO = "2027-04-20T00:00:00+02:00", "2027-04-21T00:00:00+02:00"
SECRET = "Schuldnerberatung Familie Geheim"


def span(start: str, end: str, day: date = DAY) -> dict:
    return {"starts_at": berlin(day, start).isoformat(), "ends_at": berlin(day, end).isoformat()}


# House and rooms -------------------------------------------------------------------------------


def test_house_tells_contact_policy_hours_and_the_rules_that_hold(place, visitor):
    make_house_rules(place.house)
    house = visitor.get("/api/v1/house/").json()
    assert (house["slug"], house["email"], house["max_persons"]) == ("hdb", "haus@example.org", 150)
    assert house["house_rules"] == {
        "version": "2027-01",
        "valid_from": "2027-01-01",
        "text": "Bitte aufräumen.",
    }
    assert house["opening_hours"][0] == {
        "weekday": 0,
        "opens_at": "08:00",
        "closes_at": "22:00",
        "valid_from": None,
        "valid_until": None,
    }


def test_house_is_a_problem_where_there_is_none(db, visitor):
    response = visitor.get("/api/v1/house/")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_rooms_are_listed_in_the_order_of_the_house_without_those_that_are_off(place, visitor):
    make_room(place.house, "Keller", is_active=False)
    assert [room["slug"] for room in visitor.get("/api/v1/rooms/").json()] == ["saal-a", "saal-b", "saal"]


def test_room_tells_parts_layouts_equipment_and_access(place, visitor):
    place.hall.equipment.add(Equipment.objects.create(house=place.house, name="Beamer"))
    room = visitor.get("/api/v1/rooms/saal/").json()
    assert room["parts"] == ["saal-a", "saal-b"]
    assert room["part_of"] == []
    assert room["equipment"] == ["Beamer"]
    assert room["access"] == {"step_free": False, "hearing_loop": False, "accessible_toilet": False}
    assert {layout["kind"]: layout["capacity"] for layout in room["layouts"]} == {"rows": 80, "tables": 40}
    assert visitor.get("/api/v1/rooms/saal-a/").json()["part_of"] == ["saal"]


@pytest.mark.parametrize("slug", ["unbekannt", "1"])
def test_unknown_room_is_a_problem(place, visitor, slug):
    assert visitor.get(f"/api/v1/rooms/{slug}/").status_code == 404


@pytest.mark.parametrize("rooms", [1, 6])
def test_rooms_cost_the_same_number_of_queries_however_many(place, visitor, django_assert_num_queries, rooms):
    for number in range(rooms):
        make_room(place.house, f"Raum {number}").equipment.add(
            Equipment.objects.create(house=place.house, name=f"Tafel {number}")
        )
    with django_assert_num_queries(8):
        visitor.get("/api/v1/rooms/")


# Availability ----------------------------------------------------------------------------------


def test_availability_gives_open_blocks_and_free_of_each_room(place, visitor):
    make_booking(
        [place.hall_a], berlin(DAY, "16:00"), berlin(DAY, "18:00"), setup_minutes=30, teardown_minutes=15
    )
    answer = visitor.get("/api/v1/availability/", {"from": FROM, "to": TO, "rooms": "saal,saal-b"}).json()
    assert answer == {
        "house": "hdb",
        "rooms": [
            {
                "room": "saal-b",
                "name": "Saal B",
                "open": [span("08:00", "22:00")],
                "blocks": [],
                "free": [span("08:00", "22:00")],
            },
            {
                "room": "saal",
                "name": "Saal",
                "open": [span("08:00", "22:00")],
                "blocks": [{**span("15:30", "18:15"), "kind": "booking", "label": "Elternabend"}],
                "free": [span("08:00", "15:30"), span("18:15", "22:00")],
            },
        ],
    }


def test_pending_requests_do_not_show_in_availability(place, visitor):
    make_booking([place.hall_a], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED)
    answer = visitor.get("/api/v1/availability/", {"from": FROM, "to": TO, "rooms": "saal-a"}).json()
    assert answer["rooms"][0]["blocks"] == []


@pytest.mark.parametrize("visibility", [Visibility.BUSY, Visibility.HIDDEN])
def test_nothing_of_a_booking_gets_into_public_answers_but_a_public_title(place, visitor, visibility):
    booking = make_booking(
        [place.hall_a],
        berlin(DAY, "16:00"),
        title=SECRET,
        display_title=SECRET,
        visibility=visibility,
        purpose=SECRET,
        remarks=SECRET,
        contact_name=SECRET,
        contact_phone=SECRET,
        contact_email="geheim@example.org",
    )
    wish = {"rooms": "saal-a", **span("16:30", "17:00")}
    answers = [
        visitor.get("/api/v1/availability/", {"from": FROM, "to": TO}),
        visitor.get("/api/v1/availability/check/", wish),
        visitor.get("/api/v1/schedule/", {"date": "2027-04-20"}),
    ]
    for answer in answers:
        text = answer.content.decode()
        assert answer.status_code == 200
        for secret in [SECRET, "Geheim", "geheim@", booking.association.name, booking.reference]:
            assert secret not in text
    assert answers[0].json()["rooms"][0]["blocks"][0]["label"] == "Occupied"


def test_a_block_that_carries_more_than_its_label_gives_only_its_label():
    class LeakingBlock(Block):
        title = SECRET
        contact_name = SECRET

    start = berlin(DAY, "16:00")
    block = LeakingBlock(Interval(start, start + timedelta(hours=1)), "booking", "Belegt")
    body = {
        "house": "hdb",
        "rooms": [{"room": "saal-a", "name": "Saal A", "open": [], "blocks": [block], "free": []}],
    }
    blocks = AvailabilitySerializer(body, context={"zone": start.tzinfo}).data["rooms"][0]["blocks"]
    assert [set(block) for block in blocks] == [{"starts_at", "ends_at", "kind", "label"}]


@pytest.mark.parametrize("bookings", [1, 8])
def test_availability_costs_the_same_number_of_queries_however_many(
    place, visitor, django_assert_num_queries, bookings
):
    for number in range(bookings):
        make_booking([place.hall_a], berlin(DAY + timedelta(days=number), "16:00"))
        make_room(place.house, f"Raum {number}")
    with django_assert_num_queries(10):
        visitor.get("/api/v1/availability/", {"from": FROM, "to": "2027-05-20T00:00:00+02:00"})


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ({"from": "2027-04-20T00:00:00", "to": TO}, "naive", "from"),
        ({"from": "2027-04-20", "to": TO}, "naive", "from"),
        ({"from": "gestern", "to": TO}, "invalid", "from"),
        ({"from": "0001-01-01T00:00:00+14:00", "to": TO}, "out_of_range", "from"),
        ({"from": "9999-12-31T23:59:59-12:00", "to": TO}, "out_of_range", "from"),
        ({"to": TO}, "required", "from"),
        ({"from": TO, "to": FROM}, "ends_before_start", "to"),
        ({"from": FROM, "to": FROM}, "ends_before_start", "to"),
        ({"from": FROM, "to": "2027-06-22T00:00:00+02:00"}, "period_too_long", "to"),
        ({"from": FROM, "to": TO, "rooms": "saal-a,mars"}, "unknown_room", "rooms"),
    ],
)
def test_availability_says_what_is_wrong_with_the_question(place, visitor, query, code, field):
    response = visitor.get("/api/v1/availability/", query)
    problem = response.json()
    assert (response.status_code, problem["code"]) == (400, "invalid")
    assert [(reason["code"], reason["field"]) for reason in problem["reasons"]] == [(code, field)]
    assert problem["detail"] == problem["reasons"][0]["message"]


def test_two_months_over_a_clock_change_are_allowed(place, visitor):
    query = {"from": "2027-09-15T00:00:00+02:00", "to": "2027-11-16T00:00:00+01:00"}
    assert visitor.get("/api/v1/availability/", query).status_code == 200


def test_a_plus_that_the_address_turned_into_a_space_is_understood(place, visitor):
    address = "/api/v1/availability/?from=2027-04-20T00:00:00+02:00&to=2027-04-21T00:00:00+02:00"
    assert visitor.get(address).status_code == 200


# A wished date ---------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_possible_wish_breaks_nothing(place, visitor, method):
    wish = {
        "rooms": ["saal-a"],
        **span("16:00", "18:00"),
        "setup_minutes": 30,
        "persons": 40,
        "layout": "rows",
    }
    response = getattr(visitor, method)("/api/v1/availability/check/", wish)
    assert response.json() == {
        "is_possible": True,
        "staff_may_override": False,
        "gross": span("15:30", "18:00"),
        "reasons": [],
    }


def test_a_wish_tells_every_broken_rule_and_the_nearest_free_time(place, visitor):
    make_booking([place.hall_a], berlin(DAY, "16:00"), berlin(DAY, "18:00"), title="Chor")
    wish = {"rooms": ["saal-a"], **span("17:00", "19:00"), "persons": 41, "layout": "rows"}
    verdict = visitor.post("/api/v1/availability/check/", wish).json()
    assert (verdict["is_possible"], verdict["staff_may_override"]) == (False, False)
    by_code = {reason["code"]: reason for reason in verdict["reasons"]}
    assert set(by_code) == {"clash", "too_many_persons"}
    assert by_code["clash"]["overridable_by"] == "nobody"
    assert by_code["clash"]["nearest"] == span("18:00", "20:00")
    assert by_code["too_many_persons"]["field"] == "persons"


def test_a_rule_that_staff_may_override_says_so(place, visitor):
    wish = {"rooms": ["saal-a"], **span("06:00", "07:00")}
    verdict = visitor.post("/api/v1/availability/check/", wish).json()
    assert (verdict["is_possible"], verdict["staff_may_override"]) == (False, True)
    assert [(one["code"], one["overridable_by"]) for one in verdict["reasons"]] == [
        ("outside_hours", "staff")
    ]


@pytest.mark.parametrize("method", ["get", "post"])
def test_how_many_others_have_asked_is_not_public(place, visitor, method):
    make_booking([place.hall_a], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED, title=SECRET)
    wish = {"rooms": ["saal-a"], **span("16:00", "17:00")}
    verdict = getattr(visitor, method)("/api/v1/availability/check/", wish).json()
    assert (verdict["is_possible"], verdict["reasons"]) == (True, [])


def test_a_rival_is_a_warning_that_stops_nothing(place, as_stranger):
    make_booking([place.hall_a], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED, title=SECRET)
    verdict = as_stranger.post(
        "/api/v1/availability/check/", {"rooms": ["saal-a"], **span("16:00", "17:00")}
    ).json()
    assert verdict["is_possible"] is True
    assert [(one["code"], one["overridable_by"]) for one in verdict["reasons"]] == [("rival", "anyone")]


def test_an_end_before_the_start_is_a_reason_too(place, visitor):
    wish = {"rooms": ["saal-a"], **span("18:00", "16:00")}
    verdict = visitor.post("/api/v1/availability/check/", wish).json()
    assert [one["code"] for one in verdict["reasons"]] == ["ends_before_start"]
    assert (verdict["is_possible"], verdict["gross"]) == (False, None)


def test_a_wish_that_is_not_understood_lists_every_field(place, visitor):
    wish = {"rooms": [], "starts_at": "2027-04-20T16:00", "persons": 0, "layout": "bar", "setup_minutes": -1}
    problem = visitor.post("/api/v1/availability/check/", wish).json()
    assert {reason["field"]: reason["code"] for reason in problem["reasons"]} == {
        "rooms": "empty",
        "starts_at": "naive",
        "ends_at": "required",
        "persons": "min_value",
        "layout": "invalid_choice",
        "setup_minutes": "min_value",
    }


def test_a_wish_for_centuries_is_refused_before_it_costs_anything(place, visitor, django_assert_num_queries):
    wish = {"rooms": ["saal-a"], "starts_at": "2000-01-01T00:00:00Z", "ends_at": "2199-01-01T00:00:00Z"}
    with django_assert_num_queries(0):
        problem = visitor.post("/api/v1/availability/check/", wish).json()
    assert [(one["code"], one["field"]) for one in problem["reasons"]] == [("too_long", "ends_at")]


# The plan of a day -----------------------------------------------------------------------------


def test_schedule_is_the_wall_without_requests_and_hidden_dates(place, visitor):
    make_booking([place.hall_b], berlin(DAY, "19:30"), berlin(DAY, "21:30"), title="Elternabend Kita")
    make_booking([place.hall_a], berlin(DAY, "18:30"), berlin(DAY, "20:30"), visibility=Visibility.BUSY)
    make_booking([place.hall_a], berlin(DAY, "09:00"), visibility=Visibility.HIDDEN)
    make_booking([place.hall_a], berlin(DAY, "12:00"), status=SlotStatus.REQUESTED)
    plan = visitor.get("/api/v1/schedule/", {"date": "2027-04-20"}).json()
    assert (plan["date"], plan["is_closed"]) == ("2027-04-20", False)
    assert [
        (entry["starts_at"], entry["ends_at"], entry["title"], [room["name"] for room in entry["rooms"]])
        for entry in plan["entries"]
    ] == [
        (*span("18:30", "20:30").values(), "Occupied", ["Saal A"]),
        (*span("19:30", "21:30").values(), "Elternabend Kita", ["Saal B"]),
    ]


def test_schedule_says_that_the_house_is_closed(place, visitor):
    Closure.objects.create(
        house=place.house,
        starts_at=berlin(DAY, "00:00"),
        ends_at=berlin(DAY + timedelta(days=1), "00:00"),
        reason="Grundreinigung",
    )
    plan = visitor.get("/api/v1/schedule/", {"date": "2027-04-20"}).json()
    assert plan["is_closed"] is True
    assert [(closure["reason"], closure["rooms"]) for closure in plan["closures"]] == [("Grundreinigung", [])]


def test_schedule_without_a_date_is_that_of_today(place, visitor):
    assert visitor.get("/api/v1/schedule/").json()["date"] == "2027-03-01"


@pytest.mark.django_db(transaction=True)
def test_schedule_is_not_sent_again_until_the_plan_changes(place, visitor, django_assert_num_queries):
    first = visitor.get("/api/v1/schedule/", {"date": "2027-04-20"})
    assert first["Cache-Control"] == "no-cache"
    with django_assert_num_queries(1):
        again = visitor.get("/api/v1/schedule/", {"date": "2027-04-20"}, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    make_booking([place.hall_b], berlin(DAY, "19:30"))
    changed = visitor.get("/api/v1/schedule/", {"date": "2027-04-20"}, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (changed.status_code, len(changed.json()["entries"])) == (200, 1)


def test_schedule_of_another_language_is_another_one(place, visitor):
    german = visitor.get("/api/v1/schedule/", {"date": "2027-04-20"}, HTTP_ACCEPT_LANGUAGE="de")
    assert "Accept-Language" in german["Vary"]
    english = visitor.get("/api/v1/schedule/", {"date": "2027-04-20"}, HTTP_IF_NONE_MATCH=german["ETag"])
    assert english.status_code == 200


def test_schedule_by_another_release_is_another_one(place, visitor, settings):
    former = visitor.get("/api/v1/schedule/", {"date": "2027-04-20"})
    settings.RELEASE = "after-the-update"
    today = visitor.get("/api/v1/schedule/", {"date": "2027-04-20"}, HTTP_IF_NONE_MATCH=former["ETag"])
    assert today.status_code == 200


@pytest.mark.parametrize("day", ["20.04.2027", "2027-02-30", "morgen"])
def test_schedule_of_no_day_is_a_problem(place, visitor, day):
    problem = visitor.get("/api/v1/schedule/", {"date": day}).json()
    assert [(reason["code"], reason["field"]) for reason in problem["reasons"]] == [("invalid", "date")]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_schedule_of_a_day_out_of_the_world_is_a_problem(place, visitor, day):
    assert visitor.get("/api/v1/schedule/", {"date": day}).status_code == 400


@pytest.mark.parametrize("bookings", [1, 6])
def test_schedule_costs_the_same_number_of_queries_however_many(
    place, visitor, django_assert_num_queries, bookings
):
    for number in range(bookings):
        make_booking([place.hall_a], berlin(DAY, "08:00") + timedelta(hours=2 * number))
    with django_assert_num_queries(3):
        visitor.get("/api/v1/schedule/", {"date": "2027-04-20"})


def test_refusals_are_in_the_language_that_was_asked_for(place, visitor):
    query = {"from": "2027-04-20T00:00:00", "to": TO}
    german = visitor.get("/api/v1/availability/", query, HTTP_ACCEPT_LANGUAGE="de").json()
    with translation.override("de"):
        from hausderbegegnung.api.serializers.fields import InstantField

        assert german["detail"] == str(InstantField().error_messages["naive"])


@pytest.mark.django_db(transaction=True)
def test_an_availability_that_is_kept_shows_every_change_at_once(client, django_assert_max_num_queries):
    room = make_room(make_house())

    def labels() -> list[str]:
        (answer,) = client.get("/api/v1/availability/", {"from": FROM, "to": TO}).json()["rooms"]
        return [block["label"] for block in answer["blocks"]]

    assert labels() == []
    with django_assert_max_num_queries(1):
        assert labels() == []
    booking = make_booking([room], berlin(DAY, "16:00"), display_title="Chor")
    assert labels() == ["Chor"]
    give_dates_back(booking_id=booking.pk, actor=make_staff(), now=NOW)
    assert labels() == []
