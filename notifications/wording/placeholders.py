"""What staff may write into a mail: plain words, and placeholders such as `{{ reference }}`.

No template engine reads these texts. A placeholder is a name out of a fixed list, and what stands
in its place is a plain text that was made before; there is nothing a text could call, follow or
repeat, and what was put in is not looked at again. Escaping for HTML is left to the templates, to
which the result is a text like any other.
"""

import difflib
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
BRACE = re.compile(r"\{%.{0,40}?%\}|[{}]+[^{}\n]{0,20}[{}]*")
# How much of a name that nobody knows is told back.
SHOWN = 40
# They turn the direction of reading around, and with it what a sentence seems to say.
DIRECTIONS = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """`name` is what it is called in texts of a language, `path` where templates of mails find the same."""

    name: str | Promise
    path: tuple[str, ...]


# A text can tell what is named here and nothing else.
PLACEHOLDERS: dict[str, Placeholder] = {
    "name": Placeholder(pgettext_lazy("placeholder", "name"), ("contact_name",)),
    "reference": Placeholder(pgettext_lazy("placeholder", "reference"), ("reference",)),
    "title": Placeholder(pgettext_lazy("placeholder", "title"), ("title",)),
    "association": Placeholder(pgettext_lazy("placeholder", "association"), ("association",)),
    "persons": Placeholder(pgettext_lazy("placeholder", "persons"), ("persons",)),
    "first_date": Placeholder(pgettext_lazy("placeholder", "first date"), ("first_date", "when")),
    "dates": Placeholder(pgettext_lazy("placeholder", "dates"), ("dates_in_short",)),
    "rooms": Placeholder(pgettext_lazy("placeholder", "rooms"), ("first_date", "rooms")),
    "answer_day": Placeholder(pgettext_lazy("placeholder", "answer day"), ("answer_day",)),
    "first_day": Placeholder(pgettext_lazy("placeholder", "first day"), ("first_day",)),
    "last_day": Placeholder(pgettext_lazy("placeholder", "last day"), ("last_day",)),
    "day": Placeholder(pgettext_lazy("placeholder", "day"), ("day",)),
    "month": Placeholder(pgettext_lazy("placeholder", "month"), ("month",)),
    "old_reference": Placeholder(pgettext_lazy("placeholder", "old reference"), ("replaced", "reference")),
    "heading": Placeholder(pgettext_lazy("placeholder", "heading"), ("heading",)),
    "house": Placeholder(pgettext_lazy("placeholder", "house"), ("house", "name")),
    "phone": Placeholder(pgettext_lazy("placeholder", "phone"), ("house", "phone")),
    "email": Placeholder(pgettext_lazy("placeholder", "email"), ("house", "email")),
}


def written(key: str) -> str:
    """Return the placeholder as it is written in a text of the active language: `{{ Vorgangsnummer }}`."""
    return f"{{{{ {PLACEHOLDERS[key].name} }}}}"


def placeholder_key(name: str) -> str | None:
    """Return the key of a placeholder, by its key or by its name in any language."""
    return _keys().get(_plain(name))


@lru_cache(maxsize=1)
def _keys() -> dict[str, str]:
    keys = {_plain(key): key for key in PLACEHOLDERS}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            keys |= {_plain(str(placeholder.name)): key for key, placeholder in PLACEHOLDERS.items()}
    return keys


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").casefold().split())


def values_of(context: Mapping[str, Any]) -> dict[str, str]:
    """Return what each placeholder stands for in a mail, as one line; only those the mail knows."""
    found = {key: _found(context, placeholder.path) for key, placeholder in PLACEHOLDERS.items()}
    return {
        key: " ".join(str(value).splitlines()) for key, value in found.items() if isinstance(value, str | int)
    }


def _found(context: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        context = context.get(step) if isinstance(context, Mapping) else None
    return context


def with_names_for_values(context: Mapping[str, Any]) -> dict[str, Any]:
    """Return the context of a mail with placeholders in place of what they stand for.

    A template that is filled with it gives its text as staff would write it.
    """
    named = dict(context)
    for key, value in values_of(context).items():
        *steps, last = PLACEHOLDERS[key].path
        if value:
            inner = named
            for step in steps:
                inner[step] = dict(inner[step])
                inner = inner[step]
            inner[last] = written(key)
    return named


def fill(words: str, values: Mapping[str, str]) -> str:
    """Return the text with its placeholders filled in; raises ValidationError as `check` does."""
    check(words, allowed=values)
    return PLACEHOLDER.sub(lambda found: values[placeholder_key(found[1]) or ""], words)


def check(words: str, *, allowed: Collection[str], one_line: bool = False) -> None:
    """Raise ValidationError with a sentence for everything that keeps the text from being used."""
    problems = []
    if one_line and len(words.splitlines()) > 1:
        problems.append(ValidationError(_("Please write this in one line."), code="line_break"))
    problems += [
        _unknown(name, allowed) for name in PLACEHOLDER.findall(words) if placeholder_key(name) not in allowed
    ]
    for piece in PLACEHOLDER.split(words)[::2]:
        problems += [_broken(found) for found in BRACE.findall(piece)]
    problems += [_invisible(character) for character in sorted(set(words)) if is_invisible(character)]
    if problems:
        raise ValidationError(problems)


def is_invisible(character: str) -> bool:
    """Whether nobody could have meant to type it: control characters, halves of one, turned directions."""
    is_control = unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\r\t"
    return is_control or character in DIRECTIONS


def _unknown(name: str, allowed: Collection[str]) -> ValidationError:
    names = {_plain(str(PLACEHOLDERS[key].name)): key for key in allowed}
    shown = f"{{{{{name[:SHOWN]}}}}}"
    close = difflib.get_close_matches(_plain(name[:SHOWN]), names, n=1)
    if close:
        message = _("“%(found)s” is not a placeholder of this mail. Do you mean %(close)s?")
        params = {"found": shown, "close": written(names[close[0]])}
    else:
        message, params = _("“%(found)s” is not a placeholder of this mail."), {"found": shown}
    return ValidationError(message, code="unknown_placeholder", params=params)


def _broken(found: str) -> ValidationError:
    message = _(
        "“%(found)s” is not possible: curly brackets stand around a placeholder, two on each side, as in "
        "%(example)s."
    )
    params = {"found": found, "example": written("house")}
    return ValidationError(message, code="broken_placeholder", params=params)


def _invisible(character: str) -> ValidationError:
    message = _("The text holds an invisible character (%(name)s). Please type the passage anew.")
    return ValidationError(message, code="invisible_character", params={"name": f"U+{ord(character):04X}"})
