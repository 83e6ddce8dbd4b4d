"""What the mails say. The texts are in `golden/de/` and `golden/en/`: read them there when you change one.

Run with WRITE_GOLDEN=1 to write them anew, then read the difference. A kind of the catalogue that has no
scene here is told with its made-up example.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from bookings.access.tokens import status_path
from bookings.date_facts import Skip
from bookings.enums import SkippedBecause
from bookings.models import Booking
from bookings.services import approve_booking, cancel_booking, request_change
from hausderbegegnung.accounts.adapter import NOTICES, AccountAdapter
from notifications.models import Message
from notifications.wording.catalogue import KINDS
from notifications.wording.examples import example_message
from notifications.wording.rendering import mail_context, render
from rooms.models import Equipment
from tests.factories import DAY, NOW, berlin, make_booking
from tests.notifications.scenes import Scene, make_login_code, message_about, slot_ids

pytestmark = pytest.mark.django_db

GOLDEN = Path(__file__).parents[1] / "golden"
LANGUAGES = ["de", "en"]


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


def decided(scene: Scene, **options):
    """Of four dates two are approved and one rejected; one stays open."""
    booking = scene.request_days(20, 21, 22, 23)
    scene.decide(booking, [0, 2], [1], **options)
    return booking


def change_of_days(scene: Scene, old: Sequence[int], new: Sequence[int]):
    """An approved booking of some days in April, and the change of it to others, in the evening."""
    booking = scene.request_days(*old)
    scene.approve(booking)
    return request_change(
        booking_id=booking.pk,
        data=replace(scene.data(), dates=scene.days(*new, start="19:00", end="20:00")),
        actor=scene.person,
        now=NOW,
    )


def change_from_a_day_on(scene: Scene):
    """Of ten dates the last eight are to move to the evening."""
    booking = scene.approve(scene.request_weeks(10))
    return request_change(
        booking_id=booking.pk,
        data=replace(
            scene.data(),
            dates=[
                replace(
                    date,
                    starts_at=date.starts_at + timedelta(hours=3),
                    ends_at=date.ends_at + timedelta(hours=3),
                )
                for date in scene.weeks(10)[2:]
            ],
        ),
        actor=scene.person,
        now=NOW,
        slot_ids=slot_ids(booking)[2:],
    )


def decided_change(scene: Scene):
    change = change_of_days(scene, [20, 21], [20, 21])
    scene.decide(change, [0], [1])
    return change


def approved_part_of_change(scene: Scene):
    """One of two new dates is approved; the third old date has no new one."""
    change = change_of_days(scene, [20, 21, 22], [20, 21])
    scene.approve(change, slot_ids=slot_ids(change)[:1])
    return change


def change_settled_by(action: str):
    """Then the other new date is rejected or withdrawn, so that nothing of the change is open any more."""

    def make(scene: Scene):
        change = approved_part_of_change(scene)
        getattr(scene, action)(change)
        return change

    return make


def moved(*numbers: int, status: str = "approved", **options):
    def make(scene: Scene):
        booking = scene.request_days(20, 21, 22)
        if status == "approved":
            scene.approve(booking)
        scene.move(booking, *numbers, **options)
        return booking

    return make


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


def dates_added(scene: Scene):
    booking = scene.request_days(20)
    scene.approve(booking)
    scene.add(booking, 27, 28)
    return booking


def approved_addition(scene: Scene):
    """One date of a series is cancelled, one replaced by a change, and a further one is approved."""
    booking = scene.approve(scene.request_weeks(6))
    scene.cancel(booking, slot_ids=slot_ids(booking)[:1])
    change = request_change(
        booking_id=booking.pk,
        data=replace(scene.data(), dates=scene.days(28, start="19:00", end="20:00")),
        actor=scene.person,
        now=NOW,
        slot_ids=slot_ids(booking)[1:2],
    )
    scene.approve(change)
    Message.objects.all().delete()
    scene.add(booking, 29)
    return scene.approve(booking)


def approved_after_a_rejection(scene: Scene):
    """The house approves what is left after it has rejected one date, and told so."""
    booking = scene.request_days(20, 21, 27)
    scene.reject(booking, slot_ids=slot_ids(booking)[1:2])
    Message.objects.update(state="sent")
    scene.approve(booking)
    return booking


def weeks(number: int, *, approve: bool = False):
    def make(scene: Scene):
        booking = scene.request_weeks(number)
        return scene.approve(booking) if approve else booking

    return make


def with_skipped_days(scene: Scene):
    """Eight Tuesdays of which two are in the holidays, and two were left out by hand."""
    holidays = Skip(SkippedBecause.SCHOOL_HOLIDAYS, "Pfingstferien")
    skips = {4: holidays, 5: holidays, 6: Skip(SkippedBecause.CHOSEN), 7: Skip(SkippedBecause.CLASH)}
    return scene.request_on(
        replace(date, skipped=skips.get(number)) for number, date in enumerate(scene.weeks(8))
    )


def cancelled_in_part(scene: Scene):
    booking = scene.approve(scene.request_weeks(12))
    return scene.cancel(booking, slot_ids=slot_ids(booking)[:2])


def revoked_in_part(scene: Scene):
    booking = scene.approve(scene.request_weeks(12))
    return scene.revoke(booking, slot_ids=slot_ids(booking)[:2])


def decided_year(scene: Scene):
    """Of sixty Tuesdays 48 are approved, six rejected, and six left open."""
    booking = scene.request_weeks(60)
    approve, reject = ([n for n in range(60) if n % 10 in last] for last in (range(8), [8]))
    scene.decide(booking, approve, reject)
    return booking


def moved_year(scene: Scene):
    booking = scene.request_weeks(60)
    scene.approve(booking)
    scene.move(booking, *range(60))
    return booking


# Name of the golden text: what happened, and the kind of mail that tells it.
BOOKING_MAILS = {
    "receipt": (lambda scene: scene.request(layout="rows"), "receipt"),
    "receipt_series": (lambda scene: scene.request_days(20, 21), "receipt"),
    "receipt_skipped": (with_skipped_days, "receipt"),
    "change_receipt": (change_of, "change_receipt"),
    "approval": (lambda scene: approved(scene, note="Bitte holen Sie den Schlüssel im Rathaus."), "approval"),
    "approval_long": (weeks(60, approve=True), "approval"),
    "partial_approval": (
        lambda scene: decided(scene, note="Bitte holen Sie den Schlüssel im Rathaus."),
        "partial_approval",
    ),
    "partial_approval_open": (partly("approve"), "partial_approval"),
    "partial_approval_long": (decided_year, "partial_approval"),
    "approval_later": (approved_after_a_rejection, "approval"),
    "approval_of_addition": (approved_addition, "approval"),
    "partial_approval_of_change": (decided_change, "partial_approval"),
    "change_approved": (approved_change, "change_approved"),
    "rejection": (after("reject"), "rejection"),
    "rejection_partly": (partly("reject"), "rejection"),
    "rejection_of_change": (rejected_change, "rejection"),
    "partial_approval_of_half_a_change": (approved_part_of_change, "partial_approval"),
    "rejection_settles_change": (change_settled_by("reject"), "rejection"),
    "withdrawal_settles_change": (change_settled_by("withdraw"), "withdrawal"),
    "moved": (moved(1, note="Im Saal A ist Wahl."), "moved"),
    "moved_long": (moved_year, "moved"),
    "moved_pending": (moved(0, 2, status="requested"), "moved"),
    "dates_added": (dates_added, "dates_added"),
    "staff_dates_added": (dates_added, "staff_dates_added"),
    "withdrawal": (after("withdraw"), "withdrawal"),
    "withdrawal_partly": (partly("withdraw"), "withdrawal"),
    "cancellation_of_some": (cancelled_in_part, "cancellation"),
    "revocation_of_some": (revoked_in_part, "revocation"),
    "cancellation": (after("cancel"), "cancellation"),
    "revocation": (after("revoke"), "revocation"),
    "closure": (closed("revoke", "move", "revoke"), "closure"),
    "closure_revoked": (closed("revoke"), "closure"),
    "closure_moved": (closed("move"), "closure"),
    "staff_new_request": (
        lambda scene: scene.request(remarks="Wir bringen Kuchen mit.", contact_phone="0151 12345"),
        "staff_new_request",
    ),
    "staff_new_request_of_change": (change_of, "staff_new_request"),
    "staff_new_request_of_change_from_a_day_on": (change_from_a_day_on, "staff_new_request"),
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


# Name of the golden text: what the accounts call the mail; they write it in the language of the page.
ACCOUNT_MAILS = {
    "login_code": "account/email/login_code",
    "account_notice": "account/email/password_changed",
    "account_notice_password_set": "account/email/password_set",
    "account_notice_second_factor": "mfa/email/totp_activated",
    "account_notice_second_factor_gone": "mfa/email/totp_deactivated",
    "account_notice_recovery_codes": "mfa/email/recovery_codes_generated",
}


# Every kind of the catalogue is among them, so a new one without golden texts fails.
TOLD = {kind for _make, kind in BOOKING_MAILS.values()} | {*PLANNED_MAILS, *ACCOUNT_MAILS}
ALL_MAILS = [*BOOKING_MAILS, *PLANNED_MAILS, *ACCOUNT_MAILS, *sorted(set(KINDS) - TOLD)]
LINKLESS = {"withdrawal", "staff_overdue", *ACCOUNT_MAILS}


def test_the_accounts_write_no_mail_that_is_not_looked_at():
    assert set(ACCOUNT_MAILS.values()) == {"account/email/login_code", *NOTICES}


def message_called(name: str, language: str = "de") -> Message:
    scene = Scene(ask_days=1)
    if name in PLANNED_MAILS:
        know, now = PLANNED_MAILS[name]
        know(scene)
        message = next(message for message in scene.plan(now) if message.kind == name)
    elif name in BOOKING_MAILS:
        make, kind = BOOKING_MAILS[name]
        message = message_about(make(scene), kind)
    elif name in ACCOUNT_MAILS:
        with translation.override(language):
            AccountAdapter().send_mail(ACCOUNT_MAILS[name], "maria@example.org", {"code": "K7P-4QX"})
        return Message.objects.latest("pk")
    else:
        return example_message(KINDS[name], house=scene.house, language=language, now=NOW)
    message.language = language
    return message


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ALL_MAILS)
def test_the_text_is_as_written_down(name, language):
    mail = render(message_called(name, language))
    # The tokens of links follow from a random key of the booking.
    text = re.sub(r"/[0-9a-f]{32}/", "/TOKEN/", f"{mail.subject}\n\n{mail.text}")
    text = re.sub(r"/termin/[0-9a-f-]{36}/", "/termin/UID/", text)
    text = re.sub(r"/abbestellen/\S+/", "/abbestellen/TOKEN/", text)
    path = GOLDEN / language / f"{name}.txt"
    if os.environ.get("WRITE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()


def test_there_is_no_golden_text_of_a_mail_that_is_gone():
    written = {path.relative_to(GOLDEN).as_posix() for path in GOLDEN.rglob("*.txt")}
    assert written == {f"{language}/{name}.txt" for language in LANGUAGES for name in ALL_MAILS}


class _Words(HTMLParser):
    """The words of an HTML mail, each link followed by its address, as the text writes it."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden, self._address = 0, ""

    def handle_starttag(self, tag, attrs):
        self._hidden += tag in {"title", "style"}
        self._separate(tag)
        if tag == "a":
            self._address = dict(attrs)["href"]

    def handle_endtag(self, tag):
        self._hidden -= tag in {"title", "style"}
        if tag == "a" and self.parts[-1].strip() != self._address:
            self.parts.append(f" {self._address}")
        self._separate(tag)

    def _separate(self, tag):
        """What stands in two blocks is two words; a part of a line that looks different is not."""
        if tag not in {"span", "strong", "del", "s"}:
            self.parts.append(" ")

    def handle_data(self, data):
        if not self._hidden:
            self.parts.append(data)


