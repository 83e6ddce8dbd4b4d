"""The plan of a day and of a week, as pages."""

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings.enums import SlotStatus, Visibility
from rooms.clock import whole_day
from rooms.models import Closure, House, Room
from tests.factories import DAY, NOW, berlin, make_booking, make_room

URL = "/tag/2027-04-20/"
WEEK_URL = "/woche/2027-W16/"


@pytest.mark.parametrize("url", [URL, WEEK_URL])
def test_the_plan_shows_what_is_public(client: Client, room: Room, now: datetime, url: str) -> None:
    make_booking([room], berlin(DAY, "10:00"), title="Nähtreff", visibility=Visibility.PUBLIC)
    make_booking([room], berlin(DAY, "13:00"), title="Geheim", visibility=Visibility.BUSY)
    make_booking([room], berlin(DAY, "16:00"), title="Geheim", visibility=Visibility.HIDDEN)
    make_booking(
        [room],
        berlin(DAY, "19:00"),
        title="Geheim",
        visibility=Visibility.PUBLIC,
        status=SlotStatus.REQUESTED,
    )
    page = client.get(url).content.decode()
    assert "Nähtreff" in page
    assert "Geheim" not in page
    assert "Maria Beispiel" not in page


def test_today_is_shown_without_a_date(client: Client, room: Room, now: datetime) -> None:
    shown = client.get("/tag/").context
    assert (shown["day"], shown["is_today"]) == (NOW.date(), True)
    assert not client.get(URL).context["is_today"]
    assert client.get("/woche/").context["monday"] == NOW.date()


def test_a_typed_date_leads_to_its_day(client: Client, house: House, now: datetime) -> None:
    assert client.get("/tag/?datum=20.4.2027")["Location"] == URL
    assert client.get("/woche/?datum=20.04.2027")["Location"] == WEEK_URL


@pytest.mark.parametrize("url", ["/tag/", "/woche/"])
def test_a_date_that_is_none_is_said_and_kept(client: Client, house: House, now: datetime, url: str) -> None:
    answer = client.get(f"{url}?datum=31.02.2027")
    assert answer.status_code == 200
    assert answer.context["wanted_error"] != ""
    page = answer.content.decode()
    assert 'value="31.02.2027"' in page
    assert 'aria-invalid="true"' in page


@pytest.mark.parametrize(
    "url",
    [
        "/tag/2027-02-30/",
        "/tag/2027-13-01/",
        "/woche/2027-W54/",
        "/woche/2027-W00/",
        "/woche/2027-02-30/",
        "/tag/heute/",
    ],
)
def test_an_impossible_day_is_not_found(client: Client, house: House, now: datetime, url: str) -> None:
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("named", ["2027-W16", "2027-04-19", "2027-04-20", "2027-04-25"])
def test_a_day_in_the_address_of_the_week_shows_its_week(
    client: Client, house: House, now: datetime, named: str
) -> None:
    assert client.get(f"/woche/{named}/").context["monday"].isoformat() == "2027-04-19"


@pytest.mark.parametrize(
    "url",
    ["/tag/0001-01-01/", "/tag/9999-12-31/", "/woche/0001-W01/", "/woche/9999-W52/", "/woche/9999-12-31/"],
)
def test_the_ends_of_the_calendar_break_nothing(
    client: Client, house: House, now: datetime, url: str
) -> None:
    assert client.get(url).status_code == 200


def test_free_time_leads_to_the_request_form(client: Client, house: House, now: datetime) -> None:
    make_room(house, slug="saal-a")
    page = client.get(URL).content.decode()
    assert "/anfrage/?raum=saal-a&amp;datum=2027-04-20&amp;von=08%3A00&amp;bis=10%3A00" in page


@pytest.mark.parametrize("url", ["/tag/2027-04-20/", "/raeume/saal-a/?woche=2027-W16"])
def test_what_is_over_is_not_free_any_more(client: Client, house: House, url: str) -> None:
    make_room(house, slug="saal-a")
    sentence = "Kurzfristig ist noch etwas frei. Bitte rufen Sie uns an."
    for lead_hours, times in [(1, ["15:15–22:00\N{NO-BREAK SPACE}Uhr"]), (24, [])]:
        house.lead_hours = lead_hours
        house.save()
        with time_machine.travel(berlin(DAY, "14:07"), tick=False):
            page = client.get(url).content.decode()
        of_day = page.partition('id="day-2027-04-20"')[2].partition("</section>")[0] or page
        assert re.findall(r"</span>([0-9:–]*\s?Uhr)\s*</a>", of_day) == times
        assert of_day.count(sentence) == 1


def test_a_closed_day_says_why(client: Client, house: House, room: Room, now: datetime) -> None:
    Closure.objects.create(
        house=house,
        starts_at=berlin(DAY, "00:00"),
        ends_at=berlin(DAY + timedelta(days=1), "00:00"),
        reason="Christi Himmelfahrt",
    )
    for url in (URL, WEEK_URL):
        page = client.get(url).content.decode().replace("\N{SOFT HYPHEN}", "")
        assert "Christi Himmelfahrt" in page
    assert "/anfrage/?raum" not in client.get(URL).content.decode()


def test_a_date_that_takes_place_on_a_closed_day_is_marked(
    client: Client, house: House, room: Room, now: datetime
) -> None:
    make_booking([room], berlin(DAY, "18:00"), title="Chor", visibility=Visibility.PUBLIC)
    assert "findet trotzdem statt" not in client.get(URL).content.decode()
    closed = whole_day(DAY, house.zone)
    Closure.objects.create(house=house, starts_at=closed.start, ends_at=closed.end, reason="Betriebsausflug")
    assert client.get(URL).content.decode().count("findet trotzdem statt") == 1


def test_an_empty_day_names_the_next_one(client: Client, room: Room, now: datetime) -> None:
    make_booking([room], berlin(DAY + timedelta(days=3), "10:00"), visibility=Visibility.PUBLIC)
    assert "/tag/2027-04-23/" in client.get(URL).content.decode()


@pytest.mark.parametrize(
    "url",
    [
        URL,
        WEEK_URL,
        "/raeume/saal-a/?woche=2027-W16",
        "/raeume/",
        "/",
        "/display/",
        "/finden/?datum=20.04.2027&von=10:00",
    ],
)
def test_queries_do_not_grow_with_rooms_or_bookings(
    client: Client, house: House, now: datetime, url: str
) -> None:
    make_room(house, slug="saal-a")

    def queries_with_more(number: int) -> int:
        for _ in range(number):
            room = make_room(house)
            for hour in range(number):
                make_booking([room], berlin(DAY, f"{10 + 2 * hour}:00"), visibility=Visibility.PUBLIC)
                make_booking([room], NOW + timedelta(hours=2 * hour), visibility=Visibility.PUBLIC)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    assert queries_with_more(1) == queries_with_more(4)
