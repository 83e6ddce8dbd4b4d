"""Runs a command that ends with the process it was started by, even where that one is killed.

    python bound.py PID COMMAND …

A supervisor that is killed can end nobody. So Linux is asked to send SIGTERM when it dies; elsewhere the
command simply runs. A script of the standard library alone: it becomes the command, so it has to be quick.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, command: list[str]) -> None:
    """Become the command, bound to the life of the process `parent`."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit("Whoever started this has ended.")
    try:
        os.execvp(command[0], command)  # noqa: S606 - the Procfile is ours
    except OSError as error:
        sys.exit(f"Cannot be started: {error}")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
