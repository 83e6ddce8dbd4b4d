"""What staff read of the processes of the house, and who does not."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from hausderbegegnung.operations import heartbeat
from hausderbegegnung.operations.notices import operation_notices
from hausderbegegnung.operations.restarts import note_restart
from tests.factories import make_house, make_user

NOW = datetime(2027, 4, 20, 14, 0, tzinfo=UTC)
CALM = "Es geht keine E-Mail verloren. Häuft sich das, sagen Sie es bitte Ihrer Technik."
TELL = "Bitte sagen Sie es Ihrer Technik."
WORKER = "Der Hintergrunddienst wurde in den letzten 24 Stunden 3-mal neu gestartet."


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"folder": str(tmp_path / "broker")}
    return tmp_path


def test_a_house_that_runs_well_says_nothing():
    assert operation_notices(now=NOW) == []


def test_restarts_of_a_day_and_unreadable_messages_are_told(folder):
    for hours, name in [(25, "web"), (3, "worker"), (2, "beat"), (1, "worker"), (1, "web")]:
        note_restart(name, now=NOW - timedelta(hours=hours))
    (folder / "broker" / "unreadable").mkdir(parents=True)
    for name in ["1_x.work.msg", "2_x.work.msg"]:
        (folder / "broker" / "unreadable" / name).touch()
    assert operation_notices(now=NOW) == [
        "Der Webserver wurde in den letzten 24 Stunden einmal neu gestartet.",
        WORKER,
        "Der Hintergrunddienst hat 2 unlesbare Aufträge beiseitegelegt.",
        CALM,
    ]


def test_there_is_nothing_to_read_where_the_broker_is_a_server(settings):
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 1}
    assert operation_notices(now=NOW) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("hours", "notices"),
    [
        (None, ["Von diesem Haus gibt es noch keine Sicherung.", TELL]),
        (27, ["Die letzte Sicherung ist zu alt: Mo.,\xa019.04.2027, 13:00\xa0Uhr.", TELL]),
        (25, []),
    ],
)
def test_a_backup_that_was_not_made_is_told(settings, folder, hours, notices, django_assert_num_queries):
    settings.BACKUP_DIR = str(folder)
    if hours:
        heartbeat.beat(heartbeat.BACKUP, now=NOW - timedelta(hours=hours))
    with django_assert_num_queries(1):
        assert operation_notices(now=NOW) == notices


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["/eingang/", "/admin/"])
def test_the_first_pages_of_staff_tell_of_restarts_and_nobody_else_reads_of_them(client, page):
    make_house()
    for _number in range(3):
        note_restart("worker", now=NOW)
    people = {"staff": make_user(is_staff=True), "stranger": make_user()}
    told = {}
    with time_machine.travel(NOW + timedelta(hours=1), tick=True):
        for name, person in people.items():
            client.force_login(person)
            told[name] = WORKER in client.get(page).content.decode()
    assert told == {"staff": True, "stranger": False}
