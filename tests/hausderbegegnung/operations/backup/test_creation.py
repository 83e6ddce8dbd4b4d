"""A backup holds one state of the house, or there is none."""

import os
import re
import resource
import shutil
import signal
import sqlite3
import stat
import threading
import time
from contextlib import closing, nullcontext
from pathlib import Path

import pyrage
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from bookings.models import Slot
from hausderbegegnung.operations import heartbeat
from hausderbegegnung.operations.backup import tables
from hausderbegegnung.operations.backup.creation import back_up_to
from hausderbegegnung.operations.backup.errors import BackupError
from hausderbegegnung.operations.backup.restoration import connected_to
from tests.factories import DAY, berlin, make_booking, make_house, make_room
from tests.hausderbegegnung.operations.backup.archives import NOW, make_archive, manifest_of

pytestmark = pytest.mark.django_db(transaction=True)


def rows_of(archive: bytes) -> dict[str, int]:
    """The tables of a backup that have rows, with their number."""
    return {name: table["rows"] for name, table in manifest_of(archive)["tables"].items() if table["rows"]}


def refusal_of(path: Path) -> str:
    with pytest.raises(BackupError) as refused:
        back_up_to(path, keys=[], now=NOW)
    return str(refused.value)


def test_it_holds_the_rows_and_the_pictures_they_name_and_says_what_is_missing(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "rooms").mkdir()
    for name in ["saal.gif", "of_nobody.gif"]:
        (tmp_path / "rooms" / name).write_bytes(b"GIF89a")
    house = make_house()
    make_room(house, picture="rooms/saal.gif")
    make_room(house, picture="rooms/gone.gif")
    make_room(house)
    manifest = manifest_of(make_archive())
    assert manifest["tables"]["rooms_room"]["rows"] == 3
    assert list(manifest["files"]) == ["rooms/saal.gif"]
    assert manifest["missing_files"] == ["rooms/gone.gif"]


def test_it_leaves_out_who_is_logged_in_and_what_was_alive(client, staff):
    client.force_login(staff)
    heartbeat.beat(heartbeat.WORKER, now=NOW)
    assert set(rows_of(make_archive())) == {
        "auth_permission",
        "django_content_type",
        "hausderbegegnung_user",
    }


def test_it_is_of_one_moment_while_others_write(room, monkeypatch):
    """Of each booking that is added while it is made all rows are in it, or none."""
    stop = threading.Event()

    def write() -> None:
        for hour in range(8 * 24, 100 * 24, 3):
            if stop.is_set():
                break
            make_booking([room], berlin(DAY, "00:00") + hour * (berlin(DAY, "02:00") - berlin(DAY, "01:00")))
        connection.close()

    read_lines = tables.read_lines

    def read_slowly(model, columns):
        time.sleep(0.05)
        return read_lines(model, columns)

    monkeypatch.setattr(tables, "read_lines", read_slowly)
    writer = threading.Thread(target=write)
    writer.start()
    try:
        counts = [rows_of(make_archive()) for _number in range(2)]
    finally:
        stop.set()
        writer.join()
    for count in counts:
        assert (
            len({count.get(f"bookings_{name}", 0) for name in ["booking", "slot", "slot_rooms", "occupancy"]})
            == 1
        )
    assert counts[0].get("bookings_slot", 0) < counts[1]["bookings_slot"] < Slot.objects.count()


def test_a_backup_without_one_state_is_torn(room, monkeypatch):
    """The control of the test above: read as usual, rows are there whose booking is not."""
    booking = tables.table_of(Slot._meta.get_field("booking").related_model)
    read_lines = tables.read_lines

    def read_and_write(model, columns):
        lines = list(read_lines(model, columns))
        if tables.table_of(model) == booking:
            make_booking([room], berlin(DAY, "16:00"))
        return lines

    monkeypatch.setattr(tables, "read_lines", read_and_write)
    monkeypatch.setattr("hausderbegegnung.operations.backup.creation.one_state", nullcontext)
    counts = rows_of(make_archive())
    assert (counts.get("bookings_booking", 0), counts["bookings_slot"]) == (0, 1)


def test_only_its_owner_may_read_it_and_nothing_is_left_beside(tmp_path):
    made = back_up_to(tmp_path / "house.zip", keys=[], now=NOW)
    assert made.rows > 0
    assert [path.name for path in tmp_path.iterdir()] == ["house.zip"]
    assert stat.S_IMODE((tmp_path / "house.zip").stat().st_mode) == 0o600


