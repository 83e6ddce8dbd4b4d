"""/healthz: whether database, broker and worker live, for monitoring and for containers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from celery import current_app
from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from notifications import heartbeat

# Beat gives a worker something to do every half minute.
LONGEST_SILENCE = timedelta(minutes=2)
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
    probe = _broker_prober.submit(_open_channel)
    try:
        probe.result(timeout=SECONDS_FOR_BROKER)
    except Exception:  # noqa: BLE001 - every transport fails in its own way
        probe.cancel()
        return False
    return True


def _open_channel() -> None:
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=1)
        broker.channel().close()


def worker_lives(now: datetime) -> bool:
    """Look for recent planned work: beat planned it, the broker carried it, a worker did it."""
    try:
        last = heartbeat.last_beat()
    except DatabaseError:
        return False
    return last is not None and now - last <= LONGEST_SILENCE


PARTS: dict[str, Callable[[datetime], bool]] = {
    "database": database_lives,
    "broker": broker_lives,
    "worker": worker_lives,
}


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 if all parts live, else 503; `?parts=database,broker` asks for some only.

    A container of the web server asks for the database alone: it must not be restarted for a worker.
    """
    wanted = request.GET.get("parts", ",".join(PARTS)).split(",")
    if not set(wanted) <= set(PARTS):
        return JsonResponse({"error": f"parts are {', '.join(PARTS)}"}, status=400)
    now = timezone.now()
    states = {name: "ok" if PARTS[name](now) else "down" for name in wanted}
    healthy = set(states.values()) == {"ok"}
    return JsonResponse(
        {"status": "ok" if healthy else "down", "parts": states}, status=200 if healthy else 503
    )
