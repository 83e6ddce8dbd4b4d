"""Which occupancies lie in any of many intervals, found by one look at their index.

A condition with an OR for each interval is compared with every row of the whole period. Here each
interval and part is a short walk along the index of the starts, all in one statement. Nearly all
occupancies are over within a day, so it is enough to begin a day before the interval; the few
longer ones are known by a column of their own, which the database computes itself.
"""

import json
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL

from bookings.occupancy.guard import TABLE
from rooms.intervals import Interval

# How far from an interval an occupancy that is not long can start or end. An hour more than that takes:
# nothing depends on how exactly a database counts.
REACH = timedelta(hours=25)

_SPANS = {
    "sqlite": (
        "SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),"
        " json_extract(value, '$[3]') FROM json_each(%s)"
    ),
    "postgresql": (
        "SELECT * FROM unnest(%s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])"
    ),
}
_PARTS = {"sqlite": "SELECT value FROM json_each(%s)", "postgresql": "SELECT unnest(%s::bigint[])"}
_NEAR = f"""
SELECT taken.id FROM {TABLE} AS taken
WHERE taken.part_id = part.id AND taken.starts_at > span.earliest AND taken.starts_at < span.ends_at
    AND taken.ends_at > span.starts_at AND taken.ends_at < span.latest
"""  # noqa: S608 - made of constants
# PostgreSQL has to be told to walk along the index for each interval and part; and without bounds from
# both sides for both columns it expects so many rows that it reads whole tables to go on with them.
_EACH = {
    "sqlite": _NEAR.replace("FROM", "FROM span CROSS JOIN part CROSS JOIN"),
    "postgresql": f"SELECT near.id FROM span, part, LATERAL ({_NEAR} OFFSET 0) AS near",  # noqa: S608
}
_IDS = {
    vendor: f"""
WITH span (starts_at, ends_at, earliest, latest) AS MATERIALIZED ({_SPANS[vendor]}),
    part (id) AS MATERIALIZED ({_PARTS[vendor]})
{_EACH[vendor]}
UNION ALL
SELECT taken.id FROM {TABLE} AS taken
WHERE taken.is_long AND taken.part_id IN (SELECT id FROM part)
    AND taken.starts_at < (SELECT max(ends_at) FROM span)
    AND taken.ends_at > (SELECT min(starts_at) FROM span)
"""  # noqa: S608 - made of constants
    for vendor in ("sqlite", "postgresql")
}


def ids_during(spans: Sequence[Interval], part_ids: Collection[int]) -> RawSQL:
    """Return, for `pk__in`, the occupancies of these parts that overlap one of `spans`.

    Those of a day or more may also lie between them.
    """
    rows = [(span.start, span.end, span.start - REACH, span.end + REACH) for span in spans]
    parts = sorted(part_ids)
    if connection.vendor == "sqlite":
        # Instants are stored in UTC without saying so, as text that sorts by time.
        stored = [[moment.replace(tzinfo=None).isoformat(" ") for moment in row] for row in rows]
        values: list[Any] = [json.dumps(stored), json.dumps(parts)]
    else:
        values = [*(list(column) for column in zip(*rows, strict=True)), parts]
    return RawSQL(_IDS[connection.vendor], values)  # noqa: S611 - all values are parameters
