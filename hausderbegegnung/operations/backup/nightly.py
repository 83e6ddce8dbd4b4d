"""The nightly backup: a file each night in BACKUP_DIR, of which the newest BACKUP_KEEP are kept.

When one was made stands in the database, which every machine can read; /healthz and staff's first page look
there.
"""

import logging
import re
from datetime import datetime, time, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from hausderbegegnung.operations.backup.creation import back_up_to
from hausderbegegnung.operations.heartbeat import BACKUP, beat, last_beat
from rooms.clock import instant

logger = logging.getLogger(__name__)

NIGHT = time(2)
# A night, and the time that making one may take.
LONGEST_WITHOUT = timedelta(hours=26)
# Short enough to be taken for no secret by the log.
NAME = "house-{:%Y-%m-%d-%H%M}Z.zip"
NAMES = re.compile(r"house-\d{4}-\d\d-\d\d-\d{4}Z\.zip(\.age)?")
UNFINISHED = re.compile(rf"\.{NAMES.pattern}\.\w+\.part")


def back_up_nightly(*, now: datetime) -> Path | None:
    """Make the backup of this night unless there is one or nobody wants any; return its path.

    Only then old ones are deleted, and what a process that was killed has left behind. Raises BackupError
    where none can be made.
    """
    if not settings.BACKUP_DIR or not is_due(last_beat(BACKUP, now=now), now=now):
        return None
    folder = Path(settings.BACKUP_DIR)
    ending = ".age" if settings.BACKUP_TO else ""
    path = folder / f"{NAME.format(now.astimezone(timezone.get_fixed_timezone(0)))}{ending}"
    made = back_up_to(path, keys=settings.BACKUP_TO, now=now)
    beat(BACKUP, now=now)
    logger.info("%s: %s", path.name, made)
    _delete_old(folder)
    return path


def is_due(last: datetime | None, *, now: datetime) -> bool:
    """Whether none was made since two o'clock of this night, by the clocks of TIME_ZONE."""
    zone = timezone.get_default_timezone()
    today = now.astimezone(zone).date()
    night = instant(today, NIGHT, zone)
    if night > now:
        night = instant(today - timedelta(days=1), NIGHT, zone)
    return last is None or last < night


def is_too_old(last: datetime | None, *, now: datetime) -> bool:
    """Whether the night after the last backup has passed without one, or none was ever made."""
    return last is None or now - last > LONGEST_WITHOUT


def _delete_old(folder: Path) -> None:
    """Delete what is too much, and nothing that is not ours."""
    files = sorted(folder.iterdir())
    ours = [path for path in files if NAMES.fullmatch(path.name)]
    for path in ours[: -settings.BACKUP_KEEP]:
        path.unlink(missing_ok=True)
        logger.info("%s: deleted, %s newer ones are kept", path.name, settings.BACKUP_KEEP)
    for path in files:
        if UNFINISHED.fullmatch(path.name):
            path.unlink(missing_ok=True)
