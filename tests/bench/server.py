"""The web server as the Procfile starts it, and a client that keeps its connection."""

import http.client
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

from tests.bench.scenarios import Call

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
        """Return the resident memory of the worker process in MiB."""
        output = subprocess.run(
            ["ps", "-o", "rss=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=True
        ).stdout
        return round(sum(int(line) for line in output.split()) / 1024, 1)


class Client:
    """One keep-alive connection; remembers the last ETag of each address."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.etags: dict[str, str] = {}

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
