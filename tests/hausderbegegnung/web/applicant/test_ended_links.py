"""A link of an earlier generation opens nothing, and brings a new one to the right mailbox only."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import get_resolver, reverse
from playwright.sync_api import Page

from bookings.access.tokens import date_path, status_path
from bookings.models import Booking, Transition
from bookings.services import correct_address, renew_links
from hausderbegegnung.models import User
from notifications.models import Message
from notifications.preferences import decline_path
from notifications.recipients import person_of
from notifications.wording.catalogue import KINDS
from rooms.models import House, Room
from tests.factories import (
    DAY,
    NOW,
    make_association,
    make_booking_on,
    make_change,
    make_series,
    make_staff,
    make_user,
    weekly,
)

WRONG, RIGHT = "maria@exmaple.org", "maria@example.org"
SECRETS = [WRONG, RIGHT, "Chorprobe", "Maria Beispiel", "02272 1234", "20.04.2027"]


@pytest.fixture
def owner(db: None) -> User:
    return make_user()


@pytest.fixture
def booking(room: Room, owner: User) -> Booking:
    return make_booking_on(
        [room],
        weekly(DAY, 2),
        title="Chorprobe",
        contact_email=WRONG,
        contact_phone="02272 1234",
        association=make_association(owner),
    )


@pytest.fixture
def old(booking: Booking, now: object) -> dict[str, str]:
    """The links in the first mail, which went to a wrong address; it has been corrected since."""
    uid = booking.slots.order_by("starts_at")[0].uid
    links = {"booking": status_path(booking), "date": date_path(booking, uid)}
    corrected = correct_address(booking_id=booking.pk, actor=make_staff(), address=RIGHT, now=NOW)
    booking.link_generation = corrected.link_generation
    return links


def pages(booking: Booking, old: dict[str, str]) -> list[str]:
    """Every page that the old links have opened, as the addresses of today name them."""
    reference, token = old["booking"].strip("/").split("/")[1:]
    known = {"reference": reference, "token": token, "uid": booking.slots.order_by("starts_at")[0].uid}
    of_booking = {
        reverse(name, kwargs={parameter: known[parameter] for parameter in parameters})
        for name, patterns in get_resolver().reverse_dict.lists()
        for possibilities, *_rest in patterns
        for _template, parameters in possibilities
        if name != "send_booking_link" and isinstance(name, str) and {"reference", "token"} <= set(parameters)
    }
    assert len(of_booking) >= 7
    return [*of_booking, old["date"]]


def as_person(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def state() -> list[object]:
    return [*Booking.objects.values(), *Transition.objects.values(), Message.objects.count()]


def test_an_old_link_opens_nothing_and_says_how_to_get_a_new_one(
    booking: Booking, old: dict[str, str], owner: User
) -> None:
    """Whoever comes with it: its holder, a stranger, and the owner and staff, who have pages of their own."""
    before = state()
    for person in (None, make_user(), owner, make_staff()):
        for path in pages(booking, old):
            for answer in (as_person(person).get(path), as_person(person).post(path, {"answer": "no"})):
                page = answer.content.decode()
                # Pages that only show something take no POST.
                is_told = answer.status_code == 410 and "Dieser Link gilt nicht mehr" in page
                assert is_told or answer.status_code == 405, path
                assert [secret for secret in SECRETS if secret in page] == []
                assert answer["Cache-Control"] == "no-store, private"
    assert state() == before


def test_the_new_links_open_what_the_old_ones_did(
    client: Client, booking: Booking, old: dict[str, str]
) -> None:
    uid = booking.slots.order_by("starts_at")[0].uid
    assert "Chorprobe" in client.get(status_path(booking)).content.decode()
    assert client.get(f"{status_path(booking)}termine.ics").status_code == 200
    assert "Chorprobe" in client.get(date_path(booking, uid)).content.decode()


@pytest.mark.parametrize("kind", ["booking", "date"])
def test_a_new_link_goes_to_the_right_mailbox_and_the_page_tells_nothing_of_it(
    client: Client, booking: Booking, old: dict[str, str], kind: str
) -> None:
    Message.objects.all().delete()
    url = f"{old[kind]}neuer-link/"
    assert client.get(url)["Location"] == old[kind]
    assert Message.objects.count() == 0
    told = []
    for address in (RIGHT, ""):
        Booking.objects.update(contact_email=address)
        for _click in range(2):
            answer = client.post(url)
            assert (answer.status_code, answer["Location"]) == (302, old[kind])
        page = client.get(old[kind])
        told.append((page.status_code, [str(message) for message in page.context["messages"]]))
        assert [secret for secret in SECRETS if secret in page.content.decode()] == []
    assert told[0] == told[1]
    assert "Wenn bei der Buchung eine E-Mail-Adresse steht" in told[0][1][0]
    assert list(Message.objects.values_list("kind", "recipient")) == [("new_link", RIGHT)]


def test_without_a_link_that_was_one_nobody_gets_mail_sent(client: Client, booking: Booking) -> None:
    uid = booking.slots.order_by("starts_at")[0].uid
    token = "0123456789abcdef" * 2
    for url in (f"/anfragen/{booking.reference}/{token}/neuer-link/", f"/termin/{uid}/{token}/neuer-link/"):
        assert client.post(url).status_code == 404
    assert Client(enforce_csrf_checks=True).post(f"{status_path(booking)}neuer-link/").status_code == 403
    assert not Message.objects.exists()


def test_an_old_link_to_a_booking_leads_to_no_other(client: Client, booking: Booking, now: object) -> None:
    """The address was corrected at the change alone: the link to what it changes holds, and ends there."""
    change = make_change(booking, [DAY])
    Booking.objects.filter(pk=change.pk).update(contact_email=RIGHT)
    assert status_path(booking) not in client.get(status_path(change)).content.decode()
    Booking.objects.filter(pk=change.pk).update(contact_email=WRONG)
    assert status_path(booking) in client.get(status_path(change)).content.decode()
    renew_links(booking_id=booking.pk, actor=make_staff(), now=NOW)
    assert client.get(status_path(change)).status_code == 410


def test_a_link_to_decline_mails_concerns_its_own_address_only(client: Client, old: dict[str, str]) -> None:
    """So it need not end: what the holder of the wrong address declines, the right one still gets."""
    url = decline_path(KINDS["reminder"], person_of(WRONG))
    page = client.get(url).content.decode()
    assert [secret for secret in SECRETS if secret in page] == []
    client.post(url, {"List-Unsubscribe": "One-Click"})
    assert client.get(decline_path(KINDS["reminder"], person_of(RIGHT))).context["choices"][0].is_wanted


@pytest.mark.django_db(transaction=True)
def test_it_works_in_a_browser_without_scripts_on_a_phone(
    new_page: Callable[..., Page],
    axe_findings: Callable[[Page], list[str]],
    expected_console_errors: list[str],
    house: House,
    room: Room,
) -> None:
    expected_console_errors.append("status of 410")
    with time_machine.travel(NOW):
        series = make_series(room, weekly(DAY, 2))
        link = status_path(series)
        renew_links(booking_id=series.pk, actor=make_staff(), now=NOW - timedelta(hours=2))
        phone = new_page(java_script_enabled=False, viewport={"width": 360, "height": 700})
        phone.goto(link)
        assert phone.locator("body").evaluate("body => body.scrollWidth") <= 360
        phone.get_by_role("button", name="Neuen Link per E-Mail schicken").click()
        phone.get_by_text("ist der neue Link dorthin unterwegs").wait_for()
        assert Message.objects.filter(kind="new_link").count() == 2
        for scheme in ["light", "dark"]:
            desk = new_page(color_scheme=scheme)
            desk.goto(link)
            assert axe_findings(desk) == []
