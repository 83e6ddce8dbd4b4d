"""Closing in a real browser: by keyboard alone, without JavaScript, on a phone, in the administration."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from bookings.models import Booking
from hausderbegegnung.models import User
from rooms.models import Closure, House, Room
from tests.factories import DAY, berlin, make_booking, make_room, make_staff
from tests.hausderbegegnung.web.applicant.test_request_in_browser import tab_to, type_into

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LogIn = Callable[[Page], None]


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    """The clock starts at nine on the day of the stories, and goes on."""
    with time_machine.travel(berlin(DAY, "09:00")):
        yield


@pytest.fixture
def choir(room: Room) -> Booking:
    return make_booking([room], berlin(DAY + timedelta(days=1), "16:00"), title="Chorprobe")


@pytest.fixture
def log_in(live_server: Any) -> LogIn:
    """Give the browser the session of somebody on the staff."""
    staff: User = make_staff()

    def give_session(page: Page) -> None:
        client = Client()
        client.force_login(staff)
        session = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])

    return give_session


def test_a_closure_is_entered_and_settled_with_the_keyboard_alone(
    page: Page, log_in: LogIn, house: House, choir: Booking
) -> None:
    other = make_room(house, "Saal B")
    log_in(page)
    page.goto("/sperrzeiten/")
    type_into(page, "reason", "Wasserschaden")
    type_into(page, "first_day", "21.04.2027")
    tab_to(page, "[name=rooms]")
    page.keyboard.press("Space")
    tab_to(page, "form.form button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("trifft 1 genehmigten Termin")
    # The first way out is chosen; the arrows lead to the others.
    tab_to(page, "[name^=settle-date]:checked")
    tab_to(page, "[name=settle-reason]")
    page.keyboard.press("Control+End")
    page.keyboard.type(" im Keller")
    tab_to(page, "button.button--primary")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sperrzeiten/")
    expect(page.locator(".messages")).to_contain_text("1 Termin ist verlegt.")
    assert list(choir.slots.get().rooms.all()) == [other]
    assert choir.transitions.filter(verb="move", slot=None).get().note == "Wasserschaden im Keller"


def test_the_whole_way_works_without_javascript(
    no_script_page: Page, log_in: LogIn, expected_console_errors: list[str], room: Room, choir: Booking
) -> None:
    expected_console_errors.append("status of 400")
    page = no_script_page
    log_in(page)
    page.goto("/")
    page.goto("/sperrzeiten/")
    page.fill("[name=first_day]", "21.04.2027")
    page.click("form.form button[type=submit]")
    expect(page.locator(".error-summary")).to_contain_text("warum gesperrt ist")
    page.fill("[name=reason]", "Grundreinigung")
    page.click("form.form button[type=submit]")
    page.check("text=Termin widerrufen")
    page.fill("[name=settle-reason]", "")
    page.click("text=Alles so ausführen")
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.get_by_label("Termin widerrufen")).to_be_checked()
    page.fill("[name=settle-reason]", "Die Böden werden versiegelt.")
    page.click("text=Alles so ausführen")
    expect(page.locator(".messages")).to_contain_text("1 Termin ist widerrufen. 1 E-Mail ist unterwegs.")
    assert choir.slots.get().reason == "Die Böden werden versiegelt."
    page.click("text=Ändern")
    page.fill("[name=last_day]", "22.04.2027")
    page.click("text=Speichern")
    page.click("text=Entfernen")
    page.click("button:has-text('Sperrzeit entfernen')")
    expect(page.locator("main")).to_contain_text("Nichts ist gesperrt.")
    assert not Closure.objects.exists()


def test_on_a_phone_the_button_that_does_all_is_in_reach_however_many_dates_are_hit(
    new_page: Callable[..., Page], log_in: LogIn, room: Room, choir: Booking
) -> None:
    for day in range(2, 10):
        make_booking([room], berlin(DAY + timedelta(days=day), "16:00"))
    page = new_page(viewport={"width": 360, "height": 740})
    log_in(page)
    page.goto("/sperrzeiten/")
    page.fill("[name=reason]", "Wasserrohrbruch")
    page.fill("[name=first_day]", "20.04.2027")
    page.fill("[name=last_day]", "30.04.2027")
    page.click("form.form button[type=submit]")
    expect(page.locator("h1")).to_contain_text("genehmigte Termine")
    assert page.evaluate("document.documentElement.scrollHeight") > 3 * 740
    expect(page.locator("text=Alles so ausführen")).to_be_in_viewport(ratio=1)


def test_the_administration_asks_on_the_same_page(
    page: Page, log_in: LogIn, room: Room, choir: Booking
) -> None:
    log_in(page)
    page.goto(reverse("admin:rooms_room_change", args=[room.pk]))
    page.locator("[name=is_active]").first.uncheck(force=True)
    page.locator("button[name=_save]").click()
    expect(page.locator("h1")).to_contain_text("trifft 1 genehmigten Termin")
    room.refresh_from_db()
    assert room.is_active
    page.check("text=Trotzdem bestehen lassen")
    page.click("text=Alles so ausführen")
    page.wait_for_url("**/admin/rooms/room/**")
    room.refresh_from_db()
    assert not room.is_active
    assert choir.slots.get().status == "approved"


@pytest.mark.parametrize(
    "look",
    [
        {"viewport": {"width": 360, "height": 740}},
        {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    ],
    ids=["phone", "dark"],
)
def test_axe_finds_nothing(
    new_page: Callable[..., Page],
    log_in: LogIn,
    page_findings: Callable[[Page], list[str]],
    expected_console_errors: list[str],
    house: House,
    room: Room,
    choir: Booking,
    look: dict[str, Any],
) -> None:
    expected_console_errors.append("status of 400")
    make_booking(
        [room],
        berlin(DAY + timedelta(days=1), "19:00"),
        title="Ein Titel, der recht lang geraten ist, weil alles hinein soll",
        contact_email="",
        contact_phone="02272 1234",
    )
    closure = Closure.objects.create(
        house=house, starts_at=berlin(DAY, "10:00"), ends_at=berlin(DAY, "12:00"), reason="Ein Grund"
    )
    page = new_page(**look)
    log_in(page)
    findings: dict[str, list[str]] = {}

    def look_at(name: str) -> None:
        findings[name] = page_findings(page)

    for path in ("", f"{closure.pk}/", f"{closure.pk}/entfernen/"):
        page.goto(f"/sperrzeiten/{path}")
        look_at(path)
    page.goto("/sperrzeiten/")
    page.click("form.form button[type=submit]")
    look_at("form with mistakes")
    page.fill("[name=reason]", "Wasserschaden")
    page.fill("[name=first_day]", "21.04.2027")
    page.click("form.form button[type=submit]")
    expect(page.locator("h1")).to_contain_text("trifft 2 genehmigte Termine")
    look_at("impact")
    page.click("text=Alle widerrufen")
    page.fill("[name=settle-reason]", "")
    page.click("text=Alles so ausführen")
    expect(page.locator(".error-summary")).to_be_visible()
    look_at("impact with mistakes")
    assert {name: found for name, found in findings.items() if found} == {}
