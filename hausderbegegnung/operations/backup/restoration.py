"""An empty installation is filled from a backup, on either engine, wholly or not at all."""

import shutil
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import IO, Literal

from django.apps import apps
from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import Error as DatabaseError
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model
from django.db.models.functions import Greatest

from bookings.occupancy.guard import check_rows
from hausderbegegnung.operations.backup import tables
from hausderbegegnung.operations.backup.archive import Archive, picture_of
from hausderbegegnung.operations.backup.creation import fingerprint_of_secret_key
from hausderbegegnung.operations.backup.encryption import BEGINNING, decrypt
from hausderbegegnung.operations.backup.errors import BackupError
from hausderbegegnung.operations.database import MigrationKey, applied_migrations, unknown_migrations
from rooms.models import House

# What is there without anybody having entered it; it gives way to what the backup has.
NOBODYS = {"contenttypes.contenttype", "auth.permission", "hausderbegegnung.plannedwork"}
SECONDS_TO_LOCK = 10


@dataclass(frozen=True)
class Restoration:
    """What was restored: from when the backup is, rows, files, and how long it took.

    `missing_files` the backup did not have; `is_same_key`: whether links that were mailed still open.
    """

    made_at: str
    rows: int
    files: int
    missing_files: list[str]
    is_same_key: bool
    seconds: float

    def __str__(self) -> str:
        said = (
            f"Restored what was there on {self.made_at}: {self.rows} rows and {self.files} files in "
            f"{self.seconds:.1f} s."
        )
        if self.missing_files:
            said += f" These files were missing in the backup already: {', '.join(self.missing_files)}."
        if not self.is_same_key:
            said += (
                " SECRET_KEY is not that of the backed up house, so links in mails it has sent do not open "
                "here. If you still have that key, set it before the house opens."
            )
        return said


