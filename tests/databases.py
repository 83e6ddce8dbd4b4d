"""The databases of the tests: migrated once for all runs with the same migrations, then copied.

Each process of a run works on a copy of its own, whose name no other run has.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import sql

ROOT = Path(__file__).parents[1]
# What is made beside the migrations each time they have run.
MADE_AFTERWARDS = ["guard.py"]


def fingerprint() -> str:
    """Return a short text that changes with whatever a migrated database depends on."""
    files = {
        path
        for app in apps.get_app_configs()
        for path in [
            *(Path(app.path) / "migrations").glob("*.py"),
            *(found for name in MADE_AFTERWARDS for found in Path(app.path).rglob(name)),
        ]
    }
    digest = hashlib.blake2b(digest_size=6)
    for path in sorted(files):
        digest.update(path.read_bytes())
    return digest.hexdigest()


@contextmanager
def migrated_copy(cache: Path) -> Iterator[None]:
    """Let Django's connection be one to a migrated database of this process; it is gone afterwards.

    What is copied is kept: for SQLite a file in the folder `cache`, for PostgreSQL a database on the server
    of the tests.
    """
    copy = _postgresql_copy() if connection.vendor == "postgresql" else _sqlite_copy(cache)
    before = connection.settings_dict["NAME"]
    with copy as name:
        _use(name)
        try:
            yield
        finally:
            _use(before)


def _use(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def _migrate(name: str) -> None:
    """Migrate an empty database."""
    before = connection.settings_dict["NAME"]
    _use(name)
    try:
        call_command("migrate", interactive=False, verbosity=0)
    finally:
        _use(before)


@contextmanager
def _sqlite_copy(cache: Path) -> Iterator[str]:
    made, name = cache / f"{fingerprint()}.sqlite3", settings.DATABASES["default"]["TEST"]["NAME"]
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            for old in cache.glob("*.sqlite3*"):
                old.unlink()
            unfinished = made.with_suffix(".sqlite3.new")
            _migrate(str(unfinished))
            unfinished.rename(made)
        shutil.copyfile(made, name)
    yield name


@contextmanager
def _postgresql_copy() -> Iterator[str]:
    """A database of the server, copied from a template, which no other connection may use meanwhile."""
    checkout = hashlib.blake2b(str(ROOT).encode(), digest_size=4).hexdigest()
    family = f"hausderbegegnung_{checkout}_"
    made, name = f"{family}{fingerprint()}", f"hausderbegegnung_run_{os.getpid()}"
    with psycopg.connect(_server(), autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(hashtext(%s))", [family])
        known = server.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [family])
        if made not in (names := {row[0] for row in known}):
            for old in names:
                _drop(server, old)
            unfinished = f"{family}new"
            _execute(server, "CREATE DATABASE {}", unfinished)
            _migrate(unfinished)
            _execute(server, "ALTER DATABASE {} RENAME TO {}", unfinished, made)
        _drop(server, name)
        _execute(server, "CREATE DATABASE {} TEMPLATE {}", name, made)
    try:
        yield name
    finally:
        connection.close()
        with psycopg.connect(_server(), autocommit=True) as server:
            _drop(server, name)


def _server() -> str:
    """The address of the database that is always there, with what Django's own connection needs besides."""
    values: dict[str, Any] = connection.settings_dict
    parts = {
        "host": values["HOST"],
        "port": values["PORT"],
        "user": values["USER"],
        "password": values["PASSWORD"],
        "dbname": "postgres",
    }
    return psycopg.conninfo.make_conninfo(**{key: value for key, value in parts.items() if value})


def _execute(server: psycopg.Connection, statement: str, *names: str) -> None:
    server.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _drop(server: psycopg.Connection, name: str) -> None:
    _execute(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
