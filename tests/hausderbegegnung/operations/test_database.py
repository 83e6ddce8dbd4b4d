"""A database that this version cannot go on from is told in a sentence, and stays as it was."""

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("processes")]

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    """A database as this version makes it."""
    folder = tmp_path_factory.mktemp("migrated")
    done = migrate(folder)
    assert done.returncode == 0, done.stderr
    return folder / "hausderbegegnung.sqlite3"


@pytest.fixture
def database(migrated, tmp_path):
    """A copy of it, in a data folder of its own."""
    with closing(sqlite3.connect(migrated)) as source, closing(sqlite3.connect(path_in(tmp_path))) as copy:
        source.backup(copy)
    return path_in(tmp_path)


def path_in(folder):
    return folder / "hausderbegegnung.sqlite3"


def migrate(folder, **settings):
    """Prepare the database of the folder as `manage.py start` does."""
    return ended(start_to_migrate(folder, **settings))


def start_to_migrate(folder, **settings):
    return subprocess.Popen(
        [sys.executable, "manage.py", "migrate", "--noinput", "--verbosity=0"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(folder), "DEMO": "1", "ENV_FILE": "", **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process):
    output, error = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, output, error)


def change(database, statement):
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(statement)


def history(database):
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute("SELECT app, name FROM django_migrations ORDER BY 1, 2").fetchall()


def test_what_is_up_to_date_stays_as_it_is(database):
    before = history(database)
    assert migrate(database.parent).returncode == 0
    assert history(database) == before


def test_a_database_that_knows_more_than_the_code_is_refused(database):
    """A newer version, or a state from before migrations were squashed."""
    change(database, "INSERT INTO django_migrations VALUES (9999, 'bookings', '0999_moon', '2027-01-01')")
    before = history(database)
    done = migrate(database.parent)
    assert done.returncode == 1
    assert done.stderr == (
        f"Error: The database {database} was made by another version of this software: it knows "
        "bookings.0999_moon, this one does not. If that was a newer one, start the newer one. If it was a "
        "state of development, move the database away, and the house starts with a new one.\n"
    )
    assert history(database) == before


def test_a_history_that_contradicts_itself_is_refused(database):
    change(database, "DELETE FROM django_migrations WHERE app = 'rooms'")
    before = history(database)
    done = migrate(database.parent)
    assert done.returncode == 1
    assert re.fullmatch(
        r"Error: The database \S+ was made by another version of this software: Migration \S+ is applied "
        r"before its dependency \S+ on database 'default'\. If that was a newer one, .*\n",
        done.stderr,
    )
    assert history(database) == before


@pytest.mark.parametrize(
    "spoil", [lambda path: path.write_text("no database " * 100), lambda path: path.mkdir()]
)
def test_what_is_no_database_is_told_and_left_alone(tmp_path, spoil):
    spoil(path_in(tmp_path))
    done = migrate(tmp_path)
    assert done.returncode == 1
    assert re.fullmatch(
        r"Error: The database \S+ cannot be prepared: [a-z ]+\. Nothing was started\. .*\n", done.stderr
    )


def test_tables_that_are_there_already_are_told(database):
    """The tables of another state under a history that has forgotten them."""
    change(database, "DELETE FROM django_migrations")
    done = migrate(database.parent)
    assert done.returncode == 1
    assert re.fullmatch(
        r"Error: The database \S+ cannot be prepared: table \S+ already exists\. .*\n", done.stderr
    )


def test_two_first_starts_at_once_wait_for_each_other(tmp_path, migrated):
    processes = [start_to_migrate(tmp_path) for _number in range(2)]
    assert [(done.returncode, done.stderr) for done in map(ended, processes)] == [(0, "")] * 2
    assert history(path_in(tmp_path)) == history(migrated)


def test_a_server_that_refuses_is_told(tmp_path):
    done = migrate(tmp_path, DATABASE_URL="postgresql://haus:secret@127.0.0.1:1/haus")
    assert done.returncode == 1
    assert re.fullmatch(
        r"Error: The database haus cannot be prepared: .*\. Nothing was started\. Look whether the server "
        r"runs, and whether DATABASE_URL has its address, user and password\.\n",
        done.stderr,
        re.DOTALL,
    )
    assert "secret" not in done.stderr
