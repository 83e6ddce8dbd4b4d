"""A broker that needs no server: each task is a file, for the house that runs on one machine.

kombu's own transport of files shows a message before it is written, and a worker that meets an unwritten
or spoilt one ends (celery/kombu#1551). Here a message is seen only when it is whole, whoever removes its
file has it, and what cannot be read is put aside. docs/decisions/embedded-broker.md says what that is
worth and what it is not.
"""

import logging
import os
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any
from uuid import uuid4

from django.conf import settings
from kombu.exceptions import ChannelError
from kombu.transport import virtual
from kombu.utils.json import dumps, loads

logger = logging.getLogger(__name__)


class Channel(virtual.Channel):
    """Queues in one folder: `queue/<time>_<unique>.<queue>.msg` is a message that waits."""

    def __init__(self, connection: Any, **options: Any) -> None:
        super().__init__(connection, **options)
        folder = Path(self.connection.client.transport_options["folder"])
        self.waiting, self.unwritten, self.unreadable = (folder / name for name in FOLDERS)
        # What lay there when the folder was last read, in order. To read it for each message would make
        # a hundred thousand of them cost a hundred thousand times as much.
        self._seen: dict[str, deque[Path]] = {}
        self._troubled: set[str] = set()

    def _put(self, queue: str, message: dict[str, Any], **options: Any) -> None:
        """Store a message, whole or not at all. Raises ChannelError where it cannot be stored."""
        name = f"{time.time_ns():020}_{uuid4().hex}.{queue}.msg"
        try:
            self._make_folders()
            try:
                (self.unwritten / name).write_text(dumps(message))
                (self.unwritten / name).rename(self.waiting / name)
            except OSError:
                with suppress(OSError):
                    (self.unwritten / name).unlink()
                raise
        except OSError as error:
            raise ChannelError(f"The broker's folder {self.waiting} takes no message: {error}") from error

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        """Take the oldest message of the queue; of several workers exactly one gets it. Raises Empty."""
        try:
            message = self._take(queue)
        except OSError as error:
            # Nobody is helped by a worker that ends: it looks again in a moment, and says so once.
            if queue not in self._troubled:
                logger.error("The broker's folder %s cannot be used: %s", self.waiting, error)
            self._troubled.add(queue)
            raise Empty from error
        self._troubled.discard(queue)
        if message is None:
            raise Empty
        return message

    def _take(self, queue: str) -> dict[str, Any] | None:
        seen = self._seen.get(queue) or deque(sorted(self._messages(queue)))
        self._seen[queue] = seen
        while seen:
            path = seen.popleft()
            # Who removes the file has the message: removing succeeds once. A worker that dies before has
            # taken nothing, and leaves nothing behind.
            with suppress(FileNotFoundError):
                message = self._read(path)
                if message is None:
                    self._put_aside(path)
                else:
                    path.unlink()
                    return message
        return None

    def _read(self, path: Path) -> dict[str, Any] | None:
        """Return the message, None if the file holds none. Raises FileNotFoundError if another has it."""
        try:
            content = path.read_bytes()
        except (IsADirectoryError, PermissionError):
            return None
        try:
            message: dict[str, Any] = loads(content.decode())
            self.Message(message, channel=self).decode()
            message["properties"]["delivery_info"]["routing_key"]
            dict(message["headers"])
        except Exception:  # noqa: BLE001 - garbage fails in any way, and none may end a worker
            return None
        return message

    def _put_aside(self, path: Path) -> None:
        self._make_folders()
        path.rename(self.unreadable / path.name)
        logger.error("An unreadable message was put aside: %s", self.unreadable / path.name)

    def _messages(self, queue: str) -> list[Path]:
        try:
            names = os.listdir(self.waiting)  # noqa: PTH208 - many files, each second
        except FileNotFoundError:
            self._make_folders()
            return []
        return [self.waiting / name for name in names if name.endswith(f".{queue}.msg")]

    def _make_folders(self) -> None:
        """Make what somebody may have deleted while the house runs."""
        for folder in [self.waiting, self.unwritten, self.unreadable]:
            folder.mkdir(parents=True, exist_ok=True)

    def _size(self, queue: str) -> int:
        """Count the messages that wait. Raises ChannelError where nobody can know."""
        try:
            return len(self._messages(queue))
        except OSError as error:
            raise ChannelError(f"The broker's folder {self.waiting} cannot be read: {error}") from error

    def _purge(self, queue: str) -> int:
        number = 0
        for path in self._messages(queue):
            with suppress(FileNotFoundError):
                path.unlink()
                number += 1
        return number


class Transport(virtual.Transport):
    """What kombu opens for `CELERY_BROKER_URL`; without fanout there is no remote control of workers."""

    Channel = Channel
    driver_type = driver_name = "files"

    def driver_version(self) -> str:
        return "1"


FOLDERS = ["queue", "unwritten", "unreadable"]


def unreadable_messages() -> int:
    """Count the messages that were put aside and still lie there; 0 where the broker is a server."""
    folder = settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("folder")
    try:
        return sum(1 for _path in (Path(folder) / "unreadable").iterdir()) if folder else 0
    except OSError:
        return 0
