"""Take PostgreSQL and Redis away from a house in production under load, and give them back.

Stopped, hung, crashed, wiped: nobody gets an answer without a sentence, nobody waits for ever, and what was
acknowledged is kept. Clients, servers, mail server and house talk over loopback only.
"""

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.notifications.outbox.installation import MailServer
from tests.soak.clients import Answer, Clients, answer_of
from tests.soak.house import ROOT, House, print_mails
from tests.soak.servers import PostgreSQL, Redis, servers

SECONDS_OF_FAULT = 15
SECONDS_TO_RECOVER = 60
# Whoever waits longer has left, or presses the button again.
LONGEST_ANSWER = 15
SENTENCE = "<h1>Das Haus ist gerade nicht erreichbar</h1>"
# The house is away, or an address asks too often; in tests all clients are one.
TELLING = {503, 429}
# Of what clients read, what is drawn from the plan.
PLAN = {"/", "/tag/", "/woche/", "/finden/", "/display/", "/api/v1/schedule/"}


@dataclass
class Figures:
    """What came back in one case, by what it was, and the longest wait in seconds."""

    name: str
    answers: Counter[str] = field(default_factory=Counter)
    plan: Counter[str] = field(default_factory=Counter)
    bad: Counter[str] = field(default_factory=Counter)
    longest: float = 0
    seconds_until_page: float = 0
    seconds_until_well: float = 0

    def note(self, answer: Answer, expected: set[int]) -> None:
        what = described(answer, expected)
        self.answers[what] += 1
        if answer.path in PLAN:
            self.plan[what] += 1
        if what not in {"answered", "told"}:
            self.bad[f"{answer.path.partition('?')[0]}: {what}"] += 1
        self.longest = max(self.longest, answer.seconds)

    def row(self) -> str:
        cells = [
            self.name,
            self.answers["answered"],
            self.answers["told"],
            self.bad.total(),
            f"{self.plan['answered']} / {self.plan['told']}",
            *[
                f"{seconds:.1f}"
                for seconds in (self.longest, self.seconds_until_page, self.seconds_until_well)
            ],
        ]
        return f"| {' | '.join(map(str, cells))} |"


def described(answer: Answer, expected: set[int]) -> str:
    """Return "answered", "told" where a sentence says why not, or what is wrong with the answer."""
    if answer.status in TELLING:
        return "told" if is_told(answer) else f"{answer.status} without a sentence"
    if answer.status in expected:
        return "answered"
    return str(answer.status or f"no answer ({answer.text.partition(':')[0]})")


def is_told(answer: Answer) -> bool:
    """Whether a refusal says so in the form of its address, and when to come back."""
    if answer.path.startswith("/healthz"):
        return answer.text.startswith('{"status"')
    if answer.path.startswith("/api/"):
        is_problem = answer.headers.get("Content-Type") == "application/problem+json"
        return is_problem and bool(json.loads(answer.text)["detail"]) and "Retry-After" in answer.headers
    return SENTENCE in answer.text and "Retry-After" in answer.headers


class Visitors(Clients):
    """Clients whose answers are counted for the case that is played."""

    def __init__(self, address: str, tokens: list[str], *, number: int, figures: Figures) -> None:
        super().__init__(address, tokens, number=number)
        self.figures = figures
        self.acknowledged: list[str] = []

    def note(self, kind: str, answer: Answer, expected: set[int]) -> None:
        super().note(kind, answer, expected)
        self.figures.note(answer, expected)
        if (kind, answer.status) == ("request", 201):
            self.acknowledged.append(json.loads(answer.text)["reference"])


class ProductionHouse(House):
    """A house whose rows lie in PostgreSQL."""

    def messages(self) -> list[tuple[str, str, int, bool]]:
        columns = "state, message_id, takeovers, not_before > now()"
        return self._rows(f"SELECT {columns} FROM notifications_message")

    def references(self) -> set[str]:
        return {reference for (reference,) in self._rows("SELECT reference FROM bookings_booking")}

    def manage(self, *command: str) -> None:
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=self.environment,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _rows(self, query: str) -> list[tuple]:
        with psycopg.connect(self.environment["DATABASE_URL"]) as connection:
            return connection.execute(query).fetchall()


