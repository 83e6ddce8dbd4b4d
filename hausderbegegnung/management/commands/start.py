"""`manage.py start`: prepare all there is to prepare, then run what the Procfile lists.

Ctrl-C, SIGTERM or closing the terminal ends all of it. `make run` calls this.
"""

import hashlib
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.request import urlopen

import honcho.manager
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.utils import timezone
from honcho.environ import parse_procfile
from honcho.printer import Printer

from hausderbegegnung import health, translations
from rooms.models import House

SECONDS_TO_START = 30
SECONDS_TO_STOP = 10
WELCOME_TO_THE_DEMO = """
    The house is open:  {address}/

    Log in with one click, as an association or as staff:  {address}/konto/anmelden/
    Then ask for a room, approve the request as staff, read the mail in the outbox
    ({address}/postausgang/) and see the date on the wall:  {address}/display/

    Mails are not sent, they lie in {data}/mails. Ctrl-C closes the house.
    How to set up your own house: README.md
"""
WELCOME = """
    The house is open:  {address}/

    Nobody can decide yet? Make a staff account:  .venv/bin/python manage.py create_staff EMAIL
    All data is in {data}. Ctrl-C closes the house.
"""


class Terminal:
    """Where the processes print to. It may be closed at any time; that is no reason to fall over."""

    def write(self, text: str) -> None:
        with suppress(OSError):
            sys.stdout.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stdout.flush()

    def isatty(self) -> bool:
        return sys.stdout.isatty()


class Processes(honcho.manager.Manager):
    """Honcho's manager, which says when the house is open and also ends with the terminal."""

    def __init__(self, welcome: str) -> None:
        self.terminal = Terminal()
        super().__init__(Printer(self.terminal))
        self.welcome = welcome

    def _start(self) -> None:
        parent = os.getpid()

        def end(signal_number: int, frame: FrameType | None) -> None:
            # The processes that honcho forks for reading output inherit this and stay until the end.
            if os.getpid() == parent:
                os.kill(parent, signal.SIGTERM)

        signal.signal(signal.SIGHUP, end)
        super()._start()
        threading.Thread(target=self.greet, daemon=True).start()

    def greet(self) -> None:
        """Print the welcome once the web server answers and a worker lives, or should have for long."""
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline and not (
            web_server_answers() and health.worker_lives(timezone.now())
        ):
            time.sleep(0.3)
        connections.close_all()
        self.terminal.write(f"{self.welcome}\n")
        self.terminal.flush()


def web_server_answers() -> bool:
    """Whether our own web server answers a request."""
    try:
        with urlopen(f"http://{settings.HOST}:{settings.PORT}/healthz?parts=database", timeout=5) as answer:
            return answer.status == HTTPStatus.OK
    except OSError:
        return False


def require_free_port(host: str, port: int) -> None:
    """Refuse to start where something else listens. Raises CommandError with what to do."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise CommandError(
                f"Port {port} is reserved for the system. Choose another: PORT=8080 make run"
            ) from error
        except OSError as error:
            raise CommandError(
                f"Port {port} is taken. Stop what uses it, or choose another: PORT={port + 1} make run"
            ) from error


def collect_static_files(stamp: Path) -> None:
    """Collect what browsers load, unless it is what `stamp` remembers of the last time."""
    state = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            facts = (path, storage.size(path), storage.get_modified_time(path).isoformat())
            state.update(repr(facts).encode())
    if not stamp.exists() or stamp.read_text() != state.hexdigest():
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(state.hexdigest())


class Command(BaseCommand):
    help = "Prepare the database, texts and static files, then run web server, worker and beat until Ctrl-C."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        require_free_port(settings.HOST, settings.PORT)
        self.prepare()
        sys.exit(self.run_processes())

    def prepare(self) -> None:
        """Do what a start needs; what is done already takes no time."""
        self.stdout.write("Preparing texts, database and static files …")
        translations.compile_catalogues(settings.BASE_DIR)
        call_command("migrate", interactive=False, verbosity=0)
        collect_static_files(settings.STATIC_ROOT / ".collected")
        if settings.DEMO:
            self.furnish_demo()
        connections.close_all()

    def furnish_demo(self) -> None:
        """Make the demo house, or bring what is on up to today; a house of one's own stays as it is."""
        try:
            call_command("load_demo", stdout=self.stdout)
        except CommandError:
            if not House.objects.exists():
                raise

    def run_processes(self) -> int:
        """Run the Procfile until one of its processes ends or somebody ends them; return the exit status."""
        # Honcho's helpers need nothing but a fork, and they inherit the handling of signals.
        multiprocessing.set_start_method("fork")
        honcho.manager.KILL_WAIT = SECONDS_TO_STOP
        welcome = WELCOME_TO_THE_DEMO if settings.DEMO else WELCOME
        processes = Processes(welcome.format(address=settings.SITE_URL, data=settings.DATA_DIR))
        environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "PYTHONUNBUFFERED": "1",
        }
        for name, command in parse_procfile((settings.BASE_DIR / "Procfile").read_text()).processes.items():
            # Without a shell in between that would have to be ended too.
            processes.add_process(name, f"exec {command}", env=environment, cwd=str(settings.BASE_DIR))
        processes.loop()
        # Ended by Ctrl-C is ended well.
        return (
            0 if processes.returncode == honcho.manager.SIGNALS[signal.SIGINT]["rc"] else processes.returncode
        )
