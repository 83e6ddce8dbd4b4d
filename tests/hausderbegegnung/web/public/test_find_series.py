"""Which room is free for a whole series? Ranked by free dates, with the plan for the rest."""

from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.http import QueryDict
from django.test import Client

from bookings.enums import SchoolHolidays, SlotStatus, Visibility
from bookings.models import Booking
from bookings.series.dates import Series
from bookings.series.pattern import LAST, Frequency, Pattern
from hausderbegegnung.web.public.find_series import FoundForSeries, FoundSeries, Warned
from hausderbegegnung.web.public.forms import FindRoomForm
from hausderbegegnung.web.shared.forms.series import series_query
from rooms.formats import format_day
from rooms.models import Equipment, House
from tests.factories import DAY, berlin, make_booking, make_room

URL = "/finden/"
WISH = {"datum": "20.04.2027", "von": "16:00", "dauer": "120", "takt": "weekly", "anzahl": "4"}
NBSP = "\N{NO-BREAK SPACE}"


def weeks(number: int) -> date:
    return DAY + timedelta(weeks=number)


def look(client: Client, **wish: Any) -> FoundSeries:
    return client.get(URL, {**WISH, **wish}).context["series"]


def ranked(found: list[FoundForSeries]) -> list[tuple[str, int, int]]:
    return [(one.room.name, one.free, one.proposed) for one in found]


def test_rooms_are_ranked_by_free_dates_then_by_what_can_be_proposed_then_by_size(
    client: Client, house: House, now: datetime
) -> None:
    big, hall, taken, office = (
        make_room(house, name, capacity=capacity, step_free=True)
        for name, capacity in [("Großer Saal", 80), ("Saal", 40), ("Clubraum", 30), ("Büro", 9)]
    )
    make_booking([big], berlin(weeks(1), "16:00"))
    make_booking([hall], berlin(weeks(1), "16:00"))
    for week in range(3):
        make_booking([taken], berlin(weeks(week), "15:00"), berlin(weeks(week), "19:00"))
    found = look(client, personen="10")
    assert (found.words, found.total) == ("jeden Dienstag, 16:00–18:00 Uhr, 4 Termine", 4)
    assert ranked(found.fitting) == [("Saal", 3, 1), ("Großer Saal", 3, 1), ("Clubraum", 1, 3)]
    assert ranked(found.unfit) == [("Büro", 0, 0)]
    assert found.unfit[0].missing == ("Hier ist Platz für 9 Personen, nicht für 10.",)
    assert office.name == "Büro"


def test_each_open_date_says_why_and_what_becomes_of_it(client: Client, house: House, now: datetime) -> None:
    hall = make_room(house, "Saal A", slug="saal-a")
    make_room(house, "Saal B", capacity=50)
    make_booking([hall], berlin(weeks(1), "16:00"), visibility=Visibility.BUSY)
    first = look(client).fitting[1]
    (one,) = first.open_dates
    assert first.room.id == hall.pk
    assert (one.when, one.way_out, one.is_skipped) == (
        f"Di.,{NBSP}27.04.2027, 16:00–18:00{NBSP}Uhr",
        "in Saal B",
        False,
    )
    assert len(one.hindrances) == 1
    page = client.get(URL, WISH).content.decode()
    assert "3 von 4 Terminen frei" in page
    assert "1 Vorschlag" in page
    assert "4 von 4 Terminen frei" in page


def test_what_falls_out_counts_for_no_room(client: Client, house: House, now: datetime) -> None:
    make_room(house)
    found = look(client, datum="29.04.2027", anzahl="3", feiertage="1")
    assert (found.total, found.fitting[0].free) == (2, 2)
    assert found.skipped == (f"Do.,{NBSP}06.05.2027: Feiertag: Christi Himmelfahrt",)
    assert look(client, datum="29.04.2027", anzahl="3").total == 3


def test_a_room_without_a_free_date_does_not_fit_and_still_shows_its_plan(
    client: Client, house: House, now: datetime
) -> None:
    hall = make_room(house)
    for week in range(2):
        make_booking([hall], berlin(weeks(week), "16:00"), berlin(weeks(week), "16:30"))
    House.objects.filter(pk=house.pk).update(shift_minutes=30, facts_version=99)
    found = look(client, anzahl="2")
    assert found.fitting == []
    assert ranked(found.unfit) == [("Saal A", 0, 2)]
    assert [one.way_out for one in found.unfit[0].open_dates] == [f"16:30–18:30{NBSP}Uhr"] * 2