def soak(*, clients: int, keep: bool) -> bool:
    """Print what came back in each case; return whether all was told, kept, and came back."""
    folder = Path(tempfile.mkdtemp(prefix="soak-services-"))
    try:
        with ExitStack() as stack:
            postgresql, redis_server = stack.enter_context(servers(folder))
            mail_server = stack.enter_context(MailServer())
            data = folder / "house"
            data.mkdir()
            house = ProductionHouse(
                data,
                mail_server.port,
                DJANGO_SETTINGS_MODULE="tests.soak.settings",
                DATABASE_URL=postgresql.url,
                BROKER_URL=f"{redis_server.url}/0",
                CACHE_URL=f"{redis_server.url}/1",
            )
            stack.callback(house.end)
            house.wait_until_open()
            load = Visitors(house.address, house.tokens(), number=clients, figures=Figures("before"))
            load.start()
            figures = [
                played(name, begin, end, house, load)
                for name, (begin, end) in cases(postgresql, redis_server).items()
            ]
            load.stop()
            is_drained, seconds = house.drain()
            mails_are_good = print_mails(house, mail_server.message_ids())
            figures.append(wiped(postgresql, house, load.tokens, clients=clients))
            lost = set(load.acknowledged) - house.references()
        print("| case | answered | told | bad | plan pages | longest s | page after s | well after s |")
        print("|---|---|---|---|---|---|---|---|")
        for case in figures:
            print(case.row())
        for case in figures:
            if case.bad:
                print(f"{case.name}: {dict(case.bad)}")
        print(f"acknowledged {len(load.acknowledged)}, lost {len(lost)}; drained in {seconds:.0f} s")
        return (
            not any(case.bad for case in figures)
            and max(case.longest for case in figures) <= LONGEST_ANSWER
            and max(case.seconds_until_well for case in figures) <= SECONDS_TO_RECOVER
            and is_drained
            and mails_are_good
            and not lost
        )
    finally:
        if keep:
            print(f"Data and logs: {folder}")
        else:
            shutil.rmtree(folder)


def cases(
    postgresql: PostgreSQL, redis_server: Redis
) -> dict[str, tuple[Callable[[], object], Callable[[], object]]]:
    """Return each case that the house outlasts by itself, with what begins and what ends it."""
    name, away = postgresql.DATABASE, f"{postgresql.DATABASE}_away"
    return {
        "nothing": (lambda: None, lambda: None),
        "Redis stopped": (redis_server.stop, redis_server.start),
        "Redis hung": (redis_server.hang, redis_server.go_on),
        "Redis wiped": (redis_server.wipe, redis_server.wipe),
        "PostgreSQL stopped": (postgresql.stop, postgresql.start),
        "PostgreSQL hung": (postgresql.hang, postgresql.go_on),
        "PostgreSQL crashed": (lambda: postgresql.stop(signal.SIGQUIT), postgresql.start),
        "database vanished": (
            lambda: postgresql.rename_database(name, away),
            lambda: postgresql.rename_database(away, name),
        ),
    }


def played(
    name: str, begin: Callable[[], object], end: Callable[[], object], house: House, load: Visitors
) -> Figures:
    """Play one case: the fault for a while, then until all parts of the house live again."""
    load.figures = figures = Figures(name)
    begin()
    time.sleep(SECONDS_OF_FAULT)
    end()
    started = time.monotonic()
    figures.seconds_until_page = until_ok(f"{house.address}/api/v1/rooms/", started)
    figures.seconds_until_well = until_ok(f"{house.address}/healthz", started)
    return figures


def until_ok(address: str, started: float) -> float:
    """Wait for status 200 and return the seconds since `started`, infinite if it does not come in time."""
    while time.monotonic() < started + SECONDS_TO_RECOVER:
        with suppress(OSError):
            if answer_of(address)[0] == 200:
                return time.monotonic() - started
        time.sleep(0.2)
    return float("inf")


def wiped(postgresql: PostgreSQL, house: ProductionHouse, tokens: list[str], *, clients: int) -> Figures:
    """Let an empty database take the place of the house's under load, then restore it from a backup."""
    archive = Path(house.environment["DATA_DIR"]) / "house.zip"
    house.manage("backup", str(archive))
    load = Visitors(house.address, tokens, number=clients, figures=Figures("PostgreSQL wiped"))
    load.start()
    postgresql.drop_database()
    postgresql.make_database()
    time.sleep(SECONDS_OF_FAULT)
    load.stop()
    house.end()
    started = time.monotonic()
    house.manage("restore", str(archive))
    house.start()
    load.figures.seconds_until_page = until_ok(f"{house.address}/api/v1/rooms/", started)
    load.figures.seconds_until_well = until_ok(f"{house.address}/healthz", started)
    return load.figures
