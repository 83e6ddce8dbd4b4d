"""Run the embedded house as `make run` does, under load, and kill its processes: the web goes on answering,
and every mail ends. Clients, mail server and house talk over loopback only."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from tests.notifications.outbox.installation import MailServer, free_port
from tests.soak.clients import Clients, answer_of

ROOT = Path(__file__).parents[2]
SECONDS_TO_OPEN = 120
# A mail whose worker was killed in the middle of it is sent again after ten minutes.
SECONDS_TO_DRAIN = 15 * 60
TOKENS = """
from django.utils import timezone
from hausderbegegnung.models import User
from tests.factories import make_token
for who in ["verein", "verwaltung"]:
    print(make_token(User.objects.get(email=f"{who}@demo.example"), now=timezone.now()))
"""


def soak(*, minutes: float, clients: int, kills: dict[str, int], keep: bool) -> bool:
    """Print what the house did in that time; return whether it answered throughout and every mail ended."""
    folder = Path(tempfile.mkdtemp(prefix="soak-house-"))
    try:
        with MailServer() as mail_server:
            house = House(folder, mail_server.port)
            try:
                house.wait_until_open()
                load = Clients(house.address, house.tokens(), number=clients)
                load.start()
                done = house.kill_over_time(kills, seconds=minutes * 60)
                load.stop()
                is_drained, seconds = house.drain()
                health = answer_of(f"{house.address}/healthz")[1]
            finally:
                status, seconds_to_end = house.end()
            print(load.report())
            print(
                f"killed: {done}; restarts by /healthz: {health.get('restarts')}; last: {health.get('parts')}"
            )
            mails_are_good = print_mails(house, mail_server.message_ids())
            print(
                f"drained in {seconds:.0f} s: {is_drained}; unreadable: {health.get('unreadable_messages')}"
            )
            print(f"closed in {seconds_to_end:.1f} s with status {status}, left behind: {house.children()}")
        return (
            load.failed == 0
            and load.accepted > 0
            and is_drained
            and mails_are_good
            and done == kills
            and (status, house.children(), health.get("unreadable_messages")) == (0, [], 0)
        )
    finally:
        if keep:
            print(f"Data and log: {folder}")
        else:
            shutil.rmtree(folder)


class House:
    """`manage.py start` of the demo house, with data, port and mail server of its own, and other settings."""

    def __init__(self, folder: Path, smtp_port: int, **settings: str) -> None:
        port = free_port()
        self.database = folder / "hausderbegegnung.sqlite3"
        self.address = f"http://127.0.0.1:{port}"
        self.environment = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "ENV_FILE": "",
            "DEMO": "1",
            "DATA_DIR": str(folder),
            "PORT": str(port),
            "EMAIL_URL": f"smtp://127.0.0.1:{smtp_port}",
            "DEFAULT_FROM_EMAIL": "haus@example.org",
            **settings,
        }
        self.log = folder / "house.log"
        self.start()

    def start(self) -> None:
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "start"],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_open(self) -> None:
        deadline = time.monotonic() + SECONDS_TO_OPEN
        while "The house is open" not in self.log.read_text():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"The house did not open:\n{self.log.read_text()}")
            time.sleep(0.5)

    def tokens(self) -> list[str]:
        """API tokens of an association and of staff."""
        command = [sys.executable, "manage.py", "shell", "--no-imports", "--command", TOKENS]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True
        )
        return done.stdout.split()

    def children(self) -> list[int]:
        """The processes that see this house's data folder, without those of this tool."""
        mark = f"DATA_DIR={self.environment['DATA_DIR']}\0".encode()
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (process / "environ").read_bytes():
                    found.append(int(process.name))
            except OSError:
                continue
        return sorted(found)

    def pid_of(self, name: str) -> int | None:
        """The process that the supervisor runs under that name."""
        for pid in self.children():
            try:
                known = Path(f"/proc/{pid}/comm").read_text().strip()
            except OSError:
                continue
            if known == name:
                return pid
        return None

    def kill_over_time(self, kills: dict[str, int], *, seconds: float) -> dict[str, int]:
        """Kill the processes so often, spread over the time, none before it has come up."""
        names = [name for name, number in kills.items() for _n in range(number)]
        random.shuffle(names)
        started, done = time.monotonic(), Counter(dict.fromkeys(kills, 0))
        for number, name in enumerate(names, start=1):
            until = started + seconds * (number - random.uniform(0.2, 0.8)) / len(names)
            time.sleep(max(0, until - time.monotonic()))
            while (pid := self.pid_of(name)) is None and self.process.poll() is None:
                time.sleep(0.2)
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
                done[name] += 1
        time.sleep(max(0, started + seconds - time.monotonic()))
        return dict(done)

    def messages(self) -> list[tuple[str, str, int, bool]]:
        """State, Message-ID and takeovers of each mail, and whether it is planned for later."""
        query = "SELECT state, message_id, takeovers, not_before > datetime('now') FROM notifications_message"
        with closing(sqlite3.connect(self.database, timeout=20)) as connection:
            return connection.execute(query).fetchall()

    def drain(self) -> tuple[bool, float]:
        """Wait until no mail waits that should be out; return whether that came true, and the seconds."""
        started = time.monotonic()
        while time.monotonic() < started + SECONDS_TO_DRAIN:
            if not any(is_open(state, later) for state, _id, _takeovers, later in self.messages()):
                return True, time.monotonic() - started
            time.sleep(1)
        return False, time.monotonic() - started

    def end(self) -> tuple[int, float]:
        """End the house as Ctrl-C does; return its status and the seconds it took."""
        started = time.monotonic()
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(timeout=60), time.monotonic() - started


def is_open(state: str, is_later: bool) -> bool:
    return state == "sending" or (state == "pending" and not is_later)


def print_mails(house: House, delivered: list[str]) -> bool:
    """Tell how the mails ended; return whether each did, and none came twice without a killed worker."""
    messages, copies = house.messages(), Counter(delivered)
    states = Counter("planned for later" if later else state for state, _id, _takeovers, later in messages)
    unfinished = sum(is_open(state, later) for state, _id, _takeovers, later in messages)
    missing = sum(copies[name] == 0 for state, name, _takeovers, _later in messages if state == "sent")
    doubtful = sum(takeovers for _state, _id, takeovers, _later in messages)
    twice = sum(number - 1 for number in copies.values())
    unexplained = sum(copies[name] > 1 + takeovers for _state, name, takeovers, _later in messages)
    print(
        f"mails: {dict(states)}; without an end {unfinished}, sent but not arrived {missing}, in doubt after "
        f"a kill {doubtful}, copies more {twice}, of these without a kill {unexplained}"
    )
    return unfinished == missing == unexplained == 0
