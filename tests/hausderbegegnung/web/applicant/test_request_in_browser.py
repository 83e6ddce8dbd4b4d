"""Asking and deciding in a real browser: by keyboard alone, without JavaScript, on a phone, in the dark."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.utils import timezone
from playwright.sync_api import Page, expect

from bookings.access.tokens import status_path
from bookings.enums import BookingStatus, SlotStatus
from bookings.models import Booking
from hausderbegegnung.models import User
from notifications.models import Message, MessageState
from notifications.outbox.delivery import deliver
from rooms.models import House, Room
from tests.factories import (
    DAY,
    berlin,
    make_association,
    make_booking,
    make_house,
    make_house_rules,
    make_room,
    make_staff,
    make_user,
)
from tests.hausderbegegnung.web.browsing import LogIn, tab_to, type_into

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SEND = "#request-form button[type=submit]:not([name])"
MORNING = berlin(DAY, "09:00")


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    """The clock starts at nine on the day of the stories, and goes on."""
    with time_machine.travel(MORNING):
        yield


@pytest.fixture
def house(live_server: Any) -> House:
    house = make_house(lead_hours=0)
    make_house_rules(house)
    return house


@pytest.fixture
def room(house: House) -> Room:
    return make_room(house, slug="saal-a", step_free=True, area_m2=45)


@pytest.fixture
def applicant(live_server: Any) -> User:
    return make_user(name="Maria Beispiel")


def test_a_room_is_requested_with_the_keyboard_alone(
    page: Page, log_in: LogIn, applicant: User, room: Room
) -> None:
    log_in(page, applicant)
    page.goto("/anfrage/")
    tab_to(page, "[name=rooms]")
    page.keyboard.press("Space")
    type_into(page, "day", "21.04.2027")
    type_into(page, "starts", "16")
    type_into(page, "ends", "18:00")
    type_into(page, "persons", "12")
    expect(page.locator("#check .verdict--good")).to_be_visible()
    type_into(page, "title", "Elternabend")
    tab_to(page, "[name=kind]")
    page.keyboard.press("ArrowDown")
    tab_to(page, "[name=association]")
    page.keyboard.press("Space")
    tab_to(page, "[name=accept_rules]")
    page.keyboard.press("Space")
    tab_to(page, SEND)
    page.keyboard.press("Enter")
    page.wait_for_url("**/anfragen/**")
    booking = Booking.objects.get()
    assert page.url.endswith(status_path(booking))
    assert booking.slots.get().starts_at == berlin(DAY + timedelta(days=1), "16:00")
    assert (booking.association.name, booking.association.kind) == ("Maria Beispiel", "private_person")


def test_somebody_new_asks_on_a_phone_by_a_short_form(
    new_page: Callable[..., Page], log_in: LogIn, room: Room
) -> None:
    """From the search to the receipt: what was found stands in a line, and two fields are to be typed."""
    page = new_page(viewport={"width": 360, "height": 740})
    log_in(page, make_user(name=""))
    page.goto(f"/finden/?datum=21.04.&von=16&personen={room.layouts.first().capacity}")
    page.get_by_role("link", name="Anfragen Saal A").click()
    expect(page.locator("[name=day]")).to_be_hidden()
    expect(page.locator(".wish-bar")).to_be_in_viewport()
    page.fill("[name=title]", "Geburtstag")
    page.select_option("[name=kind]", "private")
    page.get_by_label("Für mich selbst, privat").check()
    expect(page.locator("[name=association_name]")).to_be_hidden()
    page.get_by_label("Ihr Vor- und Nachname").fill("Erika Beispiel")
    page.check("[name=accept_rules]")
    page.click(SEND)
    page.wait_for_url("**/anfragen/**")
    booking = Booking.objects.get()
    assert (booking.slots.get().starts_at, booking.association.name, booking.contact_name) == (
        berlin(DAY + timedelta(days=1), "16:00"),
        "Erika Beispiel",
        "Erika Beispiel",
    )


def test_the_bar_hides_nothing_that_has_the_focus(
    new_page: Callable[..., Page], log_in: LogIn, applicant: User, room: Room
) -> None:
    page = new_page(viewport={"width": 360, "height": 740})
    log_in(page, applicant)
    page.goto(f"/anfrage/?raum={room.slug}&datum=2027-04-20&von=16:00&bis=18:00")
    covered = """() => {
        const [bar, focus] = [document.querySelector(".wish-bar"), document.activeElement];
        const [over, under] = [bar, focus].map(element => element.getBoundingClientRect());
        const meets = under.top < over.bottom && over.top < under.bottom;
        return meets && focus !== document.body && !bar.contains(focus) ? focus.outerHTML : "";
    }"""
    for key in ("Tab", "Shift+Tab"):
        hidden = []
        for _ in range(60):
            page.keyboard.press(key)
            hidden.append(page.evaluate(covered))
        assert [name for name in hidden if name] == []


def test_a_request_is_approved_with_the_keyboard_alone(page: Page, log_in: LogIn, room: Room) -> None:
    booking = make_booking([room], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED)
    log_in(page, make_staff())
    page.goto("/eingang/")
    tab_to(page, ".request-card h2 a")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/eingang/{booking.reference}/")
    tab_to(page, "[name=decide-note]")
    page.keyboard.type("Der Schlüssel liegt im Büro.")
    tab_to(page, "button[formaction$='/genehmigen/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/eingang/")
    expect(page.locator(".messages")).to_contain_text(booking.reference)
    booking.refresh_from_db()
    assert booking.status == BookingStatus.APPROVED


def test_the_whole_way_works_without_javascript(
    new_page: Callable[..., Page],
    log_in: LogIn,
    expected_console_errors: list[str],
    applicant: User,
    room: Room,
    mailoutbox: list[EmailMessage],
) -> None:
    """What the house is for: somebody asks, staff approve, the mail goes out, and the wall shows it."""
    expected_console_errors.append("status of 400")
    own = make_association(applicant, name="Chor Erftklang")
    page = new_page(java_script_enabled=False)
    log_in(page, applicant)
    page.goto(f"/anfrage/?raum={room.slug}&datum=2027-04-20&von=16:00&bis=18:00")
    expect(page.locator("#check .verdict--good")).to_be_visible()
    expect(page.locator(f"[name=association][value='{own.pk}']")).to_be_checked()
    expect(page.locator("[name=association_name]")).to_be_hidden()
    page.fill("[name=starts]", "18:00")
    page.click("button[name=check]")
    expect(page.locator("#check .verdict--bad, .field--error").first).to_be_visible()
    page.fill("[name=starts]", "16:00")
    page.click(SEND)
    expect(page.locator(".error-summary li")).to_have_count(4)
    page.fill("[name=persons]", "20")
    page.fill("[name=title]", "Chorprobe")
    page.select_option("[name=kind]", "culture")
    page.check("[name=accept_rules]")
    page.click(SEND)
    expect(page.locator("h1")).to_be_visible()
    booking = Booking.objects.get()
    assert page.url.endswith(status_path(booking))

    staff = new_page(java_script_enabled=False)
    log_in(staff, make_staff())
    staff.goto("/eingang/")
    staff.click(f"a[href='/eingang/{booking.reference}/']")
    staff.click("button[formaction$='/genehmigen/']")
    expect(staff.locator(".notice--success")).to_contain_text(booking.reference)

    approval = Message.objects.get(kind="approval")
    assert (approval.recipient, approval.state) == (applicant.email, MessageState.PENDING)
    deliver(message_id=approval.pk, now=timezone.now())
    staff.goto(f"/postausgang/{approval.pk}/")
    expect(staff.locator("main")).to_contain_text(applicant.email)
    expect(staff.locator(".badge--sent")).to_be_visible()
    assert [(mail.to, booking.reference in mail.body) for mail in mailoutbox] == [([applicant.email], True)]

    wall = new_page(java_script_enabled=False)
    wall.goto("/display/")
    expect(wall.locator("main")).to_contain_text("Chorprobe")
    page.reload()
    expect(page.locator(".status-head--approved")).to_be_visible()


def test_the_nearest_free_time_fills_the_fields(
    page: Page, log_in: LogIn, applicant: User, room: Room
) -> None:
    make_booking([room], berlin(DAY, "16:00"), berlin(DAY, "18:00"))
    log_in(page, applicant)
    page.goto(f"/anfrage/?raum={room.slug}&datum=2027-04-20")
    page.fill("[name=starts]", "17:00")
    page.fill("[name=ends]", "19:00")
    page.click("#check button")
    expect(page.locator("#check .verdict--good")).to_be_visible()
    assert [page.input_value(f"[name={name}]") for name in ["day", "starts", "ends"]] == [
        "20.04.2027",
        "18:00",
        "20:00",
    ]
    assert "/anfrage/?" in page.url


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
    applicant: User,
    room: Room,
    look: dict[str, Any],
) -> None:
    expected_console_errors += ["status of 400", "status of 404"]
    own = make_association(applicant)
    approved = make_booking([room], berlin(DAY, "16:00"), applicant=applicant, association=own)
    pending = make_booking(
        [room],
        berlin(DAY, "17:00"),
        status=SlotStatus.REQUESTED,
        applicant=applicant,
        association=own,
        setup_minutes=30,
    )
    make_booking(
        [room],
        berlin(DAY, "18:00"),
        status=SlotStatus.REQUESTED,
        title="Ein Titel, der recht lang geraten ist",
    )
    findings: dict[str, list[str]] = {}

    def look_at(page: Page, path: str, *, name: str = "", send: bool = False) -> None:
        page.goto(path)
        if send:
            page.click(SEND)
        findings[name or path] = page_findings(page)

    person = new_page(**look)
    log_in(person, applicant)
    look_at(person, f"/anfrage/?raum={room.slug}&datum=2027-04-20&von=17:00&bis=19:00")
    look_at(person, "/anfrage/", name="errors", send=True)
    look_at(person, "/meine-anfragen/")
    look_at(person, status_path(pending))
    look_at(person, f"/anfragen/{approved.reference}/zurueckgeben/")
    look_at(person, f"/anfragen/{approved.reference}/aendern/")
    look_at(person, "/anfragen/HdB-2027-9999/")
    staff = new_page(**look)
    log_in(staff, make_staff())
    look_at(staff, "/anfrage/")
    look_at(staff, "/eingang/")
    look_at(staff, f"/eingang/{pending.reference}/")
    look_at(staff, f"/eingang/{approved.reference}/")
    look_at(staff, "/eingang/alle/")
    assert {path: found for path, found in findings.items() if found} == {}


def test_going_back_finds_the_form_as_it_was_sent(
    page: Page, log_in: LogIn, applicant: User, room: Room
) -> None:
    own = make_association(applicant)
    saal_b = make_room(room.house, "Saal B", slug="saal-b")
    log_in(page, applicant)
    page.goto("/anfrage/")
    page.check("[name=rooms][value=saal-b]")
    for name, text in {"day": "21.04.2027", "starts": "16:00", "ends": "18:00", "persons": "12"}.items():
        page.fill(f"[name={name}]", text)
    expect(page.locator("#check .verdict--good")).to_be_visible()
    page.fill("[name=title]", "Elternabend")
    page.select_option("[name=kind]", index=1)
    page.check(f"[name=association][value='{own.pk}']")
    page.check("[name=accept_rules]")
    page.click(SEND)
    page.wait_for_url("**/anfragen/**")
    sent = page.url
    rival = make_booking([saal_b], berlin(DAY + timedelta(days=1), "16:00"), status=SlotStatus.REQUESTED)
    page.go_back()
    expect(page.locator("[name=title]")).to_have_value("Elternabend")
    expect(page.locator("[name=rooms][value=saal-b]")).to_be_checked()
    for name, text in {"day": "21.04.2027", "starts": "16:00", "ends": "18:00", "persons": "12"}.items():
        expect(page.locator(f"[name={name}]")).to_have_value(text)
    expect(page.locator("#check .verdict--wait")).to_be_visible()
    page.click(SEND)
    page.wait_for_url(sent)
    assert Booking.objects.exclude(pk=rival.pk).count() == 1
