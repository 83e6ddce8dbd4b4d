"""The real thing: the processes of the Procfile, on the embedded default and on production's servers."""

import asyncio
import os
import random
import signal
import socket
import socketserver
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.notifications.outbox.installation import (
    INSTALLATIONS,
    Installation,
    MailServer,
    Process,
    own_redis,
    wait_for,
)

# One after the other in one process, so that an installation is made once.
pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("workers")]


@pytest.fixture(scope="module")
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture(scope="module", params=INSTALLATIONS)
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, mail_server: MailServer
) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp(request.param)
    with INSTALLATIONS[request.param](folder, mail_server.port) as made:
        yield made


@pytest.fixture
def installation(running: Installation, mail_server: MailServer) -> Iterator[Installation]:
    """An installation in which no process runs yet, with an empty mailbox."""
    mail_server.envelopes.clear()
    yield running
    running.stop()
    running.wipe_broker()


def endings(installation: Installation, prefix: str) -> Counter[tuple[str, int, int]]:
    """How many messages ended how: state, attempts, takeovers."""
    return Counter(
        (result.state, result.attempts, result.takeovers) for result in installation.results(prefix)
    )


def test_two_workers_and_two_beats_send_everything_once(installation, mail_server):
    """What was entered before they started, what they are told of, and what only a sweep can find."""
    installation.enter(5, prefix="calm", dispatched=False)
    for name in ["worker", "worker", "beat", "beat"]:
        installation.start(name)
    wait_for(lambda: installation.are_done("calm"))
    installation.enter(20, prefix="calm")
    installation.wipe_broker()
    installation.enter(20, prefix="calm")
    wait_for(lambda: installation.are_done("calm"))

    assert endings(installation, "calm") == {("sent", 1, 0): 45}
    message_ids = [result.message_id for result in installation.results("calm")]
    assert sorted(mail_server.message_ids()) == sorted(message_ids)


def test_a_worker_that_is_replaced_breaks_nothing_off(installation, mail_server, monkeypatch):
    """As an update does it: all its processes are asked to stop amid their work, and another is started."""

    async def take_slowly(server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(0.2)
        mail_server.envelopes.append(envelope)
        return "250 OK"

    monkeypatch.setattr(mail_server, "handle_DATA", take_slowly)
    installation.start("beat")
    worker = installation.start("worker")
    installation.enter(30, prefix="update")
    wait_for(lambda: len(mail_server.envelopes) >= 5)
    os.killpg(worker.pid, signal.SIGTERM)
    assert worker.wait(timeout=30) == 0
    assert len(mail_server.envelopes) < 30
    assert "sending" not in {result.state for result in installation.results("update")}

    installation.start("worker")
    wait_for(lambda: installation.are_done("update"))
    assert endings(installation, "update") == {("sent", 1, 0): 30}
    assert len(mail_server.envelopes) == 30


@pytest.mark.parametrize("running", ["servers"], indirect=True)
def test_a_mail_server_that_drips_holds_no_worker_of_production(installation, mail_server):
    """It says something all the time and never comes to the point, so no time-out of a socket ends it."""
    comes_to_the_point = threading.Event()
    results = []

    def has_failed() -> bool:
        """The next try may begin at any time after, so what is seen now is kept."""
        results[:] = installation.results("dripped")
        return results[0].last_error != ""

    class Dripping(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                while not comes_to_the_point.wait(0.2):
                    self.wfile.write(b"220-One moment please\r\n")

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True

    mail_server.go_away()
    try:
        with Server(("127.0.0.1", mail_server.port), Dripping) as dripping:
            threading.Thread(target=dripping.serve_forever).start()
            installation.start("beat")
            installation.start("worker")
            installation.enter(1, prefix="dripped")
            wait_for(has_failed)
            comes_to_the_point.set()
            dripping.shutdown()
    finally:
        mail_server.come_back()
    (result,) = results
    assert (result.state, result.takeovers, result.fault) == ("pending", 0, "away")
    assert result.last_error.startswith("SoftTimeLimitExceeded")
    wait_for(lambda: installation.are_done("dripped"))
    assert len(mail_server.envelopes) == 1


def test_mails_of_a_time_without_a_broker_go_out_when_it_is_back(tmp_path, mail_server):
    """First a port that takes connections and never answers, then a Redis behind it."""
    mail_server.envelopes.clear()
    silent = socket.socket()
    silent.bind(("127.0.0.1", 0))
    silent.listen(50)
    port = silent.getsockname()[1]
    with Installation(tmp_path, mail_server.port, BROKER_URL=f"redis://127.0.0.1:{port}/0") as installation:
        installation.enter(3, prefix="silence")
        silent.close()
        assert mail_server.envelopes == []

        with own_redis(tmp_path, port):
            installation.start("beat")
            installation.start("worker")
            wait_for(lambda: installation.are_done("silence"))
            assert endings(installation, "silence") == {("sent", 1, 0): 3}
            assert len(mail_server.envelopes) == 3


# Chaos -----------------------------------------------------------------------------------------


class Moods:
    """A mail server that has good and bad moments; it remembers whom it refused for good."""

    def __init__(self, mail_server: MailServer, dice: random.Random) -> None:
        self.mail_server = mail_server
        self.dice = dice
        self.refused: set[str] = set()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        throw = self.dice.random()
        if throw < 0.02:
            self.refused.add(address)
            return "550 There is nobody of that name"
        if throw < 0.06:
            return "450 The mailbox is full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await asyncio.sleep(self.dice.uniform(0, 0.05))
        throw = self.dice.random()
        if throw < 0.02:
            self.refused.update(envelope.rcpt_tos)
            return "554 That looks like spam"
        if throw < 0.12:
            return "451 Come again later"
        self.mail_server.envelopes.append(envelope)
        if throw < 0.14:
            server.transport.close()
        return "250 OK"


# Messages, kills of workers, times the broker is wiped. CHAOS=full does as much on both.
FULL = (1000, 20, 5)
CHAOS = {"servers": FULL, "embedded": FULL if os.environ.get("CHAOS") == "full" else (160, 4, 1)}


def test_no_mail_is_lost_and_none_comes_twice_unnoticed(installation, mail_server, request, monkeypatch):
    """Two workers and two beats; workers and a beat are killed, the broker wiped, the mail server moody."""
    number, kills, wipes = CHAOS[request.node.callspec.params["running"]]
    seed = int(os.environ.get("CHAOS_SEED") or time.time())
    dice, moods = random.Random(seed), Moods(mail_server, random.Random(seed))
    for command in ["handle_RCPT", "handle_DATA"]:
        monkeypatch.setattr(mail_server, command, getattr(moods, command), raising=False)
    started = time.monotonic()
    beat = installation.start("beat")
    for name in ["beat", "worker", "worker"]:
        installation.start(name)

    for kill in range(kills):
        installation.enter(number // kills, prefix="chaos")
        victim = some_ready_worker(installation, dice)
        time.sleep(dice.uniform(0, 1))
        if kill % (kills // wipes) == 0:
            installation.wipe_broker()
        if kill == kills // 2:
            beat.shoot()
            mail_server.go_away()
        if kill == kills // 2 + 1:
            mail_server.come_back()
        victim.shoot()
        installation.start("worker")
    wait_for(lambda: installation.are_done("chaos"), seconds=300)

    results = installation.results("chaos")
    copies = Counter(mail_server.message_ids())
    doubles = sum(copies.values()) - len(copies)
    states = Counter(result.state for result in results)
    attempts, in_doubt = (sum(result[n] for result in results) for n in [3, 4])
    print(
        f"\n{number} messages, {kills} workers killed, broker wiped {wipes} times, seed {seed}: "
        f"{states['sent']} sent, {states['failed']} failed with their reason, {attempts} attempts, "
        f"{in_doubt} in doubt, {doubles} copies more, {time.monotonic() - started:.0f} s"
    )
    assert len(results) == number
    assert set(copies) <= {result.message_id for result in results}
    for result in results:
        if result.state == "sent":
            assert copies[result.message_id] >= 1
            assert copies[result.message_id] <= 1 + result.takeovers
        else:
            assert copies[result.message_id] <= result.takeovers
            assert result.fault in {"address", "refused", "crash"}
            assert result.last_error != ""
    failed = {result.recipient for result in results if result.fault in {"address", "refused"}}
    assert failed <= moods.refused


def some_ready_worker(installation: Installation, dice: random.Random) -> Process:
    """Wait until a worker has come up, so that it is killed at work and not while it starts."""

    def ready() -> list[Process]:
        workers = [process for process in installation.processes if process.log.name.startswith("worker")]
        return [worker for worker in workers if worker.poll() is None and worker.said(" ready.")]

    wait_for(lambda: bool(ready()))
    return dice.choice(ready())
