"""The lock of the data folder: one house runs on it at a time, or is restored into it."""

import fcntl
import os
from pathlib import Path
from typing import IO

from django.core.management.base import CommandError


def lock_data_folder(folder: Path) -> IO[str]:
    """Return the lock of the data, held as long as it is open. Raises CommandError where another has it."""
    lock = (folder / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.seek(0)
        raise CommandError(
            f"A house already runs on the data in {folder} (process {lock.read().strip() or 'unknown'}). "
            "End that one first, or give this one data and a port of its own: DATA_DIR=… PORT=… make run"
        ) from error
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock
