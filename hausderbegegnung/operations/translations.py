"""The German catalogues: gathering texts, finding missing translations, compiling.

Done with Babel, so that nobody needs gettext's system tools. Each app keeps the texts of its own
files in `<app>/locale/de/LC_MESSAGES/django.po`, sorted and without line numbers and dates, so
that a change of code shows only the texts that changed.
"""

import io
import os
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message, TranslationError
from babel.messages.checkers import checkers
from babel.messages.extract import extract as find_calls
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation import TranslatorCommentWarning
from django.utils.translation.reloader import translation_file_changed
from django.utils.translation.template import templatize

APPS = ("hausderbegegnung", "notifications", "bookings", "rooms")
LOCALE = "de"
_ARGUMENTS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
KEYWORDS = {name + lazy: arguments for name, arguments in _ARGUMENTS.items() for lazy in ("", "_lazy")} | {
    "_": None,
    "gettext_noop": None,
}
TEMPLATE_SUFFIXES = {".html", ".txt"}
CALLS_IN_JAVASCRIPT = re.compile(r"\bn?p?gettext\s*\(")
# Babel dates and signs every catalogue it writes; the history of the repository knows better.
HEADER_NOISE = re.compile(
    r'^"(Project-Id-Version|Report-Msgid-Bugs-To|POT-Creation-Date|PO-Revision-Date|Last-Translator|'
    r"Language-Team|Generated-By):.*\n",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Finding:
    """Something wrong with the translation of one text."""

    app: str
    text: str
    problem: str

    def __str__(self) -> str:
        return f"{self.app}: {self.text!r} {self.problem}"


def catalogue_path(root: Path, app: str) -> Path:
    return root / app / "locale" / LOCALE / "LC_MESSAGES" / "django.po"


def read_catalogue(root: Path, app: str) -> Catalog:
    """Return the German catalogue of an app, an empty one if there is none yet."""
    path = catalogue_path(root, app)
    if not path.exists():
        return Catalog(locale=LOCALE, domain="django", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=LOCALE, domain="django")


def write_catalogue(root: Path, app: str, catalogue: Catalog) -> None:
    """Write a catalogue in the one form that never changes without a change of texts."""
    catalogue.fuzzy = False
    catalogue.header_comment = f"# German texts of the app {app}; `make messages` keeps the list of texts."
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=110, sort_output=True, include_lineno=False, ignore_obsolete=True)
    path = catalogue_path(root, app)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER_NOISE.sub("", buffer.getvalue().decode()), encoding="utf-8")


def _sources(root: Path, app: str) -> Iterator[Path]:
    for path in sorted((root / app).rglob("*")):
        if path.is_file() and not {"migrations", "locale"} & set(path.relative_to(root).parts):
            yield path


def _python_of(path: Path) -> str:
    """Return the file as text in which Babel's extractor for Python finds the calls of gettext."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return text
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TranslatorCommentWarning)
        code = templatize(text, origin=str(path))
    # Only calls and filler are left; the filler's indentation would not be Python.
    return "\n".join(line.strip() for line in code.split("\n"))


def extract(root: Path, app: str) -> Catalog:
    """Gather every translatable text of an app's code and templates."""
    catalogue = Catalog(locale=LOCALE, domain="django", charset="utf-8")
    for path in _sources(root, app):
        if path.suffix != ".py" and (path.suffix not in TEMPLATE_SUFFIXES or "templates" not in path.parts):
            continue
        source = io.BytesIO(_python_of(path).encode())
        for _line, text, comments, context in find_calls("python", source, KEYWORDS, ["Translators:"]):
            catalogue.add(
                text,
                locations=[(str(path.relative_to(root)), 0)],
                auto_comments=comments,
                context=context,
            )
    return catalogue


def update(root: Path) -> None:
    """Bring the catalogues up to date with the code: new texts empty, unused ones gone."""
    for app in APPS:
        known, found = read_catalogue(root, app), extract(root, app)
        for message in found:
            before = known.get(message.id, message.context) if message.id else None
            if before is not None and isinstance(before.string, tuple) == message.pluralizable:
                message.string = before.string
        write_catalogue(root, app, found)


def find_problems(root: Path) -> list[Finding]:
    """Find every text without a good German translation; empty when all is well."""
    findings = []
    for app in APPS:
        known, found = read_catalogue(root, app), extract(root, app)
        used = {_key(message) for message in found if message.id}
        findings += [
            Finding(app, _text(message), problem)
            for message in found
            if message.id and (problem := _problem_of(known.get(message.id, message.context), known))
        ]
        findings += [
            Finding(app, _text(message), "is no longer used; run `make messages`")
            for message in known
            if message.id and _key(message) not in used
        ]
        findings += [
            Finding(app, path.name, "translates in JavaScript; hand it the text in a data attribute")
            for path in _sources(root, app)
            if path.suffix == ".js" and CALLS_IN_JAVASCRIPT.search(path.read_text(encoding="utf-8"))
        ]
    return findings


def _key(message: Message) -> tuple[str | None, str]:
    return message.context, _text(message)


def _text(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _problem_of(message: Message | None, catalogue: Catalog) -> str:
    """Say what is wrong with a translation, nothing if it is good."""
    if message is None:
        return "is not in the catalogue; run `make messages` and translate it"
    strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
    if not all(strings):
        return "has no German translation"
    if message.fuzzy:
        return "has a German translation marked fuzzy"
    for check in checkers:
        try:
            check(catalogue, message)
        except TranslationError as error:
            return f"has a German translation that does not fit: {error}"
    return ""


def compile_catalogues(root: Path) -> None:
    """Write the .mo file beside each catalogue that is newer than it, and let this process use it at once."""
    for app in APPS:
        source = catalogue_path(root, app)
        target = source.with_suffix(".mo")
        if not source.exists():
            continue
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        # Written aside, under a name of this process, and moved: another one may be reading or writing.
        aside = target.with_name(f"django.{os.getpid()}.mo")
        with aside.open("wb") as file:
            write_mo(file, read_catalogue(root, app))
        aside.replace(target)
        # What runs on in this process, such as furnishing the demo house, would store English texts.
        translation_file_changed(sender=None, file_path=target)
