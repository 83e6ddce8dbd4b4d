"""Instants as the database has them, for queries that read hundreds of rows.

Django and psycopg turn each value into a datetime through several functions, which takes longer
than the query itself. Read as text, an instant becomes one by a single call, and only where it is
needed.
"""

from datetime import UTC, datetime
from functools import lru_cache

from django.db.models import TextField
from django.db.models.functions import Cast


def as_text(name: str) -> Cast:
    """Return a column with instants as `values_list` is to read it; see `instant_in`."""
    return Cast(name, TextField())


@lru_cache(maxsize=4096)
def instant_in(text: str) -> datetime:
    """Return the instant, in UTC, in what `as_text` gives: SQLite stores UTC without saying so."""
    moment = datetime.fromisoformat(text)
    return datetime.fromisoformat(f"{text}+00:00") if moment.tzinfo is None else moment.astimezone(UTC)
