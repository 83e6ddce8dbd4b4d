"""People and programs that use the house at the same time, with the pauses people make."""

import http.cookiejar
import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as time_of_day
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
PAUSE = (0.3, 1.2)
SECONDS_TO_WRITE = (2, 5)
PAGES = ["/", "/raeume/", "/tag/", "/woche/", "/finden/", "/display/", "/api/v1/schedule/", "/api/v1/rooms/"]
PAGES_OF_STAFF = ["/eingang/", "/eingang/alle/", "/postausgang/", "/hausdienst/", "/tag/"]
# What a rule or a rival may answer to a request or a decision.
REFUSALS = {400, 409}
READING = {"page", "staff", "health", "list"}
TAKEN = {("request", 201), ("approve", 200), ("reject", 200)}


@dataclass(frozen=True)
class Answer:
    """What came back, in seconds; status 0 and the error as text where nothing did."""

    path: str
    status: int
    headers: dict[str, str]
    text: str
    seconds: float


def answer_of(address: str) -> tuple[int, Any]:
    """Return status and JSON of an address."""
    try:
        with build_opener().open(address, timeout=30) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        return error.code, json.load(error)


class Clients:
    """So many at once: readers, one of them of the staff, and `askers` programs each to ask and to decide.

    With `all_write` all of them ask and decide, and nobody takes the time to write.
    """

    def __init__(
        self, address: str, tokens: list[str], *, number: int, askers: int = 2, all_write: bool = False
    ) -> None:
        self.address, self.tokens = address, tokens
        self.statuses: Counter[tuple[str, int]] = Counter()
        self.faults: Counter[str] = Counter()
        self.slowest = (0.0, "")
        self.seconds: list[float] = []
        # Where more is written than one file takes in 20 seconds, somebody is asked to come back.
        self._refusals = {*REFUSALS, 503} if all_write else REFUSALS
        self._seconds_to_write = (0, 0) if all_write else SECONDS_TO_WRITE
        self._lock, self._stop = threading.Lock(), threading.Event()
        works: list[Callable[[OpenerDirector], None]] = [self.ask, self.decide] * askers
        if all_write:
            works *= number // len(works) + 1
        works += [self.read_as_staff, self.watch_health]
        works += [self.read] * (number - len(works))
        # Each asks for an association of its own: two that found the same one at once would be taken for two.
        self._threads = [
            threading.Thread(target=self._go_on, args=[work], name=f"Verein der Dauerläufer {position}")
            for position, work in enumerate(works[:number])
        ]

    @property
    def accepted(self) -> int:
        """How many requests and decisions the house took, each of which is a mail."""
        return sum(n for (kind, status), n in self.statuses.items() if (kind, status) in TAKEN)

    @property
    def read_share(self) -> float:
        """The part of all answers that stored nothing."""
        read = sum(n for (kind, _status), n in self.statuses.items() if kind in READING)
        return read / self.statuses.total()

    @property
    def failed(self) -> int:
        """How many answers of the web failed: none at all, an error of the server, or an unexpected one."""
        return sum(self.faults.values())

    def start(self) -> None:
        self.rooms = [room["slug"] for room in answer_of(f"{self.address}/api/v1/rooms/")[1]]
        self.house_rules = answer_of(f"{self.address}/api/v1/house/")[1]["house_rules"]["version"]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def report(self) -> str:
        ordered = sorted(self.seconds) or [0]
        kinds: dict[str, dict[int, int]] = {}
        for (kind, status), number in sorted(self.statuses.items()):
            kinds.setdefault(kind, {})[status] = number
        return (
            f"{len(self.seconds)} requests, {self.failed} failed {dict(self.faults)}\n{kinds}\n"
            f"median {ordered[len(ordered) // 2] * 1000:.0f} ms, 99 % below "
            f"{ordered[int(len(ordered) * 0.99) - 1] * 1000:.0f} ms, slowest {self.slowest[0]:.2f} s "
            f"({self.slowest[1]})"
        )

    def _go_on(self, work: Callable[[OpenerDirector], None]) -> None:
        opener = build_opener(HTTPCookieProcessor(http.cookiejar.CookieJar()))
        while not self._stop.wait(random.uniform(*PAUSE)):
            try:
                work(opener)
            except Exception as error:  # noqa: BLE001 - a client that falls over must not go unnoticed
                with self._lock:
                    self.faults[f"client: {type(error).__name__}: {error}"] += 1

    # What they do ------------------------------------------------------------------------------

    def read(self, opener: OpenerDirector) -> None:
        self.call(opener, "page", random.choice(PAGES), {200})

    def watch_health(self, opener: OpenerDirector) -> None:
        """Here 503 is the truth while a process is down."""
        self.call(opener, "health", "/healthz", {200, 503})

    def read_as_staff(self, opener: OpenerDirector) -> None:
        page = self.call(opener, "staff", random.choice(PAGES_OF_STAFF), {200})
        if 'action="/demo/anmelden/verwaltung/' in page:
            token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]  # type: ignore[index]
            form = urlencode({"csrfmiddlewaretoken": token}).encode()
            self.call(opener, "staff", "/demo/anmelden/verwaltung/", {200}, body=form)

    def ask(self, opener: OpenerDirector) -> None:
        """A request takes longer to write than to decide, else they would pile up."""
        self._stop.wait(random.uniform(*self._seconds_to_write))
        day = datetime.fromtimestamp(time.time(), BERLIN).date() + timedelta(days=random.randint(2, 80))
        starts_at = datetime.combine(day, time_of_day(random.randint(9, 19)), BERLIN)
        request = {
            "dates": [
                {
                    "rooms": [random.choice(self.rooms)],
                    "starts_at": starts_at.isoformat(),
                    "ends_at": (starts_at + timedelta(hours=random.randint(1, 2))).isoformat(),
                }
            ],
            "association": threading.current_thread().name,
            "association_kind": "initiative",
            "contact_name": "Erika Beispiel",
            "kind": "meeting",
            "title": "Treffen",
            "persons": 8,
            "house_rules": self.house_rules,
        }
        self.call_api(opener, "request", "/api/v1/bookings/", {201, *self._refusals}, who=0, sent=request)

    def decide(self, opener: OpenerDirector) -> None:
        answer = self.call_api(opener, "list", "/api/v1/bookings/?status=requested", {200}, who=1)
        waiting = [booking["reference"] for booking in json.loads(answer or "{}").get("results", [])]
        if waiting:
            verb = random.choice(["approve", "approve", "reject"])
            path = f"/api/v1/bookings/{random.choice(waiting)}/{verb}/"
            self.call_api(opener, verb, path, {200, *self._refusals}, who=1, sent={"reason": "Probe"})

    # How they do it ----------------------------------------------------------------------------

    def call_api(
        self,
        opener: OpenerDirector,
        kind: str,
        path: str,
        expected: set[int],
        *,
        who: int,
        sent: object = None,
    ) -> str:
        headers = {"Authorization": f"Token {self.tokens[who]}", "Content-Type": "application/json"}
        body = None if sent is None else json.dumps(sent).encode()
        return self.call(opener, kind, path, expected, body=body, headers=headers)

    def call(
        self,
        opener: OpenerDirector,
        kind: str,
        path: str,
        expected: set[int],
        *,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> str:
        """Send it, note what came of it, and return the text of the answer."""
        started, status, text, headers_of_answer = time.monotonic(), 0, "", {}
        try:
            with opener.open(Request(f"{self.address}{path}", body, headers or {}), timeout=60) as answer:
                status, headers_of_answer, text = answer.status, dict(answer.headers), answer.read().decode()
        except HTTPError as error:
            with error:
                status, headers_of_answer, text = error.code, dict(error.headers), error.read().decode()
        except OSError as error:
            text = f"{type(error).__name__}: {error}"
        answered = Answer(path, status, headers_of_answer, text, time.monotonic() - started)
        with self._lock:
            self.note(kind, answered, expected)
        return text

    def note(self, kind: str, answer: Answer, expected: set[int]) -> None:
        """Count an answer; one client at a time."""
        self.statuses[kind, answer.status] += 1
        self.seconds.append(answer.seconds)
        self.slowest = max(self.slowest, (answer.seconds, answer.path))
        if answer.status not in expected:
            self.faults[f"{kind} {answer.path.partition('?')[0]}: {answer.status or answer.text}"] += 1
