"""The data folder: one house at a time runs on it, and nobody else on the machine reads it."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import IO

from django.core.management.base import CommandError

# Whoever else has an account on the machine reads nothing that is written from now on.
PRIVATE = 0o077


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


def write_privately() -> None:
    """Let nobody else read what this process and those it starts write."""
    os.umask(PRIVATE)


def close_to_others(folder: Path) -> None:
    """Take from others what an earlier version let them read; what belongs to somebody else stays."""
    for path in [folder, *folder.rglob("*")]:
        # Files come and go while the folder is read.
        with suppress(FileNotFoundError, PermissionError):
            mode = path.lstat().st_mode & 0o7777
            if mode & PRIVATE and not path.is_symlink():
                path.chmod(mode & ~PRIVATE)
