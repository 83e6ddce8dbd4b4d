"""Bringing one message out: claim it, render it, talk SMTP, record what became of it.

At least once, never lost: the claim is committed before the mail server is spoken to, and the
result after it. If a worker dies in between, the sweep has the message sent again under the same
Message-ID, which mail programs recognise, and counts it.
"""

import logging
import random
import smtplib
from datetime import datetime, timedelta
from email.mime.text import MIMEText

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F

from notifications.calendar_files import CalendarFile
from notifications.catalogue import KINDS
from notifications.models import Message, MessageState
from notifications.outbox import COPY
from notifications.rendering import Mail, render

logger = logging.getLogger(__name__)

FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=1)
# About three days with the delays above: a mail server that is away for a weekend only delays.
MOST_ATTEMPTS = 80
STUCK_AFTER = timedelta(minutes=10)
# Each takeover may be a second copy in somebody's mailbox.
MOST_TAKEOVERS = 5


class MailServerAwayError(Exception):
    """Nothing is wrong with the mail; it may go out later. The text says what happened."""


class MailRefusedError(Exception):
    """This mail will not go out however often it is tried. The text says why."""


class MailOutdatedError(Exception):
    """What the mail says is no longer so, and nobody wants to read it."""


def deliver(*, message_id: int, now: datetime) -> None:
    """Send the message if it is due and nobody else is at it; records the result, raises nothing of it.

    Safe to call any number of times, from any number of workers.
    """
    message = claim(message_id=message_id, now=now)
    if message is None:
        return
    try:
        mail, shown = rendered(message, now)
        send(message, mail)
    except MailServerAwayError as error:
        _put_back(message, reason=str(error), now=now)
    except MailRefusedError as error:
        _give_up(message, reason=str(error))
    except MailOutdatedError:
        _drop(message)
    else:
        _record_sent(message, shown, now=now)


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
        raise MailRefusedError(f"There is no kind of mail called {message.kind!r}.")
    if kind.useful_for is not None and now > message.created_at + kind.useful_for:
        raise MailRefusedError("It could not be sent while it was of use.")
    # What staff send once more, they send as it was.
    if kind.holds is not None and COPY not in message.dedupe_key and not kind.holds(message, now):
        raise MailOutdatedError
    try:
        return render(message), render(message, hide_secrets=True)
    except Exception as error:
        logger.exception("Message %s could not be rendered.", message.pk)
        raise MailRefusedError(f"The text could not be made: {type(error).__name__}: {error}") from error


def send(message: Message, mail: Mail) -> None:
    """Hand the mail to the mail server, or raise MailServerAwayError or MailRefusedError."""
    if not message.recipient:
        raise MailRefusedError("There is no address.")
    connection = get_connection()
    try:
        try:
            connection.open()
        except (OSError, smtplib.SMTPException) as error:
            # Not even a greeting or a login: that says nothing about this mail.
            raise MailServerAwayError(_sentence(error)) from error
        _hand_over(connection, email_of(message, mail))
    finally:
        _close_quietly(connection)


def _hand_over(connection: BaseEmailBackend, email: EmailMultiAlternatives) -> None:
    """Send over an open connection; tell answers that will change with time from those that will not."""
    try:
        connection.send_messages([email])
    except smtplib.SMTPRecipientsRefused as error:
        answers = list(error.recipients.values())
        sentence = "; ".join(f"{code} {_text(answer)}" for code, answer in answers)
        if all(_is_transient(code) for code, _answer in answers):
            raise MailServerAwayError(sentence) from error
        raise MailRefusedError(sentence) from error
    except smtplib.SMTPResponseException as error:
        if _is_transient(error.smtp_code):
            raise MailServerAwayError(_sentence(error)) from error
        raise MailRefusedError(_sentence(error)) from error
    except (smtplib.SMTPNotSupportedError, ValueError) as error:
        # An address the server cannot write, or a header with a line break.
        raise MailRefusedError(_sentence(error)) from error
    except OSError as error:
        # SMTPServerDisconnected is one of these, and so are time-outs.
        raise MailServerAwayError(_sentence(error)) from error


