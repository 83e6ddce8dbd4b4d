"""What staff do with the texts of mails, apart from the pages they do it on."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from bookings.models import Booking
from notifications.models import MailText, Message
from notifications.outbox.delivery import deliver
from notifications.text_editor import (
    find_text,
    last_message,
    list_texts,
    preview,
    restore_default,
    save_words,
    send_trial,
)
from notifications.wording.catalogue import KINDS, Audience
from tests.factories import NOW, make_house
from tests.notifications.scenes import Scene, make_login_code, message_about

pytestmark = pytest.mark.django_db


def text_of(house, kind: str = "approval", language: str = "de", *, now=NOW):
    found = find_text(house=house, kind=kind, language=language, now=now)
    assert found is not None
    return found


def test_the_default_is_shown_with_placeholders_in_the_language_of_the_text():
    house = Scene().house
    assert text_of(house, "receipt").default == {
        "subject": "Ihre Anfrage {{ Vorgangsnummer }} ist eingegangen ({{ Termine }}) – {{ Haus }}",
        "opening": "Ihre Anfrage ist eingegangen.",
        "intro": "",
        "closing": "",
    }
    assert text_of(house, "rejection", "en").default["closing"] == (
        "We are happy to look for another date with you. Call us, phone {{ phone }}, or reply to this email."
    )
    house.phone = ""
    assert "phone" not in text_of(house, "rejection", "en").default["closing"]


def test_only_what_differs_from_the_default_is_stored():
    text = text_of(Scene().house)
    save_words(text, text.default | {"closing": "Bis bald."})
    assert MailText.objects.get().words == {"closing": "Bis bald."}

    again = text_of(text.house)
    assert (again.state, again.words) == ("own", text.default | {"closing": "Bis bald."})
    save_words(again, again.default | {"intro": "Hallo!"})
    assert MailText.objects.get().words == {"intro": "Hallo!"}


def test_words_that_are_the_default_leave_nothing_behind():
    text = text_of(Scene().house)
    save_words(text, text.default | {"closing": "Bis bald."})
    save_words(text, text.default)
    assert not MailText.objects.exists()


def test_the_default_can_be_taken_back():
    text, other = text_of(Scene().house), text_of(make_house())
    for each in [text, other]:
        save_words(each, each.default | {"closing": "Bis bald."})
    restore_default(text)
    restore_default(text)
    assert [(each.house, each.kind) for each in MailText.objects.all()] == [(other.house, "approval")]


@pytest.mark.parametrize(
    ("field", "words", "code"),
    [
        ("subject", "Zusage\nBcc: alle@example.org", "line_break"),
        ("opening", "Zwei\nZeilen", "line_break"),
        ("intro", "{{ code }}", "unknown_placeholder"),
        ("closing", "{% now 'Y' %}", "broken_placeholder"),
    ],
)
def test_words_that_cannot_be_used_are_not_stored(field, words, code):
    text = text_of(Scene().house)
    with pytest.raises(ValidationError) as refused:
        save_words(text, text.default | {field: words})
    assert [each.code for each in refused.value.error_list] == [code]
    assert not MailText.objects.exists()


def test_a_mail_offers_the_placeholders_of_what_it_tells():
    house = Scene().house
    assert set(text_of(house, "receipt").placeholders) == {
        "name", "reference", "title", "association", "persons", "first_date", "dates", "rooms",
        "answer_day", "first_day",
        "house", "phone", "email",
    }  # fmt: skip
    assert set(text_of(house, "change_receipt").placeholders) == {
        *text_of(house, "receipt").placeholders,
        "old_reference",
    }
    assert set(text_of(house, "login_code").placeholders) == {"house", "phone", "email"}
    assert set(text_of(house, "account_notice").placeholders) == {"heading", "house", "phone", "email"}


def test_every_kind_of_the_catalogue_has_a_text_in_every_language():
    first, second = make_house(), make_house()
    listed = {kind.name: [text.language for text in texts] for kind, texts in list_texts(first, now=NOW)}
    assert listed == {kind: ["de", "en"] for kind in KINDS}
    # Mails about accounts are signed by the first house.
    assert [kind.name for kind, _texts in list_texts(second, now=NOW)] == [
        kind.name for kind in KINDS.values() if kind.audience is not Audience.PERSON
    ]
    assert find_text(house=second, kind="login_code", language="de", now=NOW) is None
    assert find_text(house=first, kind="postcard", language="de", now=NOW) is None
    assert find_text(house=first, kind="receipt", language="fr", now=NOW) is None


def test_a_text_that_cannot_be_used_any_more_is_told():
    house = make_house()
    MailText.objects.create(house=house, kind="receipt", language="de", words={"intro": "{{ gone }}"})
    MailText.objects.create(house=house, kind="receipt", language="en", words={"intro": "Hi."})
    states = {kind.name: [text.state for text in texts] for kind, texts in list_texts(house, now=NOW)}
    assert (states["receipt"], states["approval"]) == (["broken", "own"], ["default", "default"])


# Preview -------------------------------------------------------------------------------------


def test_a_text_is_shown_with_what_the_last_mail_of_the_house_told():
    other = Scene()
    message_about(other.request(), "receipt")
    scene = Scene()
    text = text_of(scene.house, "receipt", "en")
    assert last_message(text) is None

    scene.request()
    newest = message_about(scene.request(title="Chorprobe"), "receipt")
    Message.objects.filter(pk=newest.pk).update(created_at=NOW + timedelta(hours=1))
    shown = preview(text, text.default | {"intro": "About {{ title }}."}, message=last_message(text))
    assert "About Chorprobe." in shown.text
    assert "Dear Maria Beispiel," in shown.text
    # A link that opens without login belongs to the applicant alone.
    assert "••••••" in shown.text
    assert not MailText.objects.exists()


def test_where_nothing_was_told_yet_the_example_is_made_up():
    text = text_of(Scene().house, "change_approved")
    shown = preview(text, text.default, message=None)
    assert shown.subject == "Zusage zu Ihrer Änderung HdB-2027-0042 (Mo., 15.03.2027) – Haus der Begegnung"
    assert "Beispielverein e. V." in shown.text


def test_what_was_written_about_an_account_is_shown_to_nobody():
    house = make_house()
    make_login_code(code="K7P-4QX")
    assert last_message(text_of(house, "login_code")) is None


@pytest.mark.parametrize("facts", [{}, {"house": {"id": 0}, "reference": "HdB-1"}])
def test_a_mail_whose_facts_were_blanked_is_no_example(facts):
    scene = Scene()
    message = message_about(scene.request(), "receipt")
    Message.objects.filter(pk=message.pk).update(facts=facts)
    text = text_of(scene.house, "receipt")
    shown = preview(text, text.default, message=last_message(text))
    assert "HdB-" in shown.text


# Test mail -----------------------------------------------------------------------------------


def test_a_test_mail_goes_through_the_outbox_and_touches_nobody_elses_calendar(smtp_server):
    scene = Scene()
    text = text_of(scene.house)
    save_words(text, text.default | {"closing": "So steht es gespeichert."})
    message = send_trial(
        text, text.default | {"closing": "So wird es versucht."}, recipient="verwaltung@example.org"
    )
    deliver(message_id=message.pk, now=NOW)
    message.refresh_from_db()
    (envelope,) = smtp_server.envelopes
    assert envelope.rcpt_tos == ["verwaltung@example.org"]
    assert message.state == "sent"
    assert (
        message.subject
        == "Test: Zusage zu Ihrer Anfrage HdB-2027-0042 (Mo., 15.03.2027) – Haus der Begegnung"
    )
    assert "So wird es versucht." in message.body
    assert "So steht es gespeichert." not in message.body
    assert b"text/calendar" not in envelope.content
    assert message.booking is None


def test_a_double_click_sends_one_test_mail_and_it_is_no_example_for_others():
    text = text_of(Scene().house)
    first = send_trial(text, text.default, recipient="verwaltung@example.org")
    assert send_trial(text, text.default, recipient="verwaltung@example.org") == first
    later = text_of(text.house, now=NOW + timedelta(minutes=1))
    assert send_trial(later, later.default, recipient="verwaltung@example.org") != first
    assert send_trial(text, text.default | {"intro": "!"}, recipient="verwaltung@example.org") != first
    assert last_message(text) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_test_mail_of_every_kind_goes_out_whatever_became_of_real_dates(kind, smtp_server):
    """Nobody made the booking it is about, so nothing of it can be outdated, however late it goes out."""
    text = text_of(Scene().house, kind)
    message = send_trial(text, text.default, recipient="verwaltung@example.org")
    deliver(message_id=message.pk, now=NOW + timedelta(days=2))
    message.refresh_from_db()
    (envelope,) = smtp_server.envelopes
    assert (message.state, message.fault, envelope.rcpt_tos) == ("sent", "", ["verwaltung@example.org"])


def test_a_test_mail_joins_no_mail_about_a_real_booking_of_that_number():
    scene = Scene()
    booking = scene.request(contact_email="verwaltung@example.org")
    scene.approve(booking)
    Booking.objects.filter(pk=booking.pk).update(reference="HdB-2027-0042")
    text = text_of(scene.house, "closure")
    before = list(Message.objects.order_by("pk").values_list("pk", "state"))
    message = send_trial(text, text.default, recipient="verwaltung@example.org")
    assert list(Message.objects.order_by("pk").values_list("pk", "state")) == [
        *before,
        (message.pk, "pending"),
    ]


def test_the_question_whether_a_date_takes_place_is_shown_with_its_link():
    text = text_of(Scene().house, "still_taking_place")
    shown = preview(text, text.default, message=None)
    assert "\nMit Ja oder Nein antworten:\nhttp://testserver\n" in shown.text
    assert 'href="http://testserver"' in shown.html


def test_a_mail_about_several_bookings_is_shown_with_links_to_none_of_them():
    scene = Scene()
    Booking.objects.filter(pk=scene.request().pk).update(reference="HdB-2027-0042")
    for kind, label in [
        ("monthly_overview", "Buchung ansehen oder stornieren"),
        ("closure", "Buchung ansehen"),
    ]:
        text = text_of(scene.house, kind)
        assert f"\n{label}:\nhttp://testserver\n" in preview(text, text.default, message=None).text
