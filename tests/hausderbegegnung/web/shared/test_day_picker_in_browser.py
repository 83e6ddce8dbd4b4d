"""Wherever a day is typed it can be picked from the browser's own calendar, by keyboard too."""

import pytest
from playwright.sync_api import Locator, Page, expect

from rooms.models import House

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def pick(page: Page, label: str, day: str) -> Locator:
    """Open the calendar beside the field with the keyboard, and choose a day as the browser does."""
    button = page.get_by_role("button", name=f"Kalender öffnen: {label}", exact=True)
    button.press("Enter")
    native = button.locator("xpath=preceding-sibling::input[@type='date']")
    native.evaluate("(input, day) => { input.value = day; input.dispatchEvent(new Event('change')) }", day)
    return native


def test_a_day_is_picked_from_the_calendar(page: Page, house: House) -> None:
    page.goto("/")
    field = page.get_by_label("Datum", exact=True)
    field.fill("20.04.2027")
    native = pick(page, "Datum", "2027-04-22")
    expect(field).to_have_value("22.04.2027")
    expect(field).to_be_focused()
    page.get_by_role("button", name="Kalender öffnen: Datum", exact=True).click()
    expect(native).to_have_value("2027-04-22")


def test_of_several_days_each_picked_one_is_added(page: Page, house: House) -> None:
    page.goto("/finden/?datum=20.04.2027&takt=weekly&auslassen=06.05.2027")
    pick(page, "Diese Tage auslassen", "2027-05-13")
    expect(page.locator("[name=auslassen]")).to_have_value("06.05.2027, 13.05.2027")
