"""What workers do: send one message, and sweep up what the broker or a dead worker left behind."""

from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.conf import settings
from django.utils import timezone

from notifications import delivery
from notifications.heartbeat import WORKER, beat
from notifications.models import Message, MessageState

# What one sweep hands out; it expires before the next one, so that nothing piles up in the broker.
SWEEP_BATCH = 1000


@shared_task(name="notifications.send_message", soft_time_limit=120, time_limit=150)
def send_message(message_id: int) -> None:
    """Send one message if it is due; a second call does nothing."""
    delivery.deliver(message_id=message_id, now=timezone.now())


@shared_task(
    name="notifications.sweep_outbox", once_in=timedelta(seconds=settings.MAIL_SWEEP_SECONDS) * 2 / 3
)
def sweep_outbox() -> None:
    """Hand out every message that is due; run by beat. Nothing depends on what the broker remembers."""
    now = timezone.now()
    beat(WORKER, now=now)
    delivery.free_stuck(now=now)
    due = Message.objects.filter(state=MessageState.PENDING, not_before__lte=now).order_by("not_before", "pk")
    for message_id in due.values_list("pk", flat=True)[:SWEEP_BATCH]:
        send_message.apply_async(args=[message_id], expires=settings.MAIL_SWEEP_SECONDS)


@worker_ready.connect
def sweep_at_start(**kwargs: Any) -> None:
    """A worker that comes back looks for what waited for it at once, not half a minute later."""
    sweep_outbox.apply_async(expires=settings.MAIL_SWEEP_SECONDS)
