"""What may stand in a log: never a token that opens a booking, logs somebody in or acts for somebody.

Django writes the address of every refused request to its log, gunicorn of those that fail.
"""

import logging
import re
from copy import copy

# A status link in any form, with what follows it, and a login link, both also as part of a query, as in
# `next`, where slashes may be written %2F; and the token of a program, which somebody put into an address.
_SLASH = r"(?:/|%2[Ff])"
TOKENS = re.compile(
    rf"(anfragen{_SLASH}(?:(?!%2[Ff])[^/\s])+{_SLASH})[0-9A-Za-z]{{16,}}"
    rf"|(anmelden{_SLASH}link{_SLASH})(?:(?!%2[Ff])[^/\s\"'])+"
    r"|(hdb_)[0-9A-Za-z]{44}"
)


def without_tokens(text: str) -> str:
    """Return the text with `…` in place of every token in an address."""
    return TOKENS.sub(lambda match: f"{match[1] or match[2] or match[3]}…", text)


class TokenHidingFormatter(logging.Formatter):
    """Formats as usual, without tokens, neither in the message nor in a traceback.

    A request that is refused is no failure: its traceback is left out.
    """

    def format(self, record: logging.LogRecord) -> str:
        if record.name == "django.request" and record.levelno < logging.ERROR:
            record = copy(record)
            record.exc_info = record.exc_text = None
        return without_tokens(super().format(record))
