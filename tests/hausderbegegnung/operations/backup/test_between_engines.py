"""A house moves from SQLite to PostgreSQL and back by its backup, and is the same house."""

import json
import os
import subprocess
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests import services
from tests.hausderbegegnung.operations.backup.archives import manifest_of
from tests.services import missing

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("processes")]

ROOT = Path(__file__).parents[4]
# The demo house, a picture of a room and a booking with a mail, all at the same moment.
FURNISH = """
import sys, time_machine
from datetime import datetime
from io import BytesIO
from django.core.files.base import File
from PIL import Image
from hausderbegegnung.demo.loading import load_demo
from rooms.models import Room
now = datetime.fromisoformat(sys.argv[1])
with time_machine.travel(now, tick=False):
    load_demo(now)
    drawn = BytesIO()
    Image.new("RGB", (1000, 800)).save(drawn, "PNG")
    Room.objects.order_by("pk")[0].picture.save("saal.png", File(drawn))
"""
# What each page shows at that moment, without what is drawn anew for each visitor.
LOOK = """
import json, re, sys, time_machine
from datetime import datetime
from django.test import Client
from bookings.models import Booking
from hausderbegegnung.models import User
pages = ["/", "/raeume/", "/tag/", "/woche/", "/display/", "/api/v1/schedule/", "/eingang/", "/postausgang/",
         "/hausdienst/", "/admin/rooms/room/"]
pages += [f"/eingang/{reference}/" for reference in
          Booking.objects.order_by("pk").values_list("reference", flat=True)[:5]]
with time_machine.travel(datetime.fromisoformat(sys.argv[1]), tick=False):
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(email="verwaltung@demo.example"))
    answers = {path: client.get(path) for path in pages}
drawn = r'(csrfmiddlewaretoken" value="|submission_key" value=")[^"]+'
print(json.dumps({path: [answer.status_code, re.sub(drawn, r"\\1", answer.content.decode())]
                  for path, answer in answers.items()}))
"""


class Installation:
    """The software on a data folder of its own, and on a database of PostgreSQL where one is named."""

    def __init__(self, folder: Path, database_url: str = "") -> None:
        self.folder = folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "ENV_FILE": "",
            "DEMO": "1",
            # So that pages need no collected static files.
            "DEBUG": "1",
            "EMAIL_URL": "smtp://localhost:1",
            "DEFAULT_FROM_EMAIL": "haus@example.org",
            "DATA_DIR": str(folder),
            "DATABASE_URL": database_url,
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "hausderbegegnung.settings",
        }

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run_script(self, script: str, now: datetime) -> str:
        return self.run("-c", f"import django; django.setup()\n{script}", now.isoformat())


@pytest.fixture
def postgresql():
    if not services.postgresql_answers():
        missing("PostgreSQL")
    name = f"hausderbegegnung_move_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(services.database_url(), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        yield urlunsplit(urlsplit(services.database_url())._replace(path=f"/{name}"))
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_a_house_moves_to_postgresql_and_back(tmp_path, postgresql):
    now = datetime(2027, 4, 20, 8, 0, tzinfo=UTC)
    first = Installation(tmp_path / "first")
    first.run("manage.py", "migrate", "-v0")
    first.run_script(FURNISH, now)
    manifests, pages = [], []
    installations = [first, Installation(tmp_path / "second", postgresql), Installation(tmp_path / "third")]
    for number, installation in enumerate(installations):
        archive = tmp_path / f"{number}.zip"
        if number:
            installation.run("manage.py", "restore", str(tmp_path / f"{number - 1}.zip"))
            pictures = (installation.folder / "media" / "rooms").iterdir()
            assert [path.suffix for path in pictures] == [".webp"] * 3
        installation.run("manage.py", "backup", str(archive))
        manifests.append(manifest_of(archive.read_bytes()))
        # A restored house has versions of its own.
        del manifests[-1]["tables"]["rooms_house"]["content"]
        pages.append(json.loads(installation.run_script(LOOK, now)))
    assert [manifest.pop("engine") for manifest in manifests] == ["sqlite", "postgresql", "sqlite"]
    assert len({manifest.pop("made_at") for manifest in manifests}) == 3
    assert manifests[0]["tables"]["bookings_slot"]["rows"] > 100
    assert manifests[0] == manifests[1] == manifests[2]
    assert {status for status, _text in pages[0].values()} == {200}
    assert len(pages[0]) > 10
    assert pages[0] == pages[1] == pages[2]
