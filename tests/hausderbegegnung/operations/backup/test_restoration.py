"""An empty installation becomes the one that was backed up, or stays as empty as it was."""

import io
import os
import threading
from datetime import timedelta

import pyrage
import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import caches
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.db.migrations.recorder import MigrationRecorder

from bookings.models import Booking, Occupancy, Slot
from bookings.occupancy.guard import guard_is_installed
from hausderbegegnung.operations import heartbeat
from hausderbegegnung.operations.backup.errors import BackupError
from hausderbegegnung.operations.backup.restoration import restore
from hausderbegegnung.operations.database import applied_migrations
from notifications.models import Message
from rooms.models import House, Room
from tests.factories import (
    DAY,
    berlin,
    make_association,
    make_booking,
    make_house,
    make_room,
    make_series,
    make_token,
    make_user,
    weekly,
)
from tests.hausderbegegnung.operations.backup.archives import (
    NOW,
    make_archive,
    manifest_of,
    rewritten,
    with_rows,
)
from tests.notifications.scenes import make_notice

pytestmark = pytest.mark.django_db(transaction=True)
INTO_AN_EMPTY_ONE = (
    "and a backup is restored into an empty one only: set DATA_DIR to a new folder, or DATABASE_URL to an "
    "empty database."
)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """A data folder of this test alone."""
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    return tmp_path


def empty() -> None:
    call_command("flush", interactive=False, verbosity=0)


def furnish(folder) -> None:
    """A house with something of each kind of value in it, and a room that is gone."""
    (folder / "media" / "rooms").mkdir(parents=True)
    (folder / "media" / "rooms" / "saal.gif").write_bytes(b"GIF89a" * 100)
    house = make_house(name="Haus „Zur Brücke“ – 🏠")
    room = make_room(house, picture="rooms/saal.gif", description="Zeile 1\nZeile 2\t'\"\\")
    make_room(house).delete()
    user = make_user(name="Erika Beispiel")
    make_token(user)
    Authenticator.objects.create(user=user, type="totp", data={"z": [1.5, None], "a": "ß"})
    make_series(room, weekly(DAY, 3), association_id=make_association(user).pk)
    make_booking([room], berlin(DAY + timedelta(days=1), "16:00"), applicant=user)
    make_notice(now=NOW)


def make_furnished_archive(folder, *, keys=None) -> bytes:
    """A backup of such a house; the installation is empty again afterwards."""
    furnish(folder)
    archive = make_archive(keys=keys)
    empty()
    (folder / "media" / "rooms" / "saal.gif").unlink()
    return archive


def restored(archive: bytes, key_file=None):
    return restore(io.BytesIO(archive), name="house.zip", key_file=key_file)


def refusal_of(archive: bytes, key_file=None) -> str:
    with pytest.raises(BackupError) as refused:
        restored(archive, key_file)
    return str(refused.value)


def is_empty(folder) -> bool:
    """Whether nothing is there of a house, its files, and what restoring has made beside."""
    names = {path.name for path in folder.rglob("*") if path.is_file()}
    return names <= {"test.sqlite3"} and not any(
        model.objects.exists() for model in [House, Booking, Message]
    )


def test_no_process_knows_the_versions_of_a_restored_house(folder):
    """Else one that runs on would show what was true under the same number before."""
    furnish(folder)
    archive, versions = make_archive(), []
    for _restoration in range(2):
        versions.append(House.objects.values_list("plan_version", "facts_version").get())
        empty()
        (folder / "media" / "rooms" / "saal.gif").unlink()
        restored(archive)
    versions.append(House.objects.values_list("plan_version", "facts_version").get())
    assert versions[0] < versions[1] < versions[2]
    assert versions[0][1] < versions[1][1] < versions[2][1]


