"""An archive is whole, or it is refused with a sentence."""

import io
import json
from zipfile import ZipFile

import pytest

from hausderbegegnung.operations.backup.archive import Archive, ArchiveWriter, Content, Manifest, Table
from hausderbegegnung.operations.backup.errors import BackupError
from tests.hausderbegegnung.operations.backup.archives import rewritten

ROWS = [b'[1,"Saal A"]\n', b'[2,"K\xc3\xbcche"]\n']
PICTURE = [b"GIF89a" * 1000, b"."]
NO_BACKUP = "house.zip is no backup of this software, or it is not whole."
ANOTHER_COPY = "Take another backup, or another copy of this one."


@pytest.fixture(scope="module")
def archive() -> bytes:
    file = io.BytesIO()
    with ArchiveWriter(file) as writer:
        content = writer.add("rows/rooms_room.jsonl", ROWS)
        picture = writer.add("media/rooms/saal.gif", PICTURE)
        writer.add_manifest(make_manifest(content, picture))
    return file.getvalue()


def make_manifest(content: Content, picture: Content) -> Manifest:
    return Manifest(
        made_at="2027-04-20T01:30:00+00:00",
        release="abc",
        engine="sqlite",
        secret_key="0123",
        migrations=[("rooms", "0001_initial")],
        tables={"rooms_room": Table(["id", "name"], 2, 7, content)},
        files={"rooms/saal.gif": picture},
        missing_files=["rooms/gone.gif"],
    )


def opened(archive: bytes) -> Archive:
    return Archive(io.BytesIO(archive), name="house.zip")


def refusal_of(archive: bytes) -> str:
    with pytest.raises(BackupError) as refused, opened(archive) as reader:
        reader.check()
    return str(refused.value)


def test_what_was_written_is_read(archive):
    with opened(archive) as reader:
        reader.check()
        assert list(reader.lines("rooms_room")) == ROWS
        assert b"".join(reader.chunks("media/rooms/saal.gif")) == b"".join(PICTURE)
        table = reader.manifest.tables["rooms_room"]
        assert reader.manifest == make_manifest(table.content, reader.manifest.files["rooms/saal.gif"])


def test_it_is_written_to_a_pipe_as_well(archive):
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.got = b""

        def writable(self) -> bool:
            return True

        def write(self, chunk) -> int:
            self.got += bytes(chunk)
            return len(chunk)

    pipe = Pipe()
    with ArchiveWriter(pipe) as writer:
        content, picture = (
            writer.add("rows/rooms_room.jsonl", ROWS),
            writer.add("media/rooms/saal.gif", PICTURE),
        )
        writer.add_manifest(make_manifest(content, picture))
    with opened(pipe.got) as reader:
        reader.check()


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.99])
def test_a_truncated_file_is_no_backup(archive, share):
    assert refusal_of(archive[: int(len(archive) * share)]) == NO_BACKUP


def test_another_zip_is_no_backup():
    file = io.BytesIO()
    with ZipFile(file, "w") as other:
        other.writestr("letter.txt", "Hello")
    assert refusal_of(file.getvalue()) == NO_BACKUP


def test_a_manifest_of_something_else_is_no_backup(archive):
    assert refusal_of(rewritten(archive, lambda said: said.update(format="bank"))) == NO_BACKUP


def test_a_newer_format_is_refused(archive):
    assert refusal_of(rewritten(archive, lambda said: said.update(format_version=2))) == (
        "house.zip was made by a newer version of this software. Restore it with that one or a newer one."
    )


def test_every_changed_byte_is_found(archive):
    """Of the content, the names and the list of them: whatever is read is what was written, or refused."""
    with opened(archive) as reader:
        written = (reader.manifest, list(reader.lines("rooms_room")))
    for position in range(0, len(archive), 7):
        spoilt = bytearray(archive)
        spoilt[position] ^= 0x55
        try:
            with opened(bytes(spoilt)) as reader:
                reader.check()
                read = (reader.manifest, list(reader.lines("rooms_room")))
        except BackupError:
            continue
        assert read == written, position


def test_a_file_more_and_a_file_less_are_told(archive):
    more = rewritten(archive, contents=lambda files: files.update({"rows/x.jsonl": b""}))
    less = rewritten(archive, contents=lambda files: files.pop("media/rooms/saal.gif"))
    sentence = f"house.zip is damaged: its files are not those it lists. {ANOTHER_COPY}"
    assert (refusal_of(more), refusal_of(less)) == (sentence, sentence)


def test_other_rows_than_those_written_are_told(archive):
    changed = rewritten(archive, contents=lambda files: files.update({"rows/rooms_room.jsonl": b"[]\n"}))
    assert refusal_of(changed) == (
        f"house.zip is damaged: rows/rooms_room.jsonl is not what was written. {ANOTHER_COPY}"
    )


@pytest.mark.parametrize("name", ["../settings.py", "/etc/cron.d/x", "rooms/../../x"])
def test_files_stay_in_the_folder_of_pictures(archive, name):
    outside = rewritten(archive, lambda said: said["files"].update({name: {"size": 0, "sha256": ""}}))
    assert refusal_of(outside) == (
        f"house.zip is damaged: it names files outside of the folder of pictures. {ANOTHER_COPY}"
    )


@pytest.mark.parametrize(
    "spoil", [lambda said: said.pop("tables"), lambda said: said.update(files=3, migrations=[[1]])]
)
def test_a_manifest_without_its_parts_is_told(archive, spoil):
    assert refusal_of(rewritten(archive, spoil)) == (
        f"house.zip is damaged: its manifest cannot be read. {ANOTHER_COPY}"
    )


def test_the_manifest_is_readable_by_people(archive):
    with ZipFile(io.BytesIO(archive)) as opened_zip:
        text = opened_zip.read("manifest.json").decode()
    assert json.loads(text)["format"] == "hausderbegegnung-backup"
    assert '"made_at": "2027-04-20T01:30:00+00:00"' in text.splitlines()[3]
