"""Whether the database is of a state this version of the software can go on from."""

import fcntl
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.loader import MigrationLoader

# App and name.
MigrationKey = tuple[str, str]
# Of all advisory locks of a database, the one of whoever prepares it.
PREPARATION = 20_270_301


def migrate_database() -> None:
    """Bring the database up to this version. Raises ImproperlyConfigured that says what to do instead."""
    call_command("migrate", interactive=False, verbosity=0)


@contextmanager
def preparation() -> Iterator[None]:
    """Prepare a database in the block, as nobody else does at the same time: two first starts wait in turn.

    Raises ImproperlyConfigured that says what to do where the database refuses, or is of another version.
    """
    name = connection.settings_dict["NAME"]
    try:
        with _alone():
            if unknown := unknown_migrations(applied_migrations()):
                raise ImproperlyConfigured(
                    _of_another_version(name, f"it knows {'.'.join(unknown[0])}, this one does not")
                )
            yield
    except InconsistentMigrationHistory as error:
        raise ImproperlyConfigured(_of_another_version(name, str(error).rstrip("."))) from error
    except (DatabaseError, OSError) as error:
        look = (
            "Look whether the server runs, and whether DATABASE_URL has its address, user and password."
            if connection.vendor == "postgresql"
            else "Look whether the disk is full, the data folder may be written, and the file is the "
            "database of this house."
        )
        raise ImproperlyConfigured(
            f"The database {name} cannot be prepared: {str(error).strip()}. Nothing was started. {look}"
        ) from error


@contextmanager
def _alone() -> Iterator[None]:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [PREPARATION])
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [PREPARATION])
        return
    with Path(f"{connection.settings_dict['NAME']}.preparation").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def applied_migrations() -> list[MigrationKey]:
    """Return the migrations the database has had, as far as they are of apps this version has."""
    loader = MigrationLoader(connection)
    return sorted(key for key in loader.applied_migrations if key[0] in loader.migrated_apps)


def unknown_migrations(applied: Collection[MigrationKey]) -> list[MigrationKey]:
    """Return those of the applied migrations that this version does not have."""
    loader = MigrationLoader(None)
    known = set(loader.disk_migrations)
    for migration in loader.disk_migrations.values():
        known |= set(migration.replaces)
    return sorted(set(applied) - known)


def missing_migrations(applied: Collection[MigrationKey]) -> list[MigrationKey]:
    """Return the migrations of this version that are not among the applied ones."""
    return sorted(set(MigrationLoader(None).graph.nodes) - set(applied))


def _of_another_version(name: str, why: str) -> str:
    return (
        f"The database {name} was made by another version of this software: {why}. If that was a newer one, "
        "start the newer one. If it was a state of development, move the database away, and the house "
        "starts with a new one."
    )
