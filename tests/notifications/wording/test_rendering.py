"""From facts to a mail: languages, times, links, secrets, and what a mail looks like."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from django.utils import translation

from bookings.access.tokens import status_path
from bookings.date_facts import Skip
from bookings.enums import SkippedBecause
from bookings.models import Booking
from bookings.services import approve_booking, give_dates_back, request_change
from notifications.models import Message
from notifications.wording.catalogue import KINDS
from notifications.wording.links import Links
from notifications.wording.rendering import mail_context, render
from tests.factories import DAY, NOW, berlin, make_booking
from tests.notifications.scenes import Scene, make_login_code, message_about, slot_ids
from tests.notifications.wording.mails import ALL_MAILS, EVE, LANGUAGES, message_called

pytestmark = pytest.mark.django_db


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
    assert render(message_about(scene.request(), "receipt")).subject.endswith(" – Haus der Begegnung")


def test_the_mail_is_written_in_the_language_of_the_person():
    booking = Scene().request(language="en")
    mail = render(message_about(booking, "receipt"))
    assert (
        mail.subject
        == f"We have received your request {booking.reference} (Tue 20 Apr 2027) – Haus der Begegnung"
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_in_the_html(browser, axe_findings, language):
    """Every mail, light and dark, at 200 % on a small screen and in a wide window, is as wide as the window.

    In an empty page, as a mail program shows it: our policy for pages does not hold there. What axe-core
    looks at is the same in both languages, but for the words.
    """
    looked_at = {"de": [(320, "light"), (360, "dark")], "en": [(1200, "light")]}[language]
    pages = [
        browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        for width, scheme in looked_at
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


# What people wrote, and what is known ------------------------------------------------------------


def test_a_note_that_looks_like_a_reference_is_no_booking_that_replaces_the_date():
    scene = Scene()
    booking = scene.approve(scene.request_weeks(2))
    first = slot_ids(booking)[:1]
    give_dates_back(booking_id=booking.pk, actor=scene.staff, now=NOW, slot_ids=first, note="HdB-2027-0099")
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
        links = Links(message.recipient)
        return mail_context(KINDS[message.kind], message.facts, booking=message.booking, links=links)