def test_the_link_fills_in_the_request_with_everything(client: Client, house: House, now: datetime) -> None:
    make_room(house, slug="saal-a")
    found = look(
        client,
        von="20:00",
        dauer="300",
        personen="12",
        bestuhlung="rows",
        takt="monthly_weekday",
        alle="2",
        wochentage="5",
        wievielter=["1", "-1"],
        bis_tag="31.12.2027",
        anzahl="",
        feiertage="1",
        ferien="paused",
        auslassen="1.5.2027",
        weitere="Sa., 08.05.2027 und Samstag, 15.05.2027 14 Uhr",
    )
    address = urlsplit([*found.fitting, *found.unfit][0].request_url)
    assert address.path == "/anfrage/"
    assert parse_qsl(address.query) == [
        ("raum", "saal-a"),
        ("datum", "2027-04-20"),
        ("von", "20:00"),
        ("bis", "01:00"),
        ("bis_datum", "2027-04-21"),
        ("personen", "12"),
        ("bestuhlung", "rows"),
        ("takt", "monthly_weekday"),
        ("alle", "2"),
        ("wochentage", "5"),
        ("wievielter", "1"),
        ("wievielter", "-1"),
        ("bis_tag", "31.12.2027"),
        ("feiertage", "1"),
        ("ferien", "paused"),
        ("auslassen", "01.05.2027"),
        ("weitere", "08.05.2027 20:00, 15.05.2027 14:00"),
    ]


FIRST = datetime.combine(DAY, time(16))
COMMON = {"first_day": DAY, "starts": time(16), "ends": time(18)}


@pytest.mark.parametrize(
    "pattern",
    [
        Pattern(**COMMON, frequency=Frequency.WEEKLY, weekdays=(1, 3), until=date(2027, 12, 31)),
        Pattern(**COMMON, frequency=Frequency.WEEKLY, interval=2, weekdays=(1,), count=9),
        Pattern(**COMMON, frequency=Frequency.WEEKLY, interval=5, weekdays=(0,), count=9),
        Pattern(**COMMON, frequency=Frequency.DAILY, count=9),
        Pattern(**COMMON, frequency=Frequency.MONTHLY, weekdays=(5,), positions=(1, LAST), count=9),
        Pattern(**COMMON, frequency=Frequency.MONTHLY, interval=3, month_day=20, count=9),
    ],
)
@pytest.mark.parametrize("skip_public", [True, False])
def test_an_address_says_the_series_it_was_made_of(house: House, pattern: Pattern, skip_public: bool) -> None:
    series = Series(
        starts=FIRST,
        ends=FIRST + timedelta(hours=2),
        pattern=pattern,
        skip_public=skip_public,
        school=SchoolHolidays.ONLY,
        skipped=(weeks(1), weeks(2)),
        added=(datetime.combine(weeks(3), time(9, 30)),),
    )
    typed = QueryDict(mutable=True)
    typed.update({"datum": "20.04.2027", "von": "16:00", "dauer": "120"})
    for name, value in series_query(series):
        typed.appendlist(name, value)
    form = FindRoomForm(typed, house=house)
    assert form.is_valid(), form.errors
    assert form.series == series


def test_needs_are_checked_and_kept_in_what_is_proposed(client: Client, house: House, now: datetime) -> None:
    projector = Equipment.objects.create(house=house, name="Beamer")
    rooms = [make_room(house, name, step_free=True) for name in ("Saal A", "Saal B", "Saal C")]
    for room in rooms[:2]:
        room.equipment.add(projector)
    make_booking([rooms[0]], berlin(weeks(1), "16:00"))
    found = look(client, ausstattung=str(projector.pk), stufenlos="on")
    assert ranked(found.fitting) == [("Saal B", 4, 0), ("Saal A", 3, 1)]
    assert found.fitting[1].open_dates[0].way_out == "in Saal B"
    assert found.unfit[0].missing == ("Hier fehlt: Beamer.",)


def test_that_others_have_asked_is_told_to_people_who_are_logged_in(
    client: Client, as_applicant: Client, house: House, now: datetime
) -> None:
    hall = make_room(house)
    make_booking([hall], berlin(weeks(1), "16:00"), status=SlotStatus.REQUESTED)
    visitor = Client()
    assert [look(one).fitting[0].free for one in (visitor, as_applicant)] == [4, 4]
    assert look(visitor).fitting[0].warnings == ()
    told = "Diese Zeit haben auch andere angefragt (1). Das Haus entscheidet."
    assert look(as_applicant).fitting[0].warnings == (Warned(told, (format_day(weeks(1)),)),)


