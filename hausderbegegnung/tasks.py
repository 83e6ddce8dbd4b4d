"""What workers do for the house as a whole without being asked: back it up, let go what is of no use."""

import logging
from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.utils import timezone

from hausderbegegnung.accounts.codes import forget_codes
from hausderbegegnung.accounts.limits import forget_counts
from hausderbegegnung.accounts.tokens import forget_tokens
from hausderbegegnung.operations.backup.errors import BackupError
from hausderbegegnung.operations.backup.nightly import back_up_nightly
from hausderbegegnung.web.shared import drafts
from rooms.models import Room
from rooms.pictures import remove_unused

logger = logging.getLogger(__name__)


# Shorter than after which Redis would hand it out again.
@shared_task(
    name="hausderbegegnung.back_up", once_in=timedelta(minutes=40), soft_time_limit=540, time_limit=570
)
def back_up() -> None:
    """Make the nightly backup if it is due. One that fails is told in the log and tried again in an hour."""
    try:
        back_up_nightly(now=timezone.now())
    except BackupError as error:
        logger.error("There is no backup of this night. %s", error)


@worker_ready.connect
def back_up_at_start(**kwargs: Any) -> None:
    """A house that was closed at night is backed up when it opens."""
    back_up.apply_async(expires=3600)


@shared_task(name="hausderbegegnung.forget_sessions", once_in=timedelta(minutes=40))
def forget_sessions() -> None:
    """Delete sessions whose time is over, once an hour."""
    drafts.forget_sessions()


@shared_task(name="hausderbegegnung.forget_logins", once_in=timedelta(minutes=40))
def forget_logins() -> None:
    """Delete old login codes, what was counted for limits, and tokens that ended long ago, once an hour."""
    now = timezone.now()
    forget_codes(now=now)
    forget_counts(now=now)
    forget_tokens(now=now)


@shared_task(name="hausderbegegnung.remove_unused_pictures", once_in=timedelta(minutes=40))
def remove_unused_pictures() -> None:
    """Delete pictures that no room has any more, once an hour."""
    remove_unused(Room.objects, now=timezone.now())
