"""The words a house has put in the place of ours: what of a mail can be worded anew, and how it gets in."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bookings.enums import SlotStatus
from notifications.models import MailText, Message
from notifications.wording.catalogue import Kind
from notifications.wording.placeholders import fill, values_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Field:
    """A part of a mail that staff may word; a `sentence` is one line and never empty."""

    label: str | Promise
    help_text: str | Promise
    max_length: int
    is_sentence: bool = False


FIELDS = {
    "subject": Field(_("Subject"), _("One line."), 150, is_sentence=True),
    "opening": Field(
        _("First sentence"), _("Stands as a heading below the greeting."), 200, is_sentence=True
    ),
    "intro": Field(_("Text above the dates"), _("May be empty. A blank line starts a paragraph."), 2000),
    "closing": Field(
        _("Text at the end"),
        _("Above buttons and sender. May be empty. A blank line starts a paragraph."),
        2000,
    ),
}
# They say what was decided on all dates. Of a decision about some of them they would be false.
ABOUT_ALL_DATES = {"subject", "opening"}


def house_words(message: Message, *, house_id: int | None) -> dict[str, str]:
    """Return the house's own words for the message by field; without those it left as they are."""
    if house_id is None:
        return {}
    text = MailText.objects.filter(house=house_id, kind=message.kind, language=message.language).first()
    return text.words if text else {}


def fitted(words: Mapping[str, str], *, kind: Kind, context: Mapping[str, Any]) -> dict[str, str]:
    """Return the words as this mail says them; nothing where they cannot be used, so that ours stand.

    A text that cannot be used any more, because a placeholder is gone, is logged and shown to
    staff where they edit it. It stops no mail.
    """
    values = values_of(context)
    try:
        filled = {field: fill(text, values) for field, text in words.items() if field in FIELDS}
    except ValidationError as error:
        logger.warning("The default text of %s is used: %s", kind.name, " ".join(error.messages))
        return {}
    if is_about_some(kind, context):
        filled = {field: text for field, text in filled.items() if field not in ABOUT_ALL_DATES}
    return filled


def is_about_some(kind: Kind, context: Mapping[str, Any]) -> bool:
    """Whether the mail tells of some dates only, under a sentence that was written for all.

    A kind that names each decision is chosen by what became of all that was open, and is for the whole
    unless others were rejected before.
    """
    others = context.get("other_dates", [])
    if kind.names_each_decision:
        was_rejected = any(date["status"] == SlotStatus.REJECTED for date in others)
        return was_rejected and kind.name != "partial_approval"
    return may_be_about_some(kind) and any(date["status"] in SlotStatus.STANDING for date in others)


def may_be_about_some(kind: Kind) -> bool:
    return bool(kind.told_on) and not kind.names_each_decision