def test_a_warning_stands_at_its_dates_and_what_holds_for_all_of_them_is_told_once(
    as_applicant: Client, house: House, now: datetime
) -> None:
    hall = make_room(house)
    for week in range(4):
        make_booking([hall], berlin(weeks(week), "16:00"), status=SlotStatus.REQUESTED)
    for week in (1, 3):
        make_booking([hall], berlin(weeks(week), "17:00"), status=SlotStatus.REQUESTED)
    told = "Diese Zeit haben auch andere angefragt ({}). Das Haus entscheidet."
    assert look(as_applicant).fitting[0].warnings == (
        Warned(told.format(1), (format_day(weeks(0)), format_day(weeks(2)))),
        Warned(told.format(2), (format_day(weeks(1)), format_day(weeks(3)))),
    )
    Booking.objects.filter(slots__starts_at__in=[berlin(weeks(week), "17:00") for week in (1, 3)]).delete()
    assert look(as_applicant).fitting[0].warnings == (Warned(told.format(1)),)


def test_warnings_and_notes_are_told_once(client: Client, house: House, now: datetime) -> None:
    hall = make_room(house)
    House.objects.filter(pk=house.pk).update(setup_minutes=0, quiet_from=time(17), facts_version=99)
    make_booking([hall], berlin(weeks(1), "18:00"))
    found = look(client, auslassen="21.04.2027")
    assert len(found.notes) == 1
    assert found.fitting[0].warnings == ()


# February has none.
FIFTH_MONDAY = {"datum": "01.02.2027", "takt": "monthly_weekday", "wievielter": "5", "anzahl": ""}


@pytest.mark.parametrize(
    ("wish", "fields"),
    [
        ({"anzahl": ""}, ["until"]),
        ({"bis_tag": "31.12.2027"}, ["count"]),
        ({"anzahl": "", "bis_tag": "19.04.2027"}, ["until"]),
        ({"anzahl": "251"}, ["until"]),
        ({"anzahl": "0"}, ["count"]),
        ({"takt": "nie"}, ["repeats"]),
        ({"alle": "53"}, ["interval"]),
        ({"wochentage": "7"}, ["weekdays"]),
        ({"takt": "monthly_weekday", "wievielter": "6"}, ["positions"]),
        ({"takt": "monthly_weekday", "wochentage": ["1", "2"]}, ["weekdays"]),
        ({**FIFTH_MONDAY, "bis_tag": "28.02.2027"}, ["until"]),
        ({"ferien": "immer"}, ["school"]),
        ({"auslassen": "morgen"}, ["skipped"]),
        ({"weitere": "31.02.2027"}, ["added"]),
        ({"datum": ""}, ["datum"]),
        ({"von": "25:00"}, ["von"]),
    ],
)
def test_bad_input_is_said_at_its_field(
    client: Client, house: House, now: datetime, wish: dict[str, Any], fields: list[str]
) -> None:
    make_room(house)
    answer = client.get(URL, {**WISH, **wish})
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == fields
    assert not answer.context.get("series")


def test_too_many_dates_are_counted_with_the_limit(client: Client, house: House, now: datetime) -> None:
    make_room(house)
    errors = client.get(URL, {**WISH, "anzahl": "251"}).context["form"].errors
    assert errors["until"] == ["Das ergibt 251 Termine. Möglich sind höchstens 250 in einer Anfrage."]


def test_a_single_date_is_looked_for_as_ever_and_holidays_are_left_out_once_it_repeats(
    client: Client, house: House, now: datetime
) -> None:
    make_room(house)
    answer = client.get(URL, {"datum": "20.04.2027", "von": "16:00"})
    assert len(answer.context["free"]) == 1
    assert "series" not in answer.context
    assert answer.context["form"]["skip_public"].value() is True
    assert 'details class="disclosure" open' not in answer.content.decode()


def test_a_house_without_rooms_answers_as_well(client: Client, house: House, now: datetime) -> None:
    assert look(client) is None


@pytest.mark.parametrize("rooms", [1, 12])
@pytest.mark.parametrize("dates", [2, 52])
def test_it_costs_the_same_number_of_queries_however_many_rooms_and_dates(
    client: Client, house: House, now: datetime, django_assert_num_queries: Any, rooms: int, dates: int
) -> None:
    halls = [make_room(house, f"Raum {number}") for number in range(rooms)]
    make_booking([halls[0]], berlin(weeks(1), "16:00"))
    client.get(URL)
    with django_assert_num_queries(4):
        found = look(client, anzahl=str(dates))
    assert sum(len(one.open_dates) for one in found.rooms) == 1


def test_all_names_in_the_address_are_german(house: House) -> None:
    form = FindRoomForm(house=house)
    assert [form.add_prefix(name) for name in form.fields] == [
        *(
            "datum",
            "von",
            "dauer",
            "personen",
            "bestuhlung",
            "stufenlos",
            "hoerschleife",
            "draussen",
            "ausstattung",
        ),
        *("takt", "alle", "wochentage", "wievielter", "bis_tag", "anzahl", "feiertage", "ferien"),
        *("auslassen", "weitere"),
    ]
