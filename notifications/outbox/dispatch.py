"""Hands the number of a message to the broker, so that a worker sends it at once; never waits for a broker.

It is a courtesy: whatever is lost here is found by the sweep of beat within half a minute.
"""

import logging
import queue
import threading

from celery import current_app

logger = logging.getLogger(__name__)

SEND_TASK = "notifications.send_message"


class Dispatcher:
    """Publishes from a thread of its own, because a broker can hang as well as be away.

    A publish that hangs is bounded by the time-outs of the broker settings; whoever approves a
    booking meanwhile only puts a number into a queue. After a failure everything that waits is
    dropped, so that a broker that is away for long costs one line in the log per attempt.
    """

    def __init__(self, *, capacity: int = 1000) -> None:
        self._waiting: queue.Queue[int] = queue.Queue(maxsize=capacity)
        self._start = threading.Lock()
        self._thread: threading.Thread | None = None

    def dispatch(self, message_id: int) -> None:
        """Ask for a message to be sent; returns at once and never raises for a broker."""
        try:
            self._waiting.put_nowait(message_id)
        except queue.Full:
            logger.warning("The broker is slow; message %s is left to the sweep.", message_id)
            return
        with self._start:
            # A fork (gunicorn, Celery) takes no threads along, so the thread is looked for each time.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._publish_forever, name="dispatch", daemon=True)
                self._thread.start()

    def join(self) -> None:
        """Wait until everything handed in was published or given up; for tests and commands."""
        self._waiting.join()

    def _publish_forever(self) -> None:
        while True:
            self._publish(self._waiting.get())

    def _publish(self, message_id: int) -> None:
        try:
            current_app.send_task(SEND_TASK, args=[message_id], retry=False)
        except Exception as error:  # noqa: BLE001 - a broker fails in many ways and none may end the thread
            logger.warning(
                "The broker did not take message %s; the sweep will send it. %s: %s",
                message_id,
                type(error).__name__,
                error,
            )
            self._drop_waiting()
        finally:
            self._waiting.task_done()

    def _drop_waiting(self) -> None:
        while True:
            try:
                self._waiting.get_nowait()
            except queue.Empty:
                return
            self._waiting.task_done()


dispatcher = Dispatcher()


def dispatch_message(message_id: int) -> None:
    """Ask a worker to send the message now; see `Dispatcher.dispatch`."""
    dispatcher.dispatch(message_id)
