import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import celery
import pytest
import redis
from django.urls import reverse

from notifications import nudge
from notifications.models import Message
from notifications.nudge import Nudger
from tests.conftest import missing
from tests.notifications.scenes import Scene, make_notice

# An answer "at once": nothing of the broker's time-outs is in it.
AT_ONCE = 0.2


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def broker_at(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[celery.Celery]:
    """An application of its own that publishes to `url` as production does, only with shorter time-outs."""
    app = celery.Celery("nudged", broker=url, set_as_current=False)
    app.conf.broker_transport_options = {
        "socket_timeout": 0.2,
        "socket_connect_timeout": 0.2,
        "max_retries": 1,
        "interval_start": 0.1,
    }
    monkeypatch.setattr(nudge, "current_app", app)
    yield app
    app.close()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(50)
        yield listener.getsockname()[1]


def test_a_broker_that_hangs_delays_nobody(silent_port, monkeypatch, caplog):
    nudger = Nudger()
    with broker_at(f"redis://127.0.0.1:{silent_port}/0", monkeypatch):
        started = time.perf_counter()
        nudger.nudge(1)
        assert time.perf_counter() - started < AT_ONCE
        nudger.join()
    assert [record.getMessage()[:34] for record in caplog.records] == ["The broker did not take message 1;"]


def test_a_broker_that_is_away_delays_nobody_and_is_told_once(monkeypatch, caplog):
    nudger = Nudger()
    with broker_at(f"redis://127.0.0.1:{free_port()}/0", monkeypatch):
        started = time.perf_counter()
        for message_id in range(20):
            nudger.nudge(message_id)
        assert time.perf_counter() - started < AT_ONCE
        nudger.join()
    assert len(caplog.records) == 1


def test_more_than_the_queue_holds_is_left_to_the_sweep(silent_port, monkeypatch, caplog):
    nudger = Nudger(capacity=2)
    with broker_at(f"redis://127.0.0.1:{silent_port}/0", monkeypatch):
        for message_id in range(10):
            nudger.nudge(message_id)
        nudger.join()
    assert any("is slow" in record.getMessage() for record in caplog.records)


def test_nudges_reach_a_redis_that_came_back(monkeypatch, tmp_path):
    server = shutil.which("redis-server") or missing("redis-server")
    port, nudger = free_port(), Nudger()
    with broker_at(f"redis://127.0.0.1:{port}/0", monkeypatch):
        nudger.nudge(1)
        nudger.join()
        process = subprocess.Popen(
            [server, "--port", str(port), "--save", "", "--dir", str(tmp_path)], stdout=subprocess.DEVNULL
        )
        try:
            client = redis.Redis(port=port)
            for _attempt in range(100):
                try:
                    client.ping()
                    break
                except redis.ConnectionError:
                    time.sleep(0.05)
            nudger.nudge(2)
            nudger.join()
            assert client.llen("celery") == 1
            client.close()
        finally:
            process.terminate()
            process.wait()


@pytest.mark.django_db(transaction=True)
def test_an_approval_with_a_hanging_broker_answers_at_once(silent_port, monkeypatch, client):
    """Measured against the same approval with a broker that answers."""

    scene = Scene()
    client.force_login(scene.staff)

    def approve(start: str, end: str) -> float:
        booking = scene.request(start, end)
        nudge.nudger.join()
        address = reverse("approve_booking", args=[booking.reference])
        started = time.perf_counter()
        answer = client.post(address, {"approve-version": booking.version})
        seconds = time.perf_counter() - started
        booking.refresh_from_db()
        assert (answer.status_code, booking.status) == (302, "approved")
        return seconds

    approve("10:00", "11:00")
    with_broker = approve("12:00", "13:00")
    with broker_at(f"redis://127.0.0.1:{silent_port}/0", monkeypatch):
        without_broker = approve("14:00", "15:00")
        nudge.nudger.join()
    assert without_broker < with_broker + AT_ONCE


@pytest.mark.django_db
def test_a_commit_with_a_hanging_broker_is_through_at_once(
    silent_port, monkeypatch, django_capture_on_commit_callbacks
):
    with broker_at(f"redis://127.0.0.1:{silent_port}/0", monkeypatch):
        started = time.perf_counter()
        with django_capture_on_commit_callbacks(execute=True):
            make_notice()
        assert time.perf_counter() - started < AT_ONCE
        nudge.nudger.join()
    assert Message.objects.get().state == "pending"
