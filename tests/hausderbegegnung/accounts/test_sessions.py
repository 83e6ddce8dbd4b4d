"""A session is read together with its person, and what it holds stays what counts."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hausderbegegnung.accounts.sessions import SessionStore
from hausderbegegnung.models import Session, User
from tests.factories import make_house, make_user

pytestmark = pytest.mark.django_db
PAGE = "/meine-anfragen/"


@pytest.fixture
def person(db: None) -> User:
    make_house()
    return make_user("maria@example.org", name="Maria")


@pytest.fixture
def logged_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def reads_of_people(client: Client) -> list[str]:
    """Return the statements that read the table of people while a page is drawn for somebody logged in."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(PAGE).status_code == 200
    return [
        query["sql"]
        for query in queries
        if 'FROM "hausderbegegnung_session"' in query["sql"] or 'FROM "hausderbegegnung_user"' in query["sql"]
    ]


def test_session_and_person_are_one_statement(logged_in: Client) -> None:
    assert len(reads_of_people(logged_in)) == 1


def test_a_visitor_asks_for_neither(person: User) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert Client().get("/").status_code == 200
    assert [query for query in queries if "_session" in query["sql"] or "_user" in query["sql"]] == []


def test_a_session_that_names_nobody_yet_finds_its_person(logged_in: Client, person: User) -> None:
    Session.objects.update(user=None)
    assert len(reads_of_people(logged_in)) == 2
    assert logged_in.get(PAGE).wsgi_request.user == person


def test_whom_the_session_holds_counts_and_not_whom_its_row_names(logged_in: Client, person: User) -> None:
    Session.objects.update(user=make_user("karl@example.org"))
    assert logged_in.get(PAGE).wsgi_request.user == person


def test_logging_in_names_the_person_and_logging_out_nobody(logged_in: Client, person: User) -> None:
    assert Session.objects.get().user == person
    logged_in.logout()
    assert not Session.objects.exists()
    visitor = SessionStore()
    visitor["language"] = "de"
    visitor.create()
    assert Session.objects.get().user is None


def test_a_new_password_ends_the_other_sessions(logged_in: Client, person: User) -> None:
    person.set_password("Ein anderes, langes 4711")
    person.save()
    assert logged_in.get(PAGE).status_code == 302
    assert not Session.objects.exists()


def test_who_may_not_log_in_any_more_is_out_at_once(logged_in: Client, person: User) -> None:
    assert logged_in.get(PAGE).status_code == 200
    person.is_active = False
    person.save()
    assert logged_in.get(PAGE).status_code == 302


def test_who_is_deleted_takes_the_sessions_along(logged_in: Client, person: User) -> None:
    person.delete()
    assert not Session.objects.exists()
    assert logged_in.get(PAGE).status_code == 302


def test_the_key_of_a_session_is_never_its_name(logged_in: Client) -> None:
    session = Session.objects.get()
    assert session.session_key not in str(session)


def test_sessions_of_an_earlier_version_go_on(logged_in: Client, person: User) -> None:
    columns = "session_key, session_data, expire_date"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE django_session AS SELECT {columns} FROM hausderbegegnung_session")
    Session.objects.all().delete()
    migration: Any = import_module("hausderbegegnung.migrations.0005_sessions_name_their_person")
    editor = connection.SchemaEditorClass(connection)
    migration.keep_old_sessions(apps, editor)
    migration.keep_old_sessions(apps, editor)
    assert logged_in.get(PAGE).wsgi_request.user == person
    assert logged_in.session[SESSION_KEY] == str(person.pk)
