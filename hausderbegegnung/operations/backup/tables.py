"""The rows of the database as lines of JSON that are the same on both engines, and back.

A line is a list of the values of a row, in the order of named columns. Keys in JSON are sorted, because
PostgreSQL keeps no order of them, and instants are in UTC.
"""

import json
from collections.abc import Callable, Generator, Iterable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID

from django.apps.registry import Apps
from django.db import connection
from django.db.models import Field, Max, Model

# Of no use elsewhere, or later: who is logged in or about to, and which processes were alive.
LEFT_OUT = {
    "hausderbegegnung.attemptcounter",
    "hausderbegegnung.heartbeat",
    "hausderbegegnung.pendingcode",
    "hausderbegegnung.session",
}
ROWS_AT_A_TIME = 2000


def kept_models(apps: Apps) -> list[type[Model]]:
    """Return the models whose rows belong into a backup, with those of many-to-many fields, by table."""
    models = (
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.label_lower not in LEFT_OUT
    )
    return sorted(models, key=table_of)


def table_of(model: type[Model]) -> str:
    return model._meta.db_table


def columns_of(model: type[Model]) -> list[str]:
    """Return the columns of the model's table, without those the database computes."""
    return [str(field.column) for field in model._meta.local_concrete_fields if not field.generated]


def read_lines(model: type[Model], columns: Iterable[str]) -> Generator[bytes, None, None]:
    """Yield the rows of a table by primary key, each a line; few of them are in memory at a time.

    Raises TypeError for a kind of value that no field had when this was written.
    """
    encode = json.JSONEncoder(
        ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=_in_json
    ).encode
    names = [field.attname for field in _fields_of(model, columns)]
    rows = model._base_manager.order_by("pk").values_list(*names)
    for row in rows.iterator(chunk_size=ROWS_AT_A_TIME):
        yield encode(row).encode() + b"\n"


def store_lines(model: type[Model], columns: Sequence[str], lines: Iterable[bytes]) -> None:
    """Insert rows as `read_lines` gave them, past whatever models do when they are saved.

    Raises ValueError or ValidationError for what is no row of this table, and the errors of the database.
    """
    quote = connection.ops.quote_name
    statement = (
        f"INSERT INTO {quote(table_of(model))} ({', '.join(map(quote, columns))}) "  # noqa: S608 - quoted names
        f"VALUES ({', '.join(['%s'] * len(columns))})"
    )
    readers = [partial(_for_database, field) for field in _fields_of(model, columns)]
    lines = iter(lines)
    with connection.cursor() as cursor:
        while rows := [_row(line, readers) for line in islice(lines, ROWS_AT_A_TIME)]:
            cursor.executemany(statement, rows)


def last_id(model: type[Model]) -> int:
    """Return the highest number the table has given to a row, even if that row is gone; 0 without any."""
    field = model._meta.auto_field
    if field is None:
        return 0
    highest = model._base_manager.aggregate(highest=Max("pk"))["highest"]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT max(seq) FROM sqlite_sequence WHERE name = %s", [table_of(model)])
        else:
            cursor.execute(
                "SELECT pg_sequence_last_value(pg_get_serial_sequence(%s, %s)::regclass)",
                [table_of(model), field.column],
            )
        return max(highest or 0, cursor.fetchone()[0] or 0)


def set_last_id(model: type[Model], number: int) -> None:
    """Let the table go on counting behind `number`, so that no number is given twice."""
    field = model._meta.auto_field
    if field is None or number == 0:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table_of(model)])
            cursor.execute(
                "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table_of(model), number]
            )
        else:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [table_of(model), field.column, number]
            )


def _fields_of(model: type[Model], columns: Iterable[str]) -> list[Field]:
    fields = {field.column: field for field in model._meta.local_concrete_fields}
    return [fields[column] for column in columns]


def _in_json(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    raise TypeError(f"There is no line for a {type(value).__name__}.")


def _row(line: bytes, readers: Sequence[Callable[[Any], Any]]) -> list[Any]:
    return [read(value) for read, value in zip(readers, json.loads(line), strict=True)]


def _for_database(field: Field, value: Any) -> Any:
    return field.get_db_prep_save(field.to_python(value), connection)