def test_what_is_there_is_not_overwritten(tmp_path):
    path = tmp_path / "house.zip"
    path.write_text("the only one")
    assert refusal_of(path) == f"{path} is there already. Name another file, or move that one away."
    assert path.read_text() == "the only one"


def test_a_folder_that_is_not_there_is_told(tmp_path):
    path = tmp_path / "away" / "house.zip"
    assert refusal_of(path).startswith(f"The backup {path} cannot be written: No such file or directory.")


def test_a_full_disk_is_told_and_nothing_is_left(tmp_path):
    """A limit on the size of files stands for the end of the disk."""
    make_room(make_house(), description="\n".join(os.urandom(2000).hex() for _number in range(20)))
    path = tmp_path / "house.zip"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    for keys in [[], [str(pyrage.x25519.Identity.generate().to_public())]]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
        try:
            with pytest.raises(BackupError, match=r"cannot be written: .*File too large"):
                back_up_to(path, keys=keys, now=NOW)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert list(tmp_path.iterdir()) == []


def test_a_damaged_database_is_told_and_not_backed_up(tmp_path):
    """An index that lies on the pages of another one: pages will find what the rows do not say."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL looks after its files itself")
    copy = tmp_path / "copy.sqlite3"
    shutil.copy(connection.settings_dict["NAME"], copy)
    with closing(sqlite3.connect(copy)) as spoilt, spoilt:
        spoilt.execute("PRAGMA writable_schema = ON")
        spoilt.execute(
            "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = "
            "'rooms_room') WHERE name = 'rooms_house'"
        )
    with connected_to(str(copy)):
        said = refusal_of(tmp_path / "house.zip")
    assert re.fullmatch(
        rf"The database {copy} is damaged: .+\. Restore the last backup into a new data folder\.", said
    )
    assert {path.name for path in tmp_path.iterdir()} - {"copy.sqlite3-wal", "copy.sqlite3-shm"} == {
        copy.name
    }


def test_a_database_of_another_version_is_not_backed_up(tmp_path):
    newest = MigrationRecorder.Migration.objects.filter(app="rooms").latest("pk")
    MigrationRecorder.Migration.objects.filter(pk=newest.pk).update(name="0999_moon")
    try:
        said = refusal_of(tmp_path / "house.zip")
    finally:
        MigrationRecorder.Migration.objects.filter(pk=newest.pk).update(name=newest.name)
    assert said.startswith("The database is not of this version of the software.")


def test_there_is_a_line_for_every_kind_of_field():
    """What is new here has to be the same on both engines, there and back: see `tables._in_json`."""
    kinds = {
        field.get_internal_type()
        for model in tables.kept_models(apps)
        for field in model._meta.local_concrete_fields
        if not field.generated
    }
    assert kinds == {
        *("AutoField", "BigAutoField", "ForeignKey", "OneToOneField"),
        *("BooleanField", "IntegerField", "PositiveBigIntegerField", "PositiveIntegerField"),
        *("PositiveSmallIntegerField", "CharField", "SlugField", "TextField", "UUIDField"),
        *("DateField", "DateTimeField", "TimeField", "JSONField", "FileField"),
    }


def test_the_command_says_what_it_made(tmp_path, capsys):
    path = tmp_path / "house.zip"
    call_command("backup", str(path))
    assert path.exists()
    said = capsys.readouterr().err
    assert said.startswith("Backed up ")
    assert said.endswith(" s.\n")


def test_the_command_refuses_what_is_no_public_key(tmp_path):
    secret = str(pyrage.x25519.Identity.generate())
    with pytest.raises(CommandError) as refused:
        call_command("backup", str(tmp_path / "house.zip"), to=[secret])
    assert str(refused.value) == (
        "A public key of age starts with age1, as age-keygen prints it; this is none. No backup was made."
    )
    assert list(tmp_path.iterdir()) == []


def test_the_command_encrypts_to_the_keys_of_the_settings(settings, tmp_path):
    key = pyrage.x25519.Identity.generate()
    settings.BACKUP_TO = [str(key.to_public())]
    call_command("backup", str(tmp_path / "house.zip.age"))
    assert pyrage.decrypt((tmp_path / "house.zip.age").read_bytes(), [key]).startswith(b"PK")
