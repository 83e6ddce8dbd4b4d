"""What workers do: send one message, sweep up what the broker or a dead worker left, plan what is due."""

import math
import random
import time
from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.conf import settings
from django.utils import timezone

from notifications.outbox import delivery
from notifications.outbox.mail_server import SmtpLine
from notifications.outbox.retention import erase_old_mails as erase
from notifications.planning import plan_mails
from rooms.models import House

# How many mails a worker looks up at a time, and how many workers one sweep asks for help at most.
BATCH = 50
MOST_HELPERS = 16
# So long a helper stays at it before others have their turn: whoever waits for a code, or a worker that is
# asked to stop.
SECONDS_TO_HELP = 5
# A mail must be done long before it is taken for stuck; a connection gives up by itself before that.
LIMITS = {"soft_time_limit": 120, "time_limit": 150}


@shared_task(name="notifications.send_message", **LIMITS)
def send_message(message_id: int) -> None:
    """Send one message if it is due; a second call does nothing."""
    delivery.deliver(message_id=message_id, now=timezone.now())


@shared_task(name="notifications.send_waiting", **LIMITS)
def send_waiting() -> None:
    """Send what is due, one mail after the other over one line; after a while hand on to the next helper.

    Any number of workers may do so at the same time. A mail server that is away is not asked for
    each mail: the others stay as they are, and go out with the first sweep after it is back.
    """
    until = time.monotonic() + SECONDS_TO_HELP
    with SmtpLine() as line:
        while due := list(delivery.due_messages(now=timezone.now()).values_list("pk", flat=True)[:BATCH]):
            # Each in an order of its own, so that they do not run for the same one.
            random.shuffle(due)
            for message_id in due:
                if time.monotonic() > until:
                    ask_for_help()
                    return
                if not delivery.deliver(message_id=message_id, now=timezone.now(), line=line):
                    return


def ask_for_help() -> None:
    """Ask a worker to send what waits; the call expires with the next sweep, so that none pile up."""
    send_waiting.apply_async(expires=settings.MAIL_SWEEP_SECONDS)


@shared_task(
    name="notifications.sweep_outbox", once_in=timedelta(seconds=settings.MAIL_SWEEP_SECONDS) * 2 / 3
)
def sweep_outbox() -> None:
    """Have all that is due sent; run by beat. Nothing depends on what the broker remembers."""
    now = timezone.now()
    delivery.free_stuck(now=now)
    delivery.give_up_late(now=now)
    waiting = delivery.due_messages(now=now).count()
    for _helper in range(min(math.ceil(waiting / BATCH), MOST_HELPERS)):
        ask_for_help()


@shared_task(name="notifications.erase_old_mails", once_in=timedelta(hours=20))
def erase_old_mails() -> None:
    """Erase the texts of mails that are old enough, once a day."""
    erase(now=timezone.now())


@shared_task(name="notifications.plan_mails", once_in=timedelta(seconds=settings.MAIL_PLAN_SECONDS) * 2 / 3)
def plan_mails_of_houses() -> None:
    """Have each house's reminders, overviews and digests planned; run by beat every few minutes."""
    for house_id in House.objects.order_by("pk").values_list("pk", flat=True):
        plan_mails_of_house.apply_async(args=[house_id], expires=settings.MAIL_PLAN_SECONDS)


@shared_task(name="notifications.plan_mails_of_house")
def plan_mails_of_house(house_id: int) -> None:
    """Enter what is due in one house, by itself: trouble in one house leaves the others alone."""
    plan_mails(house_id=house_id, now=timezone.now())


@worker_ready.connect
def sweep_at_start(**kwargs: Any) -> None:
    """A worker that comes back looks for what waited for it at once, not half a minute later."""
    sweep_outbox.apply_async(expires=settings.MAIL_SWEEP_SECONDS)
