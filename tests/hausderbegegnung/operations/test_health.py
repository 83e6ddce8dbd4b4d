"""/healthz tells the truth about its parts, quickly."""

import socket
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
import time_machine
from celery import current_app
from django.db import OperationalError, connection

from hausderbegegnung.operations import health, heartbeat
from hausderbegegnung.operations.restarts import note_restart
from notifications.models import Message
from tests.notifications.scenes import make_notice

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 4, 20, 14, 0, tzinfo=UTC)
ALIVE = {"database": "ok", "broker": "ok", "cache": "ok", "beat": "ok", "worker": "ok", "mail": "ok"}
OUTBOX = {
    "waiting": 0,
    "oldest_waiting_seconds": 0,
    "failed": 0,
    "failed_last_day": 0,
    "taken_over": 0,
    "failing_addresses": 0,
}
CALM = {"restarts": {}, "unreadable_messages": 0}
USUAL_PATIENCE = health.SECONDS_FOR_BROKER


@contextmanager
def celery_set_to(**wanted):
    """Celery talks to another broker."""
    usual = {name: getattr(current_app.conf, name) for name in wanted}
    current_app.conf.update(wanted)
    yield
    current_app.conf.update(usual)
    # What was asked of this broker is not in the way of the next question.
    health._broker_prober.submit(lambda: None).result()


def broker_at(port):
    """Celery talks to a Redis at this port of this machine."""
    return celery_set_to(
        broker_url=f"redis://127.0.0.1:{port}/0",
        broker_write_url=f"redis://127.0.0.1:{port}/0",
        broker_transport_options={"socket_timeout": 1, "socket_connect_timeout": 1},
    )


@pytest.fixture
def hanging_broker():
    """A Redis that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server, broker_at(server.getsockname()[1]):
        yield


@pytest.fixture
def absent_broker():
    """A Redis that is not there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with broker_at(port):
        yield


@pytest.fixture
def data_folder(settings, tmp_path):
    """A data folder of this test alone."""
    settings.DATA_DIR = tmp_path
    return tmp_path


def ask(client, parts=""):
    with time_machine.travel(NOW, tick=True):
        started = time.perf_counter()
        response = client.get("/healthz", {"parts": parts} if parts else {})
        return response.status_code, response.json(), time.perf_counter() - started


def all_live(now=NOW):
    """Beat and a worker have just been seen."""
    heartbeat.beat(heartbeat.BEAT, now=now)
    heartbeat.beat(heartbeat.WORKER, now=now)


def test_healthz_is_ok_when_all_parts_live(client):
    all_live(NOW - timedelta(seconds=100))
    status, answer, _seconds = ask(client)
    assert answer.pop("queues").keys() == {"work", "mail"}
    assert (status, answer) == (200, {"status": "ok", "parts": ALIVE, "outbox": OUTBOX, **CALM})


@pytest.mark.parametrize("part", ["beat", "worker"])
def test_healthz_misses_who_is_silent_for_more_than_two_minutes(client, part):
    all_live()
    heartbeat.beat(part, now=NOW - timedelta(seconds=121))
    status, answer, _seconds = ask(client)
    assert (status, answer["status"], answer["parts"]) == (503, "down", ALIVE | {part: "down"})


@pytest.mark.parametrize("part", ["beat", "worker"])
def test_a_sign_of_life_from_the_future_says_nothing_for_the_clock_was_put_back(client, part):
    all_live()
    heartbeat.beat(part, now=NOW + timedelta(hours=1))
    status, answer, _seconds = ask(client)
    assert (status, answer["parts"]) == (503, ALIVE | {part: "down"})


def test_a_restart_from_the_future_hides_nobody_who_lives(client, data_folder):
    all_live()
    note_restart("worker", now=NOW + timedelta(hours=1))
    status, answer, _seconds = ask(client)
    assert (status, answer["parts"], answer["restarts"]) == (200, ALIVE, {})


def test_healthz_misses_who_was_never_seen(client):
    status, answer, _seconds = ask(client)
    assert (status, answer["parts"]) == (503, ALIVE | {"beat": "down", "worker": "down"})


@pytest.mark.parametrize("part", ["beat", "worker"])
def test_healthz_misses_a_process_from_its_end_until_it_says_that_it_lives_again(client, data_folder, part):
    all_live(NOW - timedelta(seconds=10))
    note_restart(part, now=NOW - timedelta(seconds=5))
    note_restart("web", now=NOW - timedelta(seconds=25))
    status, answer, _seconds = ask(client)
    assert (status, answer["parts"]) == (503, ALIVE | {part: "down"})
    heartbeat.beat(part, now=NOW - timedelta(seconds=1))
    status, answer, _seconds = ask(client)
    assert (status, answer["parts"], answer["restarts"]) == (200, ALIVE, {"web": 1, part: 1})


