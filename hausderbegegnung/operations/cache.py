"""The cache in Redis, which holds nothing that is missed: while Redis is away, memory takes its place."""

import logging
import time
from typing import Any

from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# Who waits for a Redis that hangs waits once; the others go on without it for so long.
SECONDS_WITHOUT = 5.0
MOST_KEYS_IN_MEMORY = 2_000

# By the address of a Redis: until when nobody asks it, in seconds of the monotonic clock. Every thread has
# a cache of its own, and all of them share this.
_away_until: dict[str, float] = {}


class Cache(BaseCache):
    """Django's cache in Redis, or in the memory of this process as long as Redis cannot be asked.

    So limits are counted at any time, if only per process, and what is drawn from the plan is kept. What
    is in memory may be older than what Redis knew: keep nothing here that must be forgotten at a time,
    unless its key says of what it is true.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._server = server
        self._redis = RedisCache(server, params)
        self._memory = LocMemCache(f"{server} {params.get('KEY_PREFIX', '')}", _without_redis(params))

    def answers(self) -> bool:
        """Ask Redis itself, now; whether it answered."""
        try:
            self._redis.has_key("")
        except RedisError as error:
            self._leave(error)
            return False
        _away_until.pop(self._server, None)
        return True

    def _ask(self, method: str, *arguments: Any, **options: Any) -> Any:
        now = time.monotonic()
        away_until = _away_until.get(self._server)
        if away_until is None or now >= away_until:
            if away_until is not None:
                # Whoever tries whether it is there again does so alone.
                _away_until[self._server] = now + SECONDS_WITHOUT
            try:
                answer = getattr(self._redis, method)(*arguments, **options)
            except RedisError as error:
                self._leave(error)
            else:
                if away_until is not None:
                    _away_until.pop(self._server, None)
                    logger.warning("The cache answers again.")
                return answer
        return getattr(self._memory, method)(*arguments, **options)

    def _leave(self, error: RedisError) -> None:
        if self._server not in _away_until:
            logger.warning(
                "The cache does not answer (%s); the house goes on without it.", type(error).__name__
            )
        _away_until[self._server] = time.monotonic() + SECONDS_WITHOUT

    def add(self, *arguments: Any, **options: Any) -> bool:
        return bool(self._ask("add", *arguments, **options))

    def get(self, *arguments: Any, **options: Any) -> Any:
        return self._ask("get", *arguments, **options)

    def set(self, *arguments: Any, **options: Any) -> None:
        self._ask("set", *arguments, **options)

    def touch(self, *arguments: Any, **options: Any) -> bool:
        return bool(self._ask("touch", *arguments, **options))

    def delete(self, *arguments: Any, **options: Any) -> bool:
        return bool(self._ask("delete", *arguments, **options))

    def get_many(self, *arguments: Any, **options: Any) -> dict[Any, Any]:
        return dict(self._ask("get_many", *arguments, **options))

    def set_many(self, *arguments: Any, **options: Any) -> list[Any]:
        return list(self._ask("set_many", *arguments, **options))

    def delete_many(self, *arguments: Any, **options: Any) -> None:
        self._ask("delete_many", *arguments, **options)

    def has_key(self, *arguments: Any, **options: Any) -> bool:
        return bool(self._ask("has_key", *arguments, **options))

    def incr(self, *arguments: Any, **options: Any) -> int:
        return int(self._ask("incr", *arguments, **options))

    def clear(self) -> None:
        self._ask("clear")


def _without_redis(params: dict[str, Any]) -> dict[str, Any]:
    return {**params, "OPTIONS": {"MAX_ENTRIES": MOST_KEYS_IN_MEMORY}}