def words_of(text: str) -> list[str]:
    words = re.findall(r"[\w/:.„“@•]+", text.replace(": ", " ").replace(":\n", "\n"))
    return [word.strip(":") for word in words]


def words_of_html(html: str) -> list[str]:
    """The words of the mail; without the name of the house above it, where the text has its sender."""
    parser = _Words()
    parser.feed(html)
    return words_of("".join(parser.parts))[3:]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ALL_MAILS)
def test_text_and_html_say_the_same(name, language):
    mail = render(message_called(name, language))
    assert words_of_html(mail.html) == words_of(mail.text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ALL_MAILS)
def test_text_and_html_say_the_same_in_the_words_of_a_house(name, language):
    own = {"opening": "eigener Satz.", "intro": "Erster.\n\nZweiter\nAbsatz.", "closing": "{{ house }}!"}
    mail = render(message_called(name, language), words=own)
    assert words_of_html(mail.html) == words_of(mail.text)


@pytest.mark.parametrize("name", ALL_MAILS)
def test_nothing_is_loaded_from_anywhere(name):
    html = render(message_called(name)).html
    assert re.findall(r"<(?:img|script|link|iframe|form|input)\b|url\(|@import", html) == []


def test_what_differs_from_date_to_date_stands_in_the_table_of_a_decision():
    scene = Scene()
    booking = scene.request_days(20, 21, 22, 23)
    longer = {slot_ids(booking)[0]: (30, 15)}
    scene.decide(booking, [0, 1], [2], buffers=longer)
    text = render(message_about(booking, "partial_approval")).text.replace("\N{NO-BREAK SPACE}", " ")
    assert "Jeder genehmigte Termin" not in text
    assert "Saal A: genehmigt\n  mit Auf- und Abbau von 15:30 bis 18:15 Uhr\n" in text
    scene.decide(booking, [], [3])
    rejected = render(message_about(booking, "rejection")).text
    assert "Do., 22.04.2027" in rejected.replace("\N{NO-BREAK SPACE}", " ")


