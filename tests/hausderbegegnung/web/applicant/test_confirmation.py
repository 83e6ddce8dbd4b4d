"""The page that asks whether a date takes place: opening it changes nothing, an answer concerns one date."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from playwright.sync_api import Page

from bookings.access.tokens import date_path, status_path
from bookings.enums import Verb, Visibility
from bookings.models import Booking, Slot, Transition
from bookings.services import revoke_booking
from notifications.models import Message
from rooms.models import House, Room
from tests.factories import DAY, NOW, berlin, make_booking, make_series, make_staff, weekly

# Three days before the first date.
ASKED_AT = berlin(DAY - timedelta(days=3), "09:00")


@pytest.fixture
def series(room: Room) -> Booking:
    return make_series(room, weekly(DAY, 8), title="Chorprobe", visibility=Visibility.PUBLIC)


@pytest.fixture
def first(series: Booking) -> Slot:
    slot = series.slots.order_by("starts_at").first()
    assert slot is not None
    return slot


@pytest.fixture
def asked() -> None:
    with time_machine.travel(ASKED_AT, tick=False):
        yield


def url_of(slot: Slot) -> str:
    return date_path(slot.booking, slot.uid)


def statuses(booking: Booking) -> list[str]:
    return list(booking.slots.order_by("starts_at").values_list("status", flat=True))


def test_opening_the_link_changes_nothing(client: Client, series: Booking, first: Slot, asked: None) -> None:
    """Mail scanners open every link, with GET and HEAD, and some try what else there is."""
    before = [*statuses(series), Booking.objects.values().get()]
    for method in [client.get, client.head, client.get]:
        assert method(url_of(first)).status_code == 200
    for method in [client.put, client.patch, client.delete]:
        assert method(url_of(first)).status_code == 405
    for answer in ["?answer=no", "?answer=yes"]:
        assert client.get(url_of(first) + answer).status_code == 200
    assert [*statuses(series), Booking.objects.values().get()] == before
    assert not Transition.objects.exclude(verb=Verb.REQUEST).exists()
    assert not Message.objects.exists()


def test_the_page_shows_the_one_date_and_is_kept_nowhere(
    client: Client, series: Booking, first: Slot, asked: None
) -> None:
    answer = client.get(url_of(first))
    page = answer.content.decode()
    assert "Findet dieser Termin statt?" in page
    assert "20.04.2027" in page
    assert "27.04.2027" not in page
    assert status_path(series) not in page
    assert answer["Cache-Control"] == "no-store, private"
    assert answer["X-Robots-Tag"] == "noindex"


def test_no_frees_the_room_at_once(
    client: Client, series: Booking, first: Slot, room: Room, asked: None
) -> None:
    wish = {"datum": "2027-04-20", "von": "16:00", "dauer": "120", "personen": "10"}

    def free() -> list[int]:
        return [found.room.id for found in client.get("/finden/", wish).context["free"]]

    assert free() == []
    answer = client.post(url_of(first), {"answer": "no"}, follow=True)
    assert answer.redirect_chain == [(url_of(first), 302)]
    assert "Dieser Termin fällt aus." in answer.content.decode()
    assert statuses(series) == ["cancelled", *["approved"] * 7]
    assert free() == [room.pk]
    assert {*Message.objects.values_list("kind", flat=True)} == {"cancellation", "staff_cancelled"}
    with time_machine.travel(berlin(DAY, "09:00"), tick=False):
        wall = client.get("/display/").content.decode().replace("\N{SOFT HYPHEN}", "")
    assert "Chorprobe" in wall
    assert "entfällt" in wall


def test_yes_is_noted_and_can_be_taken_back(
    client: Client, series: Booking, first: Slot, asked: None
) -> None:
    page = client.post(url_of(first), {"answer": "yes"}, follow=True).content.decode()
    assert "Dieser Termin findet statt." in page
    assert 'value="yes"' not in page
    assert statuses(series) == ["approved"] * 8
    assert Transition.objects.get(verb=Verb.CONFIRM).slot == first
    client.post(url_of(first), {"answer": "no"})
    assert statuses(series) == ["cancelled", *["approved"] * 7]


@pytest.mark.parametrize("answer", ["", "maybe"])
def test_no_answer_is_none(client: Client, series: Booking, first: Slot, asked: None, answer: str) -> None:
    response = client.post(url_of(first), {"answer": answer})
    assert response.status_code == 400
    assert "Bitte antworten Sie mit einer der beiden Schaltflächen." in response.content.decode()
    assert statuses(series) == ["approved"] * 8


def test_a_forged_link_opens_nothing(client: Client, series: Booking, first: Slot, room: Room) -> None:
    """Not with another date's token, not with the booking's, not for a made-up date."""
    second = series.slots.order_by("starts_at")[1]
    other = make_booking([room], berlin(DAY, "10:00")).slots.get()
    tokens = [url_of(slot).split("/")[3] for slot in (second, other)]
    tokens += [status_path(series).split("/")[3], "x", "ä"]
    for token in tokens:
        for method in (client.get, client.post):
            assert method(f"/termin/{first.uid}/{token}/", {"answer": "no"}).status_code == 404
    assert client.get(f"/termin/{uuid.uuid4()}/{tokens[0]}/").status_code == 404
    assert "cancelled" not in statuses(series)


def test_whoever_is_logged_in_has_no_more_by_the_link(
    client: Client, series: Booking, first: Slot, asked: None
) -> None:
    """The link is the authority: the answer is noted as one by the link, whoever gives it."""
    client.force_login(make_staff())
    client.post(url_of(first), {"answer": "no"})
    line = Transition.objects.filter(verb=Verb.CANCEL, slot=first).get()
    assert (line.actor_kind, line.actor) == ("link", None)


def test_a_forged_form_of_another_site_is_refused(series: Booking, first: Slot, asked: None) -> None:
    assert Client(enforce_csrf_checks=True).post(url_of(first), {"answer": "no"}).status_code == 403
    assert "cancelled" not in statuses(series)


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_an_answer_too_late_is_said(client: Client, series: Booking, first: Slot, answer: str) -> None:
    with time_machine.travel(first.ends_at, tick=False):
        page = client.post(url_of(first), {"answer": answer}, follow=True).content.decode()
    assert "Dieser Termin ist vorbei." in page
    assert "<form" not in page.split("<main")[1].split("</main")[0]
    assert statuses(series) == ["approved"] * 8


def test_a_revoked_date_is_no_thanks_to_the_applicant(
    client: Client, series: Booking, first: Slot, asked: None
) -> None:
    revoke_booking(
        booking_id=series.pk, slot_ids=[first.pk], actor=make_staff(), now=NOW, reason="Wasserschaden"
    )
    page = client.post(url_of(first), {"answer": "yes"}, follow=True).content.decode()
    assert "Dieser Termin fällt aus." in page
    assert "Danke" not in page


@pytest.mark.django_db(transaction=True)
def test_it_works_in_a_browser_without_scripts_on_a_phone(
    new_page: Callable[..., Page], axe_findings: Callable[[Page], list[str]], house: House, room: Room
) -> None:
    with time_machine.travel(ASKED_AT):
        series = make_series(room, weekly(DAY, 8), title="Chorprobe")
        slot = series.slots.order_by("starts_at").first()
        phone = new_page(java_script_enabled=False, viewport={"width": 360, "height": 700})
        phone.goto(url_of(slot))
        assert phone.locator("body").evaluate("body => body.scrollWidth") <= 360
        phone.get_by_role("button", name="Ja, findet statt").click()
        phone.get_by_role("heading", name="Dieser Termin findet statt.").wait_for()
        phone.get_by_role("button", name="Nein, fällt aus").click()
        phone.get_by_role("heading", name="Dieser Termin fällt aus.").wait_for()
        assert statuses(series) == ["cancelled", *["approved"] * 7]
        for scheme in ["light", "dark"]:
            desk = new_page(color_scheme=scheme)
            for each in (slot, series.slots.order_by("starts_at").last()):
                desk.goto(url_of(each))
                assert axe_findings(desk) == []
