"""PostgreSQL refuses overlapping occupancies; SQLite gets its triggers after every migrate (bookings.guard)."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# int8range instead of `part_id WITH =` needs no btree_gist, an extension some servers refuse.
ADD = """
ALTER TABLE bookings_occupancy
    ADD CONSTRAINT occupancy_no_overlap EXCLUDE USING gist (
        int8range(part_id, part_id, '[]') WITH &&,
        tstzrange(starts_at, ends_at, '[)') WITH &&
    ) WHERE (is_blocking),
    ADD CONSTRAINT occupancy_at_most_31_days CHECK (ends_at <= starts_at + interval '31 days')
"""
REMOVE = """
ALTER TABLE bookings_occupancy
    DROP CONSTRAINT occupancy_no_overlap,
    DROP CONSTRAINT occupancy_at_most_31_days
"""


def add(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(ADD)


def remove(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(REMOVE)


class Migration(migrations.Migration):
    dependencies = [("bookings", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
