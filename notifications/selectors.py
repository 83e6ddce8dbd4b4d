"""What staff look up in the outbox."""

from django.db.models import Q, QuerySet

from notifications.models import Message, MessageState


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
