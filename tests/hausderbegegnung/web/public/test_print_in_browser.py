"""What comes out of a printer fits a sheet, and speaks without colours."""

import re

import pytest
from playwright.sync_api import Page

from bookings.access.tokens import status_path
from bookings.enums import SlotStatus
from rooms.models import House, Room
from tests.factories import DAY, berlin, make_booking, make_booking_on, make_room, make_staff, weekly
from tests.hausderbegegnung.web.browsing import LogIn

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
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True, format="A4")))


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


def test_what_becomes_of_a_request_and_its_decision_are_printed_on_one_sheet_each(
    page: Page, log_in: LogIn, room: Room
) -> None:
    asked = make_booking([room], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED)
    make_booking([room], berlin(DAY, "19:00"), contact_email="")
    log_in(page, make_staff())
    for address in (status_path(asked), f"/eingang/{asked.reference}/", f"/hausdienst/{DAY}/"):
        page.goto(address)
        assert sheets(page) == 1, address


def test_dates_that_are_folded_on_the_screen_are_printed(page: Page, room: Room) -> None:
    series = make_booking_on([room], weekly(DAY, 20))
    page.goto(status_path(series))
    last = page.locator(".date-line").last
    seen = "line => line.checkVisibility({contentVisibilityAuto: true}) && line.offsetHeight > 0"
    assert not last.evaluate(seen)

    page.emulate_media(media="print")

    assert last.evaluate(seen)
    assert sheets(page) == 1


def test_a_list_of_bookings_is_printed_as_a_table(page: Page, log_in: LogIn, room: Room) -> None:
    for number in range(8, 18):
        make_booking([room], berlin(DAY, f"{number:02}:00"), berlin(DAY, f"{number:02}:30"))
    log_in(page, make_staff())
    page.goto("/eingang/alle/")
    assert sheets(page) == 1
