"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from rooms.models import House


def house(request: HttpRequest) -> dict[str, Any]:
    """Give templates the `house` (looked up only when used) and whether this is the `demo`."""
    return {"house": House.objects.order_by("pk").first, "demo": settings.DEMO}
