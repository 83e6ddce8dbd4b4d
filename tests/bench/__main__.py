"""Measures on every database that is here and prints a table; `python -m tests.bench --help` says more."""

import argparse
import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests import services
from tests.bench.databases import environment
from tests.bench.report import table

SIZES = (20_000, 200_000, 1_000_000)
LAST_RUN = Path(__file__).parents[2] / "docs/benchmarks.json"
PORT = 8240


def machine() -> dict[str, Any]:
    """Return what the figures depend on, without a name of the machine."""
    return {
        "processors": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": platform.system(),
        "python": platform.python_version(),
        "busy": round(os.getloadavg()[0], 1),
    }


def measure(engine: str, slots: int, samples: int, port: int) -> dict[str, Any]:
    """Run `tests.bench.measure` on a database of its own and return what it found."""
    print(f"Measuring {engine} with {slots} dates …", file=sys.stderr, flush=True)
    with environment(engine, port) as variables:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.measure", str(slots), str(samples)],
            env=variables,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        raise SystemExit(f"Measuring {engine} with {slots} dates failed.\n{done.stdout}")
    return {"engine": engine, "slots": slots, **json.loads(done.stdout)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--engine", choices=["sqlite", "postgresql"], action="append", help="default: what is here"
    )
    parser.add_argument("--slots", type=int, action="append", help=f"stored dates, default: {SIZES}")
    parser.add_argument(
        "--samples", type=int, default=200, help="per scenario, half of it for those that write"
    )
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--json", type=Path, help="also write all figures to this file")
    parser.add_argument("--last", type=Path, default=LAST_RUN, help="the run to compare with")
    chosen = parser.parse_args()
    engines = chosen.engine or ["sqlite"] + (["postgresql"] if services.postgresql_answers() else [])
    runs = [
        measure(engine, slots, chosen.samples, chosen.port)
        for engine in engines
        for slots in chosen.slots or SIZES
    ]
    figures = {"at": f"{datetime.now(tz=UTC):%Y-%m-%d %H:%M} UTC", "machine": machine(), "runs": runs}
    last = json.loads(chosen.last.read_text()) if chosen.last.exists() else None
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=1) + "\n")
    print(table(figures, last))


if __name__ == "__main__":
    main()
