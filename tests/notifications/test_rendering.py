"""What the mails say. The German texts are in `golden/`: read them there when you change one.

Run with WRITE_GOLDEN=1 to write them anew, then read the difference.
"""

import os
import re
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bookings.links import status_path
from bookings.models import Booking
from bookings.services import approve_booking
from notifications.catalogue import KINDS
from notifications.models import Message
from notifications.rendering import render
from rooms.models import Equipment
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


def partly_rejected(scene: Scene):
    """The house approves what is left after it has rejected one date."""
    booking = scene.request_days(20, 21, 27)
    middle = booking.slots.order_by("starts_at")[1]
    scene.reject(booking, slot_ids=[middle.pk])
    scene.approve(booking, note="Bitte holen Sie den Schlüssel im Rathaus.")
    return booking


# Name of the golden text: what happened, and the kind of mail that tells it.
BOOKING_MAILS = {
    "receipt": (lambda scene: scene.request(layout="rows"), "receipt"),
    "receipt_series": (lambda scene: scene.request_days(20, 21), "receipt"),
    "change_receipt": (change_of, "change_receipt"),
    "approval": (lambda scene: approved(scene, note="Bitte holen Sie den Schlüssel im Rathaus."), "approval"),
    "approval_partly": (partly("approve"), "approval"),
    "partial_approval": (partly_rejected, "partial_approval"),
    "change_approved": (approved_change, "change_approved"),
    "rejection": (after("reject"), "rejection"),
    "rejection_partly": (partly("reject"), "rejection"),
    "rejection_of_change": (rejected_change, "rejection"),
    "withdrawal": (after("withdraw"), "withdrawal"),
    "cancellation": (after("cancel"), "cancellation"),
    "revocation": (after("revoke"), "revocation"),
    "staff_new_request": (
        lambda scene: scene.request(remarks="Wir bringen Kuchen mit.", contact_phone="0151 12345"),
        "staff_new_request",
    ),
    "staff_withdrawn": (after("withdraw"), "staff_withdrawn"),
    "staff_cancelled": (after("cancel"), "staff_cancelled"),
}


def due_reminder(scene: Scene):
    approved(scene)


def two_series(scene: Scene):
    scene.weekly(8)
    scene.weekly(3, room=scene.kitchen, title="Kochkurs", starts="10:00", ends="12:00")


def open_requests(scene: Scene):
    """One request is late, one is new, a mail failed, and two dates are today."""
    scene.request("10:00", "12:00", title="Tanztee")
    new = scene.request("12:00", "14:00", title="Flohmarkt")
    Booking.objects.filter(pk=new.pk).update(received_at=berlin(DAY, "07:00"))
    scene.weekly(3, starts="19:00", ends="21:00")
    approved(scene)
    Message.objects.filter(kind="approval", booking__house=scene.house).update(
        state="failed", last_error="550 No such person", created_at=berlin(EVE, "10:00")
    )


def a_day_with_work(scene: Scene):
    beamer = Equipment.objects.create(house=scene.house, name="Beamer")
    for start, end, layout in [("09:00", "11:00", "rows"), ("16:00", "18:00", "tables")]:
        booking = scene.request(
            start,
            end,
            rooms=[scene.hall],
            layout=layout,
            remarks="Wir bringen Kuchen mit.",
            contact_phone="0151 12345",
            equipment_ids=(beamer.pk,),
        )
        scene.approve(booking)


def a_changed_day(scene: Scene):
    a_day_with_work(scene)
    scene.plan(berlin(EVE, "16:00"))
    morning, afternoon = Booking.objects.filter(house=scene.house).order_by("pk")
    scene.cancel(morning)
    scene.approve(scene.request("19:00", "21:00", rooms=[scene.kitchen], title="Kochabend"))
    moved = afternoon.slots.get()
    moved.starts_at = berlin(DAY, "16:30")
    moved.save(update_fields=["starts_at"])


