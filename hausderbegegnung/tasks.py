"""What workers do for the house as a whole without being asked: forget what nobody came back for."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from hausderbegegnung.accounts.codes import forget_codes
from hausderbegegnung.accounts.limits import forget_counts
from hausderbegegnung.web.shared import drafts


@shared_task(name="hausderbegegnung.forget_sessions", once_in=timedelta(minutes=40))
def forget_sessions() -> None:
    """Delete sessions whose time is over, once an hour."""
    drafts.forget_sessions()


@shared_task(name="hausderbegegnung.forget_logins", once_in=timedelta(minutes=40))
def forget_logins() -> None:
    """Delete login codes that are too old to be entered, and what was counted for limits, once an hour."""
    now = timezone.now()
    forget_codes(now=now)
    forget_counts(now=now)
