"""What is chosen in the plan of a series outlives what is typed meanwhile."""

from datetime import date
from html.parser import HTMLParser

import pytest
from django.test import Client

from bookings.models import Booking
from bookings.series.choices import OUT, WAY
from bookings.series.planner import Way
from rooms.holidays import load_holidays
from rooms.models import House, Room
from tests.factories import berlin, make_booking, make_room
from tests.hausderbegegnung.web.series import series_values, stored

URL = "/anfrage/"
CHECK = "/anfrage/pruefen/"
CLASH, OTHER = date(2027, 4, 27), date(2027, 5, 4)


class Inputs(HTMLParser):
    """What a browser would send of the inputs in the part of the page with the dates."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self.feed(page[page.index('<div id="dates"') :])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        is_ours = name == OUT or name.startswith(("way-", "planned-", "kept-"))
        if tag == "input" and is_ours and (given["type"] == "hidden" or "checked" in given):
            self.sent.setdefault(name, []).append(given["value"] or "")


class Typing:
    """Somebody at the form: what stands in its fields, and what was chosen on the page."""

    def __init__(self, client: Client, url: str, values: dict) -> None:
        self.client, self.url, self.values = client, url, values
        self.chosen: dict[str, list[str]] = {}
        self.type()

    def type(self, **values: object) -> None:
        self.values |= values
        sent = self.values | self.chosen | ({"check": "1"} if self.url == URL else {})
        self.response = self.client.post(self.url, sent)
        assert self.response.status_code == 200
        page = self.response.content.decode()
        # While a series cannot be read, the part with the dates is not sent anew.
        if '<div id="dates"' in page:
            self.chosen = Inputs(page).sent

    def choose(self, **chosen: str) -> None:
        for key, token in chosen.items():
            self.chosen[key] = [token]

    def shown(self) -> dict[str, str]:
        """What is chosen by date, as the page shows it."""
        rows = self.response.context["series"].rows
        found = {f"{row.day:%d.%m.}": "out" for row in rows if row.is_skipped and not row.options}
        for row in rows:
            found |= {f"{row.day:%d.%m.}": option.words for option in row.options if option.is_chosen}
        return dict(sorted(found.items(), key=lambda one: one[0][3:] + one[0][:2]))

    def lost(self) -> str:
        return self.response.context["series"].lost.replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture
def rooms(house: House, room: Room) -> list[Room]:
    """Saal A, which is taken on two dates, and two rooms like it."""
    for day in (CLASH, OTHER):
        make_booking([room], berlin(day, "17:00"))
    return [room, make_room(house, "Saal B", slug="saal-b"), make_room(house, "Saal C", slug="saal-c")]


@pytest.fixture(params=[CHECK, URL], ids=["while typing", "without JavaScript"])
def typing(request: pytest.FixtureRequest, as_applicant: Client, rooms: list[Room]) -> Typing:
    """One date is left out, for one another room is chosen, and one that is taken is left out."""
    at_form = Typing(as_applicant, request.param, series_values(rooms[:1]))
    at_form.choose(
        **{
            OUT: "2027-05-11T16:00",
            f"{WAY}2027-04-27T16:00": "2027-04-27T16:00/2027-04-27T18:00/saal-c",
            f"{WAY}2027-05-04T16:00": "skip",
        }
    )
    at_form.type()
    return at_form


CHOSEN = {"27.04.": "Saal C (statt Saal A)", "04.05.": "diesen Termin auslassen", "11.05.": "out"}


def test_what_is_chosen_is_shown(typing: Typing) -> None:
    assert (typing.shown(), typing.lost()) == (CHOSEN, "")


def test_one_choice_settles_all_dates_that_are_not_free(typing: Typing) -> None:
    options = typing.response.context["series"].joint_options
    assert [
        (option.words, option.count, option.is_chosen) for option in options if option.way != Way.DAY
    ] == [
        ("in Saal B", 2, False),
        ("in Saal C", 2, False),
        ("auslassen", 2, False),
    ]
    typing.values["jointly"] = options[0].token
    typing.type()
    del typing.values["jointly"]
    assert typing.shown() == {
        "27.04.": "Saal B (statt Saal A)",
        "04.05.": "Saal B (statt Saal A)",
        "11.05.": "out",
    }
    assert [option.is_chosen for option in typing.response.context["series"].joint_options][:2] == [
        True,
        False,
    ]
    typing.choose(**{f"{WAY}2027-05-04T16:00": "skip"})
    typing.type()
    assert typing.shown() == CHOSEN | {"27.04.": "Saal B (statt Saal A)"}
    bookings = Booking.objects.count()
    response = typing.client.post(URL, typing.values | typing.chosen | {"jointly": "skip"})
    assert (response.status_code, Booking.objects.count()) == (200, bookings)


@pytest.mark.parametrize(
    "steps",
    [
        [{"added": "08.05."}, {"added": "08.05.2027"}],
        [{"day": ""}, {"day": "20.04.2027"}],
        [{"day": "20.04.20"}, {"day": "20.04.2027"}],
        [{"ends": "1"}, {"ends": "18"}],
        [{"ends": "23:30"}, {"ends": "18:00"}],
        [{"rooms": []}, {"rooms": "own"}],
        [{"repeats": ""}, {"repeats": "weekly"}],
        [{"until": "2.5.2027"}, {"until": "31.05.2027"}],
        [{"weekdays": ["3"]}, {"weekdays": []}],
        [{"added": "x"}, {"day": "x"}, {"day": "20.04.2027"}, {"added": ""}],
    ],
    ids=str,
)
def test_choices_come_back_with_what_was_typed(typing: Typing, rooms: list[Room], steps: list[dict]) -> None:
    for step in steps:
        typing.type(**{name: rooms[0].slug if value == "own" else value for name, value in step.items()})
    assert (typing.shown(), typing.lost()) == (CHOSEN, "")


def test_the_choices_belong_to_the_days_whatever_the_time(typing: Typing) -> None:
    typing.type(starts="16:30", ends="18:30")
    assert (typing.shown(), typing.lost()) == (CHOSEN, "")


def test_the_page_says_that_a_choice_is_not_possible_any_more(typing: Typing, rooms: list[Room]) -> None:
    make_booking(rooms[2:], berlin(CLASH, "20:00"))
    typing.type(ends="20:30")
    assert typing.shown() == CHOSEN | {"27.04.": "Saal B (statt Saal A)"}
    assert typing.lost() == (
        "Was Sie für Di., 27.04.2027 gewählt hatten, geht so nicht. "
        "Bitte sehen Sie sich diesen Termin noch einmal an."
    )
    typing.type(ends="18:00")
    assert (typing.shown(), typing.lost()) == (CHOSEN, "")


def test_a_new_choice_counts_and_not_the_one_before(typing: Typing, rooms: list[Room]) -> None:
    make_booking(rooms[2:], berlin(CLASH, "20:00"))
    typing.type(ends="20:30")
    typing.choose(**{f"{WAY}2027-04-27T16:00": "skip"})
    typing.type(ends="18:00")
    assert typing.shown() == CHOSEN | {"27.04.": "diesen Termin auslassen"}


def test_what_the_plan_proposed_itself_is_not_missed(as_applicant: Client, rooms: list[Room]) -> None:
    at_form = Typing(as_applicant, CHECK, series_values(rooms[:1]))
    make_booking(rooms[1:2], berlin(CLASH, "20:00"))
    at_form.type(ends="20:30")
    assert (at_form.shown()["27.04."], at_form.lost()) == ("Saal C (statt Saal A)", "")


def test_who_changes_the_time_and_sends_at_once_asks_for_no_date_that_was_left_out(
    as_applicant: Client, rooms: list[Room]
) -> None:
    values = series_values(rooms[1:2], until="04.05.2027", starts="16:30", ends="18:30")
    as_applicant.post(URL, values | {OUT: ["2027-04-27T16:00"]})
    assert stored(Booking.objects.get(event__isnull=False)) == [
        ("20.04. 16:30", "Saal B", "requested", ""),
        ("27.04. 16:30", "Saal B", "skipped", "Ausgelassen"),
        ("04.05. 16:30", "Saal B", "requested", ""),
    ]


# How the series stands with what is chosen ---------------------------------------------------------


def test_headline_and_calendar_follow_what_is_chosen(typing: Typing) -> None:
    series = typing.response.context["series"]
    assert series.headline == "3 von 6 Terminen frei, 2 ausgelassen, 1 Vorschlag"
    assert {f"{day:%d.%m.}": mark.value for day, mark in series.marks.items()} == {
        "20.04.": "free",
        "27.04.": "changed",
        "04.05.": "skipped",
        "11.05.": "skipped",
        "18.05.": "free",
        "25.05.": "free",
    }
    assert [str(mark.label) for mark in series.legend] == [
        "frei",
        "anders als gewünscht: Raum, Uhrzeit oder Tag",
        "entfällt",
    ]


def test_another_day_is_marked_beside_the_wished_one(typing: Typing) -> None:
    typing.choose(**{f"{WAY}2027-04-27T16:00": "2027-04-28T16:00/2027-04-28T18:00/saal-a"})
    typing.type()
    marks = typing.response.context["series"].marks
    assert (marks[CLASH].value, marks[date(2027, 4, 28)].value) == ("moved", "changed")


def test_the_list_leads_to_the_decision_on_a_date_that_is_not_free(typing: Typing) -> None:
    page = typing.response.content.decode()
    assert 'href="#plan-2027-04-27T16:00"' in page
    assert 'id="plan-2027-04-27T16:00"' in page


def test_a_choice_is_answered_without_the_inputs_it_was_made_with(
    as_applicant: Client, rooms: list[Room]
) -> None:
    values = series_values(rooms[:1]) | {OUT: "2027-05-11T16:00"}
    page = as_applicant.post(CHECK, values, headers={"HX-Request": "true", "HX-Trigger": "dates"})
    assert "3 von 6 Terminen frei, 1 ausgelassen, 2 Vorschläge" in page.content.decode()
    assert 'id="dates"' not in page.content.decode()


def test_it_is_said_why_dates_fall_out(as_applicant: Client, house: House, room: Room) -> None:
    load_holidays(house, 2027, 2028)
    values = series_values(
        [room], weekdays=["1", "3"], skipped="04.05.2027", school="paused", until="30.06.2027"
    )
    assert as_applicant.post(CHECK, values).context["series"].skipped_in_words == (
        "4 Termine entfallen: 2 an Feiertagen, 1 von Hand ausgelassen, 1 in den Schulferien"
    )
    alone = as_applicant.post(CHECK, series_values([room], skipped="04.05.2027")).context["series"]
    assert alone.skipped_in_words == "1 Termin entfällt: von Hand ausgelassen"


def test_where_no_way_out_is_found_none_is_promised(as_applicant: Client, house: House, room: Room) -> None:
    values = series_values([room], until="04.05.2027", starts="22:30", ends="23:30")
    house.shift_minutes = 0
    house.save()
    response = as_applicant.post(CHECK, values)
    page = response.content.decode()
    assert response.context["series"].headline == "0 von 3 Terminen frei, 3 ohne Vorschlag"
    assert "Es wurde kein Ausweg gefunden" in page
    assert "Jeder Vorschlag ist im Moment frei" not in page
