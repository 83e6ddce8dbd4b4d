"""How often a program may call."""

from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle

# Views read the settings, which name this module.
if TYPE_CHECKING:
    from rest_framework.views import APIView


class PersonRateThrottle(UserRateThrottle):
    """Counts the calls of a person.

    Whoever is not known is counted by address alone, for less (`AnonRateThrottle`): to count them here as
    well would ask the cache twice.
    """

    def get_cache_key(self, request: Request, view: "APIView") -> str | None:
        is_known = bool(request.user and request.user.is_authenticated)
        return super().get_cache_key(request, view) if is_known else None
