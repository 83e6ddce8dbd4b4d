"""The table of a run says what is missed, and how the last run was."""

from typing import Any

from tests.bench.report import table

MACHINE = {"processors": 2, "memory_gib": 24, "system": "Linux", "python": "3.11.7", "busy": 0.1}


def figures(*, ratio: float, **fields: Any) -> dict[str, Any]:
    """What is measured of a scenario."""
    return {
        "median_ms": 5.0,
        "fastest_ms": 4.0,
        "empty_median_ms": 1.0,
        "ratio": ratio,
        "fastest_ratio": ratio - 1,
        "crowd_ratio": 2.0,
        "processor_ms": 3.0,
        "bytes": 61515,
        "compressed_bytes": 6123,
        "queries": 2,
        "aim": 3,
    } | fields


def run(slots: int, ratio: float, **fields: Any) -> dict[str, Any]:
    """A run with one scenario and one function."""
    return {
        "engine": "sqlite",
        "slots": slots,
        "scenarios": {"day page": figures(ratio=ratio, **fields)},
        "functions": {"a plan": {"median_ms": 1200.0, "fastest_ms": 900.0, "aim": 1000, "queries": 4}},
        "memory_mib": {"started": 141.0, "after all": 230.0, "house": 235.0},
    }


def rows(*runs: dict[str, Any], last: dict[str, Any] | None = None) -> list[str]:
    """The lines of the table that hold figures."""
    text = table({"at": "2027-04-20 10:00 UTC", "machine": MACHINE, "runs": list(runs)}, last)
    return [line for line in text.splitlines() if line.startswith(("| day", "| a plan"))]


def test_what_is_missed_and_what_grows_is_named():
    assert rows(run(20_000, 2.9), run(200_000, 4.0)) == [
        (
            "| day page | 3 | 5.0 ms = **2.9** (1.9) · 2.0 | 5.0 ms = **4.0** (3.0) · 2.0 | 2 | 3.0 ms | "
            "61,515, 6,123 | 1.38 | 200,000, growth |"
        ),
        "| a plan | 1000 ms | **1200 ms** (900 ms) | **1200 ms** (900 ms) | 4 | 20,000, 200,000 |",
    ]


def test_what_has_no_aim_is_not_missed():
    assert rows(run(20_000, 99.0, aim=None))[0] == (
        "| day page |  | 5.0 ms = **99.0** (98.0) · 2.0 | 2 | 3.0 ms | 61,515, 6,123 |  |  |"
    )


def test_the_last_run_of_the_same_size_stands_beside():
    last = {"at": "2027-04-19 10:00 UTC", "machine": MACHINE, "runs": [run(20_000, 3.5)]}
    small, large = rows(run(20_000, 2.0), last=last)[0], rows(run(200_000, 2.0), last=last)[0]
    assert small.split(" | ")[2] == "5.0 ms = **2.0** (1.0), 3.5 (2.5) · 2.0"
    assert large.split(" | ")[2] == "5.0 ms = **2.0** (1.0) · 2.0"
