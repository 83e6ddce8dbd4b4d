"""The layers hold: rooms below bookings below notifications below the composition."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
ALLOWED = {
    "bookings",
    "hausderbegegnung",
    "notifications",
    "rooms",
    "tests",
    "docs",
    "requirements",
}


def test_imports_run_downwards():
    lint_imports = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint_imports], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_there_are_no_further_folders_at_the_top():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    folders = {line.split("/")[0] for line in listed.stdout.splitlines() if "/" in line}
    assert {folder for folder in folders if not folder.startswith(".")} - ALLOWED == set()
