"""The archive: a zip with a file of rows for each table, the pictures, and a manifest with checksums."""

import hashlib
import json
import zlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from types import TracebackType
from typing import IO, Any, Self
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from hausderbegegnung.operations.backup.errors import BackupError

FORMAT, FORMAT_VERSION = "hausderbegegnung-backup", 1
MANIFEST = "manifest.json"
BYTES_AT_A_TIME = 1 << 20
# What reading a damaged zip may end with.
UNREADABLE = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


@dataclass(frozen=True)
class Content:
    """What a file of the archive has to be."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Table:
    """The rows of a table, and the highest number it has given to one."""

    columns: list[str]
    rows: int
    last_id: int
    content: Content


@dataclass(frozen=True)
class Manifest:
    """What the archive holds and what it was made from; tables and files by name.

    `made_at` is an instant in ISO 8601, `release` that of the code, `secret_key` a fingerprint of the key,
    `migrations` the pairs of app and name the database has had, `missing_files` what the rows name and
    nobody had.
    """

    made_at: str
    release: str
    engine: str
    secret_key: str
    migrations: list[tuple[str, str]]
    tables: dict[str, Table]
    files: dict[str, Content]
    missing_files: list[str]


class ArchiveWriter:
    """Writes an archive to a file, which need not be one to seek in."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = ZipFile(file, "w", compression=ZIP_DEFLATED)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def add(self, name: str, chunks: Iterable[bytes]) -> Content:
        """Write a file of the archive, chunk by chunk."""
        size, digest = 0, hashlib.sha256()
        with self._zip.open(name, "w", force_zip64=True) as member:
            for chunk in chunks:
                member.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        return Content(size, digest.hexdigest())

    def add_manifest(self, manifest: Manifest) -> None:
        said = {"format": FORMAT, "format_version": FORMAT_VERSION, **asdict(manifest)}
        self.add(MANIFEST, [json.dumps(said, ensure_ascii=False, indent=1).encode()])


class Archive:
    """Reads an archive. Whatever is wrong with it is a BackupError; `check` says so before it is used."""

    def __init__(self, file: IO[bytes], *, name: str) -> None:
        """Open the archive in `file`, which is called `name` in sentences."""
        self._name = name
        try:
            self._zip = ZipFile(file)
            said = json.loads(self._zip.read(MANIFEST))
            if said["format"] != FORMAT:
                raise ValueError(said["format"])
        except (*UNREADABLE, KeyError, ValueError, TypeError) as error:
            raise BackupError(f"{name} is no backup of this software, or it is not whole.") from error
        if said["format_version"] != FORMAT_VERSION:
            raise BackupError(
                f"{name} was made by a newer version of this software. Restore it with that one or a newer "
                "one."
            )
        self.manifest = self._read_manifest(said)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def check(self) -> None:
        """Compare every file with its checksum. Raises BackupError for the first that differs."""
        contents = {rows_of(name): table.content for name, table in self.manifest.tables.items()}
        contents |= {picture_of(name): content for name, content in self.manifest.files.items()}
        if sorted(self._zip.namelist()) != sorted([*contents, MANIFEST]):
            raise self._damaged("its files are not those it lists")
        for name, expected in contents.items():
            size, digest = 0, hashlib.sha256()
            for chunk in self.chunks(name):
                digest.update(chunk)
                size += len(chunk)
            if Content(size, digest.hexdigest()) != expected:
                raise self._damaged(f"{name} is not what was written")

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a file of the archive piece by piece."""
        with self._opened(name) as member:
            while chunk := member.read(BYTES_AT_A_TIME):
                yield chunk

    def lines(self, table: str) -> Generator[bytes, None, None]:
        """Yield the rows of a table as `tables.read_lines` gave them."""
        with self._opened(rows_of(table)) as member:
            yield from member

    @contextmanager
    def _opened(self, name: str) -> Iterator[IO[bytes]]:
        try:
            with self._zip.open(name) as member:
                yield member
        except UNREADABLE as error:
            raise self._damaged(f"{name} cannot be read") from error

    def _read_manifest(self, said: dict[str, Any]) -> Manifest:
        try:
            manifest = Manifest(
                **{name: said[name] for name in ["made_at", "release", "engine", "secret_key"]},
                migrations=[(app, name) for app, name in said["migrations"]],
                tables={
                    name: Table(**{**table, "content": Content(**table["content"])})
                    for name, table in said["tables"].items()
                },
                files={name: Content(**content) for name, content in said["files"].items()},
                missing_files=said["missing_files"],
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self._damaged("its manifest cannot be read") from error
        if any(PurePosixPath(name).is_absolute() or ".." in name.split("/") for name in manifest.files):
            raise self._damaged("it names files outside of the folder of pictures")
        return manifest

    def _damaged(self, why: str) -> BackupError:
        return BackupError(
            f"{self._name} is damaged: {why}. Take another backup, or another copy of this one."
        )


def rows_of(table: str) -> str:
    """Return the name in the archive of the rows of a table."""
    return f"rows/{table}.jsonl"


def picture_of(name: str) -> str:
    """Return the name in the archive of a file that the rows name so."""
    return f"media/{name}"
