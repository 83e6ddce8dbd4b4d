"""Bringing one message out: claim it, render it, hand it over, record what became of it.

At least once, never lost: the claim is committed before the mail server is spoken to, and the
result after it. If a worker dies in between, the sweep has the message sent again under the same
Message-ID, which mail programs recognise, and counts it.
"""

import logging
import random
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Case, F, QuerySet, When

from notifications.models import Fault, Message, MessageState
from notifications.outbox.envelope import email_of
from notifications.outbox.failing_addresses import forgive, note_failure
from notifications.outbox.mail_server import MailRefusedError, MailServerAwayError, SmtpLine
from notifications.outbox.secrets import without_secrets
from notifications.preferences import decline_url
from notifications.wording.catalogue import KINDS, Kind
from notifications.wording.rendering import Mail, render

logger = logging.getLogger(__name__)

# A mail server that is away for a weekend only delays.
LONGEST_TRYING = timedelta(days=3)
# Each takeover may be a second copy in somebody's mailbox.
MOST_TAKEOVERS = 5
TOO_LATE = "It could not be sent while it was of use."


class MailOutdatedError(Exception):
    """What the mail says is no longer so, and nobody wants to read it."""


def deliver(*, message_id: int, now: datetime, line: SmtpLine | None = None) -> bool:
    """Send the message if it is due and nobody else is at it; records the result, raises nothing of it.

    Safe to call any number of times, from any number of workers. Over `line` if there is one, else
    over one of its own. Returns False if the mail server is away, so that others need not be tried.
    """
    message = claim(message_id=message_id, now=now)
    if message is None:
        return True
    try:
        mail, shown = rendered(message, now)
        send(message, mail, line)
    except MailServerAwayError as error:
        _put_back(message, error, now=now)
        return error.fault != Fault.AWAY
    except MailRefusedError as error:
        _give_up(message, fault=error.fault, reason=str(error), now=now)
    except MailOutdatedError:
        _drop(message)
    else:
        _record_sent(message, shown, now=now)
    return True


def claim(*, message_id: int, now: datetime) -> Message | None:
    """Take the message for this worker; None if it is not due, or another worker was faster."""
    claimed = Message.objects.filter(pk=message_id, state=MessageState.PENDING, not_before__lte=now).update(
        state=MessageState.SENDING, claimed_at=now, attempts=F("attempts") + 1
    )
    return Message.objects.select_related("booking").get(pk=message_id) if claimed else None


def rendered(message: Message, now: datetime) -> tuple[Mail, Mail]:
    """Return the mail, and the same as the log keeps it, without secrets.

    Both are made before anything is sent. A broken text, or a mail that is of no use any more, is
    refused with the reason.
    """
    kind = KINDS.get(message.kind)
    if kind is None:
        raise MailRefusedError(f"There is no kind of mail called {message.kind!r}.", Fault.TEXT)
    if not message.is_trial:
        refuse_what_is_over(message, kind, now)
    try:
        return render(message), render(message, hide_secrets=True)
    except Exception as error:
        logger.exception("Message %s could not be rendered.", message.pk)
        sentence = f"The text could not be made: {type(error).__name__}: {error}"
        raise MailRefusedError(sentence, Fault.TEXT) from error


def refuse_what_is_over(message: Message, kind: Kind, now: datetime) -> None:
    """Raise where a mail is of no use any more; not for one about a made-up booking, which never was so."""
    if kind.useful_for is not None and now > message.created_at + kind.useful_for:
        raise MailRefusedError(TOO_LATE, Fault.LATE)
    # What staff send once more, they send as it was.
    if kind.holds is not None and message.copy_of_id is None and not kind.holds(message, now):
        raise MailOutdatedError


def send(message: Message, mail: Mail, line: SmtpLine | None) -> None:
    """Hand the mail to the mail server, or raise MailServerAwayError or MailRefusedError."""
    if not message.recipient:
        raise MailRefusedError("There is no address.", Fault.ADDRESS)
    email = email_of(message, mail, decline_url=decline_url(message))
    if line is not None:
        line.hand_over(email)
        return
    with SmtpLine() as own_line:
        own_line.hand_over(email)


def due_messages(*, now: datetime) -> QuerySet[Message]:
    """Return what is to be sent now, in this order: what is of no use later, then what is due for longest."""
    urgent = [kind.name for kind in KINDS.values() if kind.useful_for is not None]
    return Message.objects.filter(state=MessageState.PENDING, not_before__lte=now).order_by(
        Case(When(kind__in=urgent, then=0), default=1), "not_before", "pk"
    )


