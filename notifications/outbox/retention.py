"""What is kept of old mails: that they were sent, and for a while what they said."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from notifications.models import FailingAddress, Message, MessageState

# Each batch is a transaction of its own, so that mails are sent in between.
BATCH = 500


def erase_old_mails(*, now: datetime) -> int:
    """Erase the texts of mails that are done with for MAIL_RETENTION_DAYS; return how many.

    Kind, booking, state and times stay. The recipient stays as long as the booking has its
    contact, and goes with it. The mark of an address that has not failed since goes as well.
    """
    last_kept = now - timedelta(days=settings.MAIL_RETENTION_DAYS)
    is_old = Q(created_at__lt=last_kept) & (Q(claimed_at=None) | Q(claimed_at__lt=last_kept))
    is_done = ~Q(state__in=[MessageState.PENDING, MessageState.SENDING])
    with_text = Message.objects.filter(is_old & is_done, erased_at=None)
    erased = 0
    for batch in _batches(with_text):
        erased += batch.update(erased_at=now, facts={}, subject="", body="", html="", last_error="")
    has_no_contact = Q(booking=None) | Q(booking__contact_email="")
    for batch in _batches(
        Message.objects.exclude(erased_at=None).exclude(recipient="").filter(has_no_contact)
    ):
        batch.update(recipient="")
    FailingAddress.objects.filter(last_failed_at__lt=last_kept).delete()
    return erased


def _batches(messages: QuerySet[Message]) -> Iterator[QuerySet[Message]]:
    """Yield the messages in bounded parts, in one pass."""
    last = 0
    while numbers := list(messages.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        # Asked again, because one may have been sent on its way in the meantime.
        yield messages.filter(pk__in=numbers)
        last = numbers[-1]
