"""Every page on the narrowest screen, in the colours of the system: nothing is cut or beside it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import get_resolver, reverse
from playwright.sync_api import Page

from bookings.access.tokens import date_path
from bookings.enums import SlotStatus
from hausderbegegnung.models import User
from notifications.models import Message
from rooms.models import Closure, Equipment, House, Room
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_association,
    make_booking_on,
    make_house,
    make_house_rules,
    make_room,
    make_staff,
    make_user,
    weekly,
)
from tests.hausderbegegnung.test_urls import all_patterns
from tests.hausderbegegnung.web.browsing import LogIn

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTH = 320
# Names of addresses, by who opens them here.
PAGES = {
    "visitor": [
        *("home", "room_list", "room_detail", "day", "week", "find_room", "house_page", "house_rules"),
        *("display", "account_login", "account_login_password", "date_confirmation"),
    ],
    "applicant": [
        *("request_booking", "my_bookings", "booking_status", "give_dates_back", "change_booking"),
        *("add_dates", "change_date", "mail_choices", "account", "account_details"),
        *("tokens", "account_logout"),
    ],
    "staff": [
        *("inbox", "booking_search", "decide", "move_date", "cancel_for_applicant", "correct_address"),
        *("closures", "closure", "remove_closure", "outbox", "message", "account_set_password"),
        *("mfa_index", "mfa_activate_totp"),
    ],
    "caretaker": ["caretaker_day"],
}
# Answers to a form, files, steps of logging in that need the one before, pages that are drawn as another is.
OTHERS = {
    *("media", "robots", "favicon.ico", "check_request", "booking_calendar", "message_html"),
    *("send_booking_link", "send_date_link", "decline_mail", "approve_booking", "reject_booking"),
    *("decide_dates", "revoke_booking", "note_call", "renew_links", "resend_message", "end_token"),
    *("account_request_login_code", "account_confirm_login_code", "account_restart_login"),
    *("account_login_link", "account_inactive", "account_reauthenticate", "account_change_password"),
    *("mfa_authenticate", "mfa_reauthenticate", "mfa_deactivate_totp", "mfa_generate_recovery_codes"),
    *("mfa_view_recovery_codes", "mfa_download_recovery_codes", "demo_login", "change_from"),
}


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    """The clock starts at nine on the day of the stories, and goes on."""
    with time_machine.travel(berlin(DAY, "09:00")):
        yield


@pytest.fixture
def house() -> House:
    house = make_house(phone="02272 / 402-171", contact_name="Quartiersmanagement", lead_hours=0)
    make_house_rules(house)
    return house


@pytest.fixture
def room(house: House) -> Room:
    make_room(house, "Außenfläche und Terrasse", step_free=True, area_m2=150)
    room = make_room(house, "Mehrzweckraum im Untergeschoss", slug="saal", step_free=True, area_m2=45)
    room.equipment.add(Equipment.objects.create(house=house, name="Induktive Höranlage"))
    return room


@pytest.fixture
def applicant(room: Room) -> User:
    return make_user(
        email="vorsitz@nachbarschaftshilfe-alt-und-jung.example", name="Maria Beispiel", phone="02272 1234"
    )


@pytest.fixture
def arguments(room: Room, applicant: User) -> dict[str, dict[str, Any]]:
    """A house in which something of everything is on, and what the addresses of its pages take."""
    group = make_association(applicant, name="Nachbarschaftshilfe Alt und Jung Bedburg-Kaster e. V.")
    fields = {
        "applicant": applicant,
        "association": group,
        "title": "Hausaufgabenhilfe und Sprachförderung",
        "contact_email": applicant.email,
    }
    own = make_booking_on([room], weekly(DAY + timedelta(weeks=1), 4), **fields)
    single = make_booking_on([room], [DAY + timedelta(days=3)], **fields)
    asked = make_booking_on(
        [room],
        [DAY, DAY + timedelta(days=1)],
        "17:00",
        "19:00",
        **fields | {"contact_email": ""},
        status=SlotStatus.REQUESTED,
    )
    closure = Closure.objects.create(
        house=room.house,
        starts_at=berlin(DAY, "20:00"),
        ends_at=berlin(DAY + timedelta(days=2), "12:00"),
        reason="Wasserrohrbruch",
    )
    message = Message.objects.create(
        kind="request_received",
        booking=own,
        recipient=applicant.email,
        body="Guten Tag, Ihre Anfrage ist eingegangen.",
        html="<p>Guten Tag, Ihre Anfrage ist eingegangen.</p>",
        dedupe_key="1",
        message_id="<1@example.org>",
        not_before=NOW,
        created_at=NOW,
    )
    slot = own.slots.order_by("starts_at")[1]
    own_reference, reference = {"reference": own.reference}, {"reference": asked.reference}
    return {
        "room_detail": {"slug": room.slug},
        "house_page": {"kind": "impressum"},
        "date_confirmation": {"address": date_path(own, slot.uid)},
        "booking_status": own_reference,
        "give_dates_back": own_reference,
        "change_booking": {"reference": single.reference},
        "add_dates": own_reference,
        "cancel_for_applicant": own_reference,
        "change_date": own_reference | {"uid": slot.uid},
        "decide": reference,
        "move_date": own_reference | {"uid": slot.uid},
        "correct_address": reference,
        "closure": {"closure_id": closure.pk},
        "remove_closure": {"closure_id": closure.pk},
        "message": {"message_id": message.pk},
    }


def address_of(name: str, arguments: dict[str, dict[str, Any]]) -> str:
    values = arguments.get(name, {})
    return values["address"] if "address" in values else reverse(name, kwargs=values)


@pytest.mark.parametrize("who", PAGES)
def test_nothing_is_cut_or_lost(
    who: str,
    new_page: Callable[..., Page],
    log_in: LogIn,
    axe_findings: Callable[[Page], list[str]],
    applicant: User,
    arguments: dict[str, dict[str, Any]],
) -> None:
    page = new_page(viewport={"width": WIDTH, "height": 740}, forced_colors="active")
    if who != "visitor":
        log_in(page, applicant if who == "applicant" else make_staff())
    findings = []
    for name in PAGES[who]:
        address = address_of(name, arguments)
        answer = page.goto(address)
        assert answer is not None
        if answer.status != 200:
            findings.append(f"{address}: {answer.status}")
        findings += [f"{address}: {finding}" for finding in axe_findings(page)]
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > WIDTH:
            findings.append(f"{address} is {width} wide")
    assert findings == []


def test_no_page_is_forgotten() -> None:
    found = {
        pattern.name or str(pattern.pattern)
        for module in ("web", "accounts")
        for pattern in all_patterns(get_resolver(f"hausderbegegnung.{module}.urls").url_patterns)
    }
    assert found == OTHERS.union(*PAGES.values())


UNEVEN = """() => [...document.querySelectorAll('main .button:not(:has(.icon))')].flatMap(button => {
  const word = document.createRange();
  word.selectNodeContents(button.firstChild);
  const [inner, outer] = [word.getBoundingClientRect(), button.getBoundingClientRect()];
  const uneven = Math.abs((inner.left - outer.left) - (outer.right - inner.right)) > 3;
  return uneven ? [button.innerText] : [];
})"""


def test_a_word_that_only_screen_readers_get_moves_no_other_in_a_button(
    page: Page, log_in: LogIn, applicant: User, arguments: dict[str, dict[str, Any]]
) -> None:
    log_in(page, make_staff())
    for name in ("mail_choices", "closures"):
        page.goto(address_of(name, arguments))
        assert page.locator("main .button:has(.visually-hidden)").count() > 0
        assert page.evaluate(UNEVEN) == []
