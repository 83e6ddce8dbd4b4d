"""What staff look up in the outbox, and what monitoring counts in it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Max, Min, Q, QuerySet, Sum, When

from bookings.models import Booking
from notifications.models import Fault, Message, MessageState
from notifications.outbox.entry import can_be_resent
from notifications.outbox.failing_addresses import list_failing_addresses
from notifications.wording.catalogue import KINDS, Audience
from rooms.intervals import Interval

SHOWN_OF_BOOKING = 20
# What staff can still do something about: it failed, and may be sent again (notifications.outbox.entry).
UNDELIVERED = Q(state=MessageState.FAILED, erased_at=None) & ~Q(
    kind__in=[kind.name for kind in KINDS.values() if kind.secrets]
)


def list_messages(
    *, state: str = "", kind: str = "", words: str = "", period: Interval | None = None
) -> QuerySet[Message]:
    """Return messages, the newest first, each with its booking.

    `state` is a MessageState and `kind` a name of the catalogue, empty for all; `words` are looked
    for in reference, subject and address; `period` is when the message was entered.
    """
    messages = Message.objects.select_related("booking").order_by("-created_at", "-pk")
    if state:
        messages = messages.filter(state=state)
    if kind:
        messages = messages.filter(kind=kind)
    if period:
        messages = messages.filter(created_at__gte=period.start, created_at__lt=period.end)
    for word in words.split():
        messages = messages.filter(
            Q(booking__reference__icontains=word) | Q(subject__icontains=word) | Q(recipient__icontains=word)
        )
    return _without_texts(messages)


def count_undelivered() -> int:
    """Return how many mails failed and wait for somebody to correct their address."""
    return Message.objects.filter(UNDELIVERED).count()


def undelivered_to_contacts(**booking: Any) -> dict[int, datetime]:
    """Return by booking id when the last mail to its contact was entered that could not be sent.

    `booking` narrows the bookings: `house=house` or `pk=1`.
    """
    kinds = [kind.name for kind in KINDS.values() if kind.audience is Audience.APPLICANT]
    failed = Message.objects.filter(UNDELIVERED, kind__in=kinds, booking__isnull=False)
    rows = failed.filter(**{f"booking__{name}": value for name, value in booking.items()})
    return dict(rows.values("booking").annotate(last=Max("created_at")).values_list("booking", "last"))


@dataclass(frozen=True, slots=True)
class MailsAbout:
    """The latest mails about a booking, those that could not be sent before all others."""

    messages: list[Message]
    are_more: bool

    @property
    def undelivered(self) -> list[Message]:
        return [
            message
            for message in self.messages
            if message.state == MessageState.FAILED and can_be_resent(message)
        ]


def mails_about(booking: Booking) -> MailsAbout:
    """Return what was sent about the booking and became of it, with one query."""
    messages = Message.objects.filter(booking=booking).order_by(
        Case(When(UNDELIVERED, then=0), default=1), "-created_at", "-pk"
    )
    found = list(_without_texts(messages)[: SHOWN_OF_BOOKING + 1])
    return MailsAbout(found[:SHOWN_OF_BOOKING], are_more=len(found) > SHOWN_OF_BOOKING)


def _without_texts(messages: QuerySet[Message]) -> QuerySet[Message]:
    """Texts are read only where one message is shown."""
    return messages.defer("facts", "body", "html")


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

    What is held for company or planned for later does not wait; what is tried again does. A login
    code that expired before it got out is no failure: whoever wanted it has asked for another one.
    """
    waiting = waiting_messages(now=now).aggregate(number=Count("pk"), oldest=Min("created_at"))
    failed = Message.objects.filter(state=MessageState.FAILED).exclude(fault=Fault.LATE)
    failures = failed.aggregate(
        number=Count("pk"), lately=Count("pk", filter=Q(claimed_at__gt=now - timedelta(days=1)))
    )
    taken_over = Message.objects.filter(takeovers__gt=0).aggregate(number=Sum("takeovers"))
    return OutboxFigures(
        waiting=waiting["number"],
        oldest_waiting_seconds=int((now - waiting["oldest"]).total_seconds()) if waiting["oldest"] else 0,
        failed=failures["number"],
        failed_last_day=failures["lately"],
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
