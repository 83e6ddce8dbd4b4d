"""Publish messages as fast as one process can, while another polls for them: none unreadable, none lost."""

import multiprocessing
import tempfile
import time
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from kombu import Connection, Queue

TRANSPORT = "hausderbegegnung.operations.broker:Transport"
POLLING_SECONDS = 0.001


def soak(*, messages: int, transport: str) -> bool:
    """Carry the messages and print what became of them; return whether each arrived once."""
    with tempfile.TemporaryDirectory(prefix="soak-broker-") as folder:
        spawn = multiprocessing.get_context("spawn")
        all_published, result = spawn.Event(), spawn.Queue()
        consumer = spawn.Process(
            target=consume, args=[transport, folder, messages, all_published, result], daemon=True
        )
        consumer.start()
        started = time.monotonic()
        with connected(transport, folder) as connection, connection.Producer(serializer="json") as producer:
            for number in range(messages):
                producer.publish(number, routing_key="work", retry=False)
        published = time.monotonic()
        all_published.set()
        times_taken, unreadable = result.get()
        ended = time.monotonic()
        consumer.join()
        # What our own transport puts aside raises nothing.
        aside = sum(1 for _path in (Path(folder) / "unreadable").glob("*"))
        lying = sum(1 for _path in (Path(folder) / "queue").glob("*"))
    lost, twice = times_taken.count(0), sum(1 for times in times_taken if times > 1)
    print(
        f"{messages} messages over {transport}: published in {published - started:.0f} s, "
        f"taken in {ended - started:.0f} s\n"
        f"unreadable {unreadable + aside}, lost {lost}, taken twice {twice}, left in the folder {lying}"
    )
    return unreadable == aside == lost == twice == lying == 0


def connected(transport: str, folder: str) -> Connection:
    names = {name: str(Path(folder) / name) for name in ["queue", "processed", "control"]}
    options: dict[str, Any] = {"folder": folder, "polling_interval": POLLING_SECONDS}
    if transport == "filesystem":
        for path in names.values():
            Path(path).mkdir(exist_ok=True)
        options |= {"data_folder_in": names["queue"], "data_folder_out": names["queue"]}
        options |= {"processed_folder": names["processed"], "control_folder": names["control"]}
    return Connection(transport=transport, transport_options=options)


def consume(transport: str, folder: str, messages: int, all_published: Event, result: Any) -> None:
    """Take messages until all are published and no more come; say how often each came, and what failed."""
    times_taken, unreadable = bytearray(messages), 0

    def take(body: int, message: Any) -> None:
        times_taken[body] += 1
        message.ack()

    with connected(transport, folder) as connection:
        queue = Queue("work", no_declare=True)
        with connection.Consumer([queue], callbacks=[take], accept=["json"]):
            while True:
                is_last_look = all_published.is_set()
                try:
                    connection.drain_events(timeout=0.5)
                except TimeoutError:
                    if is_last_look:
                        break
                except ValueError:
                    unreadable += 1
    result.put((bytes(times_taken), unreadable))
