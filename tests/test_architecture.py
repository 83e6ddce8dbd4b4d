"""The layers hold: rooms below bookings below notifications below the composition."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_imports_run_downwards():
    lint_imports = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint_imports], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


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