def email_of(message: Message, mail: Mail) -> EmailMultiAlternatives:
    """Return the mail with its headers, both texts and the calendar file."""
    email = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.recipient],
        reply_to=[settings.REPLY_TO_EMAIL],
        headers={
            "Message-ID": message.message_id,
            "Auto-Submitted": "auto-generated",
            "Content-Language": message.language,
        },
    )
    email.attach_alternative(mail.html, "text/html")
    if mail.calendar is not None:
        email.attach(calendar_part(mail.calendar))
    return email


def calendar_part(calendar: CalendarFile) -> MIMEText:
    """Return the calendar file as a part that mail programs offer to enter into the calendar."""
    part = MIMEText(calendar.content.decode(), "calendar", "utf-8")
    part.set_param("method", calendar.method)
    part.add_header("Content-Disposition", "attachment", filename=calendar.name)
    return part


def retry_delay(attempts: int) -> timedelta:
    """Return how long to wait after `attempts` failures: doubling, with jitter against herds."""
    delay = min(FIRST_RETRY * 2 ** min(attempts - 1, 10), LONGEST_RETRY)
    return delay * random.uniform(0.8, 1.2)  # noqa: S311 - no secret depends on it


def free_stuck(*, now: datetime) -> int:
    """Put messages back whose worker died while sending, and count that on each; return how many.

    A message that saw several workers die is given up: it may be what kills them.
    """
    stuck = Message.objects.filter(state=MessageState.SENDING, claimed_at__lt=now - STUCK_AFTER)
    stuck.filter(takeovers__gte=MOST_TAKEOVERS).update(
        state=MessageState.FAILED, last_error="Workers died again and again while sending it."
    )
    freed = stuck.update(state=MessageState.PENDING, not_before=now, takeovers=F("takeovers") + 1)
    if freed:
        logger.warning("%s messages are sent again because their worker died.", freed)
    return freed


def _put_back(message: Message, *, reason: str, now: datetime) -> None:
    if message.attempts >= MOST_ATTEMPTS:
        _give_up(message, reason=f"Given up after {message.attempts} attempts: {reason}")
        return
    logger.warning("Message %s is tried again later: %s", message.pk, reason)
    _finish(
        message,
        state=MessageState.PENDING,
        not_before=now + retry_delay(message.attempts),
        last_error=reason,
    )


def _give_up(message: Message, *, reason: str) -> None:
    logger.error("Message %s was not sent: %s", message.pk, reason)
    _finish(message, state=MessageState.FAILED, last_error=reason, facts=_without_secrets(message))


def _drop(message: Message) -> None:
    """Keep the row for the log; without its key, so that what is left to tell can be planned anew."""
    _finish(
        message,
        state=MessageState.DROPPED,
        last_error="What it says was no longer so.",
        dedupe_key=f"{message.dedupe_key}:dropped:{message.pk}",
    )


def _record_sent(message: Message, shown: Mail, *, now: datetime) -> None:
    _finish(
        message,
        state=MessageState.SENT,
        sent_at=now,
        last_error="",
        subject=shown.subject[:250],
        body=shown.text,
        html=shown.html,
        facts=_without_secrets(message),
    )


def _finish(message: Message, **values: object) -> None:
    """Write the result, unless the message was taken over by another worker in the meantime."""
    Message.objects.filter(
        pk=message.pk, state=MessageState.SENDING, claimed_at=message.claimed_at, attempts=message.attempts
    ).update(**values)


def _without_secrets(message: Message) -> dict[str, object]:
    kind = KINDS.get(message.kind)
    return message.facts | dict.fromkeys(kind.secrets, "") if kind else message.facts


def _is_transient(code: int) -> bool:
    return 400 <= code < 500


def _sentence(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return f"{type(error).__name__}: {error}"


def _text(answer: bytes | str) -> str:
    return answer.decode(errors="replace") if isinstance(answer, bytes) else answer


def _close_quietly(connection: BaseEmailBackend) -> None:
    """The mail is with the server by now; a farewell that fails must not have it sent again."""
    try:
        connection.close()
    except (OSError, smtplib.SMTPException):
        logger.info("The mail server did not say goodbye.", exc_info=True)
