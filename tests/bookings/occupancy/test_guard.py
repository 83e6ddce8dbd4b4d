"""The database refuses an overlap by itself, whoever writes the row, also after later migrations."""

import subprocess
import sys
from datetime import UTC, timedelta

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction

from bookings.enums import SlotStatus
from bookings.models import Occupancy
from bookings.occupancy.guard import SQLITE_GUARD, guard_is_installed, install_guard, require_guard
from tests.factories import DAY, berlin, make_booking, make_house, make_room


def insert_raw(room, slot, start: str, end: str) -> None:
    """Write an occupancy past all Python, in the form each engine stores instants."""
    times = [berlin(DAY, start).astimezone(UTC), berlin(DAY, end).astimezone(UTC)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bookings_occupancy (slot_id, part_id, starts_at, ends_at, is_blocking)"
            " VALUES (%s, %s, %s, %s, %s)",
            [
                slot.pk,
                room.pk,
                *[
                    f"{moment:%Y-%m-%d %H:%M:%S}" + ("+00" if connection.vendor != "sqlite" else "")
                    for moment in times
                ],
                True,
            ],
        )


@pytest.fixture
def other_slot(room):
    return make_booking([make_room(room.house, "Saal B")], berlin(DAY, "16:00")).slots.get()


@pytest.fixture
def taken(room):
    return make_booking([room], berlin(DAY, "16:00"), berlin(DAY, "18:00"))


@pytest.mark.parametrize(
    ("start", "end"),
    [("16:00", "18:00"), ("15:00", "16:15"), ("17:45", "19:00"), ("15:00", "19:00"), ("16:30", "17:00")],
)
def test_a_raw_insert_of_an_overlap_fails(room, taken, other_slot, start, end):
    with pytest.raises(IntegrityError, match="occupancy_no_overlap"):
        insert_raw(room, other_slot, start, end)


@pytest.mark.parametrize(("start", "end"), [("14:00", "16:00"), ("18:00", "20:00")])
def test_a_raw_insert_that_touches_is_taken(room, taken, other_slot, start, end):
    insert_raw(room, other_slot, start, end)
    assert Occupancy.objects.filter(part=room).count() == 2


def test_a_raw_update_into_an_overlap_fails(room, taken, other_slot):
    insert_raw(room, other_slot, "18:00", "20:00")
    with pytest.raises(IntegrityError, match="occupancy_no_overlap"), transaction.atomic():
        Occupancy.objects.filter(slot=other_slot, part=room).update(starts_at=berlin(DAY, "17:45"))


def test_a_pending_request_may_overlap_until_it_blocks(room, taken):
    pending = make_booking([room], berlin(DAY, "17:00"), status=SlotStatus.REQUESTED)
    with pytest.raises(IntegrityError, match="occupancy_no_overlap"), transaction.atomic():
        Occupancy.objects.filter(slot__booking=pending).update(is_blocking=True)


def test_an_occupancy_longer_than_31_days_fails(room, taken):
    with pytest.raises(IntegrityError, match="occupancy_at_most_31_days"), transaction.atomic():
        Occupancy.objects.filter(part=room).update(
            ends_at=berlin(DAY, "16:00") + timedelta(days=31, minutes=1)
        )


def test_an_overlap_with_a_long_occupancy_is_seen(room, taken, other_slot):
    Occupancy.objects.filter(slot__booking=taken).update(starts_at=berlin(DAY, "16:00") - timedelta(days=30))
    with pytest.raises(IntegrityError, match="occupancy_no_overlap"):
        insert_raw(room, other_slot, "17:00", "18:00")


@pytest.mark.django_db(transaction=True)
def test_the_guard_survives_a_migration_that_rebuilds_the_table():
    """What a later AlterField does: SQLite makes a new table and drops the triggers with the old one."""
    room = make_room(make_house())
    make_booking([room], berlin(DAY, "16:00"), berlin(DAY, "18:00"))
    other_slot = make_booking([make_room(room.house, "Saal B")], berlin(DAY, "16:00")).slots.get()
    occupancy = apps.get_model("bookings", "Occupancy")
    old_field = occupancy._meta.get_field("is_blocking")
    new_field = models.BooleanField(null=True)
    new_field.set_attributes_from_name("is_blocking")
    new_field.model = occupancy
    with connection.schema_editor() as editor:
        editor.alter_field(occupancy, old_field, new_field)
    try:
        if connection.vendor == "sqlite":
            assert not guard_is_installed(connection)
        call_command("migrate", verbosity=0)
        require_guard()
        with pytest.raises(IntegrityError, match="occupancy_no_overlap"):
            insert_raw(room, other_slot, "17:00", "19:00")
    finally:
        with connection.schema_editor() as editor:
            editor.alter_field(occupancy, new_field, old_field)
        install_guard()


@pytest.mark.django_db(transaction=True)
def test_the_start_refuses_a_database_without_the_guard():
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER occupancy_no_overlap_insert")
        else:
            cursor.execute("ALTER TABLE bookings_occupancy RENAME CONSTRAINT occupancy_no_overlap TO gone")
    try:
        with pytest.raises(ImproperlyConfigured, match="migrate"):
            require_guard()
    finally:
        install_guard()
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "ALTER TABLE bookings_occupancy RENAME CONSTRAINT gone TO occupancy_no_overlap"
                )


def test_sqlite_refuses_instants_in_a_form_that_does_not_sort(room, taken, other_slot):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has a type for instants")
    with (
        pytest.raises(IntegrityError, match="occupancy_time_format"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO bookings_occupancy (slot_id, part_id, starts_at, ends_at, is_blocking)"
            " VALUES (%s, %s, '2027-04-20T14:00:00', '2027-04-20T15:00:00', 1)",
            [other_slot.pk, room.pk],
        )
    assert len(SQLITE_GUARD) == 2


@pytest.mark.processes
def test_the_web_server_does_not_start_without_migrations(tmp_path):
    environment = {
        "DATA_DIR": str(tmp_path),
        "SECRET_KEY": "for-this-test-only-" + "0123456789abcdef" * 4,
        "SITE_URL": "http://localhost:8000",
        "ENV_FILE": "",
        "PATH": "",
    }
    run = subprocess.run(
        [sys.executable, "-c", "import hausderbegegnung.wsgi"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr.strip().splitlines()[-1] == (
        "django.core.exceptions.ImproperlyConfigured: The database lacks the guard against double booking."
        " Run `python manage.py migrate` first."
    )
