"""PostgreSQL and Redis of a soak alone, which it may stop, hang and wipe."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis

from tests.notifications.outbox.installation import free_port

# PostgreSQL runs for no root, and Debian keeps its programs out of the path.
ACCOUNT = "postgres"
SECONDS_TO_START = 30


class Server:
    """A process that listens on a port, with all it has started."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def command(self) -> list[str]:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    def start(self) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, start_new_session=True, user=account()
            )
        deadline = time.monotonic() + SECONDS_TO_START
        while not self.answers():
            if time.monotonic() > deadline:
                raise SystemExit((self.folder / "server.log").read_text())
            time.sleep(0.1)

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(timeout=30)

    def hang(self) -> None:
        """Let it take connections, as the kernel does for it, and never say a word."""
        for pid in self._pids():
            os.kill(pid, signal.SIGSTOP)

    def go_on(self) -> None:
        for pid in reversed(self._pids()):
            os.kill(pid, signal.SIGCONT)

    def _pids(self) -> list[int]:
        """Itself first, for then it starts no others; each of PostgreSQL's is the first of a session."""
        assert self.process is not None
        pid = self.process.pid
        return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


class PostgreSQL(Server):
    """An empty cluster that trusts this machine, with a database of the house in it."""

    DATABASE = "house"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.url = f"postgresql://{ACCOUNT}@127.0.0.1:{self.port}/{self.DATABASE}"
        if account():
            shutil.chown(folder, ACCOUNT)
        subprocess.run(
            [program("initdb"), "--auth=trust", f"--username={ACCOUNT}", "--pgdata", folder / "data"],
            check=True,
            stdout=subprocess.DEVNULL,
            user=account(),
            cwd=folder,
        )

    @property
    def command(self) -> list[str]:
        options = ["-p", str(self.port), "-h", "127.0.0.1", "-k", str(self.folder)]
        return [program("postgres"), "-D", str(self.folder / "data"), *options]

    def answers(self) -> bool:
        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def execute(self, *statements: str) -> None:
        """Do it beside the database of the house."""
        beside = urlunsplit(urlsplit(self.url)._replace(path="/postgres"))
        with psycopg.connect(beside, autocommit=True, connect_timeout=2) as connection:
            for statement in statements:
                connection.execute(statement)

    def make_database(self) -> None:
        self.execute(f"CREATE DATABASE {self.DATABASE}")

    def rename_database(self, before: str, after: str) -> None:
        """Give it another name as soon as nobody uses it; whoever does is thrown out."""
        while True:
            try:
                self.execute(
                    f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{before}'",
                    f"ALTER DATABASE {before} RENAME TO {after}",
                )
            except psycopg.errors.ObjectInUse:
                continue
            return

    def drop_database(self) -> None:
        self.execute(f"DROP DATABASE {self.DATABASE} WITH (FORCE)")


class Redis(Server):
    """A Redis that keeps nothing over its end."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        if account():
            shutil.chown(folder, ACCOUNT)
        self.url = f"redis://127.0.0.1:{self.port}"

    @property
    def command(self) -> list[str]:
        return [
            program("redis-server"),
            *["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)],
        ]

    def answers(self) -> bool:
        with closing(redis.Redis.from_url(self.url, socket_timeout=2)) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def wipe(self) -> None:
        with closing(redis.Redis.from_url(self.url)) as client:
            client.flushall()


def account() -> str | None:
    return ACCOUNT if os.geteuid() == 0 else None


def program(name: str) -> str:
    """The path of a program. Raises SystemExit where the machine has none."""
    folders = [str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    path = shutil.which(name, path=os.pathsep.join([*folders, os.environ["PATH"]]))
    if path is None:
        raise SystemExit(f"{name} is missing.")
    return path


@contextmanager
def servers(folder: Path) -> Iterator[tuple[PostgreSQL, Redis]]:
    """Both, started, with an empty database; they end with the block."""
    folder.chmod(0o755)
    started: list[Server] = []
    try:
        for kind in (PostgreSQL, Redis):
            own = folder / kind.__name__
            own.mkdir()
            started.append(kind(own))
            started[-1].start()
        postgresql, redis_server = started
        assert isinstance(postgresql, PostgreSQL)
        assert isinstance(redis_server, Redis)
        postgresql.make_database()
        yield postgresql, redis_server
    finally:
        for server in started:
            if server.process is not None and server.process.poll() is None:
                server.go_on()
                server.stop()
