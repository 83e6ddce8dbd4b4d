"""Who may open a page, and what may be kept of it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from bookings.access.actors import Actor, can_decide, can_see_day_plan
from bookings.errors import NotAllowed

View = Callable[..., HttpResponse]


def private_page(view: View) -> View:
    """A page with personal data: no browser or proxy keeps it, no search engine lists it,
    and its address, which may hold a secret token, is told to no other site."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        response["Referrer-Policy"] = "same-origin"
        response["X-Robots-Tag"] = "noindex"
        return response

    return wrapped


def page_for(may_open: Callable[[Actor], bool]) -> Callable[[View], View]:
    """A private page for those of whom `may_open` holds: visitors are sent to the login.

    Raises NotAllowed for people who are logged in and may not open it.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not may_open(request.user):
                raise NotAllowed
            return view(request, *args, **kwargs)

        return private_page(login_required(wrapped))

    return decorate


staff_page = page_for(can_decide)
caretaker_page = page_for(can_see_day_plan)
