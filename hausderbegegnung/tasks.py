"""What workers do for the house as a whole without being asked: forget what nobody came back for."""

from datetime import timedelta

from celery import shared_task

from hausderbegegnung.web.shared import drafts


@shared_task(name="hausderbegegnung.forget_sessions", once_in=timedelta(minutes=40))
def forget_sessions() -> None:
    """Delete sessions whose time is over, once an hour."""
    drafts.forget_sessions()
