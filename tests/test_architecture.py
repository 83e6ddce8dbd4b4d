"""The layers hold: rooms below bookings below notifications below the composition."""

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
