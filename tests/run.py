"""`make test`, `make quick` and `make explore`: which tests run where, and a word about what is not here.

    python -m tests.run            everything, on every engine that is here
    python -m tests.run quick      SQLite alone, no browser, no processes, a tenth of the generated examples
    python -m tests.run explore    the generated tests alone, twenty times the examples, other ones each time

Further arguments go to pytest: `python -m tests.run quick -k healthz`. With CI=true everything must be here.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests import services

# pytest's word for: no test was chosen.
NOTHING_CHOSEN = 5


@dataclass(frozen=True)
class Lane:
    """A run of pytest beside the others, with a database of its own."""

    name: str
    engine: str
    chosen: str
    examples: str = "full"


# The browser, the processes and what asks no database are the same on both engines, so they run once.
# Processes are mostly waited for: they have a lane of their own beside the two that compute.
EVERYTHING = [
    Lane("Processes", "sqlite", "processes"),
    Lane("SQLite", "sqlite", "not processes"),
    Lane("PostgreSQL", "postgresql", "engine and not browser and not processes"),
]
PARTS = {
    "quick": [Lane("SQLite", "sqlite", "not browser and not processes", "quick")],
    "explore": [Lane("Generated", "sqlite", "hypothesis", "explore")],
}


def find_missing() -> dict[str, str]:
    """Return what is not on this machine, each with what is therefore not tested."""
    found = {
        f"PostgreSQL ({services.without_password(services.database_url())})": (
            services.postgresql_answers(),
            "the suite on PostgreSQL, the production processes",
        ),
        f"Redis ({services.without_password(services.redis_url())})": (
            services.redis_answers(),
            "the cache and the broker of production",
        ),
        "Chromium": (services.chromium() is not None, "the pages in a browser, accessibility"),
    }
    return {name: untested for name, (here, untested) in found.items() if not here}


def run(lane: Lane, arguments: list[str], label: str) -> tuple[str, bool]:
    """Run the tests of a lane, each line after its label; return how it ended, and whether it passed."""
    started = time.monotonic()
    # Each process would compile the tests anew.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    processes = os.environ.get("TEST_PROCESSES", str(min(4, os.cpu_count() or 1)))
    command = [sys.executable, "-m", "pytest", "-q", "-n", processes, "--dist", "loadgroup"]
    command += [f"--hypothesis-profile={lane.examples}", "-m", lane.chosen, *arguments]
    process = subprocess.Popen(
        command,
        env=environment | {"TEST_ENGINE": lane.engine},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        print(f"{label}{line}", end="", flush=True)
    status = process.wait()
    passed = status == 0 or (status == NOTHING_CHOSEN and bool(arguments))
    verdict = "nothing chosen" if status == NOTHING_CHOSEN else "passed"
    if not passed:
        verdict = f"FAILED (exit status {status})"
    return f"{lane.name}: {verdict} in {time.monotonic() - started:.0f} s", passed


def run_beside_each_other(lanes: list[Lane], arguments: list[str]) -> bool:
    """Run the lanes at once; say how each ended, and return whether all went well."""
    width = max(len(lane.name) for lane in lanes) + 2 if len(lanes) > 1 else 0
    with ThreadPoolExecutor(max_workers=len(lanes)) as pool:
        results = list(pool.map(lambda lane: run(lane, arguments, f"{lane.name:{width}}"[:width]), lanes))
    print("\n=== Summary ===")
    for line, _passed in results:
        print(line)
    return all(passed for _line, passed in results)


def run_everything(arguments: list[str]) -> int:
    """Run what can be run here; return the exit status."""
    missing = find_missing()
    demanded = os.environ.get("CI") == "true"
    here = services.postgresql_answers()
    passed = run_beside_each_other(
        [lane for lane in EVERYTHING if here or lane.engine == "sqlite"], arguments
    )
    for name, untested in missing.items():
        print(f"{'MISSING' if demanded else 'Skipped'}: {name} is not here; not tested: {untested}")
    if missing and demanded:
        print("CI=true demands all of it.")
    return 0 if passed and not (missing and demanded) else 1


def main(arguments: list[str]) -> int:
    """Run the part that is named first, or everything; return the exit status."""
    if arguments and arguments[0] in PARTS:
        return 0 if run_beside_each_other(PARTS[arguments[0]], arguments[1:]) else 1
    return run_everything(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
