import socket
import threading
from collections import Counter
from datetime import timedelta

import pytest
import time_machine
from celery import current_app
from django.conf import settings
from django.db import connection

from notifications import tasks
from notifications.models import Message
from notifications.outbox.delivery import claim, due_messages
from tests.factories import NOW
from tests.notifications.scenes import make_login_code, make_notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def helpers(monkeypatch) -> list[int]:
    """Until when each helper that a sweep asks for may start, in seconds."""
    asked: list[int] = []
    monkeypatch.setattr(tasks.send_waiting, "apply_async", lambda *, expires: asked.append(expires))
    return asked


def sweep(moment=NOW):
    with time_machine.travel(moment, tick=False):
        tasks.sweep_outbox()


def send_waiting(moment=NOW):
    with time_machine.travel(moment, tick=False):
        tasks.send_waiting()


def enter(number, **fields):
    Message.objects.bulk_create(
        Message(
            **{
                "kind": "account_notice",
                "recipient": f"person-{n}@example.org",
                "facts": {"heading": "Probe", "paragraphs": ["Text"]},
                "dedupe_key": f"batch:{n}",
                "message_id": f"<{n}@testserver>",
                "not_before": NOW,
                "created_at": NOW,
                **fields,
            }
        )
        for n in range(number)
    )


def recipients(smtp_server):
    return [envelope.rcpt_tos[0] for envelope in smtp_server.envelopes]


# Sweeping --------------------------------------------------------------------------------------


def test_the_sweep_asks_for_nobody_where_nothing_is_due(helpers):
    make_notice(not_before=NOW + timedelta(minutes=1))
    claim(message_id=make_notice().pk, now=NOW)
    sweep()
    assert helpers == []


@pytest.mark.parametrize(
    ("waiting", "expected"), [(1, 1), (tasks.BATCH, 1), (tasks.BATCH + 1, 2), (2000, tasks.MOST_HELPERS)]
)
def test_the_more_is_due_the_more_workers_the_sweep_asks(helpers, waiting, expected):
    enter(waiting)
    sweep()
    assert helpers == [settings.MAIL_SWEEP_SECONDS] * expected


def test_the_sweep_takes_up_what_a_dead_worker_left(helpers):
    claim(message_id=make_notice().pk, now=NOW)
    sweep(NOW + settings.MAIL_STUCK_AFTER + timedelta(seconds=1))
    assert len(helpers) == 1


def test_the_sweep_gives_up_codes_that_are_over_whether_or_not_a_mail_server_answers(helpers):
    """One that is away is asked with one mail for all, so the others would keep their codes."""
    codes = [make_login_code(now=NOW - timedelta(minutes=age)) for age in (15, 16, 17)]
    sweep()
    for code in codes:
        code.refresh_from_db()
    assert [(code.state, code.fault, code.facts["code"]) for code in codes] == [
        ("pending", "", "K7P-4QX"),
        ("failed", "late", ""),
        ("failed", "late", ""),
    ]


def test_a_sweep_costs_the_same_however_much_is_due(helpers, django_assert_num_queries):
    enter(200)
    with django_assert_num_queries(4):
        sweep()


def test_send_message_sends_once(smtp_server):
    message = make_notice()
    with time_machine.travel(NOW, tick=False):
        tasks.send_message(message.pk)
        tasks.send_message(message.pk)
    assert len(smtp_server.envelopes) == 1


# Sending what waits ----------------------------------------------------------------------------


def test_what_is_due_is_sent_over_one_line(smtp_server, monkeypatch):
    monkeypatch.setattr(tasks, "SECONDS_TO_HELP", 600)
    enter(tasks.BATCH + 10)
    make_notice(not_before=NOW + timedelta(minutes=1))
    lines = []
    smtp_server.handle_EHLO = count_lines(lines)
    send_waiting()
    assert Counter(Message.objects.values_list("state", flat=True)) == {
        "sent": tasks.BATCH + 10,
        "pending": 1,
    }
    assert len(recipients(smtp_server)) == len(set(recipients(smtp_server))) == tasks.BATCH + 10
    assert len(lines) == 1


def count_lines(lines):
    async def greet(server, session, envelope, hostname, responses):
        session.host_name = hostname
        lines.append(hostname)
        return responses

    return greet


def test_a_mail_that_is_refused_does_not_stop_the_next_ones(smtp_server):
    enter(3)

    async def refuse_one(server, session, envelope, address, options):
        if address == "person-1@example.org":
            return "550 Unknown"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    smtp_server.handle_RCPT = refuse_one
    send_waiting()
    assert dict(Message.objects.values_list("recipient", "state")) == {
        "person-0@example.org": "sent",
        "person-1@example.org": "failed",
        "person-2@example.org": "sent",
    }


def test_a_mail_server_that_is_away_is_asked_once(settings):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.EMAIL_HOST, settings.EMAIL_PORT = probe.getsockname()
    settings.EMAIL_BACKEND = "notifications.outbox.mail_server.EmailBackend"
    enter(5)
    send_waiting()
    assert sorted(Message.objects.values_list("attempts", flat=True)) == [0, 0, 0, 0, 1]


def test_a_helper_hands_on_when_its_time_is_over(smtp_server, helpers, monkeypatch):
    enter(5)
    monkeypatch.setattr(tasks, "SECONDS_TO_HELP", -1)
    send_waiting()
    assert (recipients(smtp_server), helpers) == ([], [settings.MAIL_SWEEP_SECONDS])


def test_a_helper_that_is_done_calls_nobody(smtp_server, helpers):
    enter(5)
    send_waiting()
    assert (len(recipients(smtp_server)), helpers) == (5, [])


def test_a_code_that_somebody_waits_for_overtakes_what_is_of_use_later():
    enter(3, not_before=NOW - timedelta(hours=1))
    code = make_login_code()
    assert due_messages(now=NOW).first() == code


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_workers_that_help_each_other_send_each_mail_once(smtp_server):
    enter(40)

    def help_out():
        try:
            send_waiting()
        finally:
            connection.close()

    threads = [threading.Thread(target=help_out) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(recipients(smtp_server)) == len(set(recipients(smtp_server))) == 40
    assert set(Message.objects.values_list("state", "attempts")) == {("sent", 1)}


# Names -----------------------------------------------------------------------------------------


def test_every_planned_task_exists_under_its_name(settings):
    current_app.loader.import_default_modules()
    planned = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert planned <= set(current_app.tasks)
    assert {"notifications.send_message", "notifications.sweep_outbox"} <= set(current_app.tasks)
