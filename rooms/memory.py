"""What a process has made and may need again, as much of it as there is room for."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Memory(Generic[T]):
    """Keeps the `most` values that were asked for last, each with what it is `true_of`, by its key.

    A value is never handed out for anything else than what it was kept for, so that it cannot be out of
    date; a newer one of the same key takes its place. Threads may share it.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, tuple[Hashable, T]] = OrderedDict()

    def kept(self, key: Hashable, true_of: Hashable, make: Callable[[], T]) -> T:
        """Return what is kept under the key, or where it is true of something else what `make` makes now."""
        with self._lock:
            known = self._kept.get(key)
            if known is not None and known[0] == true_of:
                self._kept.move_to_end(key)
                return known[1]
        value = make()
        with self._lock:
            self._kept[key] = true_of, value
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return value

    def forget(self) -> None:
        """Empty the memory: the database is another one now, as between two tests."""
        with self._lock:
            self._kept.clear()
