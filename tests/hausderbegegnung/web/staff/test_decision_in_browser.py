"""Deciding on a phone: the answers are always in reach, and never in the way."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from bookings.enums import SlotStatus
from rooms.models import Room
from tests.factories import DAY, berlin, make_booking, make_booking_on, weekly
from tests.hausderbegegnung.web.bookings import page_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Whether the bar hides any of what has the focus, and where the bar ends.
COVERED = """() => {
  const bar = document.querySelector('.action-bar');
  const focus = document.activeElement;
  const [over, under] = [bar, focus].map(part => part.getBoundingClientRect());
  const isCovered = !bar.contains(focus) && under.bottom > over.top + 1 && under.top < over.bottom;
  return [isCovered, Math.round(over.bottom)];
}"""


def test_the_answers_stay_in_reach_and_cover_no_focus(
    staff_page: Callable[..., Page], room: Room, axe_findings: Callable[[Page], list[str]]
) -> None:
    make_booking([room], berlin(DAY, "17:00"), title="Ausschuss")
    booking = make_booking([room], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED)
    phone = staff_page(viewport={"width": 360, "height": 740})
    phone.goto(page_of(booking))
    assert axe_findings(phone) == []
    focused, covered = [], []
    phone.locator("#content").focus()
    for _ in range(60):
        phone.keyboard.press("Tab")
        if not phone.evaluate("document.querySelector('#content').contains(document.activeElement)"):
            break
        words = phone.evaluate("document.activeElement.innerText || document.activeElement.name")
        focused.append(words)
        is_covered, end = phone.evaluate(COVERED)
        covered += [words] if is_covered else []
        assert end <= 740
    assert covered == []
    answers = [focused.index(words) for words in ("decide-reason", "Termin verschieben", "Ablehnen")]
    assert answers == list(range(answers[0], answers[0] + 3))


def test_the_main_button_says_what_will_happen(staff_page: Callable[..., Page], room: Room) -> None:
    make_booking([room], berlin(DAY + timedelta(weeks=2), "17:00"))
    booking = make_booking_on([room], weekly(DAY, 4), status=SlotStatus.REQUESTED)
    page = staff_page(viewport={"width": 360, "height": 740})
    page.goto(page_of(booking))
    button = page.locator(".action-bar .button--primary")
    assert button.inner_text().strip() == "3 genehmigen, 1 offen lassen"
    page.get_by_text("ablehnen", exact=True).first.click()
    assert button.inner_text().strip() == "3 genehmigen, 1 ablehnen"
    page.get_by_label("Begründung (nötig").fill("Belegt.")
    button.click()
    assert (
        page.get_by_role("status").inner_text().startswith(f"{booking.reference}: 3 genehmigt, 1 abgelehnt.")
    )
