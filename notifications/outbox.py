"""Entering what is to be told: a row in the transaction of the business action, then a nudge."""

import uuid
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from bookings.models import Booking
from notifications.models import Message, MessageState
from notifications.nudge import nudge_worker


def enqueue(
    *,
    kind: str,
    recipient: str,
    facts: dict[str, Any],
    dedupe_key: str,
    now: datetime,
    language: str = "de",
    booking: Booking | None = None,
    not_before: datetime | None = None,
) -> Message:
    """Enter one mail to one person, to be sent by a worker after the current transaction commits.

    `kind` is a name of `notifications.catalogue`; `facts` are plain JSON values, what the mail
    says at this moment. Nothing is rendered and no broker is waited for, so a mail can't spoil
    the action it tells of. Idempotent: a second call with the same `dedupe_key` changes nothing
    and returns the first message. `not_before` is an instant; without it the mail goes out at once.
    """
    message, created = Message.objects.get_or_create(
        dedupe_key=dedupe_key,
        defaults={
            "kind": kind,
            "recipient": recipient.strip(),
            "language": language,
            "facts": facts,
            "booking": booking,
            "message_id": new_message_id(),
            "state": MessageState.PENDING,
            "not_before": not_before or now,
            "created_at": now,
        },
    )
    if created and message.not_before <= now:
        transaction.on_commit(partial(nudge_worker, message.pk), robust=True)
    return message


def new_message_id() -> str:
    """A Message-ID in the name of the house's own address; kept for every attempt to send."""
    return f"<{uuid.uuid4()}@{urlsplit(settings.SITE_URL).hostname}>"
