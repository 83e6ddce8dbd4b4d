"""The layers hold in code and in templates, and what is decided once is found in one place."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template import engines

from tests.check import broken_imports

ROOT = Path(__file__).parents[1]
# From the ground up.
PACKAGES = ["rooms", "bookings", "notifications", "hausderbegegnung"]
TEMPLATE_SUFFIXES = {".html", ".txt"}
NO_NOUNS = frozenset({"one", "some", "met", "own", "told"})
NAMED = re.compile(r"{%\s*(?:include|extends)\s+[\"']([^\"']+)[\"']")
LOADED = re.compile(r"{%\s*load\s+([^%]+?)\s*%}")


def test_imports_run_downwards():
    lint_imports = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint_imports], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, broken_imports(done.stdout)


def test_there_is_no_further_package_at_the_top():
    packages = {folder.name for folder in ROOT.iterdir() if folder.is_dir() and any(folder.glob("*.py"))}
    assert packages == {"hausderbegegnung", "notifications", "bookings", "rooms", "tests"}


def templates_of(package: str) -> list[Path]:
    """Return the templates below a package, each a file in a folder `templates`."""
    return [
        path
        for path in sorted((ROOT / package).rglob("*"))
        if path.suffix in TEMPLATE_SUFFIXES and "templates" in path.relative_to(ROOT).parts
    ]


def owners_of_templates() -> dict[str, str]:
    """Return by the name a template goes by the package it lies in."""
    return {
        path.relative_to(ROOT).as_posix().partition("/templates/")[2]: package
        for package in PACKAGES
        for path in templates_of(package)
    }


def used_by(text: str) -> Iterator[str]:
    """Yield the packages whose templates or tags a template uses; what is from elsewhere is nobody's."""
    owners = owners_of_templates()
    libraries = engines["django"].engine.libraries
    for name in NAMED.findall(text):
        if name in owners:
            yield owners[name]
    for names in LOADED.findall(text):
        for name in names.split(" from ")[-1].split():
            package = libraries[name].split(".")[0]
            if package in PACKAGES:
                yield package


@pytest.mark.parametrize("package", PACKAGES)
def test_templates_use_nothing_of_a_higher_package(package):
    higher = PACKAGES[PACKAGES.index(package) + 1 :]
    upwards = [
        f"{path.relative_to(ROOT)}: {used}"
        for path in templates_of(package)
        for used in used_by(path.read_text())
        if used in higher
    ]
    assert upwards == []


def test_an_upward_include_and_an_upward_tag_are_found():
    assert list(used_by('{% load look %}{% include "notifications/_button.html" %}{% load i18n %}')) == [
        "notifications",
        "hausderbegegnung",
    ]


def test_lines_of_templates_are_read_in_one_look():
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for package in PACKAGES
        for path in templates_of(package)
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > 200
    ]
    assert long == []


def test_files_of_code_are_read_in_one_sitting():
    long = [
        f"{path.relative_to(ROOT)}: {lines} lines"
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*"))
        if path.suffix in {".py", ".html", ".css", ".js"} and "migrations" not in path.parts
        if (lines := len(path.read_text().splitlines())) > 450
    ]
    assert long == []


def test_who_may_what_is_asked_in_one_place():
    """Elsewhere it is a predicate of `bookings.access.permissions`, in templates `may`."""
    at_home = ("bookings/access/", "hausderbegegnung/accounts/", "hausderbegegnung/models.py")
    sources = [
        path
        for package in ("hausderbegegnung", "notifications", "bookings", "rooms")
        for suffix in ("*.py", "*.html", "*.txt")
        for path in (ROOT / package).rglob(suffix)
        if "migrations" not in path.parts
    ]
    assert sources
    strays = {
        path.relative_to(ROOT).as_posix()
        for path in sources
        if re.search(r"\bis_staff\b", path.read_text(encoding="utf-8"))
    }
    assert {path for path in strays if not path.startswith(at_home)} == set()


def variables_named(text: str, names: frozenset[str]) -> Iterator[tuple[int, str]]:
    """Yield line and name of the variables and parameters that have one of these names."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in names:
            yield node.lineno, node.id
        elif isinstance(node, ast.arg) and node.arg in names:
            yield node.lineno, node.arg


@pytest.mark.parametrize("place", ["rooms", "bookings", "notifications", "hausderbegegnung"])
def test_a_variable_is_named_by_its_noun(place):
    strays = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in sorted((ROOT / place).rglob("*.py"))
        for line, name in variables_named(path.read_text(), NO_NOUNS)
    ]
    assert strays == []


def test_a_variable_without_a_noun_is_found():
    text = (
        "def f(one):\n    met = [some for some in one.own]\n    told: int = 1\n    return lambda own: own.one"
    )
    assert sorted(variables_named(text, NO_NOUNS)) == [
        *((1, "one"), (2, "met"), (2, "some"), (3, "told"), (4, "own")),
    ]


def test_the_number_of_examples_is_that_of_the_profile():
    tests = Path(__file__).parent
    fixed = [
        str(path.relative_to(tests))
        for path in tests.rglob("*.py")
        if re.search(r"@settings\(|max_examples=\d", path.read_text())
    ]
    assert fixed == [], "Write @examples(number) of tests/generated.py instead of @settings."


def test_the_index_of_decisions_names_every_page_by_its_title():
    folder = ROOT / "docs/decisions"
    pages = {path: path.read_text().splitlines()[0] for path in sorted(folder.glob("*.md"))}
    del pages[folder / "README.md"]
    index = re.findall(r"^- \[(.+)\]\((.+)\)", (folder / "README.md").read_text(), re.MULTILINE)
    assert sorted(index, key=lambda entry: entry[1]) == [
        (title.removeprefix("# "), path.name) for path, title in pages.items()
    ]


def test_the_table_of_what_to_change_names_files_that_exist():
    rows = re.findall(r"^\|.*\|.*`.*\|$", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    named = re.findall(r"`([a-z_/.]+/[a-z_.]*)`", "\n".join(rows))
    assert len(rows) > 20
    assert [name for name in named if not (ROOT / name).exists()] == []
