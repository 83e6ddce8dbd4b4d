"""The layers hold: rooms below bookings below notifications below the composition."""

import re
import subprocess
import sys
from pathlib import Path

from tests.check import broken_imports

ROOT = Path(__file__).parents[1]


def test_imports_run_downwards():
    lint_imports = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint_imports], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, broken_imports(done.stdout)


def test_there_is_no_further_package_at_the_top():
    packages = {folder.name for folder in ROOT.iterdir() if folder.is_dir() and any(folder.glob("*.py"))}
    assert packages == {"hausderbegegnung", "notifications", "bookings", "rooms", "tests"}


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
