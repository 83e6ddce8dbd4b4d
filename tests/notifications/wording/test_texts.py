"""A house's own words in its mails: where they stand, and when ours stand instead."""

import logging
from dataclasses import replace

import pytest

from bookings.date_facts import Skip
from bookings.enums import SkippedBecause
from notifications.models import MailText, Message
from notifications.wording.catalogue import KINDS
from notifications.wording.examples import example_message
from notifications.wording.rendering import default_words, render
from tests.factories import NOW, make_house
from tests.notifications.scenes import Scene, message_about, slot_ids
from tests.notifications.wording.html_words import words_of_html
from tests.notifications.wording.mails import LANGUAGES

pytestmark = pytest.mark.django_db


def word(house, kind: str = "receipt", language: str = "de", **words: str) -> MailText:
    return MailText.objects.create(house=house, kind=kind, language=language, words=words)


def receipt(scene: Scene, **fields) -> Message:
    return message_about(scene.request(**fields), "receipt")


def test_own_words_stand_in_subject_text_and_html():
    scene = Scene()
    word(
        scene.house,
        subject="{{ Vorgangsnummer }} ist da",
        opening="wir haben „{{ Veranstaltung }}“ bekommen.",
        intro="Danke, {{ Name }}!\n\nWir freuen uns\nauf {{ Verein }}.",
        closing="Bis {{ Antwort bis }} melden wir uns.",
    )
    message = receipt(scene, title="Sprachcafé & Co.")
    mail = render(message)
    assert mail.subject == f"{message.booking.reference} ist da"
    assert (
        "Guten Tag Maria Beispiel,\n\n"
        "wir haben „Sprachcafé & Co.“ bekommen.\n\n"
        "Danke, Maria Beispiel!\n\n"
        "Wir freuen uns\nauf Sprachcafé Kaster.\n\n"
        "Das ist noch keine Zusage."
    ) in mail.text
    assert (
        "Bis Donnerstag, 4.\xa0März 2027 melden wir uns.\n\nAnfrage ansehen oder zurückziehen:" in mail.text
    )
    assert "wir haben „Sprachcafé &amp; Co.“ bekommen.</h1>" in mail.html
    assert "Wir freuen uns<br>auf Sprachcafé Kaster.</p>" in mail.html


def test_what_the_house_left_as_it_is_stays_ours():
    scene = Scene()
    message = receipt(scene)
    before = render(message)
    word(scene.house, closing="Bis bald.")
    after = render(message)
    assert after.subject == before.subject
    assert after.text == before.text.replace("\n\nAnfrage ansehen", "\n\nBis bald.\n\nAnfrage ansehen")


def test_a_house_may_leave_a_text_out():
    scene = Scene()
    booking = scene.request()
    scene.approve(booking)
    scene.cancel(booking)
    message = message_about(booking, "cancellation")
    assert "Danke, dass Sie uns" in render(message).text
    word(scene.house, "cancellation", intro="")
    mail = render(message)
    assert "Danke, dass Sie uns" not in mail.text + mail.html


@pytest.mark.parametrize("other", ["house", "kind", "language"])
def test_words_are_of_one_house_one_kind_and_one_language(other):
    scene = Scene()
    word(
        make_house() if other == "house" else scene.house,
        kind="approval" if other == "kind" else "receipt",
        language="en" if other == "language" else "de",
        subject="Nur hier",
    )
    assert render(receipt(scene)).subject != "Nur hier"


def test_mails_about_accounts_have_the_words_of_the_house_that_signs_them():
    first, second = make_house(), make_house()
    word(first, "login_code", subject="Code vom {{ Haus }}")
    word(second, "login_code", subject="Falsch")
    message = example_message(KINDS["login_code"], house=first, language="de", now=NOW)
    assert render(message).subject == "Code vom Haus der Begegnung"
    assert "123456" in render(message).text


def test_of_a_decision_about_some_dates_our_words_say_so():
    """The house wrote its sentence for the whole request; about a part of it, it would be false."""
    scene = Scene()
    word(scene.house, "rejection", subject="Nichts klappt", opening="Alles ist abgelehnt.", closing="Schade.")
    booking = scene.request_days(20, 21)
    scene.reject(booking, slot_ids=slot_ids(booking)[:1])
    partly = render(message_about(booking, "rejection"))
    assert (
        partly.subject
        == f"Absage zu einem Teil Ihrer Anfrage {booking.reference} (Di., 20.04.2027) – Haus der Begegnung"
    )
    assert "Ihre Termine können wir leider nicht alle genehmigen." in partly.text
    assert "Alles ist abgelehnt." not in partly.text + partly.html
    assert "Schade." in partly.text

    whole = scene.request_days(27, 28)
    scene.reject(whole)
    assert render(message_about(whole, "rejection")).subject == "Nichts klappt"


