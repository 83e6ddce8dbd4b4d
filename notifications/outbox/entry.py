"""Entering what is to be told: a row in the transaction of the business action, then a word to the broker."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from bookings.models import Booking
from notifications.models import Message, MessageState
from notifications.outbox.bundles import bundle
from notifications.outbox.dispatch import dispatch_message
from notifications.outbox.failing_addresses import forgive
from notifications.preferences import declined_among
from notifications.recipients import Recipient
from notifications.wording.catalogue import KINDS
from rooms.models import House


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

    `kind` is a name of `notifications.wording.catalogue`; `facts` are plain JSON values, what the mail
    says at this moment. Nothing is rendered and no broker is waited for, so a mail can't spoil
    the action it tells of. Idempotent: a second call with the same `dedupe_key` for the same
    person changes nothing and returns the first message. `not_before` is an instant; without it
    the mail goes out at once, or waits a little for others that it may be bundled with, as its
    kind says.
    Raises IntegrityError for a value the table does not take.
    """
    entered = made_message(
        kind=kind,
        recipient=Recipient(recipient.strip(), language),
        facts=facts,
        dedupe_key=dedupe_key,
        now=now,
        booking=booking,
        not_before=not_before,
    )
    with transaction.atomic(savepoint=False):
        message, is_new = _enter(entered)
        if is_new:
            _bundle_and_dispatch(message, now)
    return message


def made_message(
    *,
    kind: str,
    recipient: Recipient,
    facts: dict[str, Any],
    dedupe_key: str,
    now: datetime,
    booking: Booking | None = None,
    not_before: datetime | None = None,
) -> Message:
    """Return the mail that `enqueue` enters; it is not stored yet."""
    is_held = booking is not None and kind in KINDS and KINDS[kind].is_held
    hold = timedelta(seconds=settings.BUNDLE_SECONDS if is_held else 0)
    return Message(
        dedupe_key=dedupe_key,
        person=recipient.person,
        kind=kind,
        recipient=recipient.address,
        language=recipient.language,
        facts=facts,
        booking=booking,
        message_id=new_message_id(),
        not_before=not_before or now + hold,
        created_at=now,
    )


def enqueue_new_keys(messages: Sequence[Message], *, now: datetime) -> None:
    """Enter mails of keys that nobody can have entered before, in one statement; else like `enqueue`.

    So are those of a decision: its number rises under the lock of the house. Of two of one key for one
    person the first stays. Needs a transaction.
    """
    by_key = {(message.dedupe_key, message.person): message for message in reversed(messages)}
    entered = [message for message in messages if by_key[message.dedupe_key, message.person] is message]
    Message.objects.bulk_create(entered)
    for message in entered:
        _bundle_and_dispatch(message, now)


def _bundle_and_dispatch(message: Message, now: datetime) -> None:
    if not (message.is_trial or (message.kind in KINDS and KINDS[message.kind].is_first)):
        bundle(message)
    _dispatch_if_due(message, now)


def _enter(entered: Message) -> tuple[Message, bool]:
    """Store the message unless its person has one of its key; return that one, and whether it is new."""
    # The database decides which of two equal messages is the first, without a savepoint for the other.
    Message.objects.bulk_create([entered], ignore_conflicts=True)
    same = Message.objects.filter(dedupe_key=entered.dedupe_key, person=entered.person)
    first = same.values_list("pk", "message_id").first()
    if first is None:
        # SQLite also ignores a row that breaks any other rule; asked again, it says which.
        entered.save(force_insert=True)
        return entered, True
    pk, message_id = first
    if message_id != entered.message_id:
        return Message.objects.get(pk=pk), False
    entered.pk = pk
    return entered, True


