"""The plan of a series in Chromium: what is chosen in it stays while something else is typed."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Page, Route, expect

from hausderbegegnung.models import User
from rooms.models import House, Room
from tests.factories import DAY, berlin, make_booking, make_house, make_house_rules, make_room, make_user
from tests.hausderbegegnung.web.browsing import LogIn

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WISH = "/anfrage/?raum=saal-a&datum=2027-04-20&von=16:00&bis=18:00&takt=weekly&anzahl=6"


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with time_machine.travel(berlin(DAY, "09:00")):
        yield


@pytest.fixture
def house(live_server: Any) -> House:
    house = make_house(lead_hours=0)
    make_house_rules(house)
    return house


@pytest.fixture
def room(house: House) -> Room:
    room = make_room(house, "Saal A", slug="saal-a")
    for name in ("Saal B", "Saal C"):
        make_room(house, name)
    make_booking([room], berlin(date(2027, 4, 27), "17:00"))
    make_booking([room], berlin(date(2027, 5, 4), "17:00"))
    return room


@pytest.fixture
def applicant(live_server: Any) -> User:
    return make_user(name="Maria Beispiel")


def leaving_out(page: Page) -> Any:
    return page.get_by_label("auslassen Di., 11.05.2027")


def other_room(page: Page) -> Any:
    return page.get_by_label("Saal C (statt Saal A)").first


@pytest.fixture
def chosen(page: Page, log_in: LogIn, applicant: User, room: Room) -> Page:
    """The form with a series, of which one date is left out and one is in another room."""
    log_in(page, applicant)
    page.goto(WISH)
    leaving_out(page).check()
    other_room(page).check()
    page.get_by_label("diesen Termin auslassen").nth(1).check()
    expect(page.locator("#check")).to_contain_text("3 von 6 Terminen frei, 2 ausgelassen, 1 Vorschlag")
    expect(page.locator("#dates-summary")).to_contain_text(
        "3 von 6 Terminen frei, 2 ausgelassen, 1 Vorschlag"
    )
    expect(page.locator("#dates .mini-day--changed")).to_have_count(2)
    return page


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("added", ["08.05.", ""]),
        ("day", ["", "20.04.2027"]),
        ("ends", ["2", "18:00"]),
        ("starts", ["1", "16:3", "16:30"]),
    ],
)
def test_choices_stay_while_something_is_typed(chosen: Page, name: str, typed: list[str]) -> None:
    page = chosen
    if name == "added":
        page.locator("summary").filter(has_text="Seltener").click()
    for text in typed:
        with page.expect_response("**/pruefen/"):
            page.fill(f"[name={name}]", text)
    expect(page.locator("#check")).to_contain_text("3 von 6 Terminen frei, 2 ausgelassen, 1 Vorschlag")
    expect(leaving_out(page)).to_be_checked()
    expect(other_room(page)).to_be_checked()
    expect(page.get_by_label("diesen Termin auslassen").nth(1)).to_be_checked()


def test_what_cannot_be_read_leaves_the_plan_where_it_is(chosen: Page) -> None:
    with chosen.expect_response("**/pruefen/"):
        chosen.fill("[name=starts]", "16:99")
    expect(chosen.locator("#check")).to_contain_text("Was Sie im Plan gewählt haben, bleibt erhalten.")
    expect(chosen.locator("#check")).to_contain_text("Bitte geben Sie bei „Von“ eine Uhrzeit wie 18:30 ein.")
    expect(leaving_out(chosen)).to_be_checked()


def test_the_focus_stays_on_the_choice(chosen: Page) -> None:
    leaving_out(chosen).focus()
    with chosen.expect_response("**/pruefen/"):
        chosen.keyboard.press("Space")
    expect(chosen.locator("#check")).to_contain_text("4 von 6 Terminen frei, 1 ausgelassen, 1 Vorschlag")
    expect(leaving_out(chosen)).to_be_focused()


def test_one_button_settles_all_dates_that_are_not_free(chosen: Page) -> None:
    jointly = chosen.get_by_role("group", name="Für alle 2 Termine auf einmal")
    expect(jointly.locator("[aria-pressed=true]")).to_have_count(0)
    chosen.locator("summary").filter(has_text="Alle Termine im Einzelnen").click()
    in_room = jointly.get_by_role("button", name="in Saal B")
    in_room.press("Enter")
    expect(chosen.locator("#check")).to_contain_text("3 von 6 Terminen frei, 1 ausgelassen, 2 Vorschläge")
    expect(in_room).to_have_attribute("aria-pressed", "true")
    expect(in_room).to_be_focused()
    expect(leaving_out(chosen)).to_be_hidden()
    expect(chosen.get_by_label("Saal B (statt Saal A)").nth(1)).to_be_checked()
    other_room(chosen).check()
    expect(in_room).to_have_attribute("aria-pressed", "false")


def test_a_choice_while_an_answer_is_under_way_is_not_lost(chosen: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    chosen.route("**/pruefen/", hold, times=1)
    with chosen.expect_request("**/pruefen/"):
        chosen.fill("[name=persons]", "5")
    late = chosen.get_by_label("auslassen Di., 18.05.2027")
    late.evaluate("input => { input.checked = true; input.setAttribute('data-old', '') }")
    late.evaluate("input => input.dispatchEvent(new Event('change', { bubbles: true }))")
    held[0].continue_()
    expect(chosen.locator("#dates [data-old]")).to_have_count(0)
    expect(chosen.locator("#check")).to_contain_text("2 von 6 Terminen frei, 3 ausgelassen, 1 Vorschlag")
    expect(late).to_be_checked()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_in_the_plan(
    new_page: Callable[..., Page],
    log_in: LogIn,
    axe_findings: Callable[[Page], list[str]],
    applicant: User,
    room: Room,
    width: int,
    scheme: str,
) -> None:
    page = new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    log_in(page, applicant)
    page.goto(WISH + "&auslassen=25.05.2027")
    page.get_by_label("diesen Termin auslassen").nth(1).check()
    page.get_by_label("Mi., 28.04.2027").check()
    expect(page.locator("#dates .mini-day--moved")).to_have_count(2)
    found = axe_findings(page)
    page.fill("[name=starts]", "16:99")
    expect(page.locator("[data-outdated]")).to_be_visible()
    found += axe_findings(page)
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
