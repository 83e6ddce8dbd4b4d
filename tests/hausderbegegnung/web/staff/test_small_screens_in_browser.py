"""Staff's pages on a phone and on a small laptop: everything stays where it belongs."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from rooms.models import House, Room
from tests.factories import DAY, berlin, make_booking, make_room

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NewPage = Callable[..., Page]

STICKING_OUT = """() => [...document.querySelectorAll('.card, .facts, .day-chart')].flatMap(box => {
  const edge = box.getBoundingClientRect().right + 1;
  return [...box.querySelectorAll('*')].filter(part => part.getClientRects().length
      && !part.closest('.visually-hidden, svg') && part.getBoundingClientRect().right > edge)
    .map(part => part.outerHTML.slice(0, 80));
})"""


def test_on_a_phone_nothing_sticks_out_of_a_request_of_somebody_without_email(
    staff_page: NewPage, house: House, room: Room
) -> None:
    terrace = make_room(house, "Außenfläche und Terrasse")
    booking = make_booking([room, terrace], berlin(DAY, "19:00"), contact_email="", contact_phone="02272 1")
    phone = staff_page(viewport={"width": 360, "height": 740})
    phone.goto(f"/eingang/{booking.reference}/")
    assert phone.evaluate("document.documentElement.scrollWidth") == 360
    assert phone.evaluate(STICKING_OUT) == []
    bars = phone.locator(".day-chart__bars").first.bounding_box()
    assert bars is not None
    assert bars["width"] >= 120
    hour = phone.locator(".day-chart__hours text").first.bounding_box()
    assert hour is not None
    assert hour["height"] >= 12


@pytest.mark.parametrize(
    "font", [":root {}", ":root { --font-text: 'DejaVu Sans'; --font-heading: 'DejaVu Serif' }"]
)
@pytest.mark.parametrize("width", [992, 1280])
def test_the_menu_stays_in_one_row(staff_page: NewPage, house: House, width: int, font: str) -> None:
    House.objects.update(street="Burgundische Straße 1", city="Bedburg-Kaster")
    page = staff_page(viewport={"width": width, "height": 800}, bypass_csp=True)
    page.goto("/")
    page.add_style_tag(content=font)
    middles = page.locator(".site-nav--wide > .nav-list > li").evaluate_all(
        "items => items.map(item => item.getBoundingClientRect()).map(box => (box.top + box.bottom) / 2)"
    )
    assert len(middles) == 6
    assert max(middles) - min(middles) < 5
    assert page.evaluate("document.querySelector('.site-header__row').getBoundingClientRect().height") == 72
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("scripts", [True, False])
def test_the_menu_of_the_person_opens_by_the_keyboard(
    staff_page: NewPage, house: House, *, scripts: bool
) -> None:
    page = staff_page(viewport={"width": 1280, "height": 800}, java_script_enabled=scripts)
    page.goto("/")
    log_out = page.locator(".person-menu").get_by_role("button", name="Abmelden")
    assert not log_out.is_visible()

    page.locator(".person-menu summary").press("Enter")

    assert log_out.is_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert log_out.evaluate("button => button === document.activeElement")
    if scripts:
        page.keyboard.press("Escape")
        assert not log_out.is_visible()
        assert page.evaluate("document.activeElement.matches('.person-menu summary')")
