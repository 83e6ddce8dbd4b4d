"""The table of a run, in Markdown, with a mark wherever an aim is missed."""

from collections.abc import Iterator
from typing import Any

GROWTH_AIM = 1.2


def table(figures: dict[str, Any]) -> str:
    """Return a section per engine: a line per scenario with all sizes, and what is missed."""
    machine = figures["machine"]
    conditions = f"{machine['processors']} processors, {machine['memory_gib']} GiB, {machine['system']}"
    conditions += f", Python {machine['python']}; load {machine['busy']}; one gunicorn process"
    lines = [f"Measured {figures['at']}: {conditions}.", ""]
    for engine in dict.fromkeys(run["engine"] for run in figures["runs"]):
        lines += _section(engine, [run for run in figures["runs"] if run["engine"] == engine])
    return "\n".join(lines)


def _section(engine: str, runs: list[dict[str, Any]]) -> Iterator[str]:
    sizes = [f"{run['slots']:,}" for run in runs]
    yield f"## {engine}"
    yield ""
    columns = [f"{size}: median, p95, ratio (of the fastest)" for size in sizes]
    yield f"| | aim | {' | '.join(columns)} | queries | growth | |"
    yield "|---|--:|" + "--:|" * (len(runs) + 2) + "---|"
    for name, first in runs[0]["scenarios"].items():
        found = [run["scenarios"][name] for run in runs]
        growth = found[-1]["ratio"] / first["ratio"] if len(runs) > 1 else None
        missed = [
            f"ratio at {size}"
            for size, one in zip(sizes, found, strict=True)
            if one["aim"] and one["ratio"] > one["aim"]
        ]
        if growth and growth > GROWTH_AIM:
            missed.append("growth")
        cells = [
            f"{one['median_ms']:.1f} ms, {one['p95_ms']:.1f} ms, "
            f"**{one['ratio']:.1f}** ({one['fastest_ratio']:.1f})"
            for one in found
        ]
        queries = " / ".join(dict.fromkeys(str(one["queries"]) for one in found))
        yield (
            f"| {name} | {first['aim'] or ''} | " + " | ".join(cells) + f" | {queries} | "
            f"{f'{growth:.2f}' if growth else ''} | {'missed: ' + ', '.join(missed) if missed else ''} |"
        )
    yield ""
    yield from _functions(runs, sizes)
    empty = [sorted(one["empty_median_ms"] for one in run["scenarios"].values()) for run in runs]
    memory = [
        f"{run['memory_mib']['started']:.0f} → {run['memory_mib']['after all']:.0f} MiB" for run in runs
    ]
    yield ""
    yield (
        "Empty page: "
        + ", ".join(f"{one[len(one) // 2]:.2f} ms" for one in empty if one)
        + "; memory of the worker: "
        + ", ".join(memory)
        + "."
    )
    yield ""


def _functions(runs: list[dict[str, Any]], sizes: list[str]) -> Iterator[str]:
    columns = [f"{size}: median (fastest)" for size in sizes]
    yield f"| without a server | aim | {' | '.join(columns)} | queries | |"
    yield "|---|--:|" + "--:|" * (len(runs) + 1) + "---|"
    for name, first in runs[0]["functions"].items():
        found = [run["functions"][name] for run in runs]
        cells = [f"**{one['median_ms']:.0f} ms** ({one['fastest_ms']:.0f} ms)" for one in found]
        missed = [size for size, one in zip(sizes, found, strict=True) if one["median_ms"] > one["aim"]]
        queries = " / ".join(dict.fromkeys(str(one["queries"]) for one in found))
        yield (
            f"| {name} | {first['aim']:.0f} ms | {' | '.join(cells)} | {queries} | "
            f"{'missed at ' + ', '.join(missed) if missed else ''} |"
        )
