"""No page waits for a statement of PostgreSQL for ever, not even where the server says nothing."""

import time
from collections.abc import Iterator
from typing import Any

import dj_database_url
import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

from tests import services
from tests.services import missing

# What may be over the time, in seconds: the server's own refusal comes first, and this machine is busy.
SLACK = 3


@pytest.fixture
def impatient(django_db_blocker: Any) -> Iterator[BaseDatabaseWrapper]:
    """A connection that waits half a second for a statement."""
    with django_db_blocker.unblock():
        yield from connection_with(STATEMENT_SECONDS=0.5)


@pytest.fixture
def patient(django_db_blocker: Any) -> Iterator[BaseDatabaseWrapper]:
    """A connection as commands and tasks have it."""
    with django_db_blocker.unblock():
        yield from connection_with()


def connection_with(**settings: Any) -> Iterator[BaseDatabaseWrapper]:
    if not services.postgresql_answers():
        missing("PostgreSQL")
    engine = {"ENGINE": "hausderbegegnung.operations.postgresql"}
    database = {**dj_database_url.parse(services.database_url()), **engine, **settings}
    connection = ConnectionHandler({"default": database})["default"]
    yield connection
    connection.close()


def execute(connection: BaseDatabaseWrapper, statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()


def test_a_server_that_lives_ends_the_statement_and_goes_on(impatient: BaseDatabaseWrapper) -> None:
    process = execute(impatient, "SELECT pg_backend_pid()")
    with pytest.raises(OperationalError, match="due to statement timeout"):
        execute(impatient, "SELECT pg_sleep(60)")
    assert execute(impatient, "SELECT pg_backend_pid()") == process


def test_a_server_that_says_nothing_is_given_up_and_asked_anew(impatient: BaseDatabaseWrapper) -> None:
    started = time.monotonic()
    process = execute(impatient, "SELECT pg_backend_pid()")
    execute(impatient, "SELECT set_config('statement_timeout', '0', false)")
    with pytest.raises(OperationalError):
        execute(impatient, "SELECT pg_sleep(60)")
    assert time.monotonic() - started < 0.5 + SLACK
    impatient.close_if_unusable_or_obsolete()
    assert execute(impatient, "SELECT pg_backend_pid()") != process


def test_whoever_has_time_waits(patient: BaseDatabaseWrapper) -> None:
    assert execute(patient, "SHOW statement_timeout") == ("0",)
    assert execute(patient, "SELECT pg_sleep(2), 1")[1] == 1
