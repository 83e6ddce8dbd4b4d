"""What the tests find on this machine: PostgreSQL, Redis, Chromium."""

import os
import shutil
import socket
from urllib.parse import urlsplit

import pytest

# A cache is shared by the tests of a run; each test sees only keys under its own name.
cache_namespace = {"test": ""}


def cache_key(key: str, key_prefix: str, version: int) -> str:
    """Django's KEY_FUNCTION: keys of one test are invisible to the next one."""
    return f"{os.getpid()}:{cache_namespace['test']}:{key_prefix}:{version}:{key}"


def database_url() -> str:
    """The PostgreSQL server to test with; its role must be allowed to create databases."""
    return os.environ.get("TEST_DATABASE_URL") or "postgresql://postgres@127.0.0.1:5432/postgres"


def redis_url() -> str:
    """The Redis database to test with; the tests write to it and may empty it."""
    return os.environ.get("TEST_REDIS_URL") or "redis://127.0.0.1:6379/15"


def _listens(url: str, default_port: int) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or default_port), timeout=2):
            return True
    except OSError:
        return False


def postgresql_answers() -> bool:
    return _listens(database_url(), 5432)


def redis_answers() -> bool:
    return _listens(redis_url(), 6379)


def chromium() -> str | None:
    """The path of Chromium or Chrome: CHROMIUM if set, else the usual names, windowless first."""
    usual = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome"]
    names = [os.environ.get("CHROMIUM", ""), *usual]
    return next((path for name in names if name and (path := shutil.which(name))), None)


def without_password(url: str) -> str:
    """The address as it may be printed."""
    parts = urlsplit(url)
    host = f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
    return f"{parts.scheme}://{host}{parts.path}"


def missing(what: str) -> None:
    """Skip a test for want of `what`; where CI=true that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing, and CI=true demands it.")
    pytest.skip(f"{what} is missing")
