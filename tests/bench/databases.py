"""Throw-away databases to measure on, each with the environment the project's settings read."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis
from psycopg import sql

from tests import services

EXAMPLE = Path(__file__).parents[2] / ".env.example"


@contextlib.contextmanager
def environment(engine: str, port: int) -> Iterator[dict[str, str]]:
    """Yield the environment of a server with an empty database of its own; all is gone afterwards.

    SQLite runs as `make run` does, without any server; PostgreSQL as in production, with Redis
    for cache and broker where it answers.
    """
    prefix = f"bench-{os.getpid()}-{engine}-"
    with contextlib.ExitStack() as stack:
        data_dir = stack.enter_context(_folder())
        ours = {
            "ENV_FILE": "",
            "DATA_DIR": str(data_dir),
            "SECRET_KEY": "a-key-for-measuring-only-0123456789-0123456789-0123456789",
            "SITE_URL": f"http://localhost:{port}",
            "PORT": str(port),
            "HOST": "127.0.0.1",
            "WEB_PROCESSES": "1",
            "EMAIL_URL": "smtp://localhost:1",
            "DEFAULT_FROM_EMAIL": "Haus der Begegnung <haus@example.org>",
            "LOG_LEVEL": "ERROR",
            "BENCH_PREFIX": prefix,
        }
        if engine == "postgresql":
            ours["DATABASE_URL"] = stack.enter_context(
                postgresql_database(prefix.replace("-", "_").rstrip("_"))
            )
            if services.redis_answers():
                stack.callback(_forget_in_redis, prefix)
                ours |= {"CACHE_URL": services.redis_url(), "BROKER_URL": services.redis_url()}
        names = {line.lstrip("# ").split("=")[0] for line in EXAMPLE.read_text().splitlines()}
        inherited = {name: value for name, value in os.environ.items() if name not in names}
        yield inherited | ours | {"DJANGO_SETTINGS_MODULE": "tests.bench.settings"}


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="hausderbegegnung-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def postgresql_database(name: str) -> Iterator[str]:
    """Yield the address of an empty database on the server of the tests; it is gone afterwards."""
    server = services.database_url()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _forget_in_redis(prefix: str) -> None:
    client = redis.Redis.from_url(services.redis_url())
    for key in client.scan_iter(f"{prefix}*", count=1000):
        client.delete(key)
    client.close()
