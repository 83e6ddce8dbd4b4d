"""The Celery application; its settings are the CELERY_* names in settings.py."""

import gc
import logging
import os
import signal
import sys
from datetime import timedelta
from typing import Any

from celery import Celery, Task
from celery.signals import (
    after_task_publish,
    beat_init,
    setup_logging,
    worker_init,
    worker_process_init,
    worker_ready,
)
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.utils import timezone
from kombu.transport import TRANSPORT_ALIASES

from hausderbegegnung.operations.data_folder import write_privately

logger = logging.getLogger(__name__)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hausderbegegnung.settings")


class HouseTask(Task):
    """A task with `once_in` does its work once in that time, however often it is asked for.

    So two beats, or a worker that starts beside another one, do no harm. Called directly, a task
    always works.
    """

    once_in: timedelta | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.once_in is None or self.request.called_directly:
            return super().__call__(*args, **kwargs)
        from hausderbegegnung.operations.heartbeat import WORKER, beat  # noqa: PLC0415 - Django imports this module before it is set up
        from hausderbegegnung.operations.task_claims import claimed  # noqa: PLC0415 - Django imports this module before it is set up

        # Whoever does what beat asked for lives.
        beat(WORKER, now=timezone.now())
        longest = timedelta(seconds=self.time_limit or self.app.conf.task_time_limit)
        lease = min(self.once_in, longest)
        with claimed(self.name, once_in=self.once_in, lease=lease, now=timezone.now()) as is_mine:
            return super().__call__(*args, **kwargs) if is_mine else None


TRANSPORT_ALIASES["files"] = "hausderbegegnung.operations.broker:Transport"
app = Celery("hausderbegegnung", task_cls=HouseTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect(dispatch_uid="hausderbegegnung.keep_logging")
def keep_logging(**kwargs: Any) -> None:
    """The settings say how is logged; Celery adds nothing where somebody listens here."""


@worker_init.connect(dispatch_uid="hausderbegegnung.refuse_unguarded_database")
def refuse_unguarded_database(**kwargs: Any) -> None:
    """A worker does not start on a database that would let two bookings overlap."""
    from bookings.occupancy.guard import require_guard  # noqa: PLC0415 - Django imports this module before it is set up

    try:
        require_guard()
    except ImproperlyConfigured as error:
        sys.exit(f"Error: {error}")


@worker_init.connect(dispatch_uid="hausderbegegnung.keep_worker_private")
@beat_init.connect(dispatch_uid="hausderbegegnung.keep_beat_private")
def keep_private(**kwargs: Any) -> None:
    """Nobody else on the machine reads what worker and beat write."""
    write_privately()


@worker_init.connect(dispatch_uid="hausderbegegnung.share_memory")
def share_memory(**kwargs: Any) -> None:
    """The processes of a worker share the memory of what is loaded as long as nobody looks through it."""
    gc.collect()
    gc.freeze()


@worker_process_init.connect(dispatch_uid="hausderbegegnung.finish_first")
def finish_first(**kwargs: Any) -> None:
    """Who ends a worker often signals all its processes; the one in the middle of a mail finishes it first.

    The main process tells the others when they may go, and ends those whose time is over.
    """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


@worker_ready.connect(dispatch_uid="hausderbegegnung.first_heartbeat")
def first_heartbeat(**kwargs: Any) -> None:
    """A worker that is ready says so at once, without waiting for beat."""
    from hausderbegegnung.operations import heartbeat  # noqa: PLC0415 - Django imports this module before it is set up

    heartbeat.beat(heartbeat.WORKER, now=timezone.now())


@beat_init.connect(dispatch_uid="hausderbegegnung.watch_beat")
def watch_beat(**kwargs: Any) -> None:
    """Beat says that it lives at its start, and whenever it has handed something to the broker."""
    note_beat()
    after_task_publish.connect(note_beat, dispatch_uid="hausderbegegnung.note_beat")


def note_beat(**kwargs: Any) -> None:
    """Note in the database that beat lives; where that is away, the log says so and beat goes on."""
    from hausderbegegnung.operations import heartbeat  # noqa: PLC0415 - Django imports this module before it is set up

    try:
        heartbeat.beat(heartbeat.BEAT, now=timezone.now())
    except DatabaseError as error:
        logger.warning("The database did not take beat's sign of life: %s", type(error).__name__)
