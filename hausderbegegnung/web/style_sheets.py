"""Storages of static files that serve a style sheet of ours with the ones it imports, as one file.

In debug mode browsers follow the imports themselves.
"""

import re
from collections.abc import Iterator
from typing import Any

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

FOLDER = "css/"
IMPORT = re.compile(r'^@import url\("(?P<sheet>\w+\.css)"\)(?P<media> print)?;\n', re.MULTILINE)

Paths = dict[str, tuple[Storage, str]]


class JoinedStyleSheets(ManifestStaticFilesStorage):
    """Put imported sheets in the place of their imports before names get their hashes."""

    def post_process(self, paths: Paths, dry_run: bool = False, **options: Any) -> Iterator[Any]:  # noqa: FBT001, FBT002 - Django's
        if not dry_run:
            for name in [name for name in paths if name.startswith(FOLDER)]:
                text = read(paths, name)
                if IMPORT.search(text):
                    self.delete(name)
                    self.save(name, ContentFile(joined(text, paths).encode()))
                    paths[name] = (self, name)
        yield from super().post_process(paths, dry_run, **options)


class CompressedStyleSheets(JoinedStyleSheets, CompressedManifestStaticFilesStorage):
    """The same, and everything compressed as well."""


def joined(text: str, paths: Paths) -> str:
    """Return the text of a style sheet with the sheets beside it in the place of their imports."""

    def part(found: re.Match[str]) -> str:
        text = read(paths, FOLDER + found["sheet"])
        return f"@media print {{\n{text}}}\n" if found["media"] else text

    return IMPORT.sub(part, text)


def read(paths: Paths, name: str) -> str:
    storage, path = paths[name]
    with storage.open(path) as file:
        return file.read().decode()
