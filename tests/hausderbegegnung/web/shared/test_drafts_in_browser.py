"""What is typed outlives a lost connection in its window, for whoever typed it, until it is sent."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Error, Page, expect

from bookings.models import Booking
from rooms.models import Room
from tests.factories import DAY, berlin, make_booking, make_house, make_room, make_user
from tests.hausderbegegnung.web.browsing import LogIn

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WISH = "/anfrage/?raum=saal-a&datum=2027-04-20&von=16:00&bis=18:00&takt=weekly&anzahl=3"
SEND = "#request-form button[type=submit]:not([name])"


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with time_machine.travel(berlin(DAY, "09:00")):
        yield


@pytest.fixture
def expected_console_errors() -> list[str]:
    return ["ERR_INTERNET_DISCONNECTED", "htmx:sendError", "htmx:afterRequest"]


@pytest.fixture
def room(live_server: Any) -> Room:
    room = make_room(make_house(lead_hours=0), "Saal A", slug="saal-a")
    make_room(room.house, "Saal B")
    make_booking([room], berlin(DAY, "17:00"), title="Chorprobe")
    return room


@pytest.fixture
def lost(page: Page, log_in: LogIn, room: Room) -> Page:
    """A window in which a request was typed that the network lost."""
    log_in(page, make_user(name="Maria Beispiel"))
    page.goto(WISH)
    page.get_by_label("diesen Termin auslassen").check()
    expect(page.locator("#check")).to_contain_text("2 von 3 Terminen frei, 1 ausgelassen")
    page.fill("[name=title]", "Sommerfest")
    page.get_by_label("Für mich selbst, privat").check()
    page.fill("[name=persons]", "12")
    page.select_option("[name=kind]", "private")
    page.context.set_offline(True)
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"), page.expect_navigation():
        page.click(SEND)
    page.context.set_offline(False)
    return page


def test_what_was_typed_is_there_again_until_it_is_sent(lost: Page) -> None:
    lost.goto(WISH)
    expect(lost.get_by_text("Was Sie eingegeben haben, ist noch da.")).to_be_visible()
    expect(lost.locator("[name=title]")).to_have_value("Sommerfest")
    expect(lost.locator("[name=persons]")).to_have_value("12")
    expect(lost.get_by_label("diesen Termin auslassen")).to_be_checked()
    lost.click(SEND)
    lost.wait_for_url("**/anfragen/**")
    assert Booking.objects.get(title="Sommerfest").slots.count() == 3
    lost.goto(WISH)
    expect(lost.locator("[name=title]")).to_have_value("")


def test_another_place_takes_over_what_was_typed_of_the_rest(lost: Page) -> None:
    lost.goto("/anfrage/?raum=saal-b&datum=2027-04-21&von=16:00&bis=18:00")
    expect(lost.locator("[name=title]")).to_have_value("Sommerfest")
    expect(lost.locator("[name=day]")).to_have_value("21.04.2027")
    lost.get_by_role("button", name="Neu beginnen").click()
    expect(lost.locator("[name=title]")).to_have_value("")


def test_nobody_else_finds_it(lost: Page, log_in: LogIn) -> None:
    log_in(lost, make_user(name="Erika Beispiel"))
    lost.goto(WISH)
    expect(lost.locator("[name=title]")).to_have_value("")
    assert lost.evaluate("sessionStorage.getItem('draft')") is None


def test_who_logs_out_leaves_nothing_behind(page: Page, log_in: LogIn, room: Room) -> None:
    log_in(page, make_user(name="Maria Beispiel"))
    page.goto(WISH)
    page.fill("[name=title]", "Sommerfest")
    # It is kept when the fingers rest for a moment.
    page.wait_for_timeout(500)
    page.goto("/raeume/")
    assert "Sommerfest" in page.evaluate("sessionStorage.getItem('draft')")
    page.locator(".person-menu summary").click()
    page.locator(".person-menu").get_by_role("button", name="Abmelden").click()
    page.wait_for_url("**/")
    page.wait_for_load_state()
    assert page.evaluate("sessionStorage.getItem('draft')") is None