def retry_delay(message: Message, error: MailServerAwayError) -> timedelta:
    """Return how long to wait after this failure: doubling, with jitter against herds.

    Up to an hour where the server asked for it. A server that is away is asked every few minutes:
    one mail tries for all. Where the mail may be out, once is an accident; then hours pass,
    doubling, so that a server that takes every mail and breaks off makes few copies, and yet has
    more than a day to recover.
    """
    if error.in_doubt and message.takeovers:
        return settings.MAIL_LONGEST_RETRY * 2**message.takeovers
    first = settings.MAIL_FIRST_RETRY
    longest = first * 5 if error.fault == Fault.AWAY else settings.MAIL_LONGEST_RETRY
    jitter = random.uniform(0.8, 1.2)  # noqa: S311 - no secret depends on it
    return min(first * 2 ** min(message.attempts - 1, 10), longest) * jitter


def free_stuck(*, now: datetime) -> int:
    """Put messages back whose worker died while sending, and count that on each; return how many.

    A message that saw several workers die is given up: it may be what kills them.
    """
    stuck = Message.objects.filter(state=MessageState.SENDING, claimed_at__lt=now - settings.MAIL_STUCK_AFTER)
    for message in stuck.filter(takeovers__gte=MOST_TAKEOVERS):
        reason = "Workers died again and again while sending it."
        _give_up(message, fault=Fault.CRASH, reason=reason, now=now)
    freed = stuck.update(state=MessageState.PENDING, not_before=now, takeovers=F("takeovers") + 1)
    if freed:
        logger.warning("%s messages are sent again because their worker died.", freed)
    return freed


def give_up_late(*, now: datetime) -> None:
    """Give up what nobody can use any more, also while no mail server is asked: its secrets go with that."""
    for kind in KINDS.values():
        if kind.useful_for is None:
            continue
        waiting = Message.objects.filter(state=MessageState.PENDING, kind=kind.name)
        for message in waiting.filter(created_at__lt=now - kind.useful_for):
            waiting.filter(pk=message.pk).update(
                state=MessageState.FAILED,
                fault=Fault.LATE,
                last_error=TOO_LATE,
                facts=_without_secrets(message),
            )


def _put_back(message: Message, error: MailServerAwayError, *, now: datetime) -> None:
    since = message.failing_since or now
    if now - since >= LONGEST_TRYING:
        reason = f"Given up after {message.attempts} attempts: {error}"
        _give_up(message, fault=error.fault, reason=reason, now=now)
        return
    if error.in_doubt and message.takeovers >= MOST_TAKEOVERS:
        reason = f"Sending broke off again and again, and it may have arrived: {error}"
        _give_up(message, fault=Fault.CRASH, reason=reason, now=now)
        return
    # What the server says may name the recipient; that is for the outbox, not for the log.
    logger.warning("Message %s is tried again later (%s).", message.pk, error.fault.value)
    _finish(
        message,
        state=MessageState.PENDING,
        not_before=now + retry_delay(message, error),
        takeovers=message.takeovers + error.in_doubt,
        fault=error.fault,
        failing_since=since,
        last_error=without_secrets(str(error)),
    )


def _give_up(message: Message, *, fault: Fault, reason: str, now: datetime) -> None:
    # A server may quote the link that it takes for a danger, an exception the address it could not make.
    reason = without_secrets(reason)
    logger.error("Message %s was not sent (%s).", message.pk, fault.value)
    if _finish(
        message,
        state=MessageState.FAILED,
        fault=fault,
        last_error=reason,
        facts=_without_secrets(message),
    ):
        note_failure(message.recipient, fault=fault, error=reason, now=now)


def _drop(message: Message) -> None:
    """Keep the row for the log; without its key, so that what is left to tell can be planned anew."""
    _finish(
        message,
        state=MessageState.DROPPED,
        fault=Fault.OUTDATED,
        last_error="",
        dedupe_key=f"{message.dedupe_key}:dropped:{message.pk}",
    )


def _record_sent(message: Message, shown: Mail, *, now: datetime) -> None:
    _finish(
        message,
        state=MessageState.SENT,
        sent_at=now,
        fault="",
        failing_since=None,
        last_error="",
        subject=shown.subject[:250],
        body=shown.text,
        html=shown.html,
        facts=_without_secrets(message),
    )
    forgive(message.recipient)


def _finish(message: Message, **values: object) -> bool:
    """Write the result, unless the message was taken over by another worker in the meantime."""
    written = Message.objects.filter(
        pk=message.pk, state=MessageState.SENDING, claimed_at=message.claimed_at, attempts=message.attempts
    ).update(**values)
    return bool(written)


def _without_secrets(message: Message) -> dict[str, object]:
    kind = KINDS.get(message.kind)
    return message.facts | dict.fromkeys(kind.secrets, "") if kind else message.facts