EVE = DAY - timedelta(days=1)
# Name of the golden text: what is known, and when it is told; the kind of mail has the same name.
PLANNED_MAILS = {
    "reminder": (due_reminder, berlin(EVE, "08:00")),
    "monthly_overview": (two_series, berlin(DAY.replace(day=1), "08:00")),
    "series_ending": (lambda scene: scene.weekly(12), berlin(DAY + timedelta(weeks=3), "08:00")),
    "still_taking_place": (lambda scene: scene.weekly(8), berlin(EVE, "08:00")),
    "staff_overdue": (lambda scene: scene.request(), berlin(date(2027, 3, 5), "08:00")),
    "staff_digest": (open_requests, berlin(DAY, "08:00")),
    "caretaker_plan": (a_day_with_work, berlin(EVE, "16:00")),
    "caretaker_change": (a_changed_day, berlin(DAY, "08:00")),
}


def message_called(name: str, **house_fields) -> Message:
    scene = Scene(**({"ask_days": 1} | house_fields))
    if name in PLANNED_MAILS:
        know, now = PLANNED_MAILS[name]
        know(scene)
        return next(message for message in scene.plan(now) if message.kind == name)
    if name == "login_code":
        return make_login_code()
    if name == "account_notice":
        return make_notice()
    make, kind = BOOKING_MAILS[name]
    return message_about(make(scene), kind)


LINKLESS = {"withdrawal", "staff_overdue", "login_code", "account_notice"}
ALL_MAILS = [*BOOKING_MAILS, *PLANNED_MAILS, "login_code", "account_notice"]


def test_every_kind_of_the_catalogue_has_a_golden_text():
    told = {kind for _make, kind in BOOKING_MAILS.values()}
    assert told | set(PLANNED_MAILS) | {"login_code", "account_notice"} == set(KINDS)


@pytest.mark.parametrize("name", ALL_MAILS)
def test_the_german_text_is_as_written_down(name):
    mail = render(message_called(name))
    # The tokens of links follow from a random key of the booking.
    text = re.sub(r"/[0-9a-f]{32}/", "/TOKEN/", f"{mail.subject}\n\n{mail.text}")
    text = re.sub(r"/termin/[0-9a-f-]{36}/", "/termin/UID/", text)
    text = re.sub(r"/abbestellen/\S+/", "/abbestellen/TOKEN/", text)
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


@pytest.mark.parametrize("name", ALL_MAILS)
def test_the_log_keeps_no_link_that_acts(name):
    """A copy of the database must open nothing: dots stand for the tokens of all links."""
    message = message_called(name)
    sent, kept = render(message), render(message, hide_secrets=True)
    tokens = re.findall(r"/([0-9a-f]{32}|[a-z_]+\.[0-9a-f]{16}:[^/\s]+)/", sent.text)
    assert bool(tokens) is (name not in LINKLESS)
    for part in (kept.text, kept.html):
        assert [token for token in tokens if token in part] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_html(browser, axe_findings, scheme):
    """In an empty page, as a mail program shows it: our policy for pages does not hold there."""
    page = browser.new_page(viewport={"width": 360, "height": 800}, color_scheme=scheme)
    names = ["approval_partly", "partial_approval", "rejection", "staff_new_request", "login_code"]
    for number, name in enumerate([*names, *PLANNED_MAILS]):
        page.set_content(render(message_called(name, reference_prefix=f"T{number}")).html)
        assert axe_findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.close()


@pytest.mark.parametrize("name", sorted(path.stem for path in GOLDEN.iterdir()))
def test_the_sentence_after_the_greeting_may_begin_with_a_capital(name: str) -> None:
    """German goes on in small letters after the comma of the greeting; "Sie" and "Ihr" are never small."""
    text = (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")
    assert re.search(r"^Guten Tag[^\n]*,\n\n(Sie|Ihr)", text, re.MULTILINE)