def _dispatch_if_due(message: Message, now: datetime) -> None:
    if message.state == MessageState.PENDING and message.not_before <= now:
        transaction.on_commit(partial(dispatch_message, message.pk), robust=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A mail that is due and may have been entered before: its facts are asked for only if it was not.

    Facts that are None mean that there is nothing to tell. `house` and `day` belong to mails about a day
    of a house, which later ones are compared with.
    """

    kind: str
    recipient: Recipient
    dedupe_key: str
    facts: Callable[[], dict[str, Any] | None]
    booking: Booking | None = None
    house: House | None = None
    day: date | None = None


def new_among(drafts: Iterable[Draft]) -> list[Draft]:
    """Return the mails that were not entered yet and that nobody declined, with two queries."""
    by_key = {(draft.dedupe_key, draft.recipient.person): draft for draft in drafts}
    if not by_key:
        return []
    entered = Message.objects.filter(dedupe_key__in={dedupe_key for dedupe_key, _person in by_key})
    known = set(entered.values_list("dedupe_key", "person"))
    new = [draft for key, draft in by_key.items() if key not in known]
    declined = declined_among((draft.kind, draft.recipient) for draft in new)
    return [draft for draft in new if (draft.kind, draft.recipient.person) not in declined]


def enqueue_new(drafts: Iterable[Draft], *, now: datetime) -> int:
    """Enter those of the mails that are new and have something to tell; return how many.

    The number of queries does not depend on theirs. Workers find them by the next sweep.
    """
    entered = [
        Message(
            dedupe_key=draft.dedupe_key,
            person=draft.recipient.person,
            kind=draft.kind,
            recipient=draft.recipient.address,
            language=draft.recipient.language,
            facts=facts,
            booking=draft.booking,
            house=draft.house,
            day=draft.day,
            message_id=new_message_id(),
            not_before=now,
            created_at=now,
        )
        for draft in new_among(drafts)
        if (facts := draft.facts()) is not None
    ]
    # Should somebody else have entered one since, the first stays.
    Message.objects.bulk_create(entered, ignore_conflicts=True)
    return len(entered)


def can_be_resent(message: Message) -> bool:
    """Whether sending again makes sense: the result is known, no secret was blanked, no text erased."""
    kind = KINDS.get(message.kind)
    is_known = message.state in {MessageState.SENT, MessageState.FAILED}
    return is_known and kind is not None and not kind.secrets and message.erased_at is None


def resend(*, message: Message, recipient: str, now: datetime) -> Message:
    """Send a message again, to an address that may have been corrected; return the one that goes out.

    One that failed is tried again; where that is to another address, the old one counts as corrected.
    One that was sent goes out as a new message with a Message-ID of its own, because mail servers
    drop what they know; and alone, because it says what was so then. A double click sends once.
    """
    recipient = recipient.strip()
    with transaction.atomic():
        if message.state == MessageState.SENT:
            original = message.copy_of or message
            copy, _is_new = _enter(
                Message(
                    dedupe_key=copy_key(original),
                    person=original.person,
                    copy_of=original,
                    kind=message.kind,
                    recipient=recipient,
                    language=message.language,
                    facts=message.facts,
                    booking=message.booking,
                    message_id=new_message_id(),
                    not_before=now,
                    created_at=now,
                )
            )
            _dispatch_if_due(copy, now)
            return copy
        retried = Message.objects.filter(pk=message.pk, state=MessageState.FAILED, erased_at=None).update(
            state=MessageState.PENDING, recipient=recipient, attempts=0, failing_since=None, not_before=now
        )
        if retried and recipient != message.recipient:
            forgive(message.recipient)
        if retried:
            transaction.on_commit(partial(dispatch_message, message.pk), robust=True)
    message.refresh_from_db()
    return message


def copy_key(original: Message) -> str:
    """Return the key of the next copy: the same until the result of that copy is known."""
    known = original.copies.filter(state__in=[MessageState.SENT, MessageState.FAILED]).count()
    return f"{original.dedupe_key}:copy:{known + 1}"


def new_message_id() -> str:
    """A Message-ID in the name of the house's own address; kept for every attempt to send."""
    return f"<{uuid.uuid4()}@{urlsplit(settings.SITE_URL).hostname}>"