def test_the_restored_house_has_the_same_rows_files_and_guards(folder):
    archive = make_furnished_archive(folder)
    caches["default"].set("of_a_time_that_is_no_more", 1)
    result = restored(archive)
    assert (result.files, result.missing_files, result.is_same_key) == (1, [], True)
    again, before = manifest_of(make_archive()), manifest_of(archive)
    # The house has versions of its own, see below.
    assert again["tables"]["rooms_house"].pop("content") != before["tables"]["rooms_house"].pop("content")
    assert again == before
    assert again["tables"]["bookings_slot"]["rows"] == 4
    assert (folder / "media" / "rooms" / "saal.gif").read_bytes() == b"GIF89a" * 100
    assert {path.name for path in folder.iterdir()} == {"media"}
    assert caches["default"].get("of_a_time_that_is_no_more") is None
    # No number is given twice, and nothing is booked twice.
    house = House.objects.get()
    assert make_room(house).pk == Room.objects.order_by("pk")[0].pk + 2
    assert guard_is_installed(connection)
    taken = Occupancy.objects.filter(is_blocking=True)[0]
    taken.pk, taken.slot_id = None, Slot.objects.order_by("-pk")[0].pk
    with pytest.raises(IntegrityError):
        taken.save(force_insert=True)


def test_an_encrypted_backup_is_restored_from_a_pipe(folder):
    key = pyrage.x25519.Identity.generate()
    archive = make_furnished_archive(folder, keys=[str(key.to_public())])
    (folder / "key.txt").write_text(str(key))
    reading, writing = os.pipe()

    def send() -> None:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(archive)

    sender = threading.Thread(target=send)
    sender.start()
    with os.fdopen(reading, "rb") as pipe:
        result = restore(pipe, name="The backup", key_file=folder / "key.txt")
    sender.join()
    assert result.files == 1
    assert {path.name for path in folder.iterdir()} == {"media", "key.txt"}
    assert House.objects.get().name == "Haus „Zur Brücke“ – 🏠"


def test_an_encrypted_backup_needs_its_key(folder):
    archive = make_archive(keys=[str(pyrage.x25519.Identity.generate().to_public())])
    assert refusal_of(archive) == "house.zip is encrypted. Name the file with the secret key: --key FILE."
    (folder / "key.txt").write_text(str(pyrage.x25519.Identity.generate()))
    assert refusal_of(archive, folder / "key.txt") == (
        f"house.zip cannot be decrypted with the key in {folder}/key.txt: No matching keys found."
    )
    (folder / "key.txt").unlink()
    assert is_empty(folder)


def test_a_backup_of_an_earlier_version_is_brought_up_to_this_one(folder):
    """Before second factors had times: the tables are made as they were, filled, and then migrated."""
    furnish(folder)
    columns = manifest_of(make_archive())["tables"]["mfa_authenticator"]["columns"]
    kept = [columns.index(name) for name in ["user_id", "id", "type", "data"]]

    def make_older(said: dict) -> None:
        said["tables"]["mfa_authenticator"]["columns"] = [columns[position] for position in kept]
        said["migrations"] = [
            key for key in said["migrations"] if key[0] != "mfa" or key[1] == "0001_initial"
        ]

    older = with_rows(
        make_archive(),
        "mfa_authenticator",
        lambda rows: [[row[position] for position in kept] for row in rows],
    )
    older = rewritten(older, make_older)
    empty()
    (folder / "media" / "rooms" / "saal.gif").unlink()
    history = applied_migrations()
    restored(older)
    assert applied_migrations() == history
    authenticator = Authenticator.objects.get()
    assert authenticator.data == {"z": [1.5, None], "a": "ß"}
    assert authenticator.created_at is not None


@pytest.mark.parametrize(
    ("table", "spoil", "sentence"),
    [
        ("rooms_house", lambda rows: [*rows, *rows], "UNIQUE|unique"),
        ("rooms_room", lambda rows: rows[:0], "FOREIGN KEY|foreign key"),
        (
            "bookings_occupancy",
            lambda rows: [[*row[:3], *rows[0][3:]] for row in rows],
            "occupancy_no_overlap",
        ),
    ],
)
def test_what_the_database_refuses_leaves_it_empty(folder, table, spoil, sentence):
    archive = with_rows(make_furnished_archive(folder), table, spoil)
    history = applied_migrations()
    with pytest.raises(
        BackupError, match=rf"^The database does not take what is in house\.zip: .*({sentence})"
    ):
        restored(archive)
    assert is_empty(folder)
    assert applied_migrations() == history
    assert guard_is_installed(connection)


