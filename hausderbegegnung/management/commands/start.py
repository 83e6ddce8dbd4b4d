"""`manage.py start`: prepare all there is to prepare, then run what the Procfile lists.

Ctrl-C, SIGTERM or closing the terminal ends all of it. `make run` calls this.
"""

import gc
import hashlib
import os
import shutil
import socket
import sys
import time
from http import HTTPStatus
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from redis import Redis
from redis.exceptions import AuthenticationError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from hausderbegegnung.operations import translations
from hausderbegegnung.operations.children import start_child
from hausderbegegnung.operations.data_folder import close_to_others, lock_data_folder, write_privately
from hausderbegegnung.operations.database import migrate_database
from hausderbegegnung.operations.supervisor import Supervisor
from rooms.models import House

SECONDS_TO_START = 30
# What the processes of the Procfile load only once they run.
PROGRAMS = [
    "hausderbegegnung.wsgi",
    "gunicorn.app.wsgiapp",
    "gunicorn.workers.gthread",
    "celery.bin.celery",
    "celery.apps.worker",
    "celery.apps.beat",
]
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
    state = hashlib.sha256(str(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            facts = (path, storage.size(path), storage.get_modified_time(path).isoformat())
            state.update(repr(facts).encode())
    if not stamp.exists() or stamp.read_text() != state.hexdigest():
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(state.hexdigest())


def _redis_refuses(name: str, error: RedisError) -> str:
    return f"The Redis of {name} refuses: {error}. Look at the number and the password in its address."


class Command(BaseCommand):
    help = "Prepare the database, texts and static files, then run web server, worker and beat until Ctrl-C."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        write_privately()
        try:
            lock = lock_data_folder(settings.DATA_DIR)
            close_to_others(settings.DATA_DIR)
        except OSError as error:
            raise _not_prepared(error) from error
        require_free_port(settings.HOST, settings.PORT)
        with lock:
            # A copy of this process does it, so that none of its threads and connections is left here.
            preparation = start_child("prepare", self.prepare_or_say_why_not)
            preparation.join()
            if preparation.exitcode:
                sys.exit(1)
            self.load()
            sys.exit(self.run_processes())

    def prepare_or_say_why_not(self) -> None:
        """Prepare all there is to prepare; where that fails, print a sentence and end with status 1."""
        try:
            self.prepare()
        except (OSError, CommandError) as error:
            reason = _not_prepared(error) if isinstance(error, OSError) else error
            self.stderr.write(f"{type(reason).__name__}: {reason}")
            sys.exit(1)

    def prepare(self) -> None:
        """Do what a start needs; what is done already takes no time."""
        self.stdout.write("Preparing texts, database and static files …")
        translations.compile_catalogues(settings.BASE_DIR)
        migrate_database()
        for name in ["BROKER_URL", "CACHE_URL"]:
            self.ask_redis(name, getattr(settings, name))
        collect_static_files(settings.STATIC_ROOT / ".collected")
        # What a process was writing when it was killed.
        for unfinished in ["broker/unwritten", "restoring"]:
            shutil.rmtree(settings.DATA_DIR / unfinished, ignore_errors=True)
        if settings.DEMO:
            self.furnish_demo()

    def ask_redis(self, name: str, url: str) -> None:
        """Refuse a Redis that refuses us; one that is away may come, and the house goes on without it."""
        if not url:
            return
        try:
            Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2).ping()
        except (RedisConnectionError, RedisTimeoutError) as error:
            if isinstance(error, AuthenticationError):
                raise CommandError(_redis_refuses(name, error)) from error
            self.stdout.write(f"The Redis of {name} does not answer yet. The house starts without it.")
        except RedisError as error:
            raise CommandError(_redis_refuses(name, error)) from error

    def furnish_demo(self) -> None:
        """Make the demo house, or bring what is on up to today; a house of one's own stays as it is."""
        try:
            call_command("load_demo", stdout=self.stdout)
        except CommandError:
            if not House.objects.exists():
                raise

    def load(self) -> None:
        """Load and check what all processes are made of: each of them is a copy of this one."""
        try:
            for program in PROGRAMS:
                import_module(program)
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        self.check()
        connections.close_all()
        # The memory that they share stays shared as long as nobody looks through it.
        gc.collect()
        gc.freeze()

    def run_processes(self) -> int:
        """Keep what the Procfile lists running until somebody ends it; return the exit status."""
        lines = (settings.BASE_DIR / "Procfile").read_text().splitlines()
        os.chdir(settings.BASE_DIR)
        # What a worker would check at its start is checked.
        os.environ["CELERY_SKIP_CHECKS"] = "1"
        supervisor = Supervisor(dict(line.split(": ", 1) for line in lines), news=Greeting())
        return supervisor.run()


class Greeting:
    """The welcome, once the web server answers and a worker lives, or should have for long; else no text."""

    def __init__(self) -> None:
        self.next_look = time.monotonic()
        self.deadline = self.next_look + SECONDS_TO_START
        self.is_said = False

    def __call__(self) -> str:
        now = time.monotonic()
        if self.is_said or now < self.next_look:
            return ""
        self.next_look = now + 0.3
        self.is_said = now >= self.deadline or _house_is_open()
        welcome = WELCOME_TO_THE_DEMO if settings.DEMO else WELCOME
        return (
            f"{welcome.format(address=settings.SITE_URL, data=settings.DATA_DIR)}\n" if self.is_said else ""
        )


def _house_is_open() -> bool:
    try:
        with urlopen(
            f"http://{settings.HOST}:{settings.PORT}/healthz?parts=database,worker", timeout=1
        ) as answer:
            return answer.status == HTTPStatus.OK
    except OSError:
        return False


def _not_prepared(error: OSError) -> CommandError:
    return CommandError(
        f"The house cannot be prepared: {error}. Look whether the disk is full and whether "
        f"{settings.DATA_DIR} may be written."
    )
