"""The table of a run, in Markdown, beside the last stored one, with a mark wherever an aim is missed."""

from collections.abc import Iterator
from typing import Any

GROWTH_AIM = 1.2
HOUSE_AIM = {"sqlite": 200, "postgresql": 450}


def table(figures: dict[str, Any], last: dict[str, Any] | None = None) -> str:
    """Return a section per engine: a line per scenario with all sizes, and what is missed.

    Where `last` holds the same scenario of the same engine and size, its multiple stands beside the new one.
    """
    machine = figures["machine"]
    conditions = f"{machine['processors']} processors, {machine['memory_gib']} GiB, {machine['system']}"
    conditions += f", Python {machine['python']}; load {machine['busy']}; one gunicorn process"
    lines = [f"Measured {figures['at']}: {conditions}.", ""]
    if last:
        lines += [f"Beside it the run of {last['at']} (load {last['machine']['busy']}).", ""]
    stored = {(run["engine"], run["slots"]): run for run in last["runs"]} if last else {}
    for engine in dict.fromkeys(run["engine"] for run in figures["runs"]):
        lines += _section(engine, [run for run in figures["runs"] if run["engine"] == engine], stored)
    return "\n".join(lines)


def _section(engine: str, runs: list[dict[str, Any]], stored: dict[tuple[str, int], Any]) -> Iterator[str]:
    sizes = [f"{run['slots']:,}" for run in runs]
    columns = [f"{size}: median = multiple (fastest), last · 8 clients" for size in sizes]
    yield f"### {engine}"
    yield ""
    yield f"| | aim | {' | '.join(columns)} | statements | processor | bytes, compressed | growth | missed |"
    yield "|---|--:|" + "---|" * len(runs) + "--:|--:|--:|--:|---|"
    for name, first in runs[0]["scenarios"].items():
        found = [run["scenarios"][name] for run in runs]
        growth = found[-1]["ratio"] / first["ratio"] if len(runs) > 1 else None
        missed = [
            size
            for size, figures in zip(sizes, found, strict=True)
            if figures["aim"] and figures["ratio"] > figures["aim"]
        ]
        if growth and growth > GROWTH_AIM:
            missed.append("growth")
        cells = [
            _cell(figures, stored.get((engine, run["slots"]), {}).get("scenarios", {}).get(name))
            for run, figures in zip(runs, found, strict=True)
        ]
        statements = " / ".join(dict.fromkeys(str(figures["queries"]) for figures in found))
        yield (
            f"| {name} | {first['aim'] or ''} | {' | '.join(cells)} | {statements} | "
            f"{first['processor_ms']:.1f} ms | {first['bytes']:,}, {first['compressed_bytes']:,} | "
            f"{f'{growth:.2f}' if growth else ''} | {', '.join(missed)} |"
        )
    yield ""
    yield from _functions(runs, sizes)
    yield ""
    yield _empty_and_memory(engine, runs)
    yield ""


def _cell(figures: dict[str, Any], last: dict[str, Any] | None) -> str:
    multiples = f"**{figures['ratio']:.1f}** ({figures['fastest_ratio']:.1f})"
    before = f", {last['ratio']:.1f} ({last['fastest_ratio']:.1f})" if last else ""
    return f"{figures['median_ms']:.1f} ms = {multiples}{before} · {figures['crowd_ratio']:.1f}"


def _empty_and_memory(engine: str, runs: list[dict[str, Any]]) -> str:
    empty = [sorted(figures["empty_median_ms"] for figures in run["scenarios"].values()) for run in runs]
    memory = [run["memory_mib"] for run in runs]
    web = [f"{held['started']:.0f} → {held['after all']:.0f} MiB" for held in memory]
    house = [f"{held['house']:.0f} MiB" for held in memory]
    return (
        f"Empty page: {', '.join(f'{times[len(times) // 2]:.2f} ms' for times in empty if times)}. "
        f"Memory (PSS) of the web server: {', '.join(web)}; of web server, worker and beat just opened: "
        f"{', '.join(house)} (aim {HOUSE_AIM[engine]})."
    )


def _functions(runs: list[dict[str, Any]], sizes: list[str]) -> Iterator[str]:
    columns = [f"{size}: median (fastest)" for size in sizes]
    yield f"| without a server | aim | {' | '.join(columns)} | statements | missed |"
    yield "|---|--:|" + "--:|" * (len(runs) + 1) + "---|"
    for name, first in runs[0]["functions"].items():
        found = [run["functions"][name] for run in runs]
        cells = [f"**{figures['median_ms']:.0f} ms** ({figures['fastest_ms']:.0f} ms)" for figures in found]
        missed = [
            size for size, figures in zip(sizes, found, strict=True) if figures["median_ms"] > figures["aim"]
        ]
        statements = " / ".join(dict.fromkeys(str(figures["queries"]) for figures in found))
        yield (
            f"| {name} | {first['aim']:.0f} ms | {' | '.join(cells)} | {statements} | {', '.join(missed)} |"
        )
