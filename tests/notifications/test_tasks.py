from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from celery import current_app
from django.conf import settings

from notifications import tasks
from notifications.delivery import claim
from notifications.heartbeat import WORKER, last_beat
from notifications.models import Message
from tests.factories import NOW
from tests.notifications.scenes import make_notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def handed_out(monkeypatch) -> list[int]:
    """The ids the sweep hands to the broker."""
    ids: list[int] = []
    monkeypatch.setattr(tasks.send_message, "apply_async", lambda *, args, expires: ids.extend(args))
    return ids


def test_the_sweep_hands_out_what_is_due_and_nothing_else(handed_out, smtp_server):
    due, overdue = make_notice(), make_notice(not_before=NOW - timedelta(days=1))
    make_notice(not_before=NOW + timedelta(minutes=1))
    being_sent = make_notice()
    claim(message_id=being_sent.pk, now=NOW)
    with time_machine.travel(NOW, tick=False):
        tasks.sweep_outbox()
    assert handed_out == [overdue.pk, due.pk]


def test_the_sweep_takes_up_what_a_dead_worker_left(handed_out):
    message = make_notice()
    claim(message_id=message.pk, now=NOW)
    with time_machine.travel(NOW + settings.MAIL_STUCK_AFTER + timedelta(seconds=1), tick=False):
        tasks.sweep_outbox()
    assert handed_out == [message.pk]


def test_the_sweep_hands_out_a_bounded_batch(handed_out, django_assert_num_queries):
    Message.objects.bulk_create(
        Message(
            kind="account_notice",
            recipient="maria@example.org",
            dedupe_key=f"batch:{n}",
            message_id=f"<{n}@testserver>",
            not_before=NOW,
            created_at=NOW,
        )
        for n in range(tasks.SWEEP_BATCH + 1)
    )
    with time_machine.travel(NOW, tick=False), django_assert_num_queries(9):
        tasks.sweep_outbox()
    assert len(handed_out) == tasks.SWEEP_BATCH


def test_the_sweep_says_that_a_worker_lives(handed_out):
    assert last_beat(WORKER) is None
    for moment in [datetime(2027, 3, 1, 9, 0, tzinfo=UTC), datetime(2027, 3, 1, 9, 1, tzinfo=UTC)]:
        with time_machine.travel(moment, tick=False):
            tasks.sweep_outbox()
        assert last_beat(WORKER) == moment


def test_send_message_sends_once(smtp_server):
    message = make_notice()
    with time_machine.travel(NOW, tick=False):
        tasks.send_message(message.pk)
        tasks.send_message(message.pk)
    assert len(smtp_server.envelopes) == 1


def test_every_planned_task_exists_under_its_name(settings):
    current_app.loader.import_default_modules()
    planned = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert planned <= set(current_app.tasks)
    assert {"notifications.send_message", "notifications.sweep_outbox"} <= set(current_app.tasks)
