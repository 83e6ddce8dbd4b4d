"""The list of rooms, the page of one room, and the drawings of rooms without a picture."""

from datetime import datetime

import pytest
from django.test import Client

from bookings.enums import Visibility
from hausderbegegnung.web.public.floor_plan import BOTTOM, LEFT, MOST_SEATS, RIGHT, TOP, draw_room
from rooms.enums import Layout
from rooms.models import Equipment, House, OpeningHours
from tests.factories import DAY, berlin, make_booking, make_house, make_room


def test_the_list_shows_rooms_that_can_be_booked(client: Client, house: House, now: datetime) -> None:
    make_room(house, "Saal A", capacity=45, area_m2=45)
    make_room(house, "Alter Keller", is_active=False)
    make_room(make_house(), "Raum woanders")
    page = client.get("/raeume/").content.decode()
    assert "Saal A" in page
    assert "45" in page
    assert "Alter Keller" not in page
    assert "Raum woanders" not in page


def test_a_room_tells_its_facts(client: Client, house: House, now: datetime) -> None:
    room = make_room(
        house,
        "Saal A",
        slug="saal-a",
        capacity=45,
        floor="Erdgeschoss",
        wayfinding="erste Tür links",
        step_free=True,
        hearing_loop=True,
    )
    room.equipment.add(Equipment.objects.create(house=house, name="Beamer"))
    both = make_room(house, "Saal (A + B)", parts=[room, make_room(house, "Saal B")])
    page = client.get("/raeume/saal-a/").content.decode()
    for fact in ("45", "22", "Beamer", "Erdgeschoss", "erste Tür links", both.name, "08:00–22:00"):
        assert fact in page
    assert "/anfrage/?raum=saal-a" in page


@pytest.mark.parametrize("slug", ["gibt-es-nicht", "alter-keller", "woanders"])
def test_unknown_and_unused_rooms_are_not_found(
    client: Client, house: House, now: datetime, slug: str
) -> None:
    make_room(house, slug="alter-keller", is_active=False)
    make_room(make_house(), slug="woanders")
    assert client.get(f"/raeume/{slug}/").status_code == 404


def test_the_week_of_a_room_can_be_turned(client: Client, house: House, now: datetime) -> None:
    room = make_room(house, slug="saal-a")
    make_booking([room], berlin(DAY, "10:00"), title="Nähtreff", visibility=Visibility.PUBLIC)
    context = client.get("/raeume/saal-a/?woche=2027-W16").context
    assert (context["previous_week"], context["next_week"]) == ("2027-W15", "2027-W17")
    assert "Nähtreff" in client.get("/raeume/saal-a/?woche=2027-W16").content.decode()
    assert "Nähtreff" not in client.get("/raeume/saal-a/?woche=2027-W17").content.decode()


@pytest.mark.parametrize("week", ["", "2027-W99", "unsinn", "0000-W00"])
def test_a_strange_week_shows_this_one(client: Client, house: House, now: datetime, week: str) -> None:
    make_room(house, slug="saal-a")
    answer = client.get("/raeume/saal-a/", {"woche": week})
    assert answer.status_code == 200
    assert answer.context["is_current"]


def test_a_typed_date_leads_to_its_week(client: Client, house: House, now: datetime) -> None:
    make_room(house, slug="saal-a")
    assert (
        client.get("/raeume/saal-a/?datum=20.04.2027")["Location"] == "/raeume/saal-a/?woche=2027-W16#woche"
    )


def test_days_with_the_same_hours_stand_together(client: Client, house: House, now: datetime) -> None:
    room = make_room(house, slug="saal-a")
    for weekday in range(5):
        OpeningHours.objects.create(
            house=house, room=room, weekday=weekday, opens_at="08:00", closes_at="00:00"
        )
    opening = client.get("/raeume/saal-a/").context["opening"]
    assert next(hours for _days, hours in opening) == "08:00–24:00\N{NO-BREAK SPACE}Uhr"
    assert len(opening) == 2


# Drawings -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["", *Layout.values])
@pytest.mark.parametrize("capacity", [1, 6, 45, 400])
def test_a_drawing_has_a_seat_for_each_person_and_all_stand_inside_the_walls(
    layout: str, capacity: int
) -> None:
    drawing = draw_room(3, layout, capacity)
    assert len(drawing.seats) == min(capacity, MOST_SEATS)
    assert [
        seat for seat in drawing.seats if not (LEFT <= seat[0] <= RIGHT and TOP - 6 <= seat[1] <= BOTTOM + 6)
    ] == []


def test_the_same_room_always_looks_the_same() -> None:
    assert draw_room(7, Layout.TABLES, 30) == draw_room(7, Layout.TABLES, 30)


def test_a_room_without_capacity_is_an_empty_room() -> None:
    drawing = draw_room(1, "", 0)
    assert (drawing.seats, drawing.tables) == ((), ())
