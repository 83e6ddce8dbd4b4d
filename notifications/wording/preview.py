"""What a message says, for staff: as it was sent, or as it will be."""

from dataclasses import dataclass

from notifications.models import Message, MessageState
from notifications.wording.catalogue import KINDS
from notifications.wording.rendering import render


@dataclass(frozen=True, slots=True)
class Preview:
    subject: str
    text: str
    html: str


def preview_of(message: Message) -> Preview | None:
    """Return the texts of the message with secrets hidden; None where they are erased or cannot be made."""
    if message.erased_at is not None:
        return None
    if message.state == MessageState.SENT:
        return Preview(message.subject, message.body, message.html)
    if message.kind not in KINDS:
        return None
    try:
        mail = render(message, hide_secrets=True)
    except Exception:  # noqa: BLE001 - a broken text may raise anything, and the page tells it
        return None
    return Preview(mail.subject, mail.text, mail.html)
