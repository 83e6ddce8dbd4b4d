"""What the log tells about logins and tokens: events of the logger "security".

docs/security-events.md lists them. Places and addresses stand there as keyed hashes: lines about the same
one can be found, and nobody who reads the log learns whose they are.
"""

import logging
from enum import StrEnum

from django.utils.crypto import salted_hmac

logger = logging.getLogger("security")
SALT = "hausderbegegnung.accounts.security"


class SecurityEvent(StrEnum):
    LOGIN = "login"
    LOGIN_CODE_SENT = "login_code_sent"
    LOGIN_CODE_WRONG = "login_code_wrong"
    LOGIN_CODE_USED_UP = "login_code_used_up"
    LOGIN_LIMITED = "login_limited"
    LOGIN_LINK_WRONG = "login_link_wrong"
    PASSWORD_WRONG = "password_wrong"  # noqa: S105 - the name of an event
    SECOND_FACTOR_WRONG = "second_factor_wrong"
    TOKEN_MADE = "token_made"  # noqa: S105 - as above, and below
    TOKEN_REVOKED = "token_revoked"  # noqa: S105
    TOKEN_UNKNOWN = "token_unknown"  # noqa: S105
    TOKEN_EXPIRED = "token_expired"  # noqa: S105
    SCOPE_MISSING = "scope_missing"


ROUTINE = {
    SecurityEvent.LOGIN,
    SecurityEvent.LOGIN_CODE_SENT,
    SecurityEvent.TOKEN_MADE,
    SecurityEvent.TOKEN_REVOKED,
}


def pseudonym(text: str) -> str:
    """Return a keyed hash of an address or a place, 32 characters; the same text has the same one."""
    return salted_hmac(SALT, text, algorithm="sha256").hexdigest()[:32]


def record(event: SecurityEvent, *, visitor: str = "", address: str = "", **details: object) -> None:
    """Write one line: the event, who and whom it is about as keyed hashes, and details that name nobody."""
    named = {"visitor": visitor and pseudonym(visitor), "address": address and pseudonym(address.lower())}
    facts = {name: value for name, value in {**named, **details}.items() if value != ""}
    level = logging.INFO if event in ROUTINE else logging.WARNING
    logger.log(level, "%s", " ".join([event, *(f"{name}={value}" for name, value in facts.items())]))
