"""`make check`: everything about the code that needs no running; a check that passes prints one line."""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
APPS = ["hausderbegegnung", "notifications", "bookings", "rooms"]
MANAGE = [sys.executable, "manage.py"]
CHECKS = {
    "types": [BIN / "mypy"],
    "format": [BIN / "ruff", "format", "--check", "--quiet"],
    "lint": [BIN / "ruff", "check", "--quiet"],
    "templates": [BIN / "djlint", "--lint", "--quiet", *APPS],
    "imports": [BIN / "lint-imports", "--no-logo"],
    "migrations": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "translations": [*MANAGE, "translations", "check"],
    "deployment": [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"],
}
# The settings of a production that does not exist; nothing connects to them.
PRODUCTION = {
    "ENV_FILE": "",
    "DEMO": "0",
    "DEBUG": "0",
    "SECRET_KEY": "checking-the-deployment-0123456789-abcdefghijklmnopqrstuvwxyz",
    "SITE_URL": "https://raeume.example.org",
    "DATABASE_URL": "postgresql://haus:secret@db.invalid/haus",
    "BROKER_URL": "redis://redis.invalid:6379/0",
    "CACHE_URL": "redis://redis.invalid:6379/1",
    "EMAIL_URL": "smtp+tls://haus:secret@mail.invalid",
    "DEFAULT_FROM_EMAIL": "Haus der Begegnung <haus@example.org>",
    "TRUST_PROXY": "1",
}
# Whether models and migrations agree is asked on SQLite, which needs no server.
ON_SQLITE = {"DATABASE_URL": "", "CACHE_URL": ""}


def broken_imports(said: str) -> str:
    """Return what matters of what lint-imports said: the contract, and the import that breaks it."""
    _before, found, broken = said.partition("Broken contracts")
    lines = [line for line in broken.splitlines() if line.strip(" -")]
    return "\n".join(lines) if found else said


def check(name: str, data_dir: str) -> tuple[str, bool, str]:
    """Run one check; return a line, whether it passed, and its output."""
    started = time.monotonic()
    environment = os.environ | PRODUCTION | {"DATA_DIR": data_dir}
    if name == "migrations":
        environment |= ON_SQLITE
    done = subprocess.run(
        CHECKS[name], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    output = done.stdout + done.stderr
    if name == "imports":
        output = broken_imports(output)
    line = f"{'ok    ' if done.returncode == 0 else 'FAILED'} {name} ({time.monotonic() - started:.1f} s)"
    return line, done.returncode == 0, output


def main(names: list[str]) -> int:
    """Run the checks named, or all; return the exit status."""
    all_passed = True
    with tempfile.TemporaryDirectory() as data_dir, ThreadPoolExecutor(max_workers=2) as pool:
        for line, passed, output in pool.map(lambda name: check(name, data_dir), names or CHECKS):
            print(line, flush=True)
            if not passed:
                all_passed = False
                print(output.rstrip(), flush=True)
    return 0 if all_passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
