"""One state of the database, however much is written while it is read."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from hausderbegegnung.operations.backup.errors import BackupError


@contextmanager
def one_state() -> Iterator[None]:
    """Let everything in the block read the state that its first query sees; nobody waits for it.

    On SQLite that is a reading transaction of its write-ahead log, on PostgreSQL one that repeats its
    reads. Raises BackupError where SQLite finds its file damaged.
    """
    if connection.vendor != "sqlite":
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
        return
    # Django's own transactions are there to write, so they would keep writers out.
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            cursor.execute("PRAGMA quick_check(1)")
            if (found := cursor.fetchone()[0]) != "ok":
                raise BackupError(
                    f"The database {connection.settings_dict['NAME']} is damaged: {found.splitlines()[-1]}. "
                    "Restore the last backup into a new data folder."
                )
            yield
        finally:
            cursor.execute("ROLLBACK")
