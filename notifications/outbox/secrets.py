"""What may stay written of a text that others made: neither links nor what has the form of a secret."""

import re

LEFT_OUT = "…"
URL = re.compile(r"(https?://[^/\s'\"<>]+)/[^\s'\"<>]*")
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w-])"
# As tokens, signatures and keys of sessions are: long with a digit, or very long in letters of both cases.
SECRET = re.compile(
    rf"(?<![\w-])(?!{UUID})(?:(?=[\w-]*\d)[\w-]{{24,}}|(?=[a-z_-]*[A-Z])(?=[A-Z_-]*[a-z])[\w-]{{40,}})",
    re.ASCII,
)


def without_secrets(text: str) -> str:
    """Return the text with `…` in place of the paths of URLs, and of all that has the form of a secret."""
    return SECRET.sub(LEFT_OUT, URL.sub(rf"\1/{LEFT_OUT}", text))
