"""Processes that begin as copies of this one: they share what it has loaded, and end when it ends.

To load Django and all pages takes seconds and a hundred MiB, so it is done once and not by each process.
Whoever calls this must have no threads and no connections, for a copy would have them, too.
"""

import ctypes
import multiprocessing
import os
import shlex
import signal
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from multiprocessing.process import BaseProcess

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
ENDINGS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def start_child(name: str, work: Callable[[], object]) -> BaseProcess:
    """Start a copy of this process that does the work under this name and ends, at the latest with this one.

    It has a session of its own, so that a terminal does not signal it, and ends by a signal as any program.
    """
    child = multiprocessing.get_context("fork").Process(
        name=name, target=_work, args=[name, work, os.getpid()], daemon=True
    )
    # A signal that comes before the copy is itself waits for it.
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
    child.start()
    signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    return child


def _work(name: str, work: Callable[[], object], parent: int) -> None:
    os.setsid()
    for number in ENDINGS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
    # Who is killed can end nobody. So Linux is asked to send SIGTERM when the parent dies.
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        library.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        library.prctl(PR_SET_NAME, name.encode())
        if os.getppid() != parent:
            sys.exit("Whoever started this has ended.")
    work()


def run_command(command: str, *, output: int) -> None:
    """Become what the command names, writing to the file descriptor `output`.

    A Python program is run from what this process has loaded, any other in its place.
    """
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    program, *arguments = shlex.split(command)
    for script in entry_points(group="console_scripts", name=program):
        sys.argv = [program, *arguments]
        sys.exit(script.load()())
    try:
        os.execvp(program, [program, *arguments])  # noqa: S606 - the Procfile is ours
    except OSError as error:
        sys.exit(f"Cannot be started: {error}")
