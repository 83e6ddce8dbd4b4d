"""The real thing: `celery worker` as a process, on the embedded default and on production's servers."""

import email
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from aiosmtpd.controller import Controller

from tests import services
from tests.conftest import Postbox, missing

pytestmark = pytest.mark.processes

PROJECT = Path(__file__).parents[2]

ENTER = """
from django.utils import timezone
from notifications.nudge import nudger
from notifications.outbox import enqueue
facts = {{"heading": "Probe", "paragraphs": ["Text"]}}
for number in range({number}):
    recipient, key = f"person-{{number}}@example.org", f"{prefix}:{{number}}"
    enqueue(kind="account_notice", recipient=recipient, facts=facts, dedupe_key=key, now=timezone.now())
if {nudged}:
    nudger.join()
"""

TEN_MINUTES_LATER = """
from datetime import timedelta
from django.utils import timezone
from notifications.delivery import free_stuck
from notifications.models import Message
free_stuck(now=timezone.now() + timedelta(minutes=11))
Message.objects.filter(state="pending").update(not_before=timezone.now())
"""

TAKEOVERS = """
from django.db.models import Sum
from notifications.models import Message
print(Message.objects.aggregate(number=Sum("takeovers"))["number"])
"""

STATES = """
from collections import Counter
from notifications.models import Message
print(sorted(Counter(Message.objects.values_list("state", "attempts", "takeovers")).items()))
"""


class Installation:
    """The software with data of its own, driven by its commands only."""

    def __init__(self, folder: Path, smtp_port: int, **environment: str) -> None:
        self.environment = {
            **{name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}},
            "ENV_FILE": "",
            "DATA_DIR": str(folder),
            "SECRET_KEY": "a-key-for-tests-only-0123456789-0123456789-0123456789",
            "EMAIL_URL": f"smtp://127.0.0.1:{smtp_port}",
            "DEFAULT_FROM_EMAIL": "haus@example.org",
            **environment,
        }
        self.processes: list[subprocess.Popen[bytes]] = []

    def run(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def shell(self, code: str) -> str:
        return self.run("manage.py", "shell", "--no-imports", "--command", code)

    def enter(self, number: int, *, prefix: str, nudged: bool = True) -> None:
        """Enter messages; without a nudge only a sweep can find them."""
        self.shell(ENTER.format(number=number, prefix=prefix, nudged=nudged))

    def states(self) -> str:
        """What became of the messages: ((state, attempts, takeovers), number)."""
        return self.shell(STATES)

    def worker(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "--app", "hausderbegegnung", "worker", "--concurrency", "2"],
            cwd=PROJECT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    """A real SMTP server for the processes."""
    box = Postbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    box.port = port
    yield box
    controller.stop()


@pytest.fixture(params=["embedded", "servers"])
def installation(request: pytest.FixtureRequest, tmp_path: Path, postbox: Any) -> Iterator[Installation]:
    """SQLite and the broker that needs no server, and PostgreSQL with Redis."""
    if request.param == "embedded":
        made = Installation(tmp_path, postbox.port)
        made.run("manage.py", "migrate", "--verbosity", "0")
        yield made
        made.stop()
        return
    if not services.postgresql_answers():
        missing("PostgreSQL")
    name = f"hausderbegegnung_worker_{os.getpid()}"
    server = services.database_url()
    with own_redis(tmp_path) as broker, psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        made = Installation(
            tmp_path, postbox.port, DATABASE_URL=f"{server.rsplit('/', 1)[0]}/{name}", BROKER_URL=broker
        )
        try:
            made.run("manage.py", "migrate", "--verbosity", "0")
            yield made
        finally:
            made.stop()
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def own_redis(folder: Path, port: int = 0) -> Iterator[str]:
    """A Redis of this test alone: in a shared one, the workers of another run would take the tasks."""
    server = shutil.which("redis-server") or missing("redis-server")
    port = port or free_port()
    process = subprocess.Popen(
        [server, "--port", str(port), "--save", "", "--dir", str(folder)], stdout=subprocess.DEVNULL
    )
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def message_ids_in(postbox: Postbox) -> list[str]:
    """The Message-IDs of all mails the server took."""
    mails = [email.message_from_bytes(envelope.content) for envelope in postbox.envelopes]
    return [mail["Message-ID"] for mail in mails]


def wait_for(done: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.1)


def test_a_worker_sends_what_is_entered_once(installation, postbox):
    """Also what was entered before it started, and with two workers at once."""
    installation.enter(5, prefix="before", nudged=False)
    installation.worker()
    installation.worker()
    wait_for(lambda: len(postbox.envelopes) >= 5)

    installation.enter(20, prefix="nudged")
    entered = time.monotonic()
    wait_for(lambda: len(postbox.envelopes) >= 25)
    # Half a minute would be the sweep.
    assert time.monotonic() - entered < 15
    wait_for(lambda: "sending" not in installation.states())

    assert installation.states() == "[(('sent', 1, 0), 25)]"
    message_ids = message_ids_in(postbox)
    assert len(set(message_ids)) == len(message_ids) == 25


def test_nothing_is_lost_with_the_broker_or_with_a_worker(installation, postbox):
    """The broker is wiped while mails wait, and the worker killed while it works."""
    worker = installation.worker()
    installation.enter(10, prefix="first")
    wait_for(lambda: len(postbox.envelopes) >= 1)
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    installation.enter(10, prefix="second")
    if "BROKER_URL" in installation.environment:
        client = redis.Redis.from_url(installation.environment["BROKER_URL"])
        client.flushdb()
        client.close()
    else:
        for path in (Path(installation.environment["DATA_DIR"]) / "broker" / "queue").iterdir():
            path.unlink()
    # What the killed worker had claimed is taken up after ten minutes.
    installation.shell(TEN_MINUTES_LATER)
    installation.worker()
    wait_for(lambda: "pending" not in (states := installation.states()) and "sending" not in states)

    message_ids = message_ids_in(postbox)
    assert len(set(message_ids)) == 20
    assert len(message_ids) - len(set(message_ids)) <= int(installation.shell(TAKEOVERS))


def test_mails_of_a_time_without_a_broker_go_out_when_it_is_back(tmp_path, postbox):
    """First a port that takes connections and never answers, then a Redis behind it."""
    silent = socket.socket()
    silent.bind(("127.0.0.1", 0))
    silent.listen(50)
    port = silent.getsockname()[1]
    installation = Installation(tmp_path, postbox.port, BROKER_URL=f"redis://127.0.0.1:{port}/0")
    installation.run("manage.py", "migrate", "--verbosity", "0")
    installation.enter(3, prefix="silence")
    silent.close()
    assert postbox.envelopes == []

    with own_redis(tmp_path, port):
        installation.worker()
        try:
            wait_for(lambda: len(postbox.envelopes) >= 3)
            wait_for(lambda: "sending" not in installation.states())
            assert installation.states() == "[(('sent', 1, 0), 3)]"
        finally:
            installation.stop()