def restore(source: IO[bytes], *, name: str, key_file: Path | None) -> Restoration:
    """Fill this empty installation from the backup in `source`, which sentences call `name`.

    The backup may be of either engine and of this or an earlier version. First all of it is compared with
    its checksums. Then the tables are made as they were, the rows stored and read again one by one, and
    the tables brought up to this version: in one transaction on PostgreSQL, in a file beside on SQLite.
    Raises BackupError where that is not possible; then the installation is as empty as before.
    """
    started = time.monotonic()
    folder = Path(settings.DATA_DIR) / "restoring"
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        with (
            _plain(source, folder, name=name, key_file=key_file) as plain,
            Archive(plain, name=name) as archive,
        ):
            models = _models_of(archive, name)
            _require_no_files()
            archive.check()
            with _unpacked(archive) as unpack, _empty_database(folder / "database.sqlite3"):
                _fill(archive, models)
                unpack()
            manifest = archive.manifest
    except (DatabaseError, sqlite3.Error, ValidationError, ValueError) as error:
        why = str(error).partition("\n")[0].rstrip(".")
        raise BackupError(f"The database does not take what is in {name}: {why}.") from error
    except OSError as error:
        raise BackupError(
            f"{name} cannot be unpacked to {settings.DATA_DIR}: {error.strerror or error}. Look whether the "
            "disk is full."
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _forget_what_was_kept()
    return Restoration(
        made_at=manifest.made_at,
        rows=sum(table.rows for table in manifest.tables.values()),
        files=len(manifest.files),
        missing_files=manifest.missing_files,
        is_same_key=manifest.secret_key == fingerprint_of_secret_key(),
        seconds=time.monotonic() - started,
    )


# The archive -----------------------------------------------------------------------------------


@contextmanager
def _plain(source: IO[bytes], folder: Path, *, name: str, key_file: Path | None) -> Iterator[IO[bytes]]:
    """Yield the archive as a file to seek in, decrypted where it is encrypted."""
    if not source.seekable():
        with (folder / "source").open("w+b") as copy:
            shutil.copyfileobj(source, copy)
            copy.seek(0)
            with _plain(copy, folder, name=name, key_file=key_file) as plain:
                yield plain
        return
    beginning = source.read(len(BEGINNING))
    source.seek(0)
    if beginning != BEGINNING:
        yield source
        return
    if key_file is None:
        raise BackupError(f"{name} is encrypted. Name the file with the secret key: --key FILE.")
    with (folder / "archive.zip").open("w+b") as plain:
        decrypt(source, plain, key_file=key_file, name=name)
        yield plain


def _models_of(archive: Archive, name: str) -> list[type[Model]]:
    """Return the models the tables of the archive were of when it was made, by table.

    Raises BackupError where this version does not have all of them.
    """
    manifest = archive.manifest
    if unknown := unknown_migrations(manifest.migrations):
        raise BackupError(
            f"{name} was made by another version of this software: it knows {'.'.join(unknown[0])}, this one "
            "does not. Restore it with that version, and update afterwards."
        )
    state = MigrationLoader(None).project_state(_newest(manifest.migrations))
    models = {tables.table_of(model): model for model in tables.kept_models(state.apps)}
    for table, kept in manifest.tables.items():
        if table not in models or sorted(kept.columns) != sorted(tables.columns_of(models[table])):
            raise BackupError(f"{name} is damaged: its table {table} is not that of the version it names.")
    return [models[table] for table in manifest.tables]


def _newest(migrations: Collection[MigrationKey]) -> list[MigrationKey]:
    """Return of each app the migrations that no other one of it builds upon."""
    nodes = MigrationLoader(None).graph.node_map
    applied = set(migrations)
    return sorted(
        key
        for key in applied
        if not any(child.key[0] == key[0] and child.key in applied for child in nodes[key].children)
    )


# The rows --------------------------------------------------------------------------------------


def _fill(archive: Archive, models: list[type[Model]]) -> None:
    manifest = archive.manifest
    MigrationExecutor(connection).migrate(_newest(manifest.migrations))
    with transaction.atomic():
        # Rows come by table, so what they refer to may come later; migrations may have asked for it at once.
        _look_at_references("DEFERRED")
        for model in models:
            kept = manifest.tables[tables.table_of(model)]
            tables.store_lines(model, kept.columns, archive.lines(tables.table_of(model)))
            tables.set_last_id(model, kept.last_id)
        connection.check_constraints()
        for model in models:
            _compare(archive, model)
    # A table whose rows have references that are still to be looked at cannot be altered.
    _look_at_references("IMMEDIATE")
    call_command("migrate", interactive=False, verbosity=0)
    check_rows()


def _look_at_references(when: Literal["DEFERRED", "IMMEDIATE"]) -> None:
    """Say when PostgreSQL looks whether what rows refer to is there; SQLite does so at the end."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET CONSTRAINTS ALL {when}")


def _compare(archive: Archive, model: type[Model]) -> None:
    """Read again what was stored. Raises BackupError for the first row that is not as in the archive."""
    table = tables.table_of(model)
    columns = archive.manifest.tables[table].columns
    with closing(tables.read_lines(model, columns)) as stored, closing(archive.lines(table)) as lines:
        for number, (row, line) in enumerate(zip_longest(stored, lines), start=1):
            if row != line:
                raise BackupError(
                    f"The database gave back another row {number} of {table} than it was given."
                )


@contextmanager
def _empty_database(beside: Path) -> Iterator[None]:
    """Let Django be connected to a database without tables, which takes the place of ours at the end.

    Raises BackupError where ours has rows that somebody entered.
    """
    if connection.vendor == "postgresql":
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            if names := _tables_that_are_there():
                named = ", ".join(map(connection.ops.quote_name, names))
                cursor.execute(f"SET LOCAL lock_timeout = '{SECONDS_TO_LOCK}s'")
                cursor.execute(f"LOCK TABLE {named} IN ACCESS EXCLUSIVE MODE")
                _require_no_rows()
                cursor.execute(f"DROP TABLE {named} CASCADE")
            yield
        return
    _require_no_rows()
    ours = str(connection.settings_dict["NAME"])
    with connected_to(str(beside)):
        yield
    # Copied into our file as one write of SQLite's own, whoever has it open.
    with (
        closing(sqlite3.connect(beside)) as filled,
        closing(sqlite3.connect(ours, timeout=SECONDS_TO_LOCK)) as empty,
    ):
        filled.backup(empty)


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """Let Django be connected to another file of SQLite."""
    ours = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = ours


def _tables_that_are_there() -> list[str]:
    names = connection.introspection.table_names()
    ours = {*connection.introspection.django_table_names(), MigrationRecorder.Migration._meta.db_table}
    return sorted(ours & set(names))


def _require_no_rows() -> None:
    there = _tables_that_are_there()
    if not there:
        return
    if unknown := unknown_migrations(applied_migrations()):
        raise BackupError(
            f"The database was made by another version of this software: it knows {'.'.join(unknown[0])}, "
            "this one does not. Restore into an empty one."
        )
    for model in tables.kept_models(apps):
        if model._meta.label_lower in NOBODYS or tables.table_of(model) not in there:
            continue
        if model._base_manager.exists():
            raise BackupError(
                f"This installation has data already (in {tables.table_of(model)}), and a backup is restored "
                "into an empty one only: set DATA_DIR to a new folder, or DATABASE_URL to an empty database."
            )


# The files -------------------------------------------------------------------------------------


def _require_no_files() -> None:
    folder = Path(settings.MEDIA_ROOT)
    if found := next((path for path in folder.rglob("*") if not path.is_dir()), None):
        raise BackupError(
            f"There are files already, such as {found}, and a backup is restored into an empty installation "
            "only: set DATA_DIR to a new folder, or move them away."
        )


@contextmanager
def _unpacked(archive: Archive) -> Iterator[Callable[[], None]]:
    """Yield what puts the files in their places; they are gone again where the block fails."""
    written: list[Path] = []

    def unpack() -> None:
        for name in archive.manifest.files:
            path = Path(settings.MEDIA_ROOT) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            written.append(path)
            with path.open("wb") as file:
                for chunk in archive.chunks(picture_of(name)):
                    file.write(chunk)

    try:
        yield unpack
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise


def _forget_what_was_kept() -> None:
    """Empty the caches, and give each house versions that nobody has known yet.

    Under those it had, a process that runs on may remember what was true at a time that is no more.
    """
    for cache in caches.all():
        cache.clear()
    milliseconds = time.time_ns() // 1_000_000
    House.objects.update(
        plan_version=Greatest("plan_version", milliseconds),
        facts_version=Greatest("facts_version", milliseconds),
    )
