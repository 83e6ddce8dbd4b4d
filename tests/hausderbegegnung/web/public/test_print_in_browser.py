"""What comes out of a printer fits a sheet, and speaks without colours."""

import re

import pytest
from playwright.sync_api import Page

from rooms.models import House
from tests.factories import DAY, berlin, make_booking, make_room

pytestmark = pytest.mark.django_db(transaction=True)

ROOMS = [
    "Saal A",
    "Saal B",
    "Seminarraum",
    "Gruppenraum",
    "Küche",
    "Beratungsraum",
    "Werkstatt",
    "Außenfläche",
]
DAY_URL, WEEK_URL = "/tag/2027-04-20/", "/woche/2027-W16/"


@pytest.fixture
def usual_house(house: House) -> House:
    """Eight rooms, each with something on in the day and most in the evening."""
    for number, name in enumerate(ROOMS):
        room = make_room(house, name)
        make_booking([room], berlin(DAY, f"{9 + number:02}:00"), title="Nachbarschaftsfrühstück")
        if number < 6:
            make_booking([room], berlin(DAY, "19:00"), title="Offene Fahrradwerkstatt")
    return house


def sheets(page: Page) -> int:
    """How many pages the page has on paper, printed as its style says."""
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))


@pytest.mark.parametrize("url", [DAY_URL, WEEK_URL])
def test_a_plan_is_printed_on_one_sheet(page: Page, usual_house: House, url: str) -> None:
    page.goto(url)
    assert sheets(page) == 1


def test_the_legend_is_printed_without_colours(page: Page, usual_house: House) -> None:
    page.goto(DAY_URL)
    page.emulate_media(media="print")
    looks = page.locator(".legend__swatch").evaluate_all(
        "swatches => swatches.map(swatch => getComputedStyle(swatch))"
        ".map(look => look.backgroundImage + look.backgroundColor + look.borderStyle + look.borderLeftWidth)"
    )
    assert len(looks) == len({*looks}) == 6
    for look in looks:
        assert all(
            red == green == blue for red, green, blue in re.findall(r"rgb\((\d+), (\d+), (\d+)\)", look)
        )
