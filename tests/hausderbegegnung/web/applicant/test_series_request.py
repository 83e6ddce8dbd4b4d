"""Sending the request form for a series: what is stored, chosen, left out and refused."""

from datetime import date

import pytest
from django.test import Client

from bookings.enums import SchoolHolidays, SlotStatus
from bookings.models import Booking
from bookings.series.choices import OUT, WAY
from rooms.holidays import load_holidays
from rooms.models import Equipment, House, Room
from tests.factories import berlin, make_booking, make_room
from tests.hausderbegegnung.web.series import series_values, states, stored

URL = "/anfrage/"
CHECK = "/anfrage/pruefen/"
CLASH = date(2027, 4, 27)
KEY = f"{WAY}2027-04-27T16:00"


@pytest.fixture
def house(house: House) -> House:
    """Public and school holidays of the year are known."""
    load_holidays(house, 2027, 2028)
    return house


def test_a_free_series_is_stored_with_the_dates_that_fall_out(
    as_applicant: Client, house: House, room: Room
) -> None:
    values = series_values(
        [room], on=date(2027, 4, 22), skipped="29.04.2027", added="07.05.2027, 08.05.2027 10:00"
    )
    response = as_applicant.post(URL, values)
    booking = Booking.objects.get()
    assert response.status_code == 302
    assert stored(booking) == [
        ("22.04. 16:00", "Saal A", "requested", ""),
        ("29.04. 16:00", "Saal A", "skipped", "Ausgelassen"),
        ("06.05. 16:00", "Saal A", "skipped", "Feiertag: Christi Himmelfahrt"),
        ("07.05. 16:00", "Saal A", "requested", ""),
        ("08.05. 10:00", "Saal A", "requested", ""),
        ("13.05. 16:00", "Saal A", "requested", ""),
        ("20.05. 16:00", "Saal A", "requested", ""),
        ("27.05. 16:00", "Saal A", "skipped", "Feiertag: Fronleichnam"),
    ]
    assert (booking.skips_public_holidays, booking.school_holidays) == (True, SchoolHolidays.IGNORED)
    assert booking.event.rule.params == "interval:1;byweekday:TH"


def test_a_series_with_a_clash_comes_back_with_a_plan_and_stores_nothing(
    as_applicant: Client, house: House, room: Room
) -> None:
    make_booking([room], berlin(CLASH, "17:00"))
    other = make_room(house, "Saal B")
    response = as_applicant.post(URL, series_values([room]))
    assert response.status_code == 409
    assert response.context["form"].non_field_errors() == [
        "1 Termin ist nicht frei. Bitte sehen Sie sich den Plan an und senden Sie die Anfrage noch einmal."
    ]
    options = response.context["series"].open_rows[0].options
    assert [(option.way.value, option.token, option.is_chosen) for option in options] == [
        ("room", f"2027-04-27T16:00/2027-04-27T18:00/{other.slug}", True),
        ("day", f"2027-04-26T16:00/2027-04-26T18:00/{room.slug}", False),
        ("day", f"2027-04-28T16:00/2027-04-28T18:00/{room.slug}", False),
        ("skip", "skip", False),
    ]
    assert Booking.objects.filter(event__isnull=False).count() == 0


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        (
            "2027-04-27T16:00/2027-04-27T18:00/{other}",
            ("27.04. 16:00", "Saal B", "requested", "statt Saal A"),
        ),
        (
            "2027-04-26T16:00/2027-04-26T18:00/{room}",
            ("26.04. 16:00", "Saal A", "requested", "statt Di., 27.04.2027, 16:00–18:00 Uhr"),
        ),
        ("skip", ("27.04. 16:00", "Saal A", "skipped", "Ausgelassen: nicht frei")),
    ],
)
def test_what_is_chosen_for_a_date_is_stored(
    as_applicant: Client, house: House, room: Room, token: str, expected: tuple
) -> None:
    make_booking([room], berlin(CLASH, "17:00"))
    other = make_room(house, "Saal B")
    values = series_values([room], until="04.05.2027") | {KEY: token.format(room=room.slug, other=other.slug)}
    response = as_applicant.post(URL, values)
    assert response.status_code == 302
    dates = stored(Booking.objects.get(event__isnull=False))
    assert dates == sorted(
        [
            ("20.04. 16:00", "Saal A", "requested", ""),
            expected,
            ("04.05. 16:00", "Saal A", "requested", ""),
        ],
        key=lambda date: (date[0][3:5], date[0][:2]),
    )


@pytest.mark.parametrize(
    "forged",
    [
        "keep",
        "2027-04-27T16:00/2027-04-27T18:00/raum-gibt-es-nicht",
        "2027-04-27T17:00/2027-04-27T19:00/{room}",
        "2030-01-01T16:00/2030-01-01T18:00/{room}",
        "",
        "skip/skip",
    ],
)
def test_only_what_the_plan_offers_can_be_chosen(
    as_applicant: Client, house: House, room: Room, forged: str
) -> None:
    make_booking([room], berlin(CLASH, "17:00"))
    response = as_applicant.post(URL, series_values([room]) | {KEY: forged.format(room=room.slug)})
    assert response.status_code == 409
    assert Booking.objects.filter(event__isnull=False).count() == 0


def test_free_dates_can_be_left_out(as_applicant: Client, house: House, room: Room) -> None:
    as_applicant.post(URL, series_values([room], until="04.05.2027") | {OUT: ["2027-04-27T16:00"]})
    assert stored(Booking.objects.get()) == [
        ("20.04. 16:00", "Saal A", "requested", ""),
        ("27.04. 16:00", "Saal A", "skipped", "Ausgelassen"),
        ("04.05. 16:00", "Saal A", "requested", ""),
    ]