@pytest.mark.parametrize("answered", range(8))
def test_healthz_answers_at_whatever_statement_the_database_goes_away(client, answered):
    statements = count()

    def go_away(execute, *arguments):
        if next(statements) >= answered:
            raise OperationalError("the connection is closed")
        return execute(*arguments)

    all_live()
    with connection.execute_wrapper(go_away):
        status, answer, _seconds = ask(client)
    parts_that_ask = ["database", "beat", "worker", "mail"]
    lost = dict.fromkeys(parts_that_ask[answered:], "down")
    assert (status, answer["parts"]) == (503 if lost else 200, ALIVE | lost)
    assert "outbox" not in answer


def test_healthz_counts_messages_that_could_not_be_read(client, data_folder, settings):
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"folder": str(data_folder)}
    all_live()
    (data_folder / "unreadable").mkdir()
    (data_folder / "unreadable" / "1_x.work.msg").touch()
    status, answer, _seconds = ask(client)
    assert (status, answer["unreadable_messages"]) == (200, 1)


@pytest.mark.parametrize(
    ("minutes", "fault", "status"), [(16, "away", 503), (14, "away", 200), (16, "busy", 200), (16, "", 200)]
)
def test_healthz_misses_a_mail_server_that_is_away_for_a_quarter_of_an_hour(client, minutes, fault, status):
    """One full mailbox, or a mail that is held or planned, is not the mail server's fault."""
    all_live()
    since = NOW - timedelta(minutes=minutes)
    message = make_notice(now=since)
    Message.objects.filter(pk=message.pk).update(
        attempts=3, fault=fault, failing_since=since, not_before=NOW + timedelta(hours=1)
    )
    answered, answer, _seconds = ask(client)
    assert (answered, answer["parts"]["mail"]) == (status, "ok" if status == 200 else "down")
    assert answer["outbox"]["waiting"] == 1
    assert answer["outbox"]["oldest_waiting_seconds"] == minutes * 60


@pytest.mark.parametrize(("hours", "status"), [(None, 503), (27, 503), (25, 200)])
def test_healthz_misses_a_backup_where_one_is_made_each_night(client, settings, tmp_path, hours, status):
    settings.BACKUP_DIR = str(tmp_path)
    all_live()
    if hours:
        heartbeat.beat(heartbeat.BACKUP, now=NOW - timedelta(hours=hours))
    answered, answer, _seconds = ask(client)
    assert (answered, answer["parts"]) == (status, ALIVE | {"backup": "ok" if status == 200 else "down"})


def test_healthz_asks_only_for_the_parts_named(client):
    status, answer, _seconds = ask(client, parts="database")
    assert (status, answer) == (200, {"status": "ok", "parts": {"database": "ok"}})


def test_healthz_does_not_know_other_parts(client):
    status, answer, _seconds = ask(client, parts="database,roof")
    assert (status, answer) == (400, {"error": "parts are database, broker, cache, beat, worker, mail"})


@pytest.mark.parametrize("broker", ["hanging_broker", "absent_broker"])
def test_healthz_answers_in_time_without_a_broker(client, broker, request, monkeypatch):
    monkeypatch.setattr(health, "SECONDS_FOR_BROKER", USUAL_PATIENCE)
    request.getfixturevalue(broker)
    all_live()
    # Several in a row: those that wait behind the first one give up in time as well.
    for _attempt in range(2):
        status, answer, seconds = ask(client)
        assert (status, answer["parts"]) == (503, ALIVE | {"broker": "down"})
        assert answer["queues"] is None
        assert seconds < 10


@pytest.mark.parametrize("is_usable", [True, False])
def test_healthz_misses_a_broker_of_files_whose_folder_cannot_be_used(client, tmp_path, is_usable):
    """A file in the place of the folder stands for a disk that is away."""
    all_live()
    if not is_usable:
        (tmp_path / "broker").touch()
    with celery_set_to(
        broker_url="files://localhost",
        broker_write_url="files://localhost",
        broker_transport_options={"folder": str(tmp_path / "broker")},
    ):
        status, answer, _seconds = ask(client)
    assert (status, answer["parts"]["broker"]) == ((200, "ok") if is_usable else (503, "down"))


def test_healthz_is_never_cached_and_sets_no_cookie(client):
    response = client.get("/healthz")
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies
