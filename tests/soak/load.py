"""The house under the load of a day, most of it reading: no error, quick answers, and memory that stays."""

import statistics
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from tests.bench.calls import EMPTY_PAGE
from tests.bench.databases import environment
from tests.bench.server import Client, memory_of
from tests.notifications.outbox.installation import MailServer
from tests.soak.clients import Clients
from tests.soak.house import House

MINUTES_UNTIL_EVEN = 5
MOST_EMPTY_PAGES, MOST_GROWTH = 60, 1.1
SHARED = ["DATABASE_URL", "CACHE_URL", "BROKER_URL", "BENCH_PREFIX"]


def soak(*, engine: str, minutes: float, clients: int) -> bool:
    """Print how the house fared; return whether it answered all, soon enough, and held its memory."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soak-load-")))
        servers = stack.enter_context(environment(engine, port=0))
        settings = {name: servers[name] for name in SHARED if name in servers}
        mail_server = stack.enter_context(MailServer())
        house = House(folder, mail_server.port, DJANGO_SETTINGS_MODULE="tests.bench.settings", **settings)
        try:
            house.wait_until_open()
            load = Clients(house.address, house.tokens(), number=clients, askers=4)
            empty = EmptyPage(int(house.address.rpartition(":")[2]))
            load.start()
            empty.start()
            time.sleep(min(MINUTES_UNTIL_EVEN, minutes / 2) * 60)
            early = memory_of(house.process.pid)
            time.sleep(max(minutes - MINUTES_UNTIL_EVEN, minutes / 2) * 60)
            late = memory_of(house.process.pid)
            load.stop()
            empty.stop()
        finally:
            house.end()
        view = statistics.median(empty.milliseconds)
        p99 = statistics.quantiles(load.seconds, n=100)[-1] * 1000
        print(load.report())
        print(f"{load.read_share:.0%} reading; 99 % below {p99 / view:.0f} empty pages of {view:.2f} ms")
        print(f"memory (PSS): {early:.0f} MiB early, {late:.0f} MiB at the end")
        return load.failed == 0 and p99 < MOST_EMPTY_PAGES * view and late < MOST_GROWTH * early


class EmptyPage(threading.Thread):
    """Asks for the empty page twice a second, so that a busy machine slows down what is compared, too."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.client = Client(port)
        self.milliseconds: list[float] = []
        self._stop_asking = threading.Event()

    def run(self) -> None:
        while not self._stop_asking.wait(0.5):
            self.milliseconds.append(self.client.time(EMPTY_PAGE))

    def stop(self) -> None:
        self._stop_asking.set()
        self.join()
