"""Each night there is a backup more, and the oldest one less."""

import io
import logging
from datetime import UTC, date, datetime, timedelta

import pyrage
import pytest
import time_machine
from django.db import connection

from hausderbegegnung.operations import heartbeat
from hausderbegegnung.operations.backup.archive import Archive
from hausderbegegnung.operations.backup.errors import BackupError
from hausderbegegnung.operations.backup.nightly import back_up_nightly, is_due, is_too_old
from hausderbegegnung.tasks import back_up
from notifications.outbox.secrets import without_secrets
from tests.factories import BERLIN, berlin, make_house

ABSENT = "No such file or directory. Look whether the folder is there, may be written and has room."
NIGHT = datetime(2027, 4, 20, 2, 0, tzinfo=BERLIN)


@pytest.fixture
def folder(settings, tmp_path):
    settings.BACKUP_DIR, settings.BACKUP_KEEP = str(tmp_path), 2
    return tmp_path


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("last", "now", "expected"),
    [
        (None, NIGHT, True),
        (NIGHT - timedelta(hours=24), NIGHT - timedelta(seconds=1), False),
        (NIGHT - timedelta(hours=24), NIGHT, True),
        (NIGHT, NIGHT + timedelta(hours=23, minutes=59), False),
        # Made up for in the afternoon; the next one is made at night again.
        (NIGHT - timedelta(hours=24), NIGHT + timedelta(hours=14), True),
        (NIGHT + timedelta(hours=14), NIGHT + timedelta(hours=23), False),
        (NIGHT + timedelta(hours=14), NIGHT + timedelta(hours=24), True),
    ],
)
def test_it_is_due_when_none_was_made_since_two_o_clock(last, now, expected):
    assert is_due(last, now=now.astimezone(UTC)) is expected


@pytest.mark.parametrize("night", [date(2027, 3, 28), date(2027, 10, 31)])
def test_it_is_due_once_in_a_night_in_which_clocks_change(night):
    """On the one there is no two o'clock, on the other there are two."""
    midnight = berlin(night, "00:00").astimezone(UTC)
    last, made = midnight - timedelta(hours=20), []
    for minutes in range(0, 12 * 60, 20):
        now = midnight + timedelta(minutes=minutes)
        if is_due(last, now=now):
            last = now
            made.append(f"{now.astimezone(BERLIN):%H:%M}")
    assert len(made) == 1
    assert made[0] in {"02:00", "03:00"}


def test_it_is_too_old_two_hours_after_the_next_was_due():
    assert [is_too_old(NIGHT, now=NIGHT + timedelta(hours=hours)) for hours in [24, 26, 27]] == [
        False,
        False,
        True,
    ]
    assert is_too_old(None, now=NIGHT) is True


@pytest.mark.django_db(transaction=True)
def test_the_newest_are_kept_and_nothing_else_is_touched(folder, caplog):
    caplog.set_level(logging.INFO, "hausderbegegnung")
    for name in ["house-2027.zip", "letter.txt", ".house-2027-01-01-0000Z.zip.x1.part"]:
        (folder / name).touch()
    paths = [back_up_nightly(now=NIGHT + timedelta(days=days)) for days in range(3)]
    assert back_up_nightly(now=NIGHT + timedelta(days=2, hours=1)) is None
    assert names(folder) == [
        "house-2027-04-21-0000Z.zip",
        "house-2027-04-22-0000Z.zip",
        "house-2027.zip",
        "letter.txt",
    ]
    with paths[-1].open("rb") as file, Archive(file, name="the last one") as archive:
        archive.check()
    assert heartbeat.last_beat(heartbeat.BACKUP, now=NIGHT + timedelta(days=3)) == NIGHT + timedelta(days=2)
    messages = [without_secrets(record.getMessage()) for record in caplog.records]
    assert messages[-1].partition(": ")[::2] == (
        "house-2027-04-20-0000Z.zip",
        "deleted, 2 newer ones are kept",
    )


@pytest.mark.django_db(transaction=True)
def test_it_is_encrypted_where_there_are_keys(folder, settings):
    key = pyrage.x25519.Identity.generate()
    settings.BACKUP_TO = [str(key.to_public())]
    path = back_up_nightly(now=NIGHT)
    assert path.name == "house-2027-04-20-0000Z.zip.age"
    with Archive(io.BytesIO(pyrage.decrypt(path.read_bytes(), [key])), name=path.name) as archive:
        archive.check()


@pytest.mark.django_db(transaction=True)
def test_one_that_fails_leaves_the_old_ones_and_is_tried_again(folder, settings):
    for day in [17, 18, 19]:
        (folder / f"house-2027-04-{day}-0000Z.zip").touch()
    before = names(folder)
    settings.BACKUP_DIR = str(folder / "away")
    with pytest.raises(BackupError):
        back_up_nightly(now=NIGHT)
    assert names(folder) == before
    settings.BACKUP_DIR = str(folder)
    assert back_up_nightly(now=NIGHT + timedelta(hours=1)) is not None


@pytest.mark.django_db(transaction=True)
def test_the_task_says_in_the_log_why_there_is_none(folder, settings, caplog):
    settings.BACKUP_DIR = str(folder / "away")
    make_house()
    with time_machine.travel(NIGHT, tick=False):
        back_up()
        path = folder / "away" / "house-2027-04-20-0000Z.zip"
        assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
            f"There is no backup of this night. The backup {path} cannot be written: {ABSENT}"
        ]
        settings.BACKUP_DIR = str(folder)
        back_up()
    assert names(folder) == ["house-2027-04-20-0000Z.zip"]
    connection.close()


@pytest.mark.django_db
def test_without_a_folder_there_is_none(settings):
    settings.BACKUP_DIR = ""
    assert back_up_nightly(now=NIGHT) is None
