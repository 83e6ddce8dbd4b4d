"""What the mails say. The German texts are in `golden/`: read them there when you change one.

Run with WRITE_GOLDEN=1 to write them anew, then read the difference.
"""

import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bookings.links import status_path
from bookings.services import approve_booking
from notifications.catalogue import KINDS
from notifications.models import Message
from notifications.rendering import render
from tests.factories import DAY, NOW, berlin, make_booking
from tests.notifications.scenes import Scene, make_login_code, make_notice, message_about

pytestmark = pytest.mark.django_db

GOLDEN = Path(__file__).parent / "golden"


def approved(scene: Scene, **options):
    booking = scene.request(layout="rows", remarks="Wir bringen Kuchen mit.")
    scene.approve(booking, **options)
    return booking


def change_of(scene: Scene):
    return scene.change(approved(scene), "19:00", "20:00", rooms=[scene.hall])


def after(action: str):
    """Make the booking and do one thing to it."""

    def make(scene: Scene):
        booking = scene.request() if action in {"reject", "withdraw"} else approved(scene)
        getattr(scene, action)(booking)
        return booking

    return make


def partly(action: str):
    def make(scene: Scene):
        booking = scene.request_days(20, 21)
        first = booking.slots.order_by("starts_at").first()
        getattr(scene, action)(booking, slot_ids=[first.pk])
        return booking

    return make


def approved_change(scene: Scene):
    change = change_of(scene)
    scene.approve(change)
    return change


def rejected_change(scene: Scene):
    change = change_of(scene)
    scene.reject(change)
    return change


def closed(*fates: str):
    """Close the hall on the days of an approved booking, with what becomes of its dates in order."""

    def make(scene: Scene):
        booking = scene.request_days(*range(20, 20 + len(fates)))
        scene.approve(booking)
        dates = list(zip(booking.slots.order_by("starts_at"), fates, strict=True))
        scene.close_hall(
            revoke=[slot for slot, fate in dates if fate == "revoke"],
            moves=[scene.to_kitchen(slot) for slot, fate in dates if fate == "move"],
            days=(DAY, DAY.replace(day=23)),
        )
        return booking

    return make


# Name of the golden text: what happened, and the kind of mail that tells it.
BOOKING_MAILS = {
    "receipt": (lambda scene: scene.request(layout="rows"), "receipt"),
    "receipt_series": (lambda scene: scene.request_days(20, 21), "receipt"),
    "change_receipt": (change_of, "change_receipt"),
    "approval": (lambda scene: approved(scene, note="Bitte holen Sie den Schlüssel im Rathaus."), "approval"),
    "approval_partly": (partly("approve"), "approval"),
    "change_approved": (approved_change, "change_approved"),
    "rejection": (after("reject"), "rejection"),
    "rejection_partly": (partly("reject"), "rejection"),
    "rejection_of_change": (rejected_change, "rejection"),
    "withdrawal": (after("withdraw"), "withdrawal"),
    "cancellation": (after("cancel"), "cancellation"),
    "revocation": (after("revoke"), "revocation"),
    "closure": (closed("revoke", "move", "revoke"), "closure"),
    "closure_moved": (closed("move"), "closure"),
    "staff_new_request": (
        lambda scene: scene.request(remarks="Wir bringen Kuchen mit.", contact_phone="0151 12345"),
        "staff_new_request",
    ),
    "staff_withdrawn": (after("withdraw"), "staff_withdrawn"),
    "staff_cancelled": (after("cancel"), "staff_cancelled"),
}


def message_called(name: str, **house_fields) -> Message:
    scene = Scene(**house_fields)
    if name == "login_code":
        return make_login_code()
    if name == "account_notice":
        return make_notice()
    make, kind = BOOKING_MAILS[name]
    return message_about(make(scene), kind)


ALL_MAILS = [*BOOKING_MAILS, "login_code", "account_notice"]


def test_every_kind_of_the_catalogue_has_a_golden_text():
    assert {kind for _make, kind in BOOKING_MAILS.values()} | {"login_code", "account_notice"} == set(KINDS)


