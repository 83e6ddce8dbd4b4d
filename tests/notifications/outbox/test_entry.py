from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from notifications.models import Message, MessageState
from notifications.outbox.dispatch import dispatcher
from notifications.outbox.entry import can_be_resent, enqueue_new_keys, made_message, resend
from notifications.recipients import Recipient
from tests.factories import NOW
from tests.notifications.scenes import make_login_code, make_notice

pytestmark = pytest.mark.django_db


def dispatched() -> int:
    """How many dispatched messages lie in the folder of the broker that needs no server."""
    dispatcher.join()
    return len(list((Path(settings.DATA_DIR) / "broker" / "queue").glob("*.msg")))


def test_enqueue_stores_a_waiting_message():
    message = make_notice(recipient=" maria@example.org ")

    stored = Message.objects.get()
    assert stored == message
    assert (stored.state, stored.recipient, stored.not_before) == ("pending", "maria@example.org", NOW)
    assert stored.message_id.startswith("<")
    assert stored.message_id.endswith("@testserver>")


def test_enqueue_twice_with_one_key_is_one_message_for_each_person():
    first = make_notice(dedupe_key="once", recipient="first@example.org")
    again = make_notice(dedupe_key="once", recipient="First@example.org")
    other = make_notice(dedupe_key="once", recipient="second@example.org")

    assert (again, other == first) == (first, False)
    recipients = Message.objects.order_by("pk").values_list("recipient", flat=True)
    assert list(recipients) == ["first@example.org", "second@example.org"]


@pytest.mark.parametrize("number", [1, 5])
def test_mails_of_new_keys_are_entered_at_once_and_one_for_each_person(number, django_assert_num_queries):
    people = [Recipient(f"person-{each}@example.org", "de") for each in range(number)]
    mails = [
        made_message(
            kind="account_notice", recipient=recipient, facts={"title": title}, dedupe_key="1", now=NOW
        )
        for title in ("first", "second")
        for recipient in people
    ]
    with django_assert_num_queries(1):
        enqueue_new_keys(mails, now=NOW)
    stored = Message.objects.order_by("pk").values_list("recipient", "facts__title")
    assert list(stored) == [(recipient.address, "first") for recipient in people]


def test_enqueue_dispatches_the_message_after_the_commit(django_capture_on_commit_callbacks):
    before = dispatched()
    with django_capture_on_commit_callbacks(execute=True):
        make_notice()
        assert dispatched() == before
    assert dispatched() == before + 1


def test_enqueue_of_a_later_message_is_not_dispatched(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        make_notice(not_before=NOW + timedelta(hours=1))
    assert callbacks == []


@pytest.mark.django_db(transaction=True)
def test_enqueue_is_undone_with_the_business_action():
    before = dispatched()
    with transaction.atomic():
        make_notice()
        transaction.set_rollback(True)
    assert (Message.objects.count(), dispatched()) == (0, before)


def test_resend_tries_a_failed_message_again_at_the_mended_address():
    message = make_notice(recipient="marai@example.org")
    Message.objects.filter(pk=message.pk).update(
        state=MessageState.FAILED, attempts=3, last_error="550 unknown"
    )
    message.refresh_from_db()

    again = resend(message=message, recipient="maria@example.org", now=NOW + timedelta(days=1))

    assert again.pk == message.pk
    assert (again.state, again.recipient, again.attempts) == ("pending", "maria@example.org", 0)
    assert again.message_id == message.message_id


def test_resend_of_a_sent_message_is_a_new_mail_and_a_double_click_is_one():
    message = make_notice()
    Message.objects.filter(pk=message.pk).update(state=MessageState.SENT)
    message.refresh_from_db()

    copy = resend(message=message, recipient="office@example.org", now=NOW)
    twice = resend(message=message, recipient="office@example.org", now=NOW)
    Message.objects.filter(pk=copy.pk).update(state=MessageState.SENT)
    later = resend(message=message, recipient="office@example.org", now=NOW)

    assert copy == twice
    assert len({message.message_id, copy.message_id, later.message_id}) == 3


@pytest.mark.parametrize(
    ("state", "expected"), [("pending", False), ("sending", False), ("sent", True), ("failed", True)]
)
def test_only_messages_with_a_known_result_can_be_resent(state, expected):
    message = make_notice()
    message.state = state
    assert can_be_resent(message) is expected


def test_a_login_code_cannot_be_resent():
    message = make_login_code()
    message.state = MessageState.SENT
    assert not can_be_resent(message)


def test_a_value_the_table_does_not_take_is_named():
    with pytest.raises(IntegrityError, match="language"), transaction.atomic():
        make_notice(language=None)
