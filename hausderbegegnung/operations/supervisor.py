"""Keeps the processes of the Procfile running: one that ends is started again, the others go on.

The pauses grow from one second to a minute, until it has run well for a while. The house only closes when
somebody asks for it, or when a process ends by itself again and again right after its start.
"""

import os
import selectors
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.process import BaseProcess
from types import FrameType

from django.utils import timezone

from hausderbegegnung.operations.children import run_command, start_child
from hausderbegegnung.operations.restarts import note_restart

SECONDS_TO_STOP = 10
SECONDS_UNTIL_WELL = 30
LONGEST_PAUSE = 60
# What never ran will not run; what has run may be waiting for room on the disk, so it has about an hour.
MOST_FAILED_STARTS, MOST_FAILED_RESTARTS = 5, 60
STATUSES = {signal.SIGINT: 0, signal.SIGTERM: 128 + signal.SIGTERM, signal.SIGHUP: 128 + signal.SIGTERM}


@dataclass
class Process:
    """A line of the Procfile and how it fares; `changed`: when it started or ended, in monotonic seconds."""

    name: str
    command: str
    running: BaseProcess | None = None
    changed: float = 0
    pause: float = 0
    has_run_well: bool = False
    # Ends in a row, each soon after a start; those by a signal came from outside and are no failures.
    ends: int = 0
    failures: int = 0
    # The beginning of a line whose end has not come yet.
    said: bytes = b""


class Supervisor:
    """Runs each command in a session of its own, as a copy of this process, and prints what it says.

    It has one thread only, for its copies begin without the others. What `news` returns, each time around, is
    printed, too.
    """

    def __init__(self, commands: Mapping[str, str], *, news: Callable[[], str] = str) -> None:
        self.processes = [Process(name, command) for name, command in commands.items()]
        self.news = news
        self.status: int | None = None
        self._outputs = selectors.DefaultSelector()

    def run(self) -> int:
        """Keep all of them running until SIGINT, SIGTERM or SIGHUP; return the exit status of the house."""
        for number in STATUSES:
            signal.signal(number, self._end)
        while self.status is None:
            for process in self.processes:
                self._look_after(process)
            if news := self.news():
                self.print(news)
            self._print_output(seconds=0.1)
        self._stop()
        return self.status

    def print(self, text: str) -> None:
        """Print to a terminal that may be closed at any time; that is no reason to end."""
        with suppress(OSError, ValueError):
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()

    def say(self, name: str, text: str) -> None:
        """Print each line of the text under a name."""
        for line in text.splitlines():
            self.print(f"{time.strftime('%H:%M:%S')} {name:<6} | {line}")

    def _end(self, number: int, frame: FrameType | None) -> None:
        self.status = STATUSES[signal.Signals(number)]

    def _look_after(self, process: Process) -> None:
        now = time.monotonic()
        if process.running is None:
            if now >= process.changed + process.pause and self.status is None:
                self._start(process)
        elif (status := _status(process.running)) is not None:
            seconds = now - process.changed
            process.running, process.changed = None, now
            self._has_ended(process, status, seconds)

    def _start(self, process: Process) -> None:
        process.changed = time.monotonic()
        reading, writing = os.pipe()
        process.running = start_child(process.name, partial(run_command, process.command, output=writing))
        os.close(writing)
        self._outputs.register(reading, selectors.EVENT_READ, process)

    def _print_output(self, seconds: float) -> None:
        """Wait so long for what the processes say, and print it."""
        for output, _ready in self._outputs.select(timeout=seconds):
            process, text = output.data, os.read(output.fd, 65536)
            *lines, process.said = (process.said + text).split(b"\n")
            if not text:
                self._outputs.unregister(output.fd)
                os.close(output.fd)
                lines, process.said = [process.said], b""
            for line in lines:
                self.say(process.name, line.decode(errors="replace"))

    def _has_ended(self, process: Process, status: int, seconds: float) -> None:
        if seconds >= SECONDS_UNTIL_WELL:
            process.has_run_well, process.ends, process.failures = True, 0, 0
        process.ends += 1
        process.failures += status >= 0
        process.pause = min(2 ** (process.ends - 1), LONGEST_PAUSE)
        try:
            note_restart(process.name, now=timezone.now())
        except OSError as error:
            self.say("system", f"The data folder cannot be written: {error}")
        how = f"with status {status}" if status >= 0 else f"by {signal.Signals(-status).name}"
        if process.failures < (MOST_FAILED_RESTARTS if process.has_run_well else MOST_FAILED_STARTS):
            self.say("system", f"{process.name} ended {how}; it starts again in {process.pause} s.")
            return
        self.say(
            "system",
            f"{process.name} ended {how}, {process.failures} times in a row right after its start, so the "
            f'house closes. The lines of "{process.name}" above say why; correct that and start again.',
        )
        self.status = 1

    def _stop(self) -> None:
        """Ask all processes to end, and end those that do not within their time."""
        self.say("system", "The house closes.")
        running = {process.name: process.running for process in self.processes if process.running is not None}
        for process in running.values():
            _signal(process, signal.SIGTERM)
        deadline = time.monotonic() + SECONDS_TO_STOP
        while running and time.monotonic() < deadline:
            running = {name: process for name, process in running.items() if _status(process) is None}
            self._print_output(seconds=0.05)
        for name, process in running.items():
            self.say("system", f"{name} does not end, so it gets SIGKILL.")
            _signal(process, signal.SIGKILL)
            process.join()
        self._print_output(seconds=0)


def _status(process: BaseProcess) -> int | None:
    """Return how a process ended, None while it runs; what it left behind is ended with it."""
    status = process.exitcode
    if status is not None:
        _signal(process, signal.SIGKILL)
    return status


def _signal(process: BaseProcess, number: signal.Signals) -> None:
    """Signal a process and all it has started."""
    if process.pid is None:
        return
    with suppress(OSError):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            # It may be too young to have a group. The number of one that has ended may be somebody else's.
            if process.is_alive():
                os.kill(process.pid, number)
