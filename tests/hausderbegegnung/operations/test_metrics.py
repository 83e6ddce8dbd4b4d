"""/metrics tells Prometheus how the outbox is doing, and nobody anything about a person."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from prometheus_client.parser import text_string_to_metric_families

from hausderbegegnung.models import PlannedWork
from hausderbegegnung.operations import heartbeat
from hausderbegegnung.operations.restarts import note_restart
from notifications.models import Fault, Message
from notifications.outbox.failing_addresses import note_failure
from tests.notifications.scenes import make_login_code, make_notice

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 4, 20, 14, 0, tzinfo=UTC)
TOKEN = "a-token-for-monitoring-0123456789"


@pytest.fixture(autouse=True)
def token(settings):
    settings.METRICS_TOKEN = TOKEN


def ask(client, token=TOKEN):
    with time_machine.travel(NOW, tick=True):
        return client.get("/metrics", headers={"Authorization": f"Bearer {token}"})


def figures(client):
    """Every figure by its name and label."""
    families = text_string_to_metric_families(ask(client).content.decode())
    return {
        (sample.name.removeprefix("hausderbegegnung_"), *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def set_to(message, **values):
    Message.objects.filter(pk=message.pk).update(**values)


def test_metrics_count_what_waits_and_what_failed(client, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    heartbeat.beat(heartbeat.BEAT, now=NOW)
    PlannedWork.objects.create(name="notifications.sweep_outbox", done_at=NOW)
    make_notice(now=NOW - timedelta(minutes=20))
    set_to(make_notice(now=NOW), state="sending")
    set_to(make_notice(now=NOW), attempts=1, fault="away", not_before=NOW + timedelta(minutes=5))
    make_notice(now=NOW, not_before=NOW + timedelta(hours=1))  # planned for later
    set_to(make_notice(now=NOW), state="bundled")
    set_to(make_notice(now=NOW), state="sent", takeovers=2)
    set_to(make_notice(now=NOW), state="failed", claimed_at=NOW - timedelta(hours=1), takeovers=1)
    set_to(make_notice(now=NOW), state="failed", claimed_at=NOW - timedelta(days=2))
    # A code that nobody could use any more is no failure; one that could not be delivered is.
    expired, refused = make_login_code(now=NOW), make_login_code(now=NOW)
    set_to(expired, state="failed", fault="late", claimed_at=NOW - timedelta(hours=1))
    set_to(refused, state="failed", fault="text", claimed_at=NOW - timedelta(hours=1))
    note_restart("worker", now=NOW - timedelta(hours=1))
    for _number in range(2):
        note_failure("maria@example.org", fault=Fault.ADDRESS, error="550 maria", now=NOW)

    found = figures(client)

    assert found.pop(("queue_length", "work")) >= 0
    assert found.pop(("queue_length", "mail")) >= 0
    assert found == {
        ("up", "database"): 1,
        ("up", "broker"): 1,
        ("up", "cache"): 1,
        ("up", "beat"): 1,
        ("up", "worker"): 0,
        ("up", "mail"): 1,
        ("restarts_last_day", "worker"): 1,
        ("unreadable_messages",): 0,
        ("mails_waiting",): 3,
        ("mails_oldest_waiting_seconds",): 20 * 60,
        ("mails_failed",): 3,
        ("mails_failed_last_day",): 2,
        ("mails_taken_over",): 3,
        ("mails_failing_addresses",): 1,
        ("planned_work_done_timestamp_seconds", "notifications.sweep_outbox"): NOW.timestamp(),
    }


def test_metrics_tell_of_the_nightly_backup(client, settings, tmp_path):
    settings.BACKUP_DIR = str(tmp_path)
    assert ("backup_made_timestamp_seconds",) not in figures(client)
    heartbeat.beat(heartbeat.BACKUP, now=NOW)
    found = figures(client)
    assert (found["up", "backup"], found["backup_made_timestamp_seconds",]) == (1, NOW.timestamp())


def test_metrics_name_nobody(client):
    make_login_code(now=NOW)
    set_to(make_notice(now=NOW), state="failed", last_error="550 <maria@example.org> unknown")
    note_failure("maria@example.org", fault=Fault.ADDRESS, error="550", now=NOW)
    answer = ask(client).content.decode()
    assert "maria" not in answer
    assert "@" not in answer


def test_metrics_cost_the_same_however_many_mails_there_are(client, django_assert_num_queries):
    make_notice(now=NOW)
    with django_assert_num_queries(9):
        ask(client)
    for _number in range(5):
        make_notice(now=NOW)
    with django_assert_num_queries(9):
        ask(client)


@pytest.mark.parametrize("wrong", ["", "a-token-for-monitoring-012345678", "Ä" * 20])
def test_metrics_are_for_whoever_has_the_token(client, wrong):
    answer = ask(client, token=wrong)
    assert (answer.status_code, answer["WWW-Authenticate"], answer.content) == (401, "Bearer", b"")
    assert client.get("/metrics").status_code == 401


def test_without_a_token_of_the_house_there_are_no_metrics(client, settings):
    settings.METRICS_TOKEN = ""
    assert ask(client, token="").status_code == 404


def test_metrics_are_never_cached_and_read_only(client):
    assert "no-store" in ask(client)["Cache-Control"]
    assert client.post("/metrics").status_code == 405
