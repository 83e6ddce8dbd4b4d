"""Asking for a series: the preview of all dates, the plan for those that are not free, and what is sent."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils.html import escape, strip_tags

from bookings.models import Booking
from rooms.holidays import load_holidays
from rooms.models import Equipment, House, OpeningHours, Room
from tests.factories import DAY, berlin, make_booking, make_form_values, make_room
from tests.hausderbegegnung.web.series import series_values, states

URL = "/anfrage/"
CHECK = "/anfrage/pruefen/"
CLASH = date(2027, 4, 27)
HALF_PAST_TWO_NEVER = (
    "In der Nacht der Zeitumstellung gibt es diese Uhrzeit nicht. "
    "Genommen wurde: So., 28.03.2027, 03:30–04:30 Uhr."
)
HALF_PAST_TWO_TWICE = (
    "In der Nacht der Zeitumstellung gibt es diese Uhrzeit zweimal. Genommen wurde die erste "
    "(So., 31.10.2027, 02:30–03:30 Uhr). Der Termin dauert damit eine Stunde länger, als die Uhr zeigt."
)


@pytest.fixture
def house(house: House) -> House:
    """Public and school holidays of the year are known."""
    load_holidays(house, 2027, 2028)
    return house


def test_every_date_appears_with_its_state(as_applicant: Client, house: House, room: Room) -> None:
    make_booking([room], berlin(CLASH, "17:00"), title="Elternabend")
    make_booking([room], berlin(date(2027, 5, 4), "16:30"), status="requested")
    for weekday in range(7):
        OpeningHours.objects.create(
            house=house,
            weekday=weekday,
            opens_at="08:00",
            closes_at="17:00" if weekday == 1 else "22:00",
            valid_from=date(2027, 5, 21),
        )
    response = as_applicant.post(CHECK, series_values([room], until="01.06.2027", weekdays=["1", "3"]))
    assert states(response) == [
        ("20.04.", "free"),
        ("22.04.", "free"),
        ("27.04.", "clash"),
        ("29.04.", "free"),
        ("04.05.", "rivals"),
        ("06.05.", "skipped"),
        ("11.05.", "free"),
        ("13.05.", "free"),
        ("18.05.", "free"),
        ("20.05.", "free"),
        ("25.05.", "outside"),
        ("27.05.", "skipped"),
        ("01.06.", "outside"),
    ]
    series = response.context["series"]
    assert series.headline == "8 von 11 Terminen frei, 3 Vorschläge"
    assert series.to_be_noted == 1
    assert "Bei 1 freien Termin ist etwas zu beachten." in response.content.decode()
    assert series.words.replace("\N{NO-BREAK SPACE}", " ") == (
        "jeden Dienstag und Donnerstag, 16:00–18:00 Uhr, bis Di., 01.06.2027, nicht an Feiertagen"
    )
    assert [row.sentences for row in series.rows if row.state == "skipped"] == [
        ("Feiertag: Christi Himmelfahrt",),
        ("Feiertag: Fronleichnam",),
    ]


def test_the_choices_in_the_longest_plan_can_be_sent(
    as_applicant: Client, house: House, room: Room, now: object
) -> None:
    """Of 250 taken dates: what is proposed, chosen and kept, and whether it is left out."""
    chosen = {
        f"{name}-2027-{number}": "skip" for number in range(250) for name in ("way", "planned", "kept", "out")
    }
    assert as_applicant.post(CHECK, series_values([room]) | chosen).status_code == 200


def test_visitors_are_not_told_of_rivals(client: Client, house: House, room: Room, now: object) -> None:
    make_booking([room], berlin(CLASH, "16:30"), status="requested", title="Geheim")
    response = client.post(CHECK, series_values([room], until="04.05.2027"))
    assert states(response) == [("20.04.", "free"), ("27.04.", "free"), ("04.05.", "free")]


def test_a_taken_date_tells_no_title_that_is_not_public(
    as_applicant: Client, house: House, room: Room
) -> None:
    make_booking([room], berlin(CLASH, "16:30"), title="Geheimes Treffen", kind="self_help")
    page = as_applicant.post(CHECK, series_values([room])).content.decode()
    assert "Geheimes Treffen" not in page
    assert "(Belegt)" in page


def test_with_a_date_that_is_not_free_the_rooms_are_compared_for_the_same_series(
    as_applicant: Client, house: House, room: Room
) -> None:
    beamer = Equipment.objects.create(house=house, name="Beamer")
    values = series_values([room], weekdays=["1", "3"], skipped="29.04.2027", equipment=[beamer.pk])
    assert as_applicant.post(CHECK, values).context["series"].find_room_url == ""
    make_booking([room], berlin(CLASH, "17:00"))
    response = as_applicant.post(CHECK, values)
    asked = response.context["series"]
    assert escape(asked.find_room_url) in response.content.decode()
    compared = as_applicant.get(asked.find_room_url).context
    found, form = compared["series"], compared["form"]
    assert (found.words, found.total) == (asked.words, len(asked.plan.wanted))
    assert [
        form.cleaned_data[name] for name in ("datum", "von", "dauer", "personen", "bestuhlung", "skipped")
    ] == [DAY, 16 * 60, 120, int(values["persons"]), values.get("layout", ""), [date(2027, 4, 29)]]
    assert [item.id for item in form.cleaned_data["ausstattung"]] == [beamer.pk]


@pytest.mark.parametrize("count", [2, 52])
def test_the_preview_takes_the_same_number_of_queries(
    as_applicant: Client, house: House, room: Room, count: int, django_assert_num_queries
) -> None:
    house.horizon_days = 1000
    house.save()
    make_room(house, "Saal B")
    for week in range(0, count, 2):
        make_booking([room], berlin(DAY + timedelta(weeks=week), "17:00"))
    values = series_values([room], until="", count=str(count))
    as_applicant.post(CHECK, values)
    with django_assert_num_queries(7):
        as_applicant.post(CHECK, values)


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        (
            {"until": ""},
            "until",
            "Eine Serie braucht ein Ende: einen letzten Tag oder eine Anzahl von Terminen.",
        ),
        ({"until": "19.04.2027"}, "until", "Der letzte Tag liegt vor dem ersten."),
        (
            {"until": "01.05.2027", "count": "3"},
            "count",
            "Bitte geben Sie entweder einen letzten Tag oder eine Anzahl von Terminen an.",
        ),
        (
            {"repeats": "monthly_weekday", "weekdays": ["1", "3"]},
            "weekdays",
            "Eine monatliche Serie hat einen einzigen Wochentag. Bitte fragen Sie die anderen getrennt an.",
        ),
        (
            {"added": "32.05.2027"},
            "added",
            "„32.05.2027“ ist kein Datum. Bitte schreiben Sie Termine als TT.MM.JJJJ, durch Kommas getrennt.",
        ),
        ({"interval": "0"}, "interval", "Dieser Wert muss größer oder gleich 1 sein."),
        ({"last_day": "22.04.2027"}, "last_day", "Ein Termin einer Serie endet innerhalb von 24 Stunden."),
    ],
)
def test_a_pattern_that_cannot_be_meant_is_said_beside_its_field(
    as_applicant: Client, house: House, room: Room, values: dict, field: str, sentence: str
) -> None:
    response = as_applicant.post(URL, series_values([room], **values))
    assert response.status_code == 400
    assert response.context["form"].errors == {field: [sentence]}
    assert Booking.objects.count() == 0


def test_too_many_dates_are_refused_with_number_and_limit(
    as_applicant: Client, house: House, room: Room
) -> None:
    house.max_dates = 5
    house.save()
    response = as_applicant.post(URL, series_values([room]))
    assert response.context["form"].errors == {
        "until": ["Das ergibt 6 Termine. Möglich sind höchstens 5 in einer Anfrage."]
    }
    assert (response.status_code, Booking.objects.count()) == (400, 0)


def test_days_that_most_months_lack_are_pointed_out(as_applicant: Client, house: House, room: Room) -> None:
    values = series_values([room], on=date(2027, 5, 31), repeats="monthly_day", until="31.12.2027")
    series = as_applicant.post(CHECK, values).context["series"]
    assert [f"{row.day:%d.%m.}" for row in series.rows] == ["31.05.", "31.07.", "31.08.", "31.10.", "31.12."]
    assert series.notes == ["In Monaten ohne einen 31. entfällt der Termin."]


def test_a_time_that_exists_twice_is_said(as_applicant: Client, house: House, room: Room) -> None:
    house.opening_hours.update(opens_at="00:00", closes_at="00:00")
    house.save()
    values = series_values(
        [room], on=date(2027, 10, 24), starts="02:30", ends="03:30", until="31.10.2027", kind="meeting"
    )
    rows = as_applicant.post(CHECK, values).context["series"].rows
    (said,) = rows[1].sentences
    assert said.replace("\N{NO-BREAK SPACE}", " ") == HALF_PAST_TWO_TWICE


@pytest.mark.parametrize(
    ("sunday", "sentence"),
    [
        (date(2027, 3, 28), HALF_PAST_TWO_NEVER),
        (date(2027, 10, 31), HALF_PAST_TWO_TWICE),
    ],
)
def test_a_clock_change_is_said_beside_what_stops_the_date(
    as_applicant: Client, house: House, room: Room, sunday: date, sentence: str
) -> None:
    """The house is closed at night, as houses are."""
    values = series_values(
        [room], on=sunday - timedelta(weeks=1), starts="02:30", ends="03:30", until=f"{sunday:%d.%m.%Y}"
    )
    rows = as_applicant.post(CHECK, values).context["series"].rows
    assert [len(row.sentences) for row in rows] == [1, 2]
    assert rows[1].sentences[1].replace("\N{NO-BREAK SPACE}", " ") == sentence


@pytest.mark.parametrize(
    ("values", "notes"),
    [
        # Ascension Day is the third of four Thursdays.
        ({"count": "4"}, ["Von 4 Terminen entfällt 1. Am Ende kommt kein Ersatz dazu."]),
        # And Corpus Christi the sixth.
        ({"count": "6"}, ["Von 6 Terminen entfallen 2. Am Ende kommt kein Ersatz dazu."]),
        (
            {"count": "6", "skipped": "27.05.2027"},
            ["Von 6 Terminen entfällt 1. Am Ende kommt kein Ersatz dazu."],
        ),
        ({"count": "2"}, []),
        ({"count": "4", "skip_public": ""}, []),
        ({"until": "31.05.2027"}, []),
    ],
)
def test_a_number_of_dates_of_which_some_are_skipped_says_so(
    as_applicant: Client, house: House, room: Room, values: dict[str, str], notes: list[str]
) -> None:
    """As in every calendar, those that are skipped count."""
    sent = series_values([room], on=date(2027, 4, 22), **{"until": "", **values})
    assert as_applicant.post(CHECK, sent).context["series"].notes == notes


def test_that_dates_lie_too_far_ahead_is_said_once(as_applicant: Client, house: House, room: Room) -> None:
    house.horizon_days = 60
    house.save()
    series = as_applicant.post(CHECK, series_values([room], until="18.05.2027")).context["series"]
    notes = [note.replace("\N{NO-BREAK SPACE}", " ") for note in series.notes]
    assert notes == ["Termine können bis Fr., 30.04.2027 angefragt werden. Das betrifft 3 Termine."]
    assert [(row.state.value, row.sentences) for row in series.rows] == [
        ("free", ()),
        ("free", ()),
        ("refused", ()),
        ("refused", ()),
        ("refused", ()),
    ]
    series = as_applicant.post(CHECK, series_values([room], until="04.05.2027")).context["series"]
    assert (series.notes, [len(row.sentences) for row in series.rows]) == ([], [0, 0, 1])


def test_a_single_date_says_which_time_was_taken(as_applicant: Client, house: House, room: Room) -> None:
    house.opening_hours.update(opens_at="00:00", closes_at="00:00")
    house.save()
    values = make_form_values([room], on=date(2027, 10, 31), starts="02:30", ends="03:30", kind="meeting")
    (said,) = [reason.message for reason in as_applicant.post(CHECK, values).context["check"].warnings]
    assert said.replace("\N{NO-BREAK SPACE}", " ") == HALF_PAST_TWO_TWICE


def test_nothing_that_is_needed_or_answered_is_called_optional(as_applicant: Client, room: Room) -> None:
    page = strip_tags(as_applicant.get("/anfrage/").content.decode())
    labels = ["Wiederholt sich der Termin?", "Letzter Tag der Serie", "Oder eine Anzahl von Terminen"]
    asides = [re.search(rf"{re.escape(label)}\s*(\(.*?\))?", page) for label in labels]
    assert [aside and aside[1] for aside in asides] == [None, "(eines von beiden)", "(eines von beiden)"]