def changes_told(scene: Scene, now: datetime) -> list[Message]:
    return [message for message in scene.plan(now) if message.kind == "caretaker_change"]


def test_a_caretaker_reads_what_was_different_before_and_nothing_else():
    scene = Scene()
    booking = scene.request(layout="rows", rooms=[scene.hall])
    scene.approve(booking)
    scene.plan(berlin(EVE, "16:00"))
    Booking.objects.filter(pk=booking.pk).update(layout="", persons=12, remarks="Zeile eins\nZeile zwei")
    (message,) = changes_told(scene, berlin(DAY, "08:00"))
    assert "\nVorher: Personen: 10; Bestuhlung: Reihen; Bemerkungen: keine Angabe\n" in render(message).text
    Booking.objects.filter(pk=booking.pk).update(remarks="")
    slot = booking.slots.get()
    slot.gross_starts_at = slot.starts_at
    slot.save()
    (message,) = changes_told(scene, berlin(DAY, "08:05"))
    text = render(message).text.replace("\N{NO-BREAK SPACE}", " ")
    assert "\nVorher: Aufbau ab 15:45 Uhr; Bemerkungen: Zeile eins Zeile zwei\n" in text


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
    assert (
        mail.subject
        == f"Haus der Begegnung: We have received your request {booking.reference} (Tue 20 Apr 2027)"
    )
    assert "Tue 20 Apr 2027, from 16:00 to 18:00" in mail.text
    assert '<html lang="en">' in mail.html


