"""The web server as the Procfile starts it, the whole house, and a client that keeps its connection."""

import http.client
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self
from urllib.request import urlopen

from tests.bench.calls import Call

ROOT = Path(__file__).parents[2]


def procfile_command(name: str) -> list[str]:
    """Return the command of one process of the Procfile, from this virtual environment."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    command = next(line.partition(":")[2] for line in lines if line.startswith(f"{name}:"))
    program, *arguments = shlex.split(command)
    return [str(Path(sys.executable).parent / program), *arguments]


class Server:
    """gunicorn with one process, for as long as the `with` block lasts; PORT is in the environment."""

    def __init__(self, port: int) -> None:
        self.port = port

    def __enter__(self) -> Self:
        self.log = Path(os.environ["DATA_DIR"]) / "web.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(procfile_command("web"), cwd=ROOT, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.__exit__()
                    raise SystemExit(f"The web server did not start:\n{self.log.read_text()}") from None
                time.sleep(0.2)

    def __exit__(self, *_error: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)

    def memory(self) -> float:
        """Return the memory of its processes in MiB, what they share counted once."""
        return memory_of(self.process.pid)

    def processor_ms(self) -> float:
        """Return the milliseconds of processor time that its processes have taken so far."""
        tasks = (
            task for pid in _with_children(self.process.pid) for task in Path(f"/proc/{pid}/task").iterdir()
        )
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e6


def memory_of_house(port: int, paths: list[str]) -> float:
    """Start web server, worker and beat, ask for the pages, and return the memory of all of them in MiB."""
    log = Path(os.environ["DATA_DIR"]) / "house.log"
    with log.open("wb") as output:
        house = subprocess.Popen(
            [sys.executable, "manage.py", "start"], cwd=ROOT, stdout=output, stderr=output
        )
    try:
        deadline = time.monotonic() + 60
        while not _answers(f"http://127.0.0.1:{port}/healthz?parts=database,worker,beat"):
            if house.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"The house did not start:\n{log.read_text()}")
            time.sleep(0.5)
        for path in paths * 3:
            _answers(f"http://127.0.0.1:{port}{path}")
        return memory_of(house.pid)
    finally:
        house.terminate()
        house.wait(timeout=30)


def memory_of(pid: int) -> float:
    """Return the memory of a process and all it has started in MiB, what they share counted once (PSS)."""
    maps = [Path(f"/proc/{each}/smaps_rollup").read_text() for each in _with_children(pid)]
    return round(sum(int(re.findall(r"^Pss: +(\d+)", text, re.MULTILINE)[0]) for text in maps) / 1024, 1)


def _with_children(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _with_children(int(child))


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=10) as answer:
            return bool(answer.read())
    except OSError:
        return False


class Client:
    """One keep-alive connection; remembers the last ETag of each address."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.etags: dict[str, str] = {}
        self.bytes_read = 0

    def time(self, call: Call) -> float:
        """Send the call, read the whole answer and return the milliseconds it took.

        Raises SystemExit where the answer is not the expected one: a figure of it would mean nothing.
        """
        headers = {
            name: self.etags.get(call.path, "") if value == "LAST" else value
            for name, value in call.headers.items()
        }
        started = time.perf_counter()
        try:
            self.connection.request(call.method, call.path, call.body or None, headers)
            response = self.connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            # The server lets idle connections go; a new one is not part of the time.
            self.connection.close()
            self.connection.connect()
            started = time.perf_counter()
            self.connection.request(call.method, call.path, call.body or None, headers)
            response = self.connection.getresponse()
        body = response.read()
        self.bytes_read = len(body)
        milliseconds = (time.perf_counter() - started) * 1000
        if etag := response.headers.get("ETag"):
            self.etags[call.path] = etag
        if response.status != call.status and not (call.status == 304 and not headers.get("If-None-Match")):
            text = re.sub(
                r"\s*<[^>]*>\s*|\s+", " ", body.decode().partition("error-summary")[2] or body.decode()
            )
            answer = f"{response.status} instead of {call.status}"
            raise SystemExit(f"{call.method} {call.path}: {answer}\n{call.body}\n{text[:1500]}")
        return milliseconds
