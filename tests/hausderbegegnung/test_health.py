"""/healthz tells the truth about its parts, quickly."""

import socket
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from celery import current_app

from notifications import heartbeat

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 4, 20, 14, 0, tzinfo=UTC)
ALIVE = {"database": "ok", "broker": "ok", "worker": "ok"}


@contextmanager
def broker_at(port):
    """Celery talks to a Redis at this port of this machine."""
    wanted = {
        "broker_url": f"redis://127.0.0.1:{port}/0",
        "broker_write_url": f"redis://127.0.0.1:{port}/0",
        "broker_transport_options": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
    usual = {name: getattr(current_app.conf, name) for name in wanted}
    current_app.conf.update(wanted)
    yield
    current_app.conf.update(usual)


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


def ask(client, parts=""):
    with time_machine.travel(NOW, tick=True):
        started = time.perf_counter()
        response = client.get("/healthz", {"parts": parts} if parts else {})
        return response.status_code, response.json(), time.perf_counter() - started


def test_healthz_is_ok_when_all_parts_live(client):
    heartbeat.beat(now=NOW - timedelta(seconds=100))
    status, answer, _seconds = ask(client)
    assert (status, answer) == (200, {"status": "ok", "parts": ALIVE})


def test_healthz_misses_a_worker_silent_for_more_than_two_minutes(client):
    heartbeat.beat(now=NOW - timedelta(seconds=121))
    status, answer, _seconds = ask(client)
    assert (status, answer) == (503, {"status": "down", "parts": ALIVE | {"worker": "down"}})


def test_healthz_misses_a_worker_that_never_worked(client):
    status, answer, _seconds = ask(client)
    assert (status, answer) == (503, {"status": "down", "parts": ALIVE | {"worker": "down"}})


def test_healthz_asks_only_for_the_parts_named(client):
    status, answer, _seconds = ask(client, parts="database")
    assert (status, answer) == (200, {"status": "ok", "parts": {"database": "ok"}})


def test_healthz_does_not_know_other_parts(client):
    status, answer, _seconds = ask(client, parts="database,roof")
    assert (status, answer) == (400, {"error": "parts are database, broker, worker"})


@pytest.mark.parametrize("broker", ["hanging_broker", "absent_broker"])
def test_healthz_answers_in_time_without_a_broker(client, broker, request):
    request.getfixturevalue(broker)
    heartbeat.beat(now=NOW)
    # Several in a row: those that wait behind the first one give up in time as well.
    for _attempt in range(2):
        status, answer, seconds = ask(client)
        assert (status, answer) == (503, {"status": "down", "parts": ALIVE | {"broker": "down"}})
        assert seconds < 10


def test_healthz_is_never_cached_and_sets_no_cookie(client):
    response = client.get("/healthz")
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies
