"""How pages tell what the domain refuses, where no form has told it already."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import resolve, reverse
from django.utils.translation import gettext_lazy as _

from bookings.errors import LinkEnded
from rooms.errors import DomainError

TITLES = {
    403: _("Not for you"),
    404: _("Not found"),
    409: _("Not possible any more"),
}


class DomainErrorMiddleware:
    """Turn a domain error that reaches the top into a page with its sentence and its status.

    An answer 405, which Django leaves empty, becomes a page as well.

    The API has an exception handler of its own, which sees its errors first.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            # Django tells programs only, by the header.
            response.content = render_to_string("405.html", request=request)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, LinkEnded):
            return link_ended(request)
        if not isinstance(error, DomainError):
            return None
        context = {"error": error, "title": TITLES.get(error.status, _("Not possible"))}
        return render(request, "refused.html", context, status=error.status)


def link_ended(request: HttpRequest) -> HttpResponse:
    """410: the link was one; nothing is shown of what it opened, but how to get the one that holds."""
    link = resolve(request.path_info).kwargs
    name, key = ("send_booking_link", "reference") if "reference" in link else ("send_date_link", "uid")
    send_url = reverse(name, args=[link[key], link["token"]])
    return render(request, "link_ended.html", {"send_url": send_url}, status=LinkEnded.status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the browser sent something that cannot be read."""
    return render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: logged in, but not allowed here."""
    return render(request, "403.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: nothing lives here, or nothing that this person may see."""
    return render(request, "404.html", status=404)


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """429: too often in too short a time; told with the time to wait."""
    response = render(request, "429.html", status=429)
    response["Retry-After"] = "60"
    return response


def server_error(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """500: needs neither database, cache nor session, because one of them may be what failed."""
    return _without_the_house(500)


def unavailable(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """503: the database is away or overloaded."""
    return _without_the_house(503)


def _without_the_house(status: int) -> HttpResponse:
    return HttpResponse(render_to_string(f"{status}.html"), status=status)
