"""Tokens for programs: who may make which, what they look like, and whose a token is.

A token is `hdb_`, 38 random characters and six that check them, all letters and digits: scanners for secrets
find `hdb_[0-9A-Za-z]{44}` and can tell a real one from a likeness without asking. What is stored is its
SHA-256; 38 random characters can't be tried through, so that needs neither salt nor slowness.
"""

import hashlib
import re
import secrets
import string
import zlib
from collections.abc import Collection
from datetime import datetime, timedelta

from allauth.account.adapter import get_adapter
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from bookings.access.permissions import can_decide
from hausderbegegnung.accounts.security import SecurityEvent, record
from hausderbegegnung.models import ApiToken, User
from rooms.models import House

PREFIX = "hdb_"
RANDOM, CHECK, HINT = 38, 6, 12
CHARACTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase
# The second form is that of tokens from before there were scopes.
FORM = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{RANDOM + CHECK}}}|[0-9a-f]{{40}}")
LONGEST_VALIDITY = timedelta(days=365)
MOST_TOKENS = 20
# So much later a program that still sends a token hears that it has ended, and not that nobody knows it.
KEPT_AFTER_END = timedelta(days=30)
USE_IS_NOTED_EVERY = timedelta(minutes=1)


class Scope(models.TextChoices):
    """What a token may be used for; of that it can do what its person may, and no more."""

    READ = "read", _("Read bookings")
    REQUEST = "request", _("Ask for rooms")
    DECIDE = "decide", _("Answer requests")
    MANAGE = "manage", _("Manage dates")

    @property
    def explained(self) -> str:
        return str(_EXPLAINED[self])


_EXPLAINED = {
    Scope.READ: _("What you see of requests and bookings."),
    Scope.REQUEST: _("In your name; also add dates to your bookings and give dates back."),
    Scope.DECIDE: _("Approve and reject, also with exceptions from the rules."),
    Scope.MANAGE: _(
        "Move and revoke them, renew links; ask and give back for others, also against the rules."
    ),
}


class TokenUnknown(Exception):
    """Nobody has this token, or its person may not log in any more."""


class TokenExpired(Exception):
    """The token was right, and its time is over."""


def open_scopes(user: User) -> list[Scope]:
    """Return what the person may let a token do: the own affairs, and those of the house if they decide."""
    decides = any(can_decide(user, house) for house in House.objects.all())
    return list(Scope) if decides else [Scope.READ, Scope.REQUEST]


def make_token(
    *, user: User, name: str, scopes: Collection[str], valid_for: timedelta, now: datetime
) -> tuple[ApiToken, str]:
    """Store a new token and return it with its text, which nobody can find out later; tell the person.

    Raises ValidationError where the name is taken, scopes are missing or not the person's to give, the
    time is none or longer than LONGEST_VALIDITY, or MOST_TOKENS are there already.
    """
    if not scopes:
        raise ValidationError({"scopes": _("Please choose what the program may do.")}, code="scopes")
    if foreign := sorted(set(scopes) - set(open_scopes(user))):
        sentence = _("A token can do no more than its person, who may not: %(scopes)s.")
        raise ValidationError({"scopes": sentence % {"scopes": ", ".join(foreign)}}, code="scopes")
    if not timedelta() < valid_for <= LONGEST_VALIDITY:
        raise ValidationError({"valid_for": _("A token lives a year at the most.")}, code="valid_for")
    if ApiToken.objects.filter(user=user).count() >= MOST_TOKENS:
        raise ValidationError(_("You have %(most)s tokens. Please end one first.") % {"most": MOST_TOKENS})
    token, text = _build(user, name, scopes, now=now, expires_at=now + valid_for)
    token.clean_fields()
    try:
        with transaction.atomic():
            token.save(force_insert=True)
            get_adapter().send_mail("account/email/token_made", user.email, {})
    except IntegrityError as error:
        raise ValidationError({"name": _("You have a token of this name already.")}, code="name") from error
    record(SecurityEvent.TOKEN_MADE, address=user.email, token=token.hint, scopes=",".join(token.scopes))
    return token, text


def revoke_token(token: ApiToken) -> None:
    """End a token at once: whoever sends it is unknown from now on."""
    token.delete()
    record(SecurityEvent.TOKEN_REVOKED, address=token.user.email, token=token.hint)


def find_token(text: str, *, now: datetime) -> ApiToken:
    """Return the token with its person, and note that it was used. Raises TokenUnknown, TokenExpired."""
    if not FORM.fullmatch(text) or (text.startswith(PREFIX) and text != _with_check(text[:-CHECK])):
        raise TokenUnknown
    digest = _digest(text)
    tokens = ApiToken.objects.filter(hint=_hint(text), user__is_active=True).select_related("user")
    found = [token for token in tokens if constant_time_compare(token.digest, digest)]
    if not found:
        raise TokenUnknown
    token = found[0]
    if token.expires_at <= now:
        raise TokenExpired
    _note_use(token, now)
    return token


def forget_tokens(*, now: datetime) -> int:
    """Delete the tokens that ended long ago; return how many."""
    deleted, _by_model = ApiToken.objects.filter(expires_at__lte=now - KEPT_AFTER_END).delete()
    return deleted


def _note_use(token: ApiToken, now: datetime) -> None:
    """Write when it was last used, once a minute at most: programs call often."""
    long_ago = now - USE_IS_NOTED_EVERY
    if token.last_used_at is None or token.last_used_at <= long_ago:
        is_due = Q(last_used_at=None) | Q(last_used_at__lte=long_ago)
        ApiToken.objects.filter(is_due, pk=token.pk).update(last_used_at=now)


def _build(
    user: User, name: str, scopes: Collection[str], *, now: datetime, expires_at: datetime
) -> tuple[ApiToken, str]:
    text = _with_check(PREFIX + "".join(secrets.choice(CHARACTERS) for _number in range(RANDOM)))
    token = ApiToken(
        user=user,
        name=name,
        hint=_hint(text),
        digest=_digest(text),
        scopes=[scope for scope in Scope.values if scope in scopes],
        created_at=now,
        expires_at=expires_at,
    )
    return token, text


def _with_check(text: str) -> str:
    """Append the CRC-32 of the text in base 62."""
    rest, check = zlib.crc32(text.encode()), ""
    for _digit in range(CHECK):
        rest, digit = divmod(rest, len(CHARACTERS))
        check = CHARACTERS[digit] + check
    return text + check


def _hint(text: str) -> str:
    return text[:HINT]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
