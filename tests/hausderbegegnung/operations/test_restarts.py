"""Which processes ended unasked: told for a day, whatever happened to the file."""

from datetime import UTC, datetime, timedelta

import pytest

from hausderbegegnung.operations.restarts import Restart, note_restart, recent_restarts

NOW = datetime(2027, 4, 20, 14, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path


def test_there_are_none_in_a_house_that_runs_well():
    assert recent_restarts(now=NOW) == []


def test_restarts_are_told_for_a_day_and_forgotten_with_the_next_one(folder):
    yesterday = NOW - timedelta(hours=24)
    for at, name in [(yesterday, "beat"), (yesterday + timedelta(seconds=1), "worker"), (NOW, "worker")]:
        note_restart(name, now=at)
    assert recent_restarts(now=NOW) == [
        Restart(yesterday + timedelta(seconds=1), "worker"),
        Restart(NOW, "worker"),
    ]
    assert len((folder / "restarts").read_text().splitlines()) == 2


def test_lines_that_tell_nothing_are_passed_over(folder):
    note_restart("web", now=NOW)
    with (folder / "restarts").open("a") as file:
        file.write("\nnonsense\n2027-04-20T14:00:00 naive\n2027-04-20T14:00:00+00:00\n")
    assert recent_restarts(now=NOW) == [Restart(NOW, "web")]


@pytest.mark.parametrize("spoil", [lambda path: path.write_bytes(b"\xff"), lambda path: path.mkdir()])
def test_a_file_that_cannot_be_read_tells_nothing(folder, spoil):
    spoil(folder / "restarts")
    assert recent_restarts(now=NOW) == []
