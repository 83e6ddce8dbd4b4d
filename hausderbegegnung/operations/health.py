"""/healthz: whether all parts live and mails leave the house, for monitoring and for containers."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.cache import caches
from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from hausderbegegnung.operations import heartbeat
from hausderbegegnung.operations.backup.nightly import is_too_old
from hausderbegegnung.operations.broker import unreadable_messages
from hausderbegegnung.operations.cache import Cache
from hausderbegegnung.operations.restarts import recent_restarts
from notifications.outbox.lookups import is_mail_server_away, outbox_figures

# Beat gives a worker something to do every half minute.
LONGEST_SILENCE = timedelta(minutes=2)
# A mail server that is away for less has only been restarted.
LONGEST_ABSENCE = timedelta(minutes=15)
SECONDS_FOR_BROKER = 1.5

# One thread: while a broker hangs, further questions wait behind the first one and give up in time.
_broker_prober = ThreadPoolExecutor(max_workers=1, thread_name_prefix="healthz-broker")


def database_lives(now: datetime) -> bool:
    """Ask the database for something it need not look up."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def broker_lives(now: datetime) -> bool:
    """Open a channel to the broker, as the web server does to hand over a task."""
    return queue_lengths() is not None


def queue_lengths() -> dict[str, int] | None:
    """Return how many tasks lie in each queue of the broker, None if it does not say in time."""
    probe = _broker_prober.submit(_ask_broker)
    try:
        return probe.result(timeout=SECONDS_FOR_BROKER)
    except Exception:  # noqa: BLE001 - every transport fails in its own way
        probe.cancel()
        return None


def _ask_broker() -> dict[str, int]:
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=1)
        with broker.channel() as channel:
            return {name: _length(channel, name) for name in settings.CELERY_TASK_QUEUES}


def _length(channel: Any, queue: str) -> int:
    try:
        return int(channel.queue_declare(queue=queue, passive=True).message_count)
    except channel.connection.client.channel_errors as error:
        # Redis has no queue without a task in it.
        if str(error.reply_code) != "404":
            raise
        return 0


def _lives(name: str, now: datetime) -> bool:
    """Look for a recent sign of life of beat, or of a worker: beat planned, the broker carried, it worked."""
    try:
        last = heartbeat.last_beat(name, now=now)
    except DatabaseError:
        return False
    # A process that ended lives again when it has said so, not as long as its last word is recent.
    ended = max((restart.at for restart in recent_restarts(now=now) if restart.name == name), default=None)
    return last is not None and now - last <= LONGEST_SILENCE and (ended is None or last > ended)


beat_lives = partial(_lives, heartbeat.BEAT)
worker_lives = partial(_lives, heartbeat.WORKER)


def cache_lives(now: datetime) -> bool:
    """Whether the cache can be asked; a house without Redis keeps things in memory, which lives."""
    cache = caches["default"]
    return not isinstance(cache, Cache) or cache.answers()


def mails_leave(now: datetime) -> bool:
    """Whether no mail has waited for long because the mail server is away or wants none of the house."""
    try:
        return not is_mail_server_away(now=now, for_longer_than=LONGEST_ABSENCE)
    except DatabaseError:
        return False


def backup_lives(now: datetime) -> bool:
    """Whether the last nightly backup is not too old."""
    try:
        return not is_too_old(heartbeat.last_beat(heartbeat.BACKUP, now=now), now=now)
    except DatabaseError:
        return False


PARTS: dict[str, Callable[[datetime], bool]] = {
    "database": database_lives,
    "broker": broker_lives,
    "cache": cache_lives,
    "beat": beat_lives,
    "worker": worker_lives,
    "mail": mails_leave,
    "backup": backup_lives,
}


def parts_of_house() -> list[str]:
    """Return the parts this house has; there is a nightly backup only where a folder for it is set."""
    return [name for name in PARTS if name != "backup" or settings.BACKUP_DIR]


def states_of(parts: list[str], now: datetime) -> dict[str, bool]:
    """Return for each part whether it lives."""
    return {name: PARTS[name](now) for name in parts}


def restarts_by_process(now: datetime) -> dict[str, int]:
    """Return how often each process that ended unasked was started again in the last 24 hours."""
    return dict(Counter(restart.name for restart in recent_restarts(now=now)))


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 if all parts live, else 503; `?parts=database,broker` asks for some only.

    A container of the web server asks for the database alone: it must not be restarted for a worker.
    Asked for everything, it also says how many mails and tasks wait, which processes were started again
    in the last 24 hours and how often, and how many messages of the broker could not be read.
    """
    known = parts_of_house()
    wanted = request.GET.get("parts", ",".join(known)).split(",")
    if not set(wanted) <= set(known):
        return JsonResponse({"error": f"parts are {', '.join(known)}"}, status=400)
    now = timezone.now()
    lives = states_of(wanted, now)
    answer: dict[str, Any] = {
        "status": "ok" if all(lives.values()) else "down",
        "parts": {name: "ok" if is_alive else "down" for name, is_alive in lives.items()},
    }
    if "parts" not in request.GET:
        answer |= {"restarts": restarts_by_process(now), "unreadable_messages": unreadable_messages()}
        if lives["database"]:
            # It may have gone away since.
            with suppress(DatabaseError):
                answer |= {"outbox": asdict(outbox_figures(now=now)), "queues": queue_lengths()}
    return JsonResponse(answer, status=200 if all(lives.values()) else 503)
