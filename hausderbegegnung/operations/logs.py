"""What may stand in a log: of an address only its pattern, and nothing that looks like a secret.

Django writes the address of every refused request to its log, gunicorn of those that fail. Some hold a
token that opens a booking or logs somebody in, also with a tail or a missing slash, when no page is known
for them. So nothing of an address is written but what is known to be harmless.
"""

import logging
import re
from copy import copy
from urllib.parse import unquote

from django.db import OperationalError
from django.urls import resolve

from notifications.outbox.secrets import LEFT_OUT, URL, without_secrets

# The kinds of parameters of addresses whose values may be written; a reference only if it looks like one.
HARMLESS = {"int", "uuid", "slug", "day", "week"}
PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
REFERENCE = re.compile(r"\w{1,20}-\d{4}-\d{1,6}")
# They write about requests, with the address at the end of the line; gunicorn of those that went wrong.
ABOUT_REQUESTS = ("django.request", "django.security", "django.server", "gunicorn")
ADDRESS = re.compile(r'(?<![\w:/])(/.*?)( HTTP/[\d.]+" \S+ \S+)?\Z', re.DOTALL)
# What a client sent that gunicorn could not read.
QUOTED = re.compile(r""": b?['"].*""", re.DOTALL)


def address_in_log(path: str) -> str:
    """Return how an address may be written: its pattern, filled with the values that are no secrets.

    `…` for an address of no page. Takes it as it came or decoded, with or without a query, which is left out.
    """
    try:
        match = resolve(unquote(path.partition("?")[0]))
    except Exception:  # noqa: BLE001 - whatever is wrong with the address or with all of them, it is not written
        return f"/{LEFT_OUT}"
    return "/" + PARAMETER.sub(lambda found: _value(match.kwargs, *found.groups()), match.route)


def _value(values: dict[str, object], kind: str | None, name: str) -> str:
    text = str(values.get(name, ""))
    if kind in HARMLESS or (kind == "reference" and REFERENCE.fullmatch(text)):
        return text
    return LEFT_OUT


class SafeFormatter(logging.Formatter):
    """Formats as usual, without addresses and secrets, neither in the message nor in a traceback.

    A request that is refused is no failure: its traceback is left out. Where PostgreSQL is away, each request
    fails at the same place, which a line says; hours of tracebacks would fill the disk. The pseudonyms of the
    logger "security" look like secrets and are none.
    """

    def format(self, record: logging.LogRecord) -> str:
        record = copy(record)
        record.msg, record.args = _message(record), ()
        if record.name == "django.request" and record.levelno < logging.ERROR:
            record.exc_info = record.exc_text = None
        elif record.name == "django.request" and (why := _lost_connection(record)):
            record.msg += f" ({why})"
            record.exc_info = record.exc_text = None
        text = super().format(record)
        return text if record.name == "security" else without_secrets(text)


def _lost_connection(record: logging.LogRecord) -> str:
    """Return what PostgreSQL's client says of a connection it did not get; its refusals have codes."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", "") is None:
        return str(error).partition("\n")[0]
    return ""


def _message(record: logging.LogRecord) -> str:
    message = record.getMessage()
    is_about_gunicorn = record.name.startswith("gunicorn") and record.levelno < logging.WARNING
    if is_about_gunicorn or not record.name.startswith(ABOUT_REQUESTS):
        return message
    message = URL.sub(rf"\1/{LEFT_OUT}", QUOTED.sub(f": {LEFT_OUT}", message))
    return ADDRESS.sub(lambda found: address_in_log(found[1]) + (found[2] or ""), message)
