from datetime import UTC, timedelta

import pytest
import time_machine

from bookings.models import Booking
from notifications import tasks
from notifications.models import FailingAddress, Fault, Message
from notifications.outbox import retention
from notifications.outbox.delivery import deliver
from notifications.outbox.entry import can_be_resent, resend
from notifications.outbox.failing_addresses import note_failure
from notifications.outbox.retention import erase_old_mails
from tests.factories import NOW
from tests.notifications.scenes import Scene, make_notice, message_about

pytestmark = pytest.mark.django_db

LAST_DAY = NOW.astimezone(UTC) + timedelta(days=90)
LATER = LAST_DAY + timedelta(minutes=1)
TEXTS = ("facts", "subject", "body", "html", "last_error")


@pytest.fixture
def sent(smtp_server) -> Message:
    """The receipt of a request, as it was sent."""
    message = message_about(Scene().request(), "receipt")
    deliver(message_id=message.pk, now=NOW)
    message.refresh_from_db()
    return message


def failed(message: Message, **fields) -> Message:
    Message.objects.filter(pk=message.pk).update(
        state="failed", last_error="550 <maria@example.org> unknown", **fields
    )
    message.refresh_from_db()
    return message


def has_text(message: Message) -> bool:
    message.refresh_from_db()
    return any(getattr(message, name) for name in TEXTS)


def test_after_the_days_of_the_house_only_the_fact_of_the_mail_is_kept(sent):
    assert erase_old_mails(now=LAST_DAY) == 0
    assert erase_old_mails(now=LATER) == 1
    known = Message.objects.values().get(pk=sent.pk)
    assert known == {
        "id": sent.pk,
        "kind": "receipt",
        "booking_id": sent.booking_id,
        "copy_of_id": None,
        "day": None,
        "house_id": None,
        "recipient": "maria@example.org",
        "language": "de",
        "facts": {},
        "dedupe_key": sent.dedupe_key,
        "person": sent.person,
        "message_id": sent.message_id,
        "state": "sent",
        "not_before": NOW,
        "created_at": NOW,
        "claimed_at": NOW,
        "sent_at": NOW,
        "attempts": 1,
        "takeovers": 0,
        "fault": "",
        "failing_since": None,
        "last_error": "",
        "bundled_into_id": None,
        "subject": "",
        "body": "",
        "html": "",
        "erased_at": LATER,
    }


def test_a_second_run_finds_nothing(sent):
    erase_old_mails(now=LATER)
    assert erase_old_mails(now=LATER + timedelta(days=1)) == 0
    sent.refresh_from_db()
    assert sent.erased_at == LATER


def test_the_house_says_how_many_days(sent, settings):
    settings.MAIL_RETENTION_DAYS = 30
    assert erase_old_mails(now=NOW.astimezone(UTC) + timedelta(days=30, minutes=1)) == 1


def test_what_failed_is_erased_with_its_reason_which_names_the_address():
    message = failed(make_notice())
    erase_old_mails(now=LATER)
    assert not has_text(message)


def test_the_days_start_with_the_last_attempt():
    message = failed(make_notice(), claimed_at=NOW + timedelta(days=2))
    assert erase_old_mails(now=LATER) == 0
    assert has_text(message)


@pytest.mark.parametrize("state", ["pending", "sending"])
def test_what_is_still_to_be_sent_keeps_its_text(state):
    message = make_notice()
    Message.objects.filter(pk=message.pk).update(state=state)
    erase_old_mails(now=LATER)
    assert has_text(message)


def test_many_are_erased_in_bounded_parts(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(retention, "BATCH", 2)
    for _n in range(5):
        failed(make_notice())
    # Three parts of texts and three of recipients, two queries each, and one that finds no more; then the
    # marks of addresses.
    with django_assert_num_queries(2 * (3 * 2 + 1) + 1):
        assert erase_old_mails(now=LATER) == 5
    assert not any(has_text(message) for message in Message.objects.all())


def test_the_mark_of_an_address_that_has_not_failed_since_goes():
    note_failure("maria@example.org", fault=Fault.ADDRESS, error="550 <maria@example.org>", now=NOW)
    note_failure("office@example.org", fault=Fault.ADDRESS, error="550", now=NOW + timedelta(days=1))
    erase_old_mails(now=LATER)
    assert [mark.address for mark in FailingAddress.objects.all()] == ["office@example.org"]


def test_the_recipient_stays_as_long_as_the_booking_has_its_contact(sent):
    erase_old_mails(now=LATER)
    sent.refresh_from_db()
    assert sent.recipient == "maria@example.org"

    Booking.objects.filter(pk=sent.booking_id).update(contact_email="")
    erase_old_mails(now=LATER + timedelta(days=300))
    sent.refresh_from_db()
    assert sent.recipient == ""


def test_a_mail_about_no_booking_loses_its_recipient_with_its_text():
    message = failed(make_notice())
    erase_old_mails(now=LAST_DAY)
    message.refresh_from_db()
    assert message.recipient == "maria@example.org"
    erase_old_mails(now=LATER)
    message.refresh_from_db()
    assert message.recipient == ""


@pytest.mark.parametrize("state", ["sent", "failed"])
def test_what_was_erased_cannot_be_sent_again(state):
    message = make_notice()
    Message.objects.filter(pk=message.pk).update(state=state)
    message.refresh_from_db()
    assert can_be_resent(message)
    erase_old_mails(now=LATER)
    # Whoever had the page open since yesterday does not bring an empty mail on its way.
    resend(message=message, recipient="maria@example.org", now=LATER)
    message.refresh_from_db()
    assert not can_be_resent(message)
    assert message.state == state


def test_beat_has_it_done_every_night(sent):
    with time_machine.travel(LATER, tick=False):
        tasks.erase_old_mails()
    assert not has_text(sent)
