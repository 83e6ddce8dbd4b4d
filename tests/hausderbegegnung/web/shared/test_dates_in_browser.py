"""The dates of a series in a real browser: by keyboard, without JavaScript, on a phone, in the dark."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Page, expect

from bookings.access.tokens import status_path
from bookings.enums import SlotStatus
from bookings.models import Booking, Slot
from bookings.series.dates import Series
from bookings.series.pattern import pattern_from_rrule
from bookings.services import approve_booking
from rooms.models import House, Room
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_booking,
    make_booking_on,
    make_house,
    make_room,
    make_staff,
    weekly,
)
from tests.hausderbegegnung.web.browsing import LogIn, tab_to

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MANY = 20
ANSWER = "form[action$='/entscheiden/'] button:not([name])"


def choose_approval(page: Page) -> None:
    """Approve the dates to look at; all others are to be approved anyway."""
    for answer in page.locator("form.decision .stack .answer__approve").all():
        answer.click()


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def house(live_server: Any) -> House:
    return make_house(lead_hours=0, horizon_days=1000)


@pytest.fixture
def room(house: House) -> Room:
    return make_room(house, slug="saal-a", setup_minutes=15, teardown_minutes=15)


@pytest.fixture
def pending(room: Room) -> Booking:
    """Many pending Tuesdays with their pattern; one is taken, one meets a buffer, one has a rival."""
    pattern = pattern_from_rrule(f"FREQ=WEEKLY;COUNT={MANY}", first_day=DAY, starts=time(16), ends=time(18))
    series = Series(
        starts=datetime.combine(DAY, time(16)), ends=datetime.combine(DAY, time(18)), pattern=pattern
    )
    booking = make_booking_on(
        [room], weekly(DAY, MANY), status=SlotStatus.REQUESTED, series=series, title="Chorprobe"
    )
    make_room(room.house, "Saal B", slug="saal-b")
    make_booking([room], berlin(DAY + timedelta(weeks=1), "17:00"), title="Ausschuss")
    make_booking([room], berlin(DAY + timedelta(weeks=2), "18:20"), title="Skat")
    make_booking([room], berlin(DAY + timedelta(weeks=3), "17:00"), status=SlotStatus.REQUESTED)
    return booking


def slots(booking: Booking) -> list[Slot]:
    return list(booking.slots.order_by("starts_at"))


def approve_all_but(booking: Booking, *numbers: int) -> None:
    ids = [slot.pk for number, slot in enumerate(slots(booking)) if number not in numbers]
    approve_booking(booking_id=booking.pk, actor=make_staff(), now=NOW, slot_ids=ids)


def test_dates_are_answered_with_the_keyboard_alone(page: Page, log_in: LogIn, pending: Booking) -> None:
    log_in(page, make_staff())
    page.goto(f"/eingang/{pending.reference}/")
    second = slots(pending)[1]
    tab_to(page, f"[name=decide-answer_{second.pk}]:checked")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(f"[name=decide-answer_{second.pk}][value=reject]")).to_be_checked()
    tab_to(page, "[name=decide-reason]")
    page.keyboard.type("Im Saal tagt der Ausschuss.")
    tab_to(page, "form[action$='/entscheiden/'] button:not([name])")
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text(f"{MANY - 2} genehmigt, 1 angefragt, 1 abgelehnt")
    assert [slot.status for slot in slots(pending)][:4] == ["approved", "rejected", "requested", "approved"]


def test_the_whole_way_works_without_javascript(
    new_page: Callable[..., Page], log_in: LogIn, expected_console_errors: list[str], pending: Booking
) -> None:
    """Staff answer and move, the applicant looks, ends the series and asks for one more date."""
    expected_console_errors.append("status of 409")
    staff = new_page(java_script_enabled=False)
    log_in(staff, make_staff())
    staff.goto("/eingang/")
    staff.click(f"a[href='/eingang/{pending.reference}/']")
    staff.click(ANSWER)
    expect(staff.locator(".notice--success")).to_contain_text(f"{MANY - 2} genehmigt")

    taken = slots(pending)[1]
    staff.click(f"a[href$='/termin/{taken.uid}/verschieben/']")
    staff.click("button.proposal >> nth=0")
    expect(staff.locator("[name=rooms][value=saal-b]")).to_be_checked()
    staff.click("button:has-text('Termin verschieben')")
    expect(staff.locator(".notice--success")).to_contain_text("verschoben")
    choose_approval(staff)
    staff.click(ANSWER)
    expect(staff.locator("[role=alert]")).to_contain_text("Auf- oder Abbau")
    taken.refresh_from_db()
    assert taken.rooms.get().slug == "saal-b"

    person = new_page(java_script_enabled=False)
    person.goto(status_path(pending))
    expect(person.locator("h1")).to_contain_text(f"{MANY - 2} von {MANY} Terminen sind genehmigt")
    person.click("a:has-text('Termine stornieren')")
    person.check("[name=which][value=from]")
    tenth = slots(pending)[9]
    person.select_option("[name=first]", str(tenth.uid))
    person.click("form button.button--danger")
    expect(person.locator(".notice--success")).to_be_visible()
    statuses = [slot.status for slot in slots(pending)]
    assert statuses[3:9] == ["approved"] * 6
    assert statuses[9:] == ["cancelled"] * (MANY - 9)

    person.click("a:has-text('Weitere Termine anfragen')")
    person.fill("[name=day_0]", "30.06.2027")
    person.click("button[name=more]")
    expect(person.locator("[name=day_0]")).to_have_value("30.06.2027")
    person.click("form button.button--primary")
    expect(person.locator(".notice--success")).to_contain_text("1 weiterer Termin")
    assert slots(pending)[-1].status == "cancelled"
    assert pending.slots.get(starts_at=berlin(date(2027, 6, 30), "16:00")).status == "requested"


def test_only_what_is_chosen_is_seen_while_giving_dates_back(page: Page, pending: Booking) -> None:
    approve_all_but(pending, 1, 2)
    page.goto(status_path(pending) + "zurueckgeben/")
    expect(page.locator("[name=dates]").first).to_be_visible()
    expect(page.locator("[name=first]")).to_be_hidden()
    page.check("[name=which][value=from]")
    expect(page.locator("[name=dates]").first).to_be_hidden()
    expect(page.locator("[name=first]")).to_be_visible()


def test_a_link_at_a_date_ticks_it(page: Page, pending: Booking) -> None:
    approve_all_but(pending, 1, 2)
    page.goto(status_path(pending))
    page.locator(".date-line__acts a", has_text="Stornieren").first.click()
    expect(page.locator("[name=dates]:checked")).to_have_value(str(slots(pending)[0].uid))


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
    pending: Booking,
    look: dict[str, Any],
) -> None:
    expected_console_errors += ["status of 400", "status of 409"]
    findings: dict[str, list[str]] = {}

    def look_at(page: Page, path: str, *, name: str = "", click: str = "") -> None:
        page.goto(path)
        if click == ANSWER:
            choose_approval(page)
        if click:
            page.click(click)
        look_at_what_is_open(page, name or path)

    def look_at_what_is_open(page: Page, name: str) -> None:
        page.wait_for_load_state()
        page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
        findings[name] = page_findings(page)

    staff = new_page(**look)
    log_in(staff, make_staff())
    decide = f"/eingang/{pending.reference}/"
    look_at(staff, "/eingang/")
    look_at(staff, decide)
    look_at(staff, decide, name="clash", click=ANSWER)
    look_at(staff, decide, name="no reason", click="button[formaction$='/ablehnen/']")
    approve_all_but(pending, 1, 2)
    look_at(staff, decide, name="partly approved")
    move = f"{decide}termin/{slots(pending)[0].uid}/verschieben/"
    look_at(staff, move)
    look_at(staff, f"/anfragen/{pending.reference}/weitere-termine/")
    staff.goto(decide)
    staff.click("summary:has-text('Termine verschieben, stornieren')")
    staff.check("[name=back-which][value=from]")
    staff.click("form[action$='/stornieren/'] button:not(.button--danger)")
    expect(staff.locator("h1")).to_contain_text("Termine stornieren?")
    look_at_what_is_open(staff, "asked before cancelling")
    person = new_page(**look)
    other_time = f"{status_path(pending)}termin/{slots(pending)[0].uid}/aendern/"
    look_at(person, other_time)
    look_at(person, other_time, name="nothing changed", click="form button.button--primary")
    look_at(person, status_path(pending))
    look_at(person, status_path(pending) + "zurueckgeben/")
    look_at(
        person,
        status_path(pending) + "zurueckgeben/",
        name="nothing ticked",
        click="form button.button--danger",
    )
    look_at(
        person, status_path(pending) + "weitere-termine/", name="no date", click="form button.button--primary"
    )
    assert {path: found for path, found in findings.items() if found} == {}
