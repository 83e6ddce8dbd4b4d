"""Archives as they should be, and as somebody spoilt them."""

import hashlib
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from zipfile import ZipFile

from hausderbegegnung.operations.backup.creation import back_up

NOW = datetime(2027, 4, 20, 1, 30, tzinfo=UTC)


def make_archive(*, keys: list[str] | None = None) -> bytes:
    """A backup of the database of the test."""
    file = io.BytesIO()
    back_up(file, keys=keys or [], now=NOW)
    return file.getvalue()


def manifest_of(archive: bytes) -> dict:
    with ZipFile(io.BytesIO(archive)) as opened:
        return json.loads(opened.read("manifest.json"))


def rewritten(
    archive: bytes,
    manifest: Callable[[dict], None] = lambda _manifest: None,
    contents: Callable[[dict[str, bytes]], None] = lambda _contents: None,
) -> bytes:
    """The archive with another manifest, or with other files than the manifest says."""
    with ZipFile(io.BytesIO(archive)) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    said = json.loads(files["manifest.json"])
    manifest(said)
    files["manifest.json"] = json.dumps(said).encode()
    contents(files)
    changed = io.BytesIO()
    with ZipFile(changed, "w") as written:
        for name, content in files.items():
            written.writestr(name, content)
    return changed.getvalue()


def with_rows(
    archive: bytes,
    table: str,
    change: Callable[[list[list]], list[list]],
    *,
    separators: tuple[str, str] = (",", ":"),
) -> bytes:
    """The archive with other rows in a table, and a manifest that vouches for them."""
    with ZipFile(io.BytesIO(archive)) as opened:
        rows = [json.loads(line) for line in opened.read(f"rows/{table}.jsonl").splitlines()]
    lines = (json.dumps(row, ensure_ascii=False, separators=separators) for row in change(rows))
    content = "".join(f"{line}\n" for line in lines).encode()

    def vouch(said: dict) -> None:
        said["tables"][table]["content"] = {
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }

    return rewritten(archive, vouch, lambda files: files.update({f"rows/{table}.jsonl": content}))
