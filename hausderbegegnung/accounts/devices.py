"""Which people have logged in on a device: a signed cookie, for limits that are meant for strangers.

A device is known for a person, never for an address as such: it proves that whoever holds it read that
person's mail once. It opens nothing by itself.
"""

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from hausderbegegnung.models import User

COOKIE = "device"
SALT = "hausderbegegnung.accounts.devices"
KNOWN_FOR = timedelta(days=365)
# The computer in the office of an association has a few people, not a hundred.
MOST_PEOPLE = 8


def device_of(request: HttpRequest, user: User | None) -> str | None:
    """Return the name of the visitor's device if the person has logged in on it before, else None."""
    device = _read(request)
    return device["id"] if user is not None and user.pk in device["people"] else None


def remember_device(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Let the response tell the browser that the person has logged in there, for a year from now."""
    device = _read(request)
    people = [*(number for number in device["people"] if number != user.pk), user.pk][-MOST_PEOPLE:]
    response.set_cookie(
        COOKIE,
        signing.dumps({"id": device["id"], "people": people}, salt=SALT),
        max_age=KNOWN_FOR,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _read(request: HttpRequest) -> dict[str, Any]:
    try:
        device: dict[str, Any] = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KNOWN_FOR)
    except signing.BadSignature:
        return {"id": secrets.token_hex(16), "people": []}
    return device