def test_times_over_midnight_name_both_days():
    scene = Scene()
    next_day = DAY.replace(day=DAY.day + 1)
    booking = make_booking([scene.hall], berlin(DAY, "22:00"), berlin(next_day, "02:00"), status="requested")
    approve_booking(
        booking_id=booking.pk, actor=scene.staff, now=NOW, override=True, override_reason="Absprache"
    )
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_in_the_html(browser, axe_findings, language):
    """Every mail, light and dark, on a phone, at 200 % on a small screen, and in a wide window.

    In an empty page, as a mail program shows it: our policy for pages does not hold there.
    """
    pages = [
        browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        for width, scheme in [(320, "light"), (360, "dark"), (1200, "light")]
    ]
    for name in ALL_MAILS:
        html = render(message_called(name, language)).html
        for page in pages:
            page.set_content(html)
            assert axe_findings(page) == [], name
            width = page.viewport_size["width"]
            assert page.evaluate("document.documentElement.scrollWidth") == width, name
    for page in pages:
        page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "name", ["partial_approval_long", "closure", "cancellation_of_some", "caretaker_change"]
)
def test_a_mail_looks_the_same_without_its_doctype(browser, name, scheme):
    """Some mail programs drop it, and then tables take nothing of the text around them."""
    html = render(message_called(name)).html
    page = browser.new_page(viewport={"width": 640, "height": 800}, color_scheme=scheme)
    looks = []
    for content in (html, html.replace("<!DOCTYPE html>", "")):
        page.set_content(content)
        looks.append((page.evaluate("document.compatMode"), page.evaluate(LOOK_OF_WORDS)))
    page.close()
    (standard, look), (quirks, same_look) = looks
    assert (standard, quirks) == ("CSS1Compat", "BackCompat")
    assert look == same_look