@pytest.mark.parametrize("name", ALL_MAILS)
def test_the_german_text_is_as_written_down(name):
    mail = render(message_called(name))
    # The token of the link follows from a random key of the booking.
    text = re.sub(r"/[0-9a-f]{32}/", "/TOKEN/", f"{mail.subject}\n\n{mail.text}")
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("WRITE_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()


class _Words(HTMLParser):
    """The words of an HTML mail, each link followed by its address, as the text writes it."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden, self._address = 0, ""

    def handle_starttag(self, tag, attrs):
        self._hidden += tag in {"title", "style"}
        if tag == "a":
            self._address = dict(attrs)["href"]

    def handle_endtag(self, tag):
        self._hidden -= tag in {"title", "style"}
        if tag == "a" and self.parts[-1].strip() != self._address:
            self.parts.append(self._address)

    def handle_data(self, data):
        if not self._hidden:
            self.parts.append(data)


def words_of(text: str) -> list[str]:
    return re.findall(r"[\w/:.„“@•]+", text.replace(": ", " ").replace(":\n", "\n"))


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", ALL_MAILS)
def test_text_and_html_say_the_same(name, language):
    message = message_called(name)
    message.language = language
    # The house writes its name above the mail as well, where the text has its sender.
    mail = render(message)
    parser = _Words()
    parser.feed(mail.html)
    html_words = words_of(" ".join(parser.parts).replace(":\n", "\n"))
    assert [word.strip(":") for word in html_words][3:] == [word.strip(":") for word in words_of(mail.text)]


@pytest.mark.parametrize("name", ALL_MAILS)
def test_nothing_is_loaded_from_anywhere(name):
    html = render(message_called(name)).html
    assert re.findall(r"<(?:img|script|link|iframe|form|input)\b|url\(|@import", html) == []


def test_what_people_enter_is_text_in_both_parts():
    scene = Scene()
    booking = scene.request(title="<script>alert(1)</script> & Co.", remarks="{{ house }} {% now 'Y' %}")
    mail = render(message_about(booking, "staff_new_request"))
    assert "<script>alert(1)</script> & Co." in mail.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Co." in mail.html
    assert "<script" not in mail.html
    assert "{{ house }} {% now 'Y' %}" in mail.text


def test_a_subject_is_one_line():
    scene = Scene(name="Haus\nder  Begegnung")
    assert render(message_about(scene.request(), "receipt")).subject.startswith("Haus der Begegnung: ")


def test_the_mail_is_written_in_the_language_of_the_person():
    booking = Scene().request(language="en")
    mail = render(message_about(booking, "receipt"))
    assert mail.subject == f"Haus der Begegnung: Your request {booking.reference} has arrived"
    assert "Tue 20 Apr 2027, from 16:00 to 18:00" in mail.text
    assert '<html lang="en">' in mail.html


def test_times_over_midnight_name_both_days():
    scene = Scene()
    next_day = DAY.replace(day=DAY.day + 1)
    booking = make_booking([scene.hall], berlin(DAY, "22:00"), berlin(next_day, "02:00"), status="requested")
    approve_booking(booking_id=booking.pk, actor=scene.staff, now=NOW, override=True)
    text = render(message_about(booking, "approval")).text.replace("\N{NO-BREAK SPACE}", " ")
    assert "- von Di., 20.04.2027, 22:00 Uhr bis Mi., 21.04.2027, 02:00 Uhr\n" in text


def test_links_open_the_pages_of_the_booking():
    booking = Scene().request()
    assert f"http://testserver{status_path(booking)}" in render(message_about(booking, "receipt")).text
    staff_text = render(message_about(booking, "staff_new_request")).text
    assert f"http://testserver/eingang/{booking.reference}/" in staff_text


def test_a_mail_about_a_booking_that_is_gone_still_says_what_was_decided():
    booking = Scene().request()
    message = message_about(booking, "receipt")
    message.booking = None
    text = render(message).text
    assert booking.reference in text
    assert "/anfragen/" not in text


def test_secrets_can_be_hidden():
    mail = render(make_login_code(code="K7P-4QX"), hide_secrets=True)
    assert "K7P-4QX" not in mail.text + mail.html + mail.subject


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_html(browser, axe_findings, scheme):
    """In an empty page, as a mail program shows it: our policy for pages does not hold there."""
    page = browser.new_page(viewport={"width": 360, "height": 800}, color_scheme=scheme)
    for name in ["approval_partly", "rejection", "closure", "staff_new_request", "login_code"]:
        page.set_content(render(message_called(name, reference_prefix=name[:5])).html)
        assert axe_findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.close()


@pytest.mark.parametrize("name", sorted(path.stem for path in GOLDEN.iterdir()))
def test_the_sentence_after_the_greeting_may_begin_with_a_capital(name: str) -> None:
    """German goes on in small letters after the comma of the greeting; "Sie" and "Ihr" are never small."""
    text = (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")
    assert re.search(r"^Guten Tag[^\n]*,\n\n(Sie|Ihr)", text, re.MULTILINE)
