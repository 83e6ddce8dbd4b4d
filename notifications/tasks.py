"""What workers do: send one message, sweep up what the broker or a dead worker left, plan what is due."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.utils import timezone

from notifications import delivery
from notifications.heartbeat import beat
from notifications.models import Message, MessageState
from notifications.planning import plan_mails
from notifications.retention import erase_old_mails as erase
from rooms.models import House

# What one sweep hands out; it expires before the next one, so that nothing piles up in the broker.
SWEEP_BATCH = 200
SWEEP_SECONDS = 30
PLAN_SECONDS = 240


@shared_task(name="notifications.send_message")
def send_message(message_id: int) -> None:
    """Send one message if it is due; a second call does nothing."""
    delivery.deliver(message_id=message_id, now=timezone.now())


@shared_task(name="notifications.sweep_outbox")
def sweep_outbox() -> None:
    """Hand out every message that is due; run by beat. Nothing depends on what the broker remembers."""
    now = timezone.now()
    beat(now=now)
    delivery.free_stuck(now=now)
    due = Message.objects.filter(state=MessageState.PENDING, not_before__lte=now).order_by("not_before", "pk")
    for message_id in due.values_list("pk", flat=True)[:SWEEP_BATCH]:
        send_message.apply_async(args=[message_id], expires=SWEEP_SECONDS)


@shared_task(name="notifications.erase_old_mails")
def erase_old_mails() -> None:
    """Erase the texts of mails that are old enough; run by beat once a day."""
    erase(now=timezone.now())


@shared_task(name="notifications.plan_mails")
def plan_mails_of_houses() -> None:
    """Have each house's reminders, overviews and digests planned; run by beat every few minutes."""
    for house_id in House.objects.order_by("pk").values_list("pk", flat=True):
        plan_mails_of_house.apply_async(args=[house_id], expires=PLAN_SECONDS)


@shared_task(name="notifications.plan_mails_of_house")
def plan_mails_of_house(house_id: int) -> None:
    """Enter what is due in one house, by itself: trouble in one house leaves the others alone."""
    plan_mails(house_id=house_id, now=timezone.now())


@worker_ready.connect
def sweep_at_start(**kwargs: Any) -> None:
    """A worker that comes back looks for what waited for it at once, not half a minute later."""
    sweep_outbox.apply_async(expires=SWEEP_SECONDS)
