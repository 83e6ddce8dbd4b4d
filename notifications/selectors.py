"""What staff look up in the outbox, and what monitoring counts in it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet, Sum

from bookings.models import Booking
from notifications.addresses import list_failing_addresses
from notifications.models import Fault, Message, MessageState


def list_messages(*, state: str = "", words: str = "") -> QuerySet[Message]:
    """Return messages, the newest first, each with its booking.

    `state` is a MessageState, empty for all; `words` are looked for in reference, subject and
    address.
    """
    messages = Message.objects.select_related("booking").order_by("-created_at", "-pk")
    if state in MessageState.values:
        messages = messages.filter(state=state)
    for word in words.split():
        messages = messages.filter(
            Q(booking__reference__icontains=word) | Q(subject__icontains=word) | Q(recipient__icontains=word)
        )
    # The texts are read only where one message is shown.
    return messages.defer("facts", "body", "html")


def failed_messages_of(booking: Booking) -> QuerySet[Message]:
    """Return the mails about the booking that did not get out and that nobody has sent again."""
    return list_messages(state=MessageState.FAILED).filter(booking=booking)


@dataclass(frozen=True, slots=True)
class OutboxFigures:
    """How the outbox is doing, without a word about anybody."""

    waiting: int
    oldest_waiting_seconds: int
    failed: int
    failed_last_day: int
    taken_over: int
    failing_addresses: int


def outbox_figures(*, now: datetime) -> OutboxFigures:
    """Count what waits and should be out, since when, and what failed.

    What is held for company or planned for later does not wait; what is tried again does.
    """
    waiting = waiting_messages(now=now).aggregate(number=Count("pk"), oldest=Min("created_at"))
    failed = Message.objects.filter(state=MessageState.FAILED).aggregate(
        number=Count("pk"), lately=Count("pk", filter=Q(claimed_at__gt=now - timedelta(days=1)))
    )
    taken_over = Message.objects.filter(takeovers__gt=0).aggregate(number=Sum("takeovers"))
    return OutboxFigures(
        waiting=waiting["number"],
        oldest_waiting_seconds=int((now - waiting["oldest"]).total_seconds()) if waiting["oldest"] else 0,
        failed=failed["number"],
        failed_last_day=failed["lately"],
        taken_over=taken_over["number"] or 0,
        failing_addresses=list_failing_addresses().count(),
    )


def waiting_messages(*, now: datetime) -> QuerySet[Message]:
    """Return what should be out by now and is not."""
    is_due = Q(state=MessageState.PENDING) & (Q(not_before__lte=now) | Q(attempts__gt=0))
    return Message.objects.filter(is_due | Q(state=MessageState.SENDING))


def is_mail_server_away(*, now: datetime, for_longer_than: timedelta) -> bool:
    """Whether a mail has been tried in vain for so long because no mail server takes it."""
    return Message.objects.filter(
        state=MessageState.PENDING, fault=Fault.AWAY, takeovers=0, failing_since__lt=now - for_longer_than
    ).exists()
