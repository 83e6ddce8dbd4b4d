"""Measures all scenarios on one database, given by the environment, and prints one JSON object.

Run by `tests.bench` in a process of its own for each database: `python -m tests.bench.measure SLOTS SAMPLES`.
"""

import json
import logging
import os
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import django
from django.core.management import call_command

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"
django.setup()

from django.db import connection, connections  # noqa: E402 - needs the settings
from django.test import Client as InProcess  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from tests.bench.calls import EMPTY_PAGE, Call  # noqa: E402
from tests.bench.house import FullHouse, build  # noqa: E402
from tests.bench.scenarios import Function, Scenario, functions, scenarios  # noqa: E402
from tests.bench.server import Client, Server, memory_of_house  # noqa: E402

WARM_UP = 5
CROWD = 8
CALLS_OF_A_FUNCTION = 15


def measure(scenario: Scenario, server: Server, samples: int) -> dict[str, Any]:
    """Time the scenario with one client and with several at once, and weigh its answers.

    The empty page is asked for in turns with it, so that a busy machine slows down both.
    """
    calls = scenario.calls()
    client = Client(server.port)
    for _warm in range(WARM_UP):
        client.time(next(calls))
        client.time(EMPTY_PAGE)
    times, empty, processor = [], [], []
    for _sample in range(samples):
        call = next(calls)
        before = server.processor_ms()
        times.append(client.time(call))
        between = server.processor_ms()
        empty.append(client.time(EMPTY_PAGE))
        processor.append(between - before)
    crowded_times, crowded_empty = measure_crowd(calls, server.port, samples)
    plain, compressed = (sized_call(client, next(calls), coding) for coding in ["identity", "gzip"])
    calls.close()  # type: ignore[attr-defined]
    return {
        "median_ms": round(statistics.median(times), 3),
        "p95_ms": round(statistics.quantiles(times, n=20)[-1], 3),
        "fastest_ms": round(min(times), 3),
        "empty_median_ms": round(statistics.median(empty), 3),
        "empty_fastest_ms": round(min(empty), 3),
        "ratio": round(statistics.median(times) / statistics.median(empty), 2),
        "fastest_ratio": round(min(times) / min(empty), 2),
        "crowd_ratio": round(statistics.median(crowded_times) / statistics.median(crowded_empty), 2),
        "processor_ms": round(statistics.median(processor), 2),
        "bytes": plain,
        "compressed_bytes": compressed,
        "aim": scenario.aim and scenario.aim._asdict()[connection.vendor],
    }


def measure_crowd(calls: Iterator[Call], port: int, samples: int) -> tuple[list[float], list[float]]:
    """Time calls and empty pages of several clients at once; what a call needs before it is done in turns."""
    times, empty, turn = [], [], threading.Lock()

    def ask() -> None:
        client = Client(port)
        for _sample in range(max(samples // CROWD, 2)):
            with turn:
                call = next(calls)
            times.append(client.time(call))
            empty.append(client.time(EMPTY_PAGE))
        connections.close_all()

    with ThreadPoolExecutor(CROWD) as crowd:
        for asked in [crowd.submit(ask) for _client in range(CROWD)]:
            asked.result()
    return times, empty


def sized_call(client: Client, call: Call, coding: str) -> int:
    """Return how many bytes the body of the answer has in this coding."""
    client.time(replace(call, headers=call.headers | {"Accept-Encoding": coding}))
    return client.bytes_read


def measure_function(function: Function) -> dict[str, Any]:
    """Time a function in this process, after a call that warmed the caches, and count its queries."""
    function.call()
    with CaptureQueriesContext(connection) as queries:
        function.call()
    times: list[float] = []
    for _call in range(CALLS_OF_A_FUNCTION):
        started = time.perf_counter()
        function.call()
        times.append((time.perf_counter() - started) * 1000)
    return {
        "median_ms": round(statistics.median(times), 3),
        "fastest_ms": round(min(times), 3),
        "aim": function.aim,
        "queries": len(queries),
    }


def count_queries(scenario: Scenario) -> int:
    """Return how many queries one call of the scenario makes, after one that warmed the caches."""
    calls, browser, etag = scenario.calls(), InProcess(SERVER_NAME="localhost"), ""
    for _warm in range(2):
        call = next(calls)
        etag = _ask(browser, call, etag)
    call = next(calls)
    with CaptureQueriesContext(connection) as queries:
        _ask(browser, call, etag)
    # Beginning and ending a transaction is not counted.
    return sum(query["sql"].split()[0] in {"SELECT", "INSERT", "UPDATE", "DELETE"} for query in queries)


def _ask(browser: InProcess, call: Call, etag: str) -> str:
    """Answer the call in this process and return the ETag of the answer."""
    headers = {name: etag if value == "LAST" else value for name, value in call.headers.items()}
    content_type = headers.pop("Content-Type", "")
    response = browser.generic(call.method, call.path, call.body, content_type, headers=headers)
    if response.status_code != call.status and (etag or call.status != 304):
        raise SystemExit(f"{call.method} {call.path}: {response.status_code} instead of {call.status}")
    return response.headers.get("ETag", "")


def run(full: FullHouse, samples: int) -> dict[str, Any]:
    """Measure every scenario against the real server, then count its queries in this process."""
    results: dict[str, Any] = {}
    everything = scenarios(full)
    only = os.environ.get("BENCH_ONLY", "")
    port = int(os.environ["PORT"])
    with Server(port) as server:
        Client(port).time(EMPTY_PAGE)
        memory = {"started": server.memory()}
        for scenario in everything:
            if only in scenario.name:
                results[scenario.name] = measure(
                    scenario, server, samples // 2 if scenario.writes else samples
                )
        memory["after all"] = server.memory()
    memory["house"] = memory_of_house(
        port, [reverse(name) for name in ["home", "day", "account_login", "api_rooms"]]
    )
    for scenario in everything:
        if scenario.name in results:
            results[scenario.name]["queries"] = count_queries(scenario)
    timed = {each.name: measure_function(each) for each in functions(full) if only in each.name}
    return {"memory_mib": memory, "scenarios": results, "functions": timed}


def main(slots: int, samples: int) -> None:
    # That requests are refused is meant.
    logging.disable(logging.WARNING)
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    started = time.monotonic()
    full = build(slots, timezone.now())
    built = round(time.monotonic() - started, 1)
    print(json.dumps({"built_in_s": built, **run(full, samples)}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
