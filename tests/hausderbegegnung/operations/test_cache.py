"""The cache holds nothing that is missed: without Redis the house goes on, and asks for it again later."""

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from hausderbegegnung.operations import cache
from hausderbegegnung.operations.cache import Cache
from rooms.models import House
from tests import services
from tests.services import missing

pytestmark = pytest.mark.engine

OPTIONS = {"OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2}, "KEY_PREFIX": "test"}


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """No Redis is known to be away, and one that is away is asked again soon."""
    monkeypatch.setattr(cache, "_away_until", {})
    monkeypatch.setattr(cache, "SECONDS_WITHOUT", 0.3)


@pytest.fixture
def absent() -> str:
    """The address of a Redis that is not there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.fixture
def hanging() -> Iterator[str]:
    """The address of a Redis that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def everything(kept: Cache) -> list[Any]:
    """Use whatever the house and its libraries use of a cache; return the answers."""
    kept.clear()
    return [
        kept.get("a", "none"),
        kept.add("a", 1),
        kept.add("a", 2),
        kept.get("a"),
        kept.incr("a"),
        kept.touch("a", 60),
        kept.set("b", [1, 2]),
        kept.set_many({"c": 3}),
        kept.get_many(["a", "b", "c", "d"]),
        kept.has_key("b"),
        kept.delete("b"),
        kept.delete_many(["c"]),
        kept.get("b"),
        kept.get_or_set("e", 5),
    ]


ANSWERS = [
    "none",
    True,
    False,
    1,
    2,
    True,
    None,
    [],
    {"a": 2, "b": [1, 2], "c": 3},
    True,
    True,
    None,
    None,
    5,
]


def test_without_redis_memory_answers_the_same(absent: str) -> None:
    assert everything(Cache(absent, OPTIONS)) == ANSWERS


def test_with_redis_it_is_redis_that_answers() -> None:
    if not services.redis_answers():
        missing("Redis")
    kept = Cache(services.redis_url(), OPTIONS | {"KEY_PREFIX": f"test-{time.monotonic_ns()}"})
    assert everything(kept) == ANSWERS
    assert (kept._memory._cache, cache._away_until) == ({}, {})


def test_a_redis_that_hangs_is_waited_for_once_and_not_by_everybody(hanging: str) -> None:
    started = time.monotonic()
    first = Cache(hanging, OPTIONS)
    first.set("a", 1)
    waited = time.monotonic() - started
    assert Cache(hanging, OPTIONS).get("a") == 1
    assert first.get("a") == 1
    assert time.monotonic() - started < waited + 0.1


def test_a_redis_that_is_back_is_used_again(absent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if not services.redis_answers():
        missing("Redis")
    kept = Cache(services.redis_url(), OPTIONS | {"KEY_PREFIX": f"test-{time.monotonic_ns()}"})
    kept.set("a", "in Redis")
    cache._away_until[services.redis_url()] = time.monotonic() + 0.3
    assert (kept.get("a"), kept.answers(), kept.get("a")) == (None, True, "in Redis")
    cache._away_until[services.redis_url()] = time.monotonic() - 1
    assert (kept.get("a"), cache._away_until) == ("in Redis", {})


def test_pages_limits_and_health_go_on_without_redis(
    absent: str, settings: Any, client: Client, house: House
) -> None:
    cache = {"BACKEND": "hausderbegegnung.operations.cache.Cache", "LOCATION": absent, **OPTIONS}
    settings.CACHES = {"default": cache}
    assert client.get("/").status_code == 200
    answer = client.get("/api/v1/rooms/")
    assert answer.status_code == 200
    assert client.get("/healthz", {"parts": "database,cache"}).json() == {
        "status": "down",
        "parts": {"database": "ok", "cache": "down"},
    }
    assert caches["default"].get("never") is None
