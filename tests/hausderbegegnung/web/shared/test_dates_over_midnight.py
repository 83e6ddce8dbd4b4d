"""Dates that go past midnight: each day of every plan shows its own part of them."""

import re
from datetime import date, datetime
from html import unescape

import pytest
import time_machine
from django.test import Client

from bookings.enums import Visibility
from hausderbegegnung.models import User
from rooms.models import House, Room
from tests.factories import berlin, make_booking, make_room, make_user

SEEN = r'<span aria-hidden="true">(?:<span class="nowrap">)?(.*?)</span>'


@pytest.fixture
def exhibition(room: Room) -> Room:
    """A room with a date from Saturday to Monday, and two that touch midnight from either side."""
    dates = [
        ("Ausstellung", berlin(date(2027, 3, 20), "09:00"), berlin(date(2027, 3, 22), "18:00")),
        ("Frühdienst", berlin(date(2027, 3, 15), "00:00"), berlin(date(2027, 3, 15), "07:00")),
        ("Kino", berlin(date(2027, 3, 16), "20:00"), berlin(date(2027, 3, 17), "00:00")),
    ]
    for title, starts_at, ends_at in dates:
        make_booking([room], starts_at, ends_at, title=title, visibility=Visibility.PUBLIC)
    return room


def words(pattern: str, page: str) -> list[str]:
    return [
        unescape(re.sub(r"<.*?>", "", found)).replace("\N{NO-BREAK SPACE}", " ")
        for found in re.findall(pattern, page)
    ]


def page_of(client: Client, url: str, language: str = "de") -> str:
    client.cookies["django_language"] = language
    return client.get(url).content.decode()


IN_GERMAN = ["00:00–07:00 Uhr", "20:00–24:00 Uhr", "ab 09:00 Uhr", "ganztägig"]
IN_ENGLISH = ["00:00–07:00", "20:00–24:00", "from 09:00", "all day"]


@pytest.mark.parametrize(("language", "times"), [("de", IN_GERMAN), ("en", IN_ENGLISH)])
def test_the_week_shows_in_grid_and_list_what_is_on_each_day(
    client: Client, exhibition: Room, now: datetime, language: str, times: list[str]
) -> None:
    page = page_of(client, "/woche/2027-W11/", language)
    assert words(rf'week-entry__time">{SEEN}', page) == [one.removesuffix(" Uhr") for one in times]
    assert words(rf'agenda__time">{SEEN}', page) == times


@pytest.mark.parametrize(
    ("day", "seen", "heard"),
    [
        ("2027-03-20", "ab 09:00 Uhr", "von Sa., 20.03.2027, 09:00 Uhr bis Mo., 22.03.2027, 18:00 Uhr"),
        (
            "2027-03-21",
            "ganztägig",
            "ganztägig, von Sa., 20.03.2027, 09:00 Uhr bis Mo., 22.03.2027, 18:00 Uhr",
        ),
        ("2027-03-22", "bis 18:00 Uhr", "von Sa., 20.03.2027, 09:00 Uhr bis Mo., 22.03.2027, 18:00 Uhr"),
        ("2027-03-15", "00:00–07:00 Uhr", "von 00:00 bis 07:00 Uhr"),
        ("2027-03-16", "20:00–24:00 Uhr", "von 20:00 bis 24:00 Uhr"),
    ],
    ids=["first day", "between", "last day", "from midnight", "until midnight"],
)
def test_a_day_shows_its_part_and_tells_screen_readers_the_whole(
    client: Client, exhibition: Room, now: datetime, day: str, seen: str, heard: str
) -> None:
    page = page_of(client, f"/tag/{day}/")
    assert words(
        r'agenda__time"><span aria-hidden="true">.*?<span class="visually-hidden">(.*?)</span>', page
    ) == [heard]
    assert words(rf'agenda__time">{SEEN}', page) == [seen]
    assert words(r'bar__times">(.*?)</span>', page) == [seen.removesuffix(" Uhr")]


def test_the_day_after_midnight_shows_nothing(client: Client, exhibition: Room, now: datetime) -> None:
    assert words(rf'agenda__time">{SEEN}', page_of(client, "/tag/2027-03-17/")) == []


def test_the_week_of_a_room_shows_what_is_on_each_day(
    client: Client, exhibition: Room, now: datetime
) -> None:
    page = page_of(client, f"/raeume/{exhibition.slug}/?woche=2027-W11")
    assert words(rf'agenda__time">{SEEN}', page) == IN_GERMAN
    assert words(r'bar__times">(.*?)</span>', page) == [one.removesuffix(" Uhr") for one in IN_GERMAN]


@pytest.mark.parametrize(
    ("day", "times"), [(20, "ab 09:00"), (21, "ganztägig"), (22, "bis 18:00"), (16, "20:00–24:00")]
)
def test_the_wall_shows_what_is_on_today(client: Client, exhibition: Room, day: int, times: str) -> None:
    with time_machine.travel(berlin(date(2027, 3, day), "08:00"), tick=False):
        page = page_of(client, "/display/")
    assert words(r'wall-entry__time"><span aria-hidden="true">(.*?)</span><span class="visually', page) == [
        times
    ]


@pytest.mark.parametrize(
    ("day", "seen"),
    [
        # Set up on the evening before, which is no day of the date itself.
        (19, "Sa., 20.03.2027, 09:00 Uhr – Mo., 22.03.2027, 18:00 Uhr"),
        (20, "ab 09:00 Uhr"),
        (21, "ganztägig"),
        (22, "bis 18:00 Uhr"),
    ],
)
def test_caretakers_read_what_is_on_that_day(house: House, now: datetime, day: int, seen: str) -> None:
    make_booking(
        [make_room(house)],
        berlin(date(2027, 3, 20), "09:00"),
        berlin(date(2027, 3, 22), "18:00"),
        setup_minutes=12 * 60,
    )
    caretaker: User = make_user(is_caretaker=True)
    client = Client()
    client.force_login(caretaker)
    page = page_of(client, f"/hausdienst/2027-03-{day}/")
    assert words(rf'duty__net">{SEEN}', page) == [seen]