def test_words_for_a_part_and_for_the_whole_are_words_of_two_kinds():
    """Which of the two goes out follows from all dates, also where others were decided before."""
    scene = Scene()
    word(scene.house, "partial_approval", subject="Zum Teil")
    word(scene.house, "approval", subject="Alles klappt")
    booking = scene.request_days(20, 21)
    first, second = slot_ids(booking)
    subjects = []
    for ids in [first], [second]:
        scene.approve(booking, slot_ids=ids)
        message = Message.objects.filter(state="pending", kind__endswith="approval").latest("pk")
        subjects.append(render(message).subject)
        Message.objects.update(state="sent")
    assert subjects == ["Zum Teil", "Alles klappt"]


def test_of_an_approval_after_a_rejection_our_words_say_of_which_dates():
    scene = Scene()
    word(scene.house, "approval", subject="Alles klappt", opening="Alles klappt!", closing="Bis bald.")
    booking = scene.request_days(20, 21)
    scene.reject(booking, slot_ids=slot_ids(booking)[:1])
    Message.objects.update(state="sent")
    scene.approve(booking)
    mail = render(message_about(booking, "approval"))
    assert mail.subject == (
        f"Zusage zu Ihrer Anfrage {booking.reference} (Mi., 21.04.2027) – Haus der Begegnung"
    )
    assert "Ihr Termin ist genehmigt." in mail.text
    assert "Alles klappt" not in mail.text + mail.html
    assert "Bis bald." in mail.text


def test_each_date_says_what_was_decided_where_our_sentence_does_not():
    scene = Scene()
    booking = scene.request()
    scene.reject(booking)
    message = message_about(booking, "rejection")
    assert "  abgelehnt\n" not in render(message).text
    word(scene.house, "rejection", opening="danke für Ihr Interesse.")
    mail = render(message)
    assert "  Saal A, Küche\n  abgelehnt\n" in mail.text
    assert "abgelehnt" in words_of_html(mail.html)


@pytest.mark.parametrize("broken", ["{{ gone }}", "{% now 'Y' %}", "{{ Antwort bis", "\x00"])
def test_a_text_that_cannot_be_used_any_more_gives_way_to_ours_and_is_logged(broken, caplog):
    scene = Scene()
    message = receipt(scene)
    before = render(message)
    if broken == "\x00":
        broken = "\x07"  # PostgreSQL stores no NUL at all
    word(scene.house, subject="Eigener Betreff", closing=broken)
    with caplog.at_level(logging.WARNING, "notifications.wording.texts"):
        assert render(message) == before
    assert "The default text of receipt is used" in caplog.text
    assert "maria@example.org" not in caplog.text


def test_a_field_that_is_gone_is_left_out():
    scene = Scene()
    message = receipt(scene)
    before = render(message)
    word(scene.house, footer="Fußzeile")
    assert render(message) == before


def test_a_broken_text_stops_no_decision():
    scene = Scene()
    word(scene.house, "approval", opening="{{ gone }}", subject="{%")
    booking = scene.request()
    assert scene.approve(booking).status == "approved"
    assert "Ihre Anfrage ist genehmigt." in render(message_about(booking, "approval")).text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_default_as_staff_see_it_says_what_the_mail_says(kind, language):
    """A default with a fact that has no placeholder would be stored as it was in the example.

    Give the fact a line in notifications.wording.placeholders, or keep the sentence in the block `body`.
    """
    message = example_message(KINDS[kind], house=Scene().house, language=language, now=NOW)
    default, ours = default_words(message), render(message, words={})
    assert default["subject"]
    assert default["opening"]
    mail = render(message, words={name: words for name, words in default.items() if name != "opening"})
    assert (mail.subject, mail.text) == (ours.subject, ours.text)
    assert words_of_html(mail.html) == words_of_html(ours.html)
    # With an opening of its own, each date says what was decided; the sentence itself is the same.
    sentence = render(message, words=default).text.split("\n\n")[1]
    assert sentence == ours.text.split("\n\n")[1]


@pytest.mark.parametrize(
    ("action", "kind", "subject"),
    [
        ("reject", "rejection", "Absage zu Ihrer Anfrage"),
        ("withdraw", "withdrawal", "Ihre Anfrage"),
    ],
)
def test_dates_that_were_skipped_are_no_part_of_what_was_asked_for(action, kind, subject):
    scene = Scene()
    first, second = scene.weeks(2)
    booking = scene.request_on([first, replace(second, skipped=Skip(SkippedBecause.CHOSEN))])
    getattr(scene, action)(booking)
    mail = render(message_about(booking, kind))
    assert mail.subject.startswith(f"{subject} {booking.reference}")
    assert "Finden nicht statt\n\n- Di., 27.04.2027" in mail.text.replace("\N{NO-BREAK SPACE}", " ")
    assert "auf Wunsch ausgelassen" in mail.text