def test_a_row_that_is_read_again_as_another_is_found(folder):
    """Spaces that the database does not keep stand for whatever it might change."""
    archive = with_rows(make_furnished_archive(folder), "rooms_room", list, separators=(", ", ": "))
    assert refusal_of(archive) == "The database gave back another row 1 of rooms_room than it was given."
    assert is_empty(folder)


def test_a_backup_of_a_version_that_knows_more_is_refused(folder):
    newer = rewritten(make_archive(), lambda said: said["migrations"].append(["bookings", "0999_moon"]))
    assert refusal_of(newer) == (
        "house.zip was made by another version of this software: it knows bookings.0999_moon, this one does "
        "not. Restore it with that version, and update afterwards."
    )
    assert is_empty(folder)


def test_a_table_of_another_version_than_it_names_is_refused(folder):
    other = rewritten(make_archive(), lambda said: said["tables"]["rooms_house"]["columns"].append("moon"))
    assert refusal_of(other) == (
        "house.zip is damaged: its table rooms_house is not that of the version it names."
    )
    assert is_empty(folder)


@pytest.mark.parametrize("share", [0.3, 0.999])
def test_a_truncated_backup_is_refused(folder, share):
    archive = make_archive()
    assert refusal_of(archive[: int(len(archive) * share)]) == (
        "house.zip is no backup of this software, or it is not whole."
    )
    assert is_empty(folder)


def test_an_installation_with_data_is_left_alone(folder):
    archive = make_archive()
    make_user("first@example.org")
    heartbeat.beat(heartbeat.WORKER, now=NOW)
    assert refusal_of(archive) == (
        f"This installation has data already (in hausderbegegnung_user), {INTO_AN_EMPTY_ONE}"
    )
    assert make_user("second@example.org").pk


def test_an_installation_of_another_version_is_left_alone(folder):
    archive = make_archive()
    newest = MigrationRecorder.Migration.objects.filter(app="rooms").latest("pk")
    MigrationRecorder.Migration.objects.filter(pk=newest.pk).update(name="0999_moon")
    try:
        assert refusal_of(archive) == (
            "The database was made by another version of this software: it knows rooms.0999_moon, this one "
            "does not. Restore into an empty one."
        )
    finally:
        MigrationRecorder.Migration.objects.filter(pk=newest.pk).update(name=newest.name)


def test_files_that_are_there_are_left_alone(folder):
    archive = make_archive()
    (folder / "media" / "rooms").mkdir(parents=True)
    (folder / "media" / "rooms" / "saal.gif").write_bytes(b"mine")
    assert refusal_of(archive) == (
        f"There are files already, such as {folder}/media/rooms/saal.gif, and a backup is restored into an "
        "empty installation only: set DATA_DIR to a new folder, or move them away."
    )
    assert (folder / "media" / "rooms" / "saal.gif").read_bytes() == b"mine"


def test_another_secret_key_is_told(folder):
    archive = rewritten(
        make_archive(), lambda said: said.update(secret_key="another", missing_files=["a.gif"])
    )
    result = restored(archive)
    assert str(result).startswith(
        f"Restored what was there on {NOW.isoformat()}: {result.rows} rows and 0 files in "
    )
    assert str(result).endswith(
        "These files were missing in the backup already: a.gif. SECRET_KEY is not that of the backed up "
        "house, so links in mails it has sent do not open here. If you still have that key, set it before "
        "the house opens."
    )


def test_the_command_refuses_in_a_sentence(folder):
    with pytest.raises(CommandError) as refused:
        call_command("restore", str(folder / "house.zip"))
    assert str(refused.value) == f"{folder}/house.zip cannot be read: No such file or directory."
    (folder / "house.zip").write_text("no zip")
    with pytest.raises(CommandError) as refused:
        call_command("restore", str(folder / "house.zip"))
    assert str(refused.value) == (
        f"{folder}/house.zip is no backup of this software, or it is not whole. Nothing was changed."
    )
