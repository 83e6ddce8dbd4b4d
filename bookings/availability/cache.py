"""What is computed from the plan and kept while the plan stays the same: a cache that cannot lie."""

import hashlib
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.core.cache import caches
from django.utils.translation import get_language

from rooms.models import House

# The version in the key keeps a value true; this only lets old ones go.
KEEP_SECONDS = 3600

T = TypeVar("T")


def kept_with_plan(house: House, name: str, *facets: object, make: Callable[[], T]) -> T:
    """Return what `make` returned for the same plan version, facets and language, or make and keep it.

    The version rises in the transaction of every change; `facets` are everything else the value
    depends on, such as the day and how far it has gone. A value made while a change commits is
    newer than its key says, never older. What another release of the software made is not read.
    """
    digest = hashlib.blake2b(repr(facets).encode(), digest_size=16).hexdigest()
    state = f"{settings.RELEASE}:{house.pk}:{house.plan_version}:{get_language()}"
    key = f"plan:{state}:{name}:{digest}"
    kept: T | None = caches["plans"].get(key)
    if kept is None:
        kept = make()
        caches["plans"].set(key, kept, KEEP_SECONDS)
    return kept
