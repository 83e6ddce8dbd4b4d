"""How pages tell what the domain refuses, where no form has told it already."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from rooms.errors import DomainError

TITLES = {
    403: _("Not for you"),
    404: _("Not found"),
    409: _("Not possible any more"),
}


class DomainErrorMiddleware:
    """Turn a domain error that reaches the top into a page with its sentence and its status.

    The program interface has an exception handler of its own, which sees its errors first.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        context = {"error": error, "title": TITLES.get(error.status, _("Not possible"))}
        return render(request, "refused.html", context, status=error.status)