def test_a_series_of_which_nothing_is_left_is_refused(as_applicant: Client, house: House, room: Room) -> None:
    values = series_values([room], until="27.04.2027") | {OUT: ["2027-04-20T16:00", "2027-04-27T16:00"]}
    response = as_applicant.post(URL, values)
    assert response.status_code == 400
    assert response.context["form"].errors == {"day": ["Alle Termine der Serie entfallen."]}
    assert Booking.objects.count() == 0


def test_staff_may_keep_a_date_that_breaks_a_rule(as_staff: Client, house: House, room: Room) -> None:
    values = series_values(
        [room],
        until="27.04.2027",
        starts="20:00",
        ends="23:00",
        association=None,
        association_name="Chor",
        association_kind="initiative",
    )
    refused = as_staff.post(URL, values)
    assert refused.status_code == 409
    keeping = {f"{WAY}2027-04-20T20:00": "keep", f"{WAY}2027-04-27T20:00": "skip"}
    unfounded = as_staff.post(URL, values | keeping)
    assert (unfounded.status_code, list(unfounded.context["form"].errors)) == (400, ["override_reason"])
    assert 'name="override_reason"' in unfounded.content.decode()
    assert as_staff.post(URL, values | keeping | {"override_reason": "Der Rat tagt."}).status_code == 302
    assert stored(Booking.objects.get()) == [
        ("20.04. 20:00", "Saal A", "requested", ""),
        ("27.04. 20:00", "Saal A", "skipped", "Ausgelassen: außerhalb der Zeiten"),
    ]


def test_applicants_may_not_keep_a_date_that_breaks_a_rule(
    as_applicant: Client, house: House, room: Room
) -> None:
    values = series_values([room], until="27.04.2027", starts="20:00", ends="23:00")
    keeping = {f"{WAY}2027-04-20T20:00": "keep", f"{WAY}2027-04-27T20:00": "keep"}
    assert as_applicant.post(URL, values | keeping).status_code == 409
    assert Booking.objects.count() == 0


def test_another_room_has_the_equipment_that_was_asked_for(
    as_applicant: Client, house: House, room: Room
) -> None:
    projector = Equipment.objects.create(house=house, name="Beamer")
    room.equipment.add(projector)
    make_room(house, "Saal B")
    with_it = make_room(house, "Saal C")
    with_it.equipment.add(projector)
    room.save()
    make_booking([room], berlin(CLASH, "17:00"))
    response = as_applicant.post(URL, series_values([room], equipment=[projector.pk]))
    ways = [
        option.words for option in response.context["series"].open_rows[0].options if option.way == "room"
    ]
    assert ways == ["Saal C (statt Saal A)"]


def test_the_wish_in_the_address_fills_the_series(as_applicant: Client, house: House, room: Room) -> None:
    response = as_applicant.get(
        f"{URL}?raum={room.slug}&datum=2027-04-20&von=16:00&bis=18:00&takt=monthly_weekday&wochentage=1"
        "&wievielter=1&wievielter=3&bis_tag=2027-07-31&feiertage=1&ferien=paused&auslassen=04.05.2027"
    )
    series = response.context["series"]
    assert series.words.replace("\N{NO-BREAK SPACE}", " ") == (
        "jeden 1. und 3. Dienstag im Monat, 16:00–18:00 Uhr, bis Sa., 31.07.2027, nicht an Feiertagen, "
        "nicht in den Schulferien"
    )
    assert states(response) == [
        ("20.04.", "free"),
        ("04.05.", "skipped"),
        ("18.05.", "skipped"),
        ("01.06.", "free"),
        ("15.06.", "free"),
        ("06.07.", "free"),
        ("20.07.", "skipped"),
    ]


def test_sending_twice_makes_one_series(as_applicant: Client, house: House, room: Room) -> None:
    values = series_values([room])
    first, second = as_applicant.post(URL, values), as_applicant.post(URL, values)
    assert first["Location"] == second["Location"]
    assert Booking.objects.count() == 1


def test_tuesday_and_thursday_both_come_whatever_the_first_day(
    as_applicant: Client, house: House, room: Room
) -> None:
    for first in ("20.04.2027", "22.04.2027"):
        values = series_values([room], weekdays=["1", "3"], until="", count="4")
        rows = as_applicant.post(CHECK, values | {"day": first}).context["series"].rows
        assert {row.day.weekday() for row in rows} == {1, 3}


def test_a_deleted_rule_changes_no_stored_date(as_applicant: Client, house: House, room: Room) -> None:
    as_applicant.post(URL, series_values([room]))
    booking = Booking.objects.get()
    before = stored(booking)
    booking.event.rule.delete()
    booking.refresh_from_db()
    assert stored(booking) == before
    assert [slot.status for slot in booking.slots.all()] == [SlotStatus.REQUESTED] * 6


def test_dates_over_midnight_name_each_day_once(as_applicant: Client, house: House, room: Room) -> None:
    house.opening_hours.update(opens_at="00:00", closes_at="00:00")
    values = series_values([room], starts="20:00", ends="02:00", until="27.04.2027", kind="meeting")
    page = as_applicant.post(CHECK, values).content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert (
        "<strong>Di., 20.04.2027</strong> "
        '<span aria-hidden="true">20:00 Uhr – Mi., 21.04.2027, 02:00 Uhr</span>'
        '<span class="visually-hidden">von 20:00 Uhr bis Mi., 21.04.2027, 02:00 Uhr</span>'
    ) in page
