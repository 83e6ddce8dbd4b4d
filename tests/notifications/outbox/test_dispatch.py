import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import celery
import pytest
import redis
from django.urls import reverse

from notifications.models import Message
from notifications.outbox import dispatch
from notifications.outbox.dispatch import Dispatcher
from tests.notifications.scenes import Scene, make_notice
from tests.services import missing


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def broker_at(url: str, monkeypatch: pytest.MonkeyPatch, *, patience: float = 0.2) -> Iterator[celery.Celery]:
    """An application of its own that publishes to `url` as production does, with other time-outs."""
    app = celery.Celery("dispatch", broker=url, set_as_current=False)
    app.conf.broker_transport_options = {
        "socket_timeout": patience,
        "socket_connect_timeout": patience,
        "max_retries": 1,
        "interval_start": 0.1,
    }
    monkeypatch.setattr(dispatch, "current_app", app)
    yield app
    app.close()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(50)
        yield listener.getsockname()[1]


class HangingBroker:
    """Takes connections and says nothing until it is let go; then it hangs up on everybody."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self.listener.getsockname()[1]}/0"
        self.callers: list[socket.socket] = []
        self.answering = threading.Thread(target=self.listen)
        self.answering.start()

    def listen(self) -> None:
        with suppress(OSError):
            while True:
                self.callers.append(self.listener.accept()[0])

    def let_go(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.answering.join()
        self.listener.close()
        for caller in self.callers:
            caller.close()


def is_publishing(dispatcher: Dispatcher) -> bool:
    """Whether the broker still has not answered: whoever is past it did not wait for it."""
    return dispatcher._waiting.unfinished_tasks > 0


def test_a_broker_that_hangs_delays_nobody(monkeypatch, caplog):
    dispatcher, broker = Dispatcher(), HangingBroker()
    with broker_at(broker.url, monkeypatch, patience=60):
        dispatcher.dispatch(1)
        assert is_publishing(dispatcher)
        broker.let_go()
        dispatcher.join()
    assert [record.getMessage()[:34] for record in caplog.records] == ["The broker did not take message 1;"]


def test_a_broker_that_is_away_delays_nobody_and_is_told_once(monkeypatch, caplog):
    dispatcher = Dispatcher()
    with broker_at(f"redis://127.0.0.1:{free_port()}/0", monkeypatch):
        for message_id in range(20):
            dispatcher.dispatch(message_id)
        dispatcher.join()
    assert len(caplog.records) == 1


def test_more_than_the_queue_holds_is_left_to_the_sweep(silent_port, monkeypatch, caplog):
    dispatcher = Dispatcher(capacity=2)
    with broker_at(f"redis://127.0.0.1:{silent_port}/0", monkeypatch):
        for message_id in range(10):
            dispatcher.dispatch(message_id)
        dispatcher.join()
    assert any("is slow" in record.getMessage() for record in caplog.records)


def test_messages_reach_a_redis_that_came_back(monkeypatch, tmp_path):
    server = shutil.which("redis-server") or missing("redis-server")
    port, dispatcher = free_port(), Dispatcher()
    with broker_at(f"redis://127.0.0.1:{port}/0", monkeypatch):
        dispatcher.dispatch(1)
        dispatcher.join()
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
            dispatcher.dispatch(2)
            dispatcher.join()
            assert client.llen("celery") == 1
            client.close()
        finally:
            process.terminate()
            process.wait()


@pytest.mark.django_db(transaction=True)
def test_an_approval_is_answered_while_the_broker_hangs(monkeypatch, client, settings):
    settings.BUNDLE_SECONDS = 0
    scene, broker = Scene(), HangingBroker()
    client.force_login(scene.staff)
    booking = scene.request("10:00", "11:00")
    dispatch.dispatcher.join()
    with broker_at(broker.url, monkeypatch, patience=60):
        address = reverse("approve_booking", args=[booking.reference])
        answer = client.post(address, {"decide-version": booking.version})
        assert is_publishing(dispatch.dispatcher)
        broker.let_go()
        dispatch.dispatcher.join()
    booking.refresh_from_db()
    assert (answer.status_code, booking.status) == (302, "approved")


@pytest.mark.django_db
def test_a_commit_is_through_while_the_broker_hangs(monkeypatch, django_capture_on_commit_callbacks):
    broker = HangingBroker()
    with broker_at(broker.url, monkeypatch, patience=60):
        with django_capture_on_commit_callbacks(execute=True):
            make_notice()
        assert is_publishing(dispatch.dispatcher)
        broker.let_go()
        dispatch.dispatcher.join()
    assert Message.objects.get().state == "pending"
