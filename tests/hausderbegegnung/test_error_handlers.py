"""What no view answers is told in a sentence: to people as a page, to programs of the API as a problem."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, ProgrammingError, connection
from django.test import Client, RequestFactory

from hausderbegegnung import error_handlers

PAGES = {
    400: error_handlers.bad_request,
    403: error_handlers.permission_denied,
    404: error_handlers.page_not_found,
    429: error_handlers.too_many_requests,
}


def fail_with(error: Exception, path: str) -> Any:
    """Answer as Django does when a view raised the error."""
    try:
        raise error
    except type(error):
        return error_handlers.server_error(RequestFactory().get(path))


def facts(response: Any) -> tuple[int, str, str]:
    names = ["Content-Type", "Retry-After"]
    return response.status_code, *[response.get(name, "") for name in names]


def test_a_failure_of_ours_is_told_without_the_database() -> None:
    response = fail_with(ValueError("unforeseen"), "/meine/")
    assert facts(response) == (500, "text/html; charset=utf-8", "")
    assert "<h1>Etwas ist schiefgegangen</h1>" in response.content.decode()


def test_a_database_that_is_away_is_told_with_the_time_to_wait() -> None:
    response = fail_with(OperationalError("connection refused"), "/meine/")
    assert facts(response) == (503, "text/html; charset=utf-8", "10")
    assert "<h1>Das Haus ist gerade nicht erreichbar</h1>" in response.content.decode()


@pytest.mark.django_db
def test_a_database_without_tables_is_one_that_is_away() -> None:
    """It is about to be restored."""
    with pytest.raises(DatabaseError) as raised, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM rooms_of_no_house")
    assert facts(fail_with(raised.value, "/meine/")) == (503, "text/html; charset=utf-8", "10")


@pytest.mark.parametrize(
    ("error", "expected", "retry_after"),
    [
        (ValueError("unforeseen"), (500, "internal_error"), ""),
        (ProgrammingError("a statement that is wrong"), (500, "internal_error"), ""),
        (OperationalError("connection refused"), (503, "unavailable"), "10"),
    ],
)
def test_the_api_tells_a_failure_as_a_problem(
    error: Exception, expected: tuple[int, str], retry_after: str
) -> None:
    import json

    response = fail_with(error, "/api/v1/bookings/")
    assert facts(response) == (expected[0], "application/problem+json", retry_after)
    problem = json.loads(response.content)
    assert (problem["status"], problem["code"], problem["reasons"]) == (*expected, [])
    assert problem["detail"] != ""


@pytest.mark.parametrize("status", PAGES)
def test_the_api_tells_what_it_does_not_know_as_a_problem(status: int) -> None:
    response = PAGES[status](RequestFactory().get("/api/nothing/"), Exception())
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")


@pytest.fixture
def database_away(db: None) -> Iterator[None]:
    """Every statement fails as on a connection that broke."""

    def refuse(*arguments: Any) -> None:
        raise OperationalError("the connection is closed")

    with connection.execute_wrapper(refuse):
        yield


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/meine/", "text/html; charset=utf-8"),
        ("/api/v1/rooms/", "application/problem+json"),
        ("/api/v1/bookings/", "application/problem+json"),
    ],
)
def test_every_address_says_so_when_the_database_is_away(
    database_away: None, path: str, content_type: str
) -> None:
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "0" * 32
    assert facts(client.get(path)) == (503, content_type, "10")


def test_an_unknown_address_of_the_api_is_a_problem(client: Client, db: None) -> None:
    response = client.get("/api/v1/nothing/")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert response.json()["code"] == "not_found"
