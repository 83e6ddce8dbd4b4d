"""The session is over while a form is open: nothing was sent, that is said, and what was typed is kept."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from playwright.sync_api import Page, expect

from bookings.models import Booking
from hausderbegegnung.accounts.sessions import SessionStore
from hausderbegegnung.models import Session
from hausderbegegnung.tasks import forget_sessions
from hausderbegegnung.web.shared.drafts import LONGEST
from notifications.models import Message
from rooms.models import Room
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_association,
    make_booking,
    make_form_values,
    make_house,
    make_room,
    make_staff,
    make_user,
)
from tests.hausderbegegnung.web.applicant.test_own_dates import lines
from tests.hausderbegegnung.web.browsing import LogIn
from tests.hausderbegegnung.web.notices import notices

URL = "/anfrage/?personen=12"
KEPT = (
    "Sie sind nicht mehr angemeldet; es ist noch nichts gesendet. "
    "Was Sie eingegeben haben, ist aufgehoben: Melden Sie sich an und senden Sie es dann."
)
TOO_LONG = (
    "Sie sind nicht mehr angemeldet; es ist nichts gesendet. Ihre Eingaben sind zu lang zum Aufheben: "
    "Gehen Sie im Browser zurück und kopieren Sie sie, bevor Sie sich anmelden."
)
NOT_SENT = (
    "Sie sind nicht mehr angemeldet; es ist nichts gesendet. "
    "Bitte melden Sie sich an und versuchen Sie es noch einmal."
)
STILL_HERE = "Was Sie eingegeben haben, ist noch da. Es ist noch nichts gesendet."


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def typed_into(response: Any, *names: str) -> list[Any]:
    return [response.context["form"][name].value() for name in names]


def drafts() -> int:
    return sum("typed" in SessionStore().decode(session.session_data) for session in Session.objects.all())


@pytest.fixture
def typed(room: Room) -> dict[str, Any]:
    return make_form_values(
        [room], title="Sommerfest", remarks="Mit Grill.\nUnd Musik.", contact_phone="02272 99"
    )


def test_what_was_typed_is_there_after_the_login_and_nothing_was_sent(
    client: Client, typed: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    user = make_user(name="Maria Beispiel")
    sent = client.post(URL, typed)
    assert sent["Location"] == "/konto/anmelden/?next=/anfrage/%3Fpersonen%3D12"
    page = client.get(sent["Location"])
    assert notices(page) == [KEPT]
    assert KEPT in page.content.decode()
    # The way of everybody: the address, the code from the mail, and back to the form.
    code_page = client.post(sent["Location"], {"email": user.email, "next": URL})["Location"]
    code = Message.objects.get(kind="login_code").facts["code"]
    back = client.post(code_page, {"code": code, "action": "verify", "next": URL})["Location"]
    assert back == URL
    form_page = client.get(back)
    assert typed_into(
        form_page, "title", "day", "starts", "remarks", "contact_phone", "association_name"
    ) == [
        "Sommerfest",
        "20.04.2027",
        "16:00",
        "Mit Grill.\nUnd Musik.",
        "02272 99",
        "Kita Regenbogenwiese",
    ]
    assert notices(form_page) == ["Sie sind angemeldet.", STILL_HERE]
    assert form_page.context["form"].errors == {}
    assert (Booking.objects.count(), drafts(), "draft" in client.session) == (0, 0, False)
    assert typed_into(client.get(URL), "title", "remarks") == [None, None]
    assert client.post(URL, typed).status_code == 302
    assert Booking.objects.get().title == "Sommerfest"
    assert "Sommerfest" not in caplog.text + sent["Location"] + code_page


@pytest.mark.parametrize("who", ["owner", "staff", "stranger"])
def test_forms_about_a_booking_are_kept_for_whoever_may_see_it(client: Client, room: Room, who: str) -> None:
    owner = make_user()
    people = {"owner": owner, "staff": make_staff(), "stranger": make_user()}
    booking = make_booking([room], berlin(DAY, "16:00"), applicant=owner, association=make_association(owner))
    address = f"/anfragen/{booking.reference}"
    forms = {
        f"{address}/aendern/": (make_form_values([room], title="Neu"), "title", "Neu"),
        f"{address}/termin/{booking.slots.get().uid}/aendern/": (
            make_form_values([room], DAY + timedelta(days=1), note="Wahltag"),
            "note",
            "Wahltag",
        ),
        f"{address}/weitere-termine/": (lines("27.04.2027", rooms=[room.slug]), "day_0", "27.04.2027"),
    }
    for path, (values, name, value) in forms.items():
        visitor = Client()
        assert notices(visitor.get(visitor.post(path, values)["Location"])) == [KEPT]
        visitor.force_login(people[who])
        page = visitor.get(path)
        if who == "stranger":
            assert (page.status_code, value in page.content.decode()) == (404, False)
        else:
            assert (typed_into(page, name), notices(page)) == ([value], [STILL_HERE])
    assert Booking.objects.count() == 1
    assert booking.slots.count() == 1


def test_of_what_is_too_long_the_login_page_says_so(client: Client, typed: dict[str, Any]) -> None:
    client.post(URL, typed)
    sent = client.post(URL, {**typed, "remarks": "x" * LONGEST})
    assert notices(client.get(sent["Location"])) == [KEPT, TOO_LONG]
    assert drafts() == 0


def test_giving_back_says_that_nothing_was_done(client: Client, room: Room) -> None:
    booking = make_booking([room], berlin(DAY, "16:00"))
    sent = client.post(f"/anfragen/{booking.reference}/zurueckgeben/", {"note": "Krank"})
    assert notices(client.get(sent["Location"])) == [NOT_SENT]
    assert (drafts(), booking.slots.get().status) == (0, "approved")


def test_each_visitor_has_one_draft_for_its_page_only(client: Client, typed: dict[str, Any]) -> None:
    for title in ("Erster", "Zweiter"):
        client.post(URL, {**typed, "title": title})
    assert drafts() == 1
    client.force_login(make_user())
    assert typed_into(client.get("/anfrage/"), "title") == [None]
    assert typed_into(client.get(URL), "title") == ["Zweiter"]
    other = Client()
    other.force_login(make_user())
    assert typed_into(other.get(URL), "title") == [None]


def test_a_draft_is_forgotten_after_an_hour_and_deleted(
    client: Client, typed: dict[str, Any], clock: Any
) -> None:
    client.post(URL, typed)
    client.force_login(make_user())
    clock.shift(timedelta(minutes=61))
    page = client.get(URL)
    assert (typed_into(page, "title"), notices(page)) == ([None], [KEPT])
    Client().post(URL, typed)
    forget_sessions()
    assert drafts() == 1
    clock.shift(timedelta(minutes=61))
    forget_sessions()
    assert (drafts(), Session.objects.count() > 0) == (0, True)


def test_a_check_while_the_session_is_over_is_kept_too(client: Client, typed: dict[str, Any]) -> None:
    client.post(URL, {**typed, "title": "", "check": "1"})
    client.force_login(make_user())
    page = client.get(URL)
    assert (typed_into(page, "day", "title"), page.context["form"].errors) == (["20.04.2027", ""], {})


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_in_a_browser(new_page: Callable[..., Page], log_in: LogIn, script: bool) -> None:
    room, user = make_room(make_house(lead_hours=0), slug="saal-a"), make_user(name="Maria Beispiel")
    page = new_page(java_script_enabled=script)
    log_in(page, user)
    page.goto(f"/anfrage/?raum={room.slug}&datum=2027-04-20&von=16:00&bis=18:00")
    page.fill("[name=title]", "Sommerfest")
    page.fill("[name=persons]", "12")
    page.select_option("[name=kind]", "meeting")
    page.check("[name=association][value=new]")
    page.fill("[name=association_name]", "Lesekreis")
    page.select_option("[name=association_kind]", "initiative")
    Session.objects.all().delete()
    page.click("#request-form button[type=submit]:not([name])")
    page.wait_for_url("**/konto/anmelden/**")
    expect(page.locator(".messages")).to_contain_text(KEPT)
    page.fill("[name=email]", user.email)
    page.click("form.card button[type=submit]")
    page.fill("[name=code]", Message.objects.get(kind="login_code").facts["code"])
    page.click("button[value=verify]")
    page.wait_for_url("**/anfrage/**")
    expect(page.locator(".messages")).to_contain_text(STILL_HERE)
    assert [
        page.input_value(f"[name={name}]") for name in ("title", "persons", "day", "association_name")
    ] == [
        "Sommerfest",
        "12",
        "20.04.2027",
        "Lesekreis",
    ]
    page.click("#request-form button[type=submit]:not([name])")
    page.wait_for_url("**/anfragen/**")
    assert Booking.objects.get().title == "Sommerfest"
