"""The second net against double booking: the database itself refuses overlapping occupancies.

PostgreSQL has an exclusion constraint, made by the first migration. SQLite has triggers;
it drops them whenever a migration rebuilds the table, so they are installed after every
migrate, and the web server and the workers refuse to start on a database without them.
"""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, DatabaseError, IntegrityError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "bookings_occupancy"
CONSTRAINT = "occupancy_no_overlap"
MAX_DAYS = 31

# Instants are stored as text that sorts by time, in the form Django writes; another form would
# slip past the comparison, so it is refused. No row is longer than 31 days, which bounds the look-up.
_INSTANT = "-".join(["[0-9]" * 4, "[0-9]" * 2, "[0-9]" * 2]) + " " + ":".join(["[0-9]" * 2] * 3)
_SQLITE_BODY = f"""
BEGIN
    SELECT RAISE(ABORT, 'occupancy_time_format') WHERE
        substr(NEW.starts_at, 1, 19) NOT GLOB '{_INSTANT}' OR length(NEW.starts_at) NOT IN (19, 26)
        OR substr(NEW.ends_at, 1, 19) NOT GLOB '{_INSTANT}' OR length(NEW.ends_at) NOT IN (19, 26);
    SELECT RAISE(ABORT, 'occupancy_at_most_{MAX_DAYS}_days')
        WHERE julianday(NEW.ends_at) > julianday(NEW.starts_at) + {MAX_DAYS};
    SELECT RAISE(ABORT, '{CONSTRAINT}') WHERE NEW.is_blocking AND EXISTS (
        SELECT 1 FROM {TABLE} AS other
        WHERE other.part_id = NEW.part_id AND other.is_blocking AND other.id <> NEW.id
            AND other.starts_at < NEW.ends_at
            AND other.starts_at >= datetime(NEW.starts_at, '-{MAX_DAYS} days')
            AND other.ends_at > NEW.starts_at
    );
END
"""  # noqa: S608 - made of constants
# An AFTER trigger knows the id of the new row; aborting undoes the row.
SQLITE_GUARD = {
    f"{CONSTRAINT}_insert": f"CREATE TRIGGER {CONSTRAINT}_insert AFTER INSERT ON {TABLE} {_SQLITE_BODY}",
    f"{CONSTRAINT}_update": f"CREATE TRIGGER {CONSTRAINT}_update AFTER UPDATE ON {TABLE} {_SQLITE_BODY}",
}


def install_guard(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Put SQLite's triggers in place; connected to post_migrate, and may run twice."""
    connection = connections[using]
    if connection.vendor != "sqlite" or TABLE not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        for name, trigger in SQLITE_GUARD.items():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            cursor.execute(trigger)


def guard_is_installed(connection: BaseDatabaseWrapper) -> bool:
    """Whether the database refuses overlapping occupancies by itself, in today's wording."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [TABLE]
            )
            return {name: sql.strip() for name, sql in cursor.fetchall()} == {
                name: sql.strip() for name, sql in SQLITE_GUARD.items()
            }
        cursor.execute(
            "SELECT count(*) FROM pg_constraint WHERE conname = %s AND contype = 'x' AND convalidated",
            [CONSTRAINT],
        )
        return cursor.fetchone() == (1,)


def require_guard(using: str = DEFAULT_DB_ALIAS) -> None:
    """Refuse to start on a database that would let two bookings overlap.

    Raises ImproperlyConfigured with what to do.
    """
    try:
        is_installed = guard_is_installed(connections[using])
    except DatabaseError as error:
        raise ImproperlyConfigured(f"The database does not answer as it should: {error}") from error
    if not is_installed:
        raise ImproperlyConfigured(
            "The database lacks the guard against double booking. Run `python manage.py migrate` first."
        )


def check_rows(using: str = DEFAULT_DB_ALIAS) -> None:
    """Let the guard look at all rows, also those that came before it.

    Raises IntegrityError for rows that it would have refused. PostgreSQL looks at them by itself.
    """
    connection = connections[using]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {TABLE} SET id = id")  # noqa: S608 - made of constants


def is_overlap(error: IntegrityError) -> bool:
    """Whether the database refused a row because it overlaps another."""
    return CONSTRAINT in str(error)
