"""Whether a worker lives, told by the database, which every machine can read."""

from datetime import datetime

from notifications.models import Heartbeat

WORKER = "worker"


def beat(*, now: datetime) -> None:
    """Say that a worker did planned work at `now`: beat, broker and worker all live."""
    Heartbeat.objects.update_or_create(name=WORKER, defaults={"at": now})


def last_beat() -> datetime | None:
    """Return the instant of the last planned work of any worker, None if there was none yet."""
    return Heartbeat.objects.filter(name=WORKER).values_list("at", flat=True).first()
