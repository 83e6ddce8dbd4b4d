"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from rooms.selectors import find_house


def house(request: HttpRequest) -> dict[str, Any]:
    """Give templates the `house` (one query, made only when used), whether this is the `demo`,
    and the `url_name` of the page, by which the navigation knows where it is."""
    match = request.resolver_match
    return {
        "house": SimpleLazyObject(find_house),
        "demo": settings.DEMO,
        "url_name": match.url_name if match else "",
    }
