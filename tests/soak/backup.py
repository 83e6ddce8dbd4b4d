"""Back the house up again and again while clients write, then restore each backup: all are whole.

Beside each backup the files of SQLite are copied as they lie there, to see what that would have given.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path

from tests.bench.databases import postgresql_database
from tests.notifications.outbox.installation import MailServer
from tests.soak.clients import Clients
from tests.soak.house import ROOT, House

# Prints how many seconds each backup took.
MAKER = """
import sys, time
from pathlib import Path
import django
django.setup()
from django.utils import timezone
from hausderbegegnung.operations.backup.creation import back_up_to
from tests.soak.backup import copy_files
folder, copies, data = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
for number in range(copies):
    print(back_up_to(folder / f"{number}.zip", keys=[], now=timezone.now()).seconds, flush=True)
    copy_files(data, folder / f"{number}-files")
"""
# Restores each backup into a folder of its own and prints the findings in its database.
RESTORER = """
import json, sys
from pathlib import Path
import django
django.setup()
from django.conf import settings
from django.db import connection
from hausderbegegnung.operations.backup.errors import BackupError
from hausderbegegnung.operations.backup.restoration import restore
from tests.soak.backup import findings_in
for number in range(int(sys.argv[2])):
    settings.DATA_DIR = Path(sys.argv[1]) / f"{number}-restored"
    settings.MEDIA_ROOT = settings.DATA_DIR / "media"
    settings.DATA_DIR.mkdir()
    database = settings.DATA_DIR / "house.sqlite3"
    connection.close()
    connection.settings_dict["NAME"] = str(database)
    try:
        with (Path(sys.argv[1]) / f"{number}.zip").open("rb") as file:
            restore(file, name=f"{number}.zip", key_file=None)
        findings = findings_in(database)
    except BackupError as error:
        findings = [str(error), 0]
    connection.close()
    print(json.dumps(findings), flush=True)
"""
# Each booking has a history, and each approved date takes its rooms: written in one transaction.
TORN = """
SELECT (SELECT count(*) FROM bookings_booking WHERE id NOT IN (SELECT booking_id FROM bookings_transition))
     + (SELECT count(*) FROM bookings_slot WHERE status = 'approved'
        AND id NOT IN (SELECT slot_id FROM bookings_occupancy WHERE is_blocking))
"""


def soak(*, copies: int, clients: int, on_postgresql: bool) -> bool:
    """Print what the backups hold; return whether each is whole and the house went on meanwhile."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soak-backup-")))
        data = folder / "house"
        data.mkdir()
        settings = {}
        if on_postgresql:
            settings["DATABASE_URL"] = stack.enter_context(postgresql_database(f"soak_backup_{os.getpid()}"))
        mail_server = stack.enter_context(MailServer())
        house = House(data, mail_server.port, **settings)
        try:
            house.wait_until_open()
            load = Clients(house.address, house.tokens(), number=clients, all_write=True)
            load.start()
            started = time.monotonic()
            seconds = run(house, MAKER, folder, copies, data)
            minutes = (time.monotonic() - started) / 60
            load.stop()
        finally:
            house.end()
        print(load.report())
        print(
            f"{copies} backups in {minutes:.1f} min beside {clients} writing clients; seconds for each: "
            f"median {sorted(seconds)[copies // 2]:.2f}, longest {max(seconds):.2f}"
        )
        restored = run(house, RESTORER, folder, copies, settings={"DATABASE_URL": ""})
        numbers = [number for _finding, number in restored]
        print(
            f"restored: {dict(Counter(finding for finding, _number in restored))}; bookings in them: "
            f"{numbers[0]} to {numbers[-1]}, {len(set(numbers))} different numbers"
        )
        if not on_postgresql:
            copied = [
                findings_in(folder / f"{number}-files" / house.database.name) for number in range(copies)
            ]
            print(f"files copied as they lay there: {dict(Counter(finding for finding, _number in copied))}")
        return (
            load.failed == 0
            and {finding for finding, _number in restored} == {"whole"}
            and numbers == sorted(numbers)
            and numbers[0] < numbers[-1]
        )


def run(house: House, script: str, *arguments: object, settings: dict[str, str] | None = None) -> list:
    """Run the script where the house runs, or with other settings, and return what its lines say."""
    environment = {
        **house.environment,
        "DJANGO_SETTINGS_MODULE": "hausderbegegnung.settings",
        "PYTHONPATH": str(ROOT),
        **(settings or {}),
    }
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def copy_files(data: Path, target: Path) -> None:
    """Copy the files of the database one after the other, as a program that knows nothing of it does."""
    target.mkdir()
    for path in sorted(data.glob("*.sqlite3*")):
        try:
            shutil.copy(path, target)
        except FileNotFoundError:
            continue


def findings_in(database: Path) -> tuple[str, int]:
    """Return "whole", or what is wrong with a database of SQLite, and how many bookings it has."""
    try:
        with closing(sqlite3.connect(database)) as connection:
            (state,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
            (torn,) = connection.execute(TORN).fetchone()
            (number,) = connection.execute("SELECT count(*) FROM bookings_booking").fetchone()
    except sqlite3.Error as error:
        return f"{type(error).__name__}: {error}", 0
    if state != "ok":
        return "damaged", number
    return ("torn" if orphans or torn else "whole"), number
