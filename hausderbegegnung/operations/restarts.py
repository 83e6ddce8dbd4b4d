"""Which processes of the house ended unasked, told by a small file in the data folder.

Only the supervisor writes it, so it also tells of a time in which the database was away. Where
something else keeps the processes running, as in production, there is no such file.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

# What is older has been seen, or is of no interest any more.
REMEMBERED = timedelta(hours=24)


class Restart(NamedTuple):
    """The process of this name ended at `at` (aware) and was, or is being, started again."""

    at: datetime
    name: str


def recent_restarts(*, now: datetime) -> list[Restart]:
    """Return the restarts of the last 24 hours, the oldest first.

    What is noted for a time to come was noted before the clock was put back, and tells nothing.
    """
    return [restart for restart in _remembered(now) if restart.at <= now]


def note_restart(name: str, *, now: datetime) -> None:
    """Note that the process ended at `now`. Raises OSError where the file cannot be written."""
    restarts = [*_remembered(now), Restart(now, name)]
    written = _file().with_suffix(".new")
    written.write_text("".join(f"{restart.at.isoformat()} {restart.name}\n" for restart in restarts))
    written.replace(_file())


def _remembered(now: datetime) -> list[Restart]:
    try:
        lines = _file().read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    return [restart for restart in _read(lines) if abs(now - restart.at) < REMEMBERED]


def _read(lines: Iterable[str]) -> Iterable[Restart]:
    for line in lines:
        # A line that somebody has spoilt tells nothing.
        with suppress(ValueError):
            at, name = line.split()
            if (moment := datetime.fromisoformat(at)).tzinfo:
                yield Restart(moment, name)


def _file() -> Path:
    return Path(settings.DATA_DIR) / "restarts"
