"""Who may open a page, of which house it is, and whether it is for everybody to keep.

Every page of a house is decorated with `house_page`, directly or by one of the others here.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urljoin

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from bookings.access.actors import Actor
from bookings.access.permissions import (
    can_correct_contact,
    can_decide,
    can_manage_house,
    can_see_day_plan,
    can_see_outbox,
    can_see_requests,
)
from bookings.errors import NotAllowed
from hausderbegegnung.web.shared.drafts import View, login_first
from hausderbegegnung.web.shared.fragments import current_house
from rooms.models import House

AnyView = TypeVar("AnyView", bound=Callable[..., HttpResponseBase])


class PageRequest(HttpRequest):
    """A request as `house_page` hands it on."""

    house: House


def house_page(view: View) -> View:
    """A page of one house, which the view finds as `request.house`; all its times are by the clocks there.

    It is the house that the address names, by its short name or by a booking; where the address
    names none, or nothing that is known, the only one there is, or the first of several. Raises
    Http404 where there is no house yet.
    """

    @wraps(view)
    def wrapped(request: PageRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        slug = kwargs.pop("house_slug", "")
        request.house = current_house(slug, reference=kwargs.get("reference", ""), uid=kwargs.get("uid"))
        with timezone.override(request.house.zone):
            return view(request, *args, **kwargs)

    wrapped.is_of_a_house = True  # type: ignore[attr-defined]
    return wrapped


def public_page(view: AnyView) -> AnyView:
    """A page that holds nothing about anybody, so that browsers may keep it and search engines list it.

    All others are private (`hausderbegegnung.web.privacy`).
    """
    view.is_public = True  # type: ignore[attr-defined]
    return view


def own_page(view: View) -> View:
    """A page of whoever is logged in; visitors are sent to the login."""
    page = house_page(view)

    @wraps(page)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return page(request, *args, **kwargs) if request.user.is_authenticated else login_first(request, view)

    return wrapped


def applicant_page(view: View) -> View:
    """A page about a booking for its applicant, by login or by the `token` of a link.

    Whether this visitor may see the booking is for the view to ask, which opens it; visitors
    without either are sent to the login.
    """

    @wraps(view)
    def wrapped(request: PageRequest, *args: Any, token: str = "", **kwargs: Any) -> HttpResponse:
        if not (token or request.user.is_authenticated):
            return login_first(request, view)
        return view(request, *args, token=token, **kwargs)

    return house_page(wrapped)


def page_for(may_open: Callable[[Actor, House], bool]) -> Callable[[View], View]:
    """A page for those of whom `may_open` holds in its house: visitors are sent to the login.

    Raises NotAllowed for people who are logged in and may not open it.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: PageRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not may_open(request.user, request.house):
                raise NotAllowed
            return view(request, *args, **kwargs)

        wrapped.may_open = may_open  # type: ignore[attr-defined]
        return own_page(wrapped)

    return decorate


def form_target(view: View) -> View:
    """What a form is sent to, one step below the page it stands on.

    Who opens its address, after a login or with the address bar, comes to that page, and nothing is done.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method in {"GET", "HEAD"}:
            return redirect(urljoin(request.path, "../"))
        return require_POST(view)(request, *args, **kwargs)

    return wrapped


decider_page = page_for(can_decide)
request_list_page = page_for(can_see_requests)
contact_page = page_for(can_correct_contact)
outbox_page = page_for(can_see_outbox)
closure_page = page_for(can_manage_house)
caretaker_page = page_for(can_see_day_plan)
