"""A backup is made: the rows of one state of the database, the pictures they name, and the manifest."""

import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import Error as DatabaseError
from django.db import connection, models
from django.utils.crypto import salted_hmac

from hausderbegegnung.operations.backup import tables
from hausderbegegnung.operations.backup.archive import (
    BYTES_AT_A_TIME,
    ArchiveWriter,
    Content,
    Manifest,
    Table,
    picture_of,
    rows_of,
)
from hausderbegegnung.operations.backup.encryption import encrypted
from hausderbegegnung.operations.backup.errors import BackupError
from hausderbegegnung.operations.backup.snapshot import one_state
from hausderbegegnung.operations.database import applied_migrations, missing_migrations, unknown_migrations
from rooms.pictures import names_of


@dataclass(frozen=True)
class Backup:
    """What was made: rows and files in it, files that are named and not there, and how long it took."""

    rows: int
    files: int
    missing_files: list[str]
    seconds: float

    def __str__(self) -> str:
        said = f"Backed up {self.rows} rows and {self.files} files in {self.seconds:.1f} s."
        if self.missing_files:
            said += f" These files are named in the database and missing: {', '.join(self.missing_files)}."
        return said


def back_up_to(path: Path, *, keys: Sequence[str], now: datetime) -> Backup:
    """Make a backup at `path`, encrypted to the public `keys` where there are any.

    It is written beside and renamed, so that what is there is whole, and only its owner may read it.
    Raises BackupError where it cannot be made; then nothing of it is left.
    """
    try:
        with _written_beside(path) as file:
            return back_up(file, keys=keys, now=now)
    except OSError as error:
        raise BackupError(
            f"The backup {path} cannot be written: {error.strerror or error}. Look "
            "whether the folder is there, may be written and has room."
        ) from error


def back_up(file: IO[bytes], *, keys: Sequence[str], now: datetime) -> Backup:
    """Write a backup to `file`; see `back_up_to`. Raises OSError where `file` takes no more."""
    started = time.monotonic()
    try:
        migrations = applied_migrations()
        if unknown_migrations(migrations) or missing_migrations(migrations):
            raise BackupError(
                "The database is not of this version of the software. Run `python manage.py migrate` "
                "first, or use the version it is of."
            )
        with encrypted(file, keys) as plain, ArchiveWriter(plain) as archive, one_state():
            manifest = _write(archive, now=now)
    except DatabaseError as error:
        raise BackupError(f"The database cannot be read: {error}.") from error
    return Backup(
        rows=sum(table.rows for table in manifest.tables.values()),
        files=len(manifest.files),
        missing_files=manifest.missing_files,
        seconds=time.monotonic() - started,
    )


def fingerprint_of_secret_key() -> str:
    """Return a text that tells whether another installation has the same key, and nothing else of it."""
    return salted_hmac("hausderbegegnung.backup", "secret key", algorithm="sha256").hexdigest()[:16]


def _write(archive: ArchiveWriter, *, now: datetime) -> Manifest:
    kept = tables.kept_models(apps)
    rows = {tables.table_of(model): _write_rows(archive, model) for model in kept}
    files, missing = _write_files(archive, kept)
    manifest = Manifest(
        made_at=now.isoformat(),
        release=settings.RELEASE,
        engine=connection.vendor,
        secret_key=fingerprint_of_secret_key(),
        migrations=applied_migrations(),
        tables=rows,
        files=files,
        missing_files=missing,
    )
    archive.add_manifest(manifest)
    return manifest


def _write_rows(archive: ArchiveWriter, model: type[models.Model]) -> Table:
    number = 0

    def counted(lines: Iterable[bytes]) -> Iterator[bytes]:
        nonlocal number
        for number, line in enumerate(lines, start=1):  # noqa: B007 - told to whoever asked
            yield line

    columns = tables.columns_of(model)
    content = archive.add(rows_of(tables.table_of(model)), counted(tables.read_lines(model, columns)))
    return Table(columns, number, tables.last_id(model), content)


def _write_files(
    archive: ArchiveWriter, kept: Iterable[type[models.Model]]
) -> tuple[dict[str, Content], list[str]]:
    """Write what the rows name, and nothing that lies beside it; return that and what was not there."""
    files: dict[str, Content] = {}
    missing = []
    for name in sorted(set(_file_names(kept))):
        try:
            with default_storage.open(name) as picture:
                files[name] = archive.add(picture_of(name), picture.chunks(BYTES_AT_A_TIME))
        except FileNotFoundError:
            missing.append(name)
    return files, missing


def _file_names(kept: Iterable[type[models.Model]]) -> Iterator[str]:
    for model in kept:
        for field in model._meta.local_concrete_fields:
            if isinstance(field, models.FileField):
                names = model._base_manager.exclude(**{field.attname: ""})
                for name in names.values_list(field.attname, flat=True):
                    yield from names_of(name)


@contextmanager
def _written_beside(path: Path) -> Iterator[IO[bytes]]:
    """Yield a file that only its owner may read, and that gets its name when the block is done.

    Raises BackupError where that name is taken.
    """
    if path.exists():
        raise BackupError(f"{path} is there already. Name another file, or move that one away.")
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(number, "wb") as file:
            yield file
            file.flush()
            os.fsync(number)
        Path(name).rename(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
