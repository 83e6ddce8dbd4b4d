"""Pages are private unless they say that they are public."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse


class PrivateByDefaultMiddleware:
    """Let no browser or proxy keep an answer, and no search engine list it, unless its page is public.

    That holds for whatever is refused or has failed as well, on public pages too: a page about an error may
    say what was asked for. Stands before whatever may refuse a request.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code >= HTTPStatus.BAD_REQUEST or not is_public(request):
            response["Cache-Control"] = "no-store, private"
            response["X-Robots-Tag"] = "noindex"
        return response


def is_public(request: HttpRequest) -> bool:
    """Whether the address leads to a view, or a class of views, that is marked as public."""
    if request.resolver_match is None:
        return False
    view = request.resolver_match.func
    return getattr(getattr(view, "cls", view), "is_public", False)
