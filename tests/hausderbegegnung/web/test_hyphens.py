"""Long words are divided between syllables, and only where they are seen."""

import re

import pytest
from django.test import Client

from hausderbegegnung.web.hyphens import SOFT_HYPHEN, hyphenated
from rooms.models import House, Room
from tests.factories import DAY, NOW, berlin, make_booking, make_room


@pytest.mark.parametrize(
    ("text", "divided"),
    [
        ("Hausaufgabenhilfe", "Haus-auf-ga-ben-hilfe"),
        ("Neue Fahrradwerkstatt & Café", "Neue Fahr-rad-werk-statt & Café"),
        ("Chor 2026 im Saal", "Chor 2026 im Saal"),
        ("", ""),
    ],
)
def test_long_words_may_be_divided_between_syllables(text: str, divided: str) -> None:
    assert hyphenated(text).replace(SOFT_HYPHEN, "-") == divided
    assert hyphenated(text).replace(SOFT_HYPHEN, "") == text


@pytest.mark.parametrize("address", ["/tag/2027-04-20/", "/woche/2027-W16/", "/display/"])
def test_no_attribute_holds_a_soft_hyphen(client: Client, house: House, now: object, address: str) -> None:
    cellar = make_room(house, "Fahrradwerkstatt")
    for day in [DAY, NOW.date()]:
        make_booking([cellar], berlin(day, "19:00"), title="Hausaufgabenhilfe")
    page = client.get(address).content.decode()
    assert SOFT_HYPHEN in page
    assert [tag for tag in re.findall(r"<[^>]+>", page) if SOFT_HYPHEN in tag] == []


def test_a_title_that_is_divided_is_escaped(client: Client, room: Room, now: object) -> None:
    make_booking([room], berlin(DAY, "19:00"), title="<b>Hausaufgabenhilfe")
    assert "<b>Haus" not in client.get("/woche/2027-W16/").content.decode()
