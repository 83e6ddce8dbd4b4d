"""Which room is free then? Every room answers, with reasons where it does not fit."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from bookings.enums import SlotStatus, Visibility
from hausderbegegnung.web.public.find_room import Found
from rooms.intervals import Interval
from rooms.models import Closure, Equipment, House
from tests.factories import DAY, berlin, make_booking, make_room

URL = "/finden/"
WISH = {"datum": "20.04.2027", "von": "16:00", "dauer": "120"}


def look(client: Client, **wish: Any) -> dict[str, list[Found]]:
    context = client.get(URL, {**WISH, **wish}).context
    return {name: context[name] for name in ("free", "taken")}


def names(found: list[Found]) -> list[str]:
    return [one.room.name for one in found]


def test_before_the_question_there_is_only_the_form(client: Client, house: House, now: datetime) -> None:
    answer = client.get(URL)
    assert answer.context["net"] is None
    assert not answer.context["form"].is_bound


def test_what_was_looked_for_is_said_in_a_line(client: Client, house: House, now: datetime) -> None:
    beamer = Equipment.objects.create(house=house, name="Beamer")
    wish = {"personen": "1", "bestuhlung": "rows", "stufenlos": "on", "ausstattung": str(beamer.pk)}
    form = client.get(URL, {**WISH, **wish}).context["form"]
    assert form.needs == ["1 Person", "Reihen", "stufenlos", "Beamer"]


def test_free_rooms_come_smallest_first_with_a_filled_in_request(
    client: Client, house: House, now: datetime
) -> None:
    make_room(house, "Saal", capacity=80)
    make_room(house, "Büro", capacity=8)
    make_room(house, "Gruppenraum", slug="gruppenraum", capacity=15)
    found = look(client, personen="12", bestuhlung="rows")
    assert names(found["free"]) == ["Gruppenraum", "Saal"]
    assert names(found["taken"]) == ["Büro"]
    assert found["free"][0].request_url == (
        "/anfrage/?raum=gruppenraum&datum=2027-04-20&von=16%3A00&bis=18%3A00&personen=12&bestuhlung=rows"
    )


@pytest.mark.parametrize("more", [{}, {"takt": "weekly", "anzahl": "3"}], ids=["once", "series"])
def test_the_request_begins_with_the_equipment_that_was_looked_for(
    as_applicant: Client, house: House, more: dict[str, str]
) -> None:
    beamer = Equipment.objects.create(house=house, name="Beamer")
    Equipment.objects.create(house=house, name="Klavier")
    make_room(house, "Saal").equipment.add(beamer)
    context = as_applicant.get(URL, {**WISH, **more, "ausstattung": str(beamer.pk)}).context
    found = context["series"].fitting if more else context["free"]
    form = as_applicant.get(found[0].request_url).context["form"]
    chosen = [option.data["label"] for option in form["equipment"] if option.data["selected"]]
    assert chosen == ["Beamer"]


def test_another_time_of_the_day_is_asked_for_with_the_same_needs(
    client: Client, house: House, now: datetime
) -> None:
    beamer = Equipment.objects.create(house=house, name="Beamer")
    room = make_room(house, "Saal", slug="saal")
    room.equipment.add(beamer)
    make_booking([room], berlin(DAY, "15:00"), berlin(DAY, "17:30"), visibility=Visibility.BUSY)
    (one,) = look(client, personen="12", ausstattung=str(beamer.pk))["taken"]
    assert one.other_times[0].url == (
        f"/anfrage/?raum=saal&datum=2027-04-20&von=17%3A30&bis=19%3A30&personen=12&ausstattung={beamer.pk}"
    )


def test_a_taken_room_names_its_free_times_of_the_day(client: Client, house: House, now: datetime) -> None:
    room = make_room(house, "Saal")
    make_booking([room], berlin(DAY, "15:00"), berlin(DAY, "17:00"), visibility=Visibility.BUSY)
    (one,) = look(client)["taken"]
    assert one.hindrances != []
    assert [time.interval for time in one.other_times] == [
        Interval(berlin(DAY, "17:00"), berlin(DAY, "22:00")),
        Interval(berlin(DAY, "08:00"), berlin(DAY, "15:00")),
    ]


def test_a_free_time_too_short_for_the_wish_is_not_offered(
    client: Client, house: House, now: datetime
) -> None:
    room = make_room(house, "Saal")
    make_booking([room], berlin(DAY, "10:00"), berlin(DAY, "20:01"), visibility=Visibility.BUSY)
    (one,) = look(client, dauer="120")["taken"]
    assert [time.interval for time in one.other_times] == [
        Interval(berlin(DAY, "08:00"), berlin(DAY, "10:00"))
    ]


def test_a_day_without_free_time_names_the_nearest_one(client: Client, house: House, now: datetime) -> None:
    room = make_room(house, "Saal", slug="saal")
    make_booking([room], berlin(DAY, "08:00"), berlin(DAY, "22:00"), visibility=Visibility.BUSY)
    (one,) = look(client, personen="5")["taken"]
    assert one.other_times == []
    assert one.nearest == "Di.,\N{NO-BREAK SPACE}27.04.2027, 16:00–18:00\N{NO-BREAK SPACE}Uhr"
    assert one.nearest_url == "/anfrage/?raum=saal&datum=2027-04-27&von=16%3A00&bis=18%3A00&personen=5"


@pytest.mark.parametrize("more", [{}, {"takt": "weekly", "anzahl": "3"}], ids=["once", "series"])
def test_nobody_is_sent_outside_who_has_not_asked_for_it(
    client: Client, house: House, now: datetime, more: dict[str, str]
) -> None:
    make_room(house, "Terrasse", is_outdoors=True)

    def looked_at(**wish: str) -> list[str]:
        context = client.get(URL, {**WISH, **more, **wish}).context
        return names(context["series"].rooms if more else [*context["free"], *context["taken"]])

    assert looked_at() == ["Terrasse"]
    make_room(house, "Saal")
    assert looked_at() == ["Saal"]
    assert sorted(looked_at(draussen="on")) == ["Saal", "Terrasse"]


def test_a_wish_that_comes_too_late_names_the_next_time_like_it(
    client: Client, house: House, now: datetime
) -> None:
    make_room(house, "Saal", slug="saal", lead_hours=24)
    (one,) = look(client, datum="01.03.2027")["taken"]
    assert one.nearest_url == "/anfrage/?raum=saal&datum=2027-03-08&von=16%3A00&bis=18%3A00"


def test_a_booked_part_takes_the_whole(client: Client, house: House, now: datetime) -> None:
    left, right = make_room(house, "Saal A"), make_room(house, "Saal B")
    make_room(house, "Saal", parts=[left, right])
    make_booking([left], berlin(DAY, "16:00"))
    found = look(client)
    assert names(found["free"]) == ["Saal B"]
    assert sorted(names(found["taken"])) == ["Saal", "Saal A"]


def test_a_pending_request_takes_no_room_but_is_told_to_people_who_are_known(
    client: Client, as_applicant: Client, house: House, now: datetime
) -> None:
    make_booking([make_room(house)], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED, title="Geheim")
    visitor = Client()
    assert [len(one.warnings) for one in look(visitor)["free"]] == [0]
    (one,) = look(as_applicant)["free"]
    assert len(one.warnings) == 1
    assert "Geheim" not in one.warnings[0]


@pytest.mark.parametrize(
    ("wish", "fits"),
    [
        ({"stufenlos": "on"}, ["Saal B"]),
        ({"hoerschleife": "on"}, ["Saal A"]),
        ({"ausstattung": ["Beamer"]}, ["Saal A"]),
        ({"ausstattung": ["Beamer", "Klavier"]}, []),
        ({"stufenlos": "on", "ausstattung": ["Klavier"]}, ["Saal B"]),
    ],
)
def test_needs_are_checked_one_by_one(
    client: Client, house: House, now: datetime, wish: dict[str, Any], fits: list[str]
) -> None:
    equipment = {name: Equipment.objects.create(house=house, name=name) for name in ("Beamer", "Klavier")}
    make_room(house, "Saal A", hearing_loop=True).equipment.add(equipment["Beamer"])
    make_room(house, "Saal B", step_free=True).equipment.add(equipment["Klavier"])
    wish = {**wish, "ausstattung": [equipment[name].pk for name in wish.get("ausstattung", [])]}
    found = look(client, **wish)
    assert names(found["free"]) == fits
    assert all(one.hindrances and not one.other_times for one in found["taken"])


def test_equipment_is_asked_for_where_there_is_some(client: Client, house: House, now: datetime) -> None:
    def is_asked_for() -> bool:
        return 'name="ausstattung"' in client.get(URL).content.decode()

    assert not is_asked_for()
    Equipment.objects.create(house=house, name="Beamer")
    assert is_asked_for()


def test_a_closed_house_says_why(client: Client, house: House, now: datetime) -> None:
    make_room(house)
    Closure.objects.create(
        house=house,
        starts_at=berlin(DAY, "00:00"),
        ends_at=berlin(DAY + timedelta(days=1), "00:00"),
        reason="Himmelfahrt",
    )
    (one,) = look(client)["taken"]
    assert any("Himmelfahrt" in sentence for sentence in one.hindrances)


@pytest.mark.parametrize(
    ("wish", "fields"),
    [
        ({"datum": "31.02.2027"}, ["datum"]),
        ({"datum": "01.01.1900"}, ["datum"]),
        ({"datum": "31.12.9999"}, ["datum"]),
        ({"von": "25:00"}, ["von"]),
        ({"von": ""}, ["von"]),
        ({"personen": "-3"}, ["personen"]),
        ({"dauer": "7"}, ["dauer"]),
        ({"bestuhlung": "haengematten"}, ["bestuhlung"]),
        ({"ausstattung": "999"}, ["ausstattung"]),
    ],
)
def test_bad_input_is_said_at_its_field_and_kept(
    client: Client, house: House, now: datetime, wish: dict[str, str], fields: list[str]
) -> None:
    answer = client.get(URL, {**WISH, **wish})
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == fields
    assert answer.context["net"] is None


AUTUMN, SPRING, NEXT_DAY = date(2027, 10, 31), date(2027, 3, 28), DAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "start", "length", "net"),
    [
        (AUTUMN, "0:00", "480", Interval(berlin(AUTUMN, "00:00"), berlin(AUTUMN, "07:00"))),
        (SPRING, "16:00", "60", Interval(berlin(SPRING, "16:00"), berlin(SPRING, "17:00"))),
        (DAY, "24:00", "60", Interval(berlin(NEXT_DAY, "00:00"), berlin(NEXT_DAY, "01:00"))),
    ],
)
def test_times_are_of_the_clock_on_the_wall(
    client: Client, house: House, now: datetime, day: date, start: str, length: str, net: Interval
) -> None:
    answer = client.get(URL, {"datum": f"{day:%d.%m.%Y}", "von": start, "dauer": length})
    assert answer.context["net"] == net


def test_the_lengths_are_named_in_the_language_of_the_page(client: Client, house: House) -> None:
    page = client.get("/finden/", headers={"Cookie": "django_language=en"}).content.decode()
    assert ("1½ hours" in page, "1 hour<" in page, "Stunde" in page) == (True, True, False)


def test_a_number_no_equipment_can_have_finds_nothing(client: Client, house: House, now: datetime) -> None:
    answer = client.get(URL, {**WISH, "ausstattung": str(2**63)})
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["ausstattung"]