# Of every element with words of its own.
LOOK_OF_WORDS = """() => [...document.querySelectorAll("body *")]
    .map(element => [[...element.childNodes].filter(node => node.nodeType === Node.TEXT_NODE), element])
    .filter(([texts]) => texts.some(text => text.data.trim()))
    .map(([texts, element]) => {
        const {color, fontSize, fontFamily, fontWeight, lineHeight} = getComputedStyle(element);
        return [texts[0].data, color, fontSize, fontFamily, fontWeight, lineHeight];
    })"""


def test_long_words_make_no_mail_wider_than_the_phone(browser):
    scene = Scene()
    booking = scene.request(
        title="Donaudampfschiff" * 7, contact_name="X" * 150, contact_phone="0151 " * 10, remarks="Y" * 300
    )
    page = browser.new_page(viewport={"width": 320, "height": 800})
    page.set_content(render(message_about(booking, "staff_new_request")).html)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.close()


@pytest.mark.parametrize("name", ALL_MAILS)
def test_the_sentence_after_the_greeting_may_begin_with_a_capital(name: str) -> None:
    """German goes on in small letters after the comma of the greeting; "Sie" and "Ihr" are never small."""
    text = (GOLDEN / "de" / f"{name}.txt").read_text(encoding="utf-8")
    assert re.search(r"^Guten Tag[^\n]*,\n\n(Sie|Ihr)", text, re.MULTILINE)


# What people wrote, and what is known ------------------------------------------------------------


def test_a_note_that_looks_like_a_reference_is_no_booking_that_replaces_the_date():
    scene = Scene()
    booking = scene.approve(scene.request_weeks(2))
    first = slot_ids(booking)[:1]
    cancel_booking(booking_id=booking.pk, actor=scene.staff, now=NOW, slot_ids=first, note="HdB-2027-0099")
    scene.move(booking, 1)
    fate = [date["fate"] for date in context_of(message_about(booking, "moved"))["dates"]]
    assert fate == ["storniert: HdB-2027-0099", "genehmigt"]
    assert "ersetzt durch" not in render(message_about(booking, "moved")).text


def test_a_replaced_date_names_what_replaced_it_in_the_language_of_the_mail():
    scene = Scene()
    booking = scene.approve(scene.request_weeks(2))
    change = request_change(
        booking_id=booking.pk,
        data=scene.data("18:00", "20:00"),
        actor=scene.person,
        now=NOW,
        slot_ids=slot_ids(booking)[:1],
    )
    scene.approve(change)
    scene.move(booking, 1)
    message = message_about(booking, "moved")
    fates = {}
    for message.language in LANGUAGES:
        fates[message.language] = context_of(message)["dates"][0]["fate"]
    assert fates == {"de": f"ersetzt durch {change.reference}", "en": f"replaced by {change.reference}"}


def test_a_holiday_is_told_in_the_language_of_the_mail():
    scene = Scene()
    first, second = scene.weeks(2)
    holiday = Skip(SkippedBecause.PUBLIC_HOLIDAY, "Tag der Arbeit")
    message = message_about(scene.request_on([first, replace(second, skipped=holiday)]), "receipt")
    fates = {}
    for message.language in LANGUAGES:
        fates[message.language] = context_of(message)["dates"][1]["fate"]
    assert fates == {"de": "entfällt: Tag der Arbeit", "en": "skipped: Labor Day"}


def context_of(message: Message) -> dict[str, Any]:
    with translation.override(message.language):
        return mail_context(KINDS[message.kind], message.facts, booking=message.booking)
