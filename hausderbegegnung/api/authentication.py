"""Who a program acts for, by the token it sends, and what a token may be used for."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from hausderbegegnung.accounts import tokens
from hausderbegegnung.accounts.limits import place_of
from hausderbegegnung.accounts.security import SecurityEvent, record
from hausderbegegnung.accounts.tokens import Scope
from hausderbegegnung.models import ApiToken, User
from rooms.errors import DomainError


class TokenUnknown(AuthenticationFailed):
    default_code = "token_unknown"
    default_detail = _("This token is not known, or it was revoked. Please make a new one in the account.")


class TokenExpired(AuthenticationFailed):
    default_code = "token_expired"
    default_detail = _("The time of this token is over. Please make a new one in the account.")


class ScopeMissing(DomainError):
    code = "scope_missing"
    status = 403
    sentence = _("No token may be used for this.")


class TokenAuthentication(authentication.TokenAuthentication):
    """`Authorization: Token …`, with a token of `hausderbegegnung.accounts.tokens`."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        self.visitor = place_of(request._request)  # noqa: SLF001 - Django's own
        return super().authenticate(request)

    def authenticate_credentials(self, key: str) -> tuple[User, ApiToken]:
        try:
            token = tokens.find_token(key, now=timezone.now())
        except tokens.TokenUnknown as error:
            record(SecurityEvent.TOKEN_UNKNOWN, visitor=self.visitor)
            raise TokenUnknown from error
        except tokens.TokenExpired as error:
            record(SecurityEvent.TOKEN_EXPIRED, visitor=self.visitor)
            raise TokenExpired from error
        return token.user, token


def require_scope(request: Request, scope: Scope | None) -> None:
    """Refuse a token that lacks the scope; None is a scope that no token has. Who is logged in has them all.

    Raises ScopeMissing.
    """
    token = request.auth
    if not isinstance(token, ApiToken) or scope in token.scopes:
        return
    record(
        SecurityEvent.SCOPE_MISSING,
        address=token.user.email,
        token=token.hint,
        scope=scope or "none declared",
    )
    if scope is None:
        raise ScopeMissing
    sentence = _("The token “%(name)s” may not be used for this: it lacks the scope “%(scope)s”.")
    raise ScopeMissing(sentence % {"name": token.name, "scope": scope.value}, members={"scope": scope.value})
