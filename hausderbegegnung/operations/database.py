"""Whether the database is of a state this version of the software can go on from."""

from collections.abc import Collection

from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.loader import MigrationLoader

# App and name.
MigrationKey = tuple[str, str]


def migrate_database() -> None:
    """Bring the database up to this version. Raises ImproperlyConfigured that says what to do instead."""
    name = connection.settings_dict["NAME"]
    try:
        if unknown := unknown_migrations(applied_migrations()):
            raise ImproperlyConfigured(
                _of_another_version(f"it knows {'.'.join(unknown[0])}, this one does not")
            )
        call_command("migrate", interactive=False, verbosity=0)
    except InconsistentMigrationHistory as error:
        raise ImproperlyConfigured(_of_another_version(str(error).rstrip("."))) from error
    except DatabaseError as error:
        raise ImproperlyConfigured(
            f"The database {name} cannot be prepared: {error}. Nothing was started. Look whether the disk "
            "is full, the data folder may be written, and the file is the database of this house."
        ) from error


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


def _of_another_version(why: str) -> str:
    name = connection.settings_dict["NAME"]
    return (
        f"The database {name} was made by another version of this software: {why}. If that was a newer one, "
        "start the newer one. If it was a state of development, move the database away, and the house "
        "starts with a new one."
    )
