"""One-time login links, printed on the server for the first staff account, before any mail works."""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse

from hausderbegegnung.models import User

VALID_FOR = timedelta(hours=1)
SALT = "hausderbegegnung.accounts.links"


def make_login_link(user: User) -> str:
    """Return an address that logs the person in, once and within an hour."""
    token = signing.dumps({"user": user.pk, "seen": _seen(user)}, salt=SALT)
    return settings.SITE_URL + reverse("account_login_link", args=[token])


def read_login_link(token: str) -> User | None:
    """Return the person a link logs in; None when it is forged, too old or was used.

    A login changes `last_login`, which is part of the link: that is what makes it work once.
    """
    try:
        content = signing.loads(token, salt=SALT, max_age=VALID_FOR)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=content["user"], is_active=True).first()
    return user if user and _seen(user) == content["seen"] else None


def _seen(user: User) -> str:
    return user.last_login.isoformat() if user.last_login else ""
