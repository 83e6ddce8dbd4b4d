"""What every template may use."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from bookings.access.permissions import May
from hausderbegegnung.operations.notices import operation_notices
from rooms.lookups import find_house
from rooms.models import House


def house(request: HttpRequest) -> dict[str, Any]:
    """Give templates the `house` of the page, what the visitor `may` do in it (see `May`), whether
    this is the `demo`, the `url_name` of the page, by which the navigation knows where it is, and the
    `operation_notices` that the first pages of staff show.

    Pages that have no house of their own (account, legal texts, errors) show the first one; that
    takes a query, made only when it is used.
    """
    match = request.resolver_match

    def house_of_page() -> House | None:
        return getattr(request, "house", None) or find_house()

    house: Any = SimpleLazyObject(house_of_page)

    def may() -> May:
        return May(getattr(request, "user", None) or AnonymousUser(), house or None)

    return {
        "house": house,
        "may": SimpleLazyObject(may),
        "demo": settings.DEMO,
        "operation_notices": SimpleLazyObject(lambda: operation_notices(now=timezone.now())),
        "url_name": match.url_name if match else "",
    }
