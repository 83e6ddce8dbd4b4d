"""How is told what no view answered: to people as a page, to programs of the API as a problem."""

import sys
from collections.abc import Callable
from functools import partial

from django.db import InterfaceError, OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse

from hausderbegegnung.api.errors import plain_problem
from hausderbegegnung.web import errors as pages

API = "/api/"
# What a database says that does not answer, or is too busy to.
AWAY = (OperationalError, InterfaceError)
# PostgreSQL's own word for a table that is not there: the database is empty and about to be restored.
UNDEFINED_TABLE = "42P01"
SECONDS_UNTIL_IT_IS_BACK = 10


def _told(
    status: int, page: Callable[..., HttpResponse], request: HttpRequest, exception: Exception | None = None
) -> HttpResponse:
    if request.path.startswith(API):
        return plain_problem(status)
    return page(request, exception)


bad_request = partial(_told, 400, pages.bad_request)
permission_denied = partial(_told, 403, pages.permission_denied)
page_not_found = partial(_told, 404, pages.page_not_found)
too_many_requests = partial(_told, 429, pages.too_many_requests)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 with Retry-After where the database is away; Django asks while it handles the exception."""
    if not _is_away(sys.exc_info()[1]):
        return _told(500, pages.server_error, request)
    response = _told(503, pages.unavailable, request)
    response["Retry-After"] = str(SECONDS_UNTIL_IT_IS_BACK)
    return response


def _is_away(error: BaseException | None) -> bool:
    if isinstance(error, ProgrammingError):
        return getattr(error.__cause__, "sqlstate", None) == UNDEFINED_TABLE
    return isinstance(error, AWAY)
