"""`make check` says what matters, and the hook refuses what it would."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.check import broken_imports
from tests.services import missing

ROOT = Path(__file__).parents[1]
SAID = """
---------
Contracts
---------

Analyzed 321 files, 2087 dependencies.
--------------------------------------

Imports run downwards BROKEN

Contracts: 0 kept, 1 broken.


----------------
Broken contracts
----------------

Imports run downwards
---------------------

rooms is not allowed to import bookings:

- rooms.clock -> bookings.models (l.70)

"""


def test_a_broken_import_is_the_first_that_is_said():
    assert broken_imports(SAID).splitlines() == [
        "Imports run downwards",
        "rooms is not allowed to import bookings:",
        "- rooms.clock -> bookings.models (l.70)",
    ]


def test_what_lint_imports_says_of_itself_is_not_lost():
    assert broken_imports("Could not find package 'kitchen' in your Python path.") == (
        "Could not find package 'kitchen' in your Python path."
    )


@pytest.mark.processes
@pytest.mark.parametrize(
    ("code", "refused"),
    [("x = 1\n", False), ("x  =  1\n", True), ("import os\n", True)],
    ids=["good", "not in form", "unused import"],
)
def test_the_hook_commits_only_what_is_in_form(tmp_path, code, refused):
    git_here = shutil.which("git") or missing("git")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    (tmp_path / "module.py").write_text(code)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        **{
            f"GIT_{who}_{what}": "haus@example.org"
            for who in ["AUTHOR", "COMMITTER"]
            for what in ["NAME", "EMAIL"]
        },
    }

    def git(*arguments):
        return subprocess.run(
            [git_here, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    git("init", "--quiet")
    git("config", "core.hooksPath", str(ROOT / ".ci/hooks"))
    git("add", "module.py")
    done = git("commit", "--quiet", "--message", "Try it")
    assert (done.returncode != 0) == refused, done.stderr
    assert ("make format" in done.stderr + done.stdout) == refused
