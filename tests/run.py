"""`make test`: the whole suite on every database that is here, and a word about what is not.

Arguments go to pytest: `python -m tests.run -k healthz`. With CI=true everything must be here.
"""

import os
import subprocess
import sys
import time

from tests import services

# On a database of its own each; the browser and the processes are the same on both, so they run once.
RUNS = {
    "SQLite": ({"TEST_ENGINE": "sqlite"}, []),
    "PostgreSQL": ({"TEST_ENGINE": "postgresql"}, ["-m", "not browser and not processes"]),
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


def run(name: str, arguments: list[str]) -> tuple[str, bool]:
    """Run the suite on one engine; return a line for the summary and whether all went well."""
    environment, selection = RUNS[name]
    print(f"\n=== The suite on {name} ===", flush=True)
    started = time.monotonic()
    processes = os.environ.get("TEST_PROCESSES", str(min(4, os.cpu_count() or 1)))
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        processes,
        "--dist",
        "loadgroup",
        *selection,
        *arguments,
    ]
    status = subprocess.run(command, env=os.environ | environment, check=False).returncode
    verdict = "passed" if status == 0 else f"FAILED (exit status {status})"
    return f"{name}: {verdict} in {time.monotonic() - started:.0f} s", status == 0


def main(arguments: list[str]) -> int:
    """Run what can be run; return the exit status."""
    missing = find_missing()
    demanded = os.environ.get("CI") == "true"
    names = ["SQLite"] + (["PostgreSQL"] if services.postgresql_answers() else [])
    results = [run(name, arguments) for name in names]
    print("\n=== Summary ===")
    for line, _passed in results:
        print(line)
    for name, untested in missing.items():
        print(f"{'MISSING' if demanded else 'Skipped'}: {name} is not here; not tested: {untested}")
    if missing and demanded:
        print("CI=true demands all of it.")
    return 0 if all(passed for _line, passed in results) and not (missing and demanded) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
