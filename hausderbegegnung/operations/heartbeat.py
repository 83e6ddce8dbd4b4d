"""Whether beat and a worker live, and when the last nightly backup was made, told by the database."""

from datetime import datetime, timedelta

from hausderbegegnung.models import Heartbeat

BEAT, WORKER, BACKUP = "beat", "worker", "backup"
# How far the clocks of two machines of a house may be apart.
CLOCK_DIFFERENCE = timedelta(seconds=10)


def beat(name: str, *, now: datetime) -> None:
    """Say at `now` that beat planned work, that a worker did it, or that there is a backup."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": now})


def last_beat(name: str, *, now: datetime) -> datetime | None:
    """Return the last sign of life, None if there was none yet.

    One from the future says nothing: the clock was put back since. Who lives says so again within
    half a minute.
    """
    signs = Heartbeat.objects.filter(name=name, at__lte=now + CLOCK_DIFFERENCE)
    return signs.values_list("at", flat=True).first()
