"""Whether beat and a worker live, told by the database, which every machine can read."""

from datetime import datetime

from hausderbegegnung.models import Heartbeat

BEAT, WORKER = "beat", "worker"


def beat(name: str, *, now: datetime) -> None:
    """Say at `now` that beat planned work, or that a worker did it."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": now})


def last_beat(name: str) -> datetime | None:
    """Return the last sign of life, None if there was none yet."""
    return Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()
