"""The software with data of its own and real processes, and the mail server they talk to.

Embedded (SQLite, a broker of files) or as in production (PostgreSQL, Redis).
"""

import email
import os
import shlex
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple, Self

import psycopg
import redis

from tests import services
from tests.mail_server import Postbox, SmtpServer
from tests.services import missing

PROJECT = Path(__file__).parents[3]
PROCFILE = dict(line.split(": ", 1) for line in (PROJECT / "Procfile").read_text().splitlines())

# Enters as many messages as each line says, as fast as it can, and answers when they are committed.
ENTERER = """
import sys
from django.utils import timezone
from notifications.outbox.dispatch import dispatcher
from notifications.outbox.entry import enqueue
facts = {"heading": "Probe", "paragraphs": ["Text"]}
total = 0
for line in sys.stdin:
    prefix, number, dispatched = line.split()
    for _n in range(int(number)):
        total += 1
        key = f"{prefix}-{total}"
        now = timezone.now()
        enqueue(kind="account_notice", recipient=f"{key}@example.org", facts=facts, dedupe_key=key, now=now)
    if dispatched == "dispatched":
        dispatcher.join()
    print("entered", flush=True)
"""


class Process(subprocess.Popen[bytes]):
    """A process of the Procfile with what it said, in a group of its own like a container."""

    log: Path

    def said(self, text: str) -> bool:
        return text in self.log.read_text()

    def shoot(self) -> None:
        """Kill the process and all it has started, without a chance to put anything in order."""
        os.killpg(self.pid, signal.SIGKILL)
        self.wait()


class Result(NamedTuple):
    message_id: str
    recipient: str
    state: str
    attempts: int
    takeovers: int
    fault: str
    last_error: str


class Installation:
    def __init__(self, folder: Path, smtp_port: int, **environment: str) -> None:
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if name in {"HOME", "LANG"}},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "DJANGO_SETTINGS_MODULE": "tests.impatient",
            "ENV_FILE": "",
            "DATA_DIR": str(folder),
            "SECRET_KEY": "a-key-for-tests-only-0123456789-0123456789-0123456789",
            "EMAIL_URL": f"smtp://127.0.0.1:{smtp_port}",
            "DEFAULT_FROM_EMAIL": "haus@example.org",
            "PYTHONUNBUFFERED": "1",
            **environment,
        }
        self.processes: list[Process] = []
        self._started = 0
        self._enterer: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.run("manage.py", "migrate", "--verbosity", "0")
        return self

    def __exit__(self, *exception: object) -> None:
        if self._enterer is not None:
            self._enterer.communicate()
        self.stop()

    def stop(self) -> None:
        """End all processes that still run, as a terminal or a container would."""
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.shoot()
        self.processes.clear()

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

    def start(self, name: str, *options: str) -> Process:
        """Start a process of the Procfile, under a name of its own if it is a worker."""
        self._started += 1
        number = self._started
        log = self.folder / f"{name}-{number}.log"
        own_name = ["--hostname", f"worker-{number}@%h"] if name == "worker" else []
        with log.open("wb") as output:
            process = Process(
                [*shlex.split(PROCFILE[name]), *own_name, *options],
                cwd=PROJECT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        process.log = log
        self.processes.append(process)
        return process

    def enter(self, number: int, *, prefix: str, dispatched: bool = True) -> None:
        """Enter messages and return when they are committed; else a sweep has to find them."""
        if self._enterer is None:
            self._enterer = subprocess.Popen(
                [sys.executable, "manage.py", "shell", "--no-imports", "--command", ENTERER],
                cwd=PROJECT,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._enterer.stdin is not None
        assert self._enterer.stdout is not None
        self._enterer.stdin.write(f"{prefix} {number} {'dispatched' if dispatched else 'quiet'}\n")
        self._enterer.stdin.flush()
        assert self._enterer.stdout.readline() == "entered\n"

    def results(self, prefix: str) -> list[Result]:
        """What became of the messages entered under the prefix."""
        columns = ", ".join(Result._fields)
        query = f"SELECT {columns} FROM notifications_message WHERE dedupe_key LIKE '{prefix}-%'"
        if url := self.environment.get("DATABASE_URL"):
            with psycopg.connect(url) as connection:
                return [Result(*row) for row in connection.execute(query)]
        with closing(sqlite3.connect(self.folder / "hausderbegegnung.sqlite3", timeout=20)) as connection:
            return [Result(*row) for row in connection.execute(query)]

    def are_done(self, prefix: str) -> bool:
        """Whether the result of each of them is known."""
        return {result.state for result in self.results(prefix)} <= {"sent", "failed"}

    def wipe_broker(self) -> None:
        """Forget every task that waits."""
        if "BROKER_URL" in self.environment:
            with redis.Redis.from_url(self.environment["BROKER_URL"]) as client:
                client.flushdb()
        else:
            for path in (self.folder / "broker" / "queue").glob("*"):
                path.unlink(missing_ok=True)


@contextmanager
def embedded(folder: Path, smtp_port: int) -> Iterator[Installation]:
    """SQLite and the broker that needs no server."""
    with Installation(folder, smtp_port) as made:
        yield made


@contextmanager
def on_servers(folder: Path, smtp_port: int) -> Iterator[Installation]:
    """PostgreSQL and Redis, each with a database of this test alone."""
    if not services.postgresql_answers():
        missing("PostgreSQL")
    name = f"hausderbegegnung_worker_{os.getpid()}"
    server = services.database_url()
    with own_redis(folder) as broker, psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        database = f"{server.rsplit('/', 1)[0]}/{name}"
        try:
            with Installation(folder, smtp_port, DATABASE_URL=database, BROKER_URL=broker) as made:
                yield made
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


INSTALLATIONS = {"embedded": embedded, "servers": on_servers}


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


class MailServer(Postbox):
    """A real SMTP server at a port of its own, which may go away and come back."""

    def __init__(self) -> None:
        super().__init__()
        self.port = free_port()
        self._server: SmtpServer | None = None

    def __enter__(self) -> Self:
        self.come_back()
        return self

    def __exit__(self, *exception: object) -> None:
        self.go_away()

    def come_back(self) -> None:
        self._server = SmtpServer(self, self.port)
        self._server.start()

    def go_away(self) -> None:
        if self._server is not None:
            self._server.stop()
        self._server = None

    def message_ids(self) -> list[str]:
        """The Message-IDs of all mails it took, in order."""
        return [email.message_from_bytes(envelope.content)["Message-ID"] for envelope in self.envelopes]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(done: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.1)
