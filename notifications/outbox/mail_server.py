"""Talking to the mail server, and telling answers that change with time from those that will not."""

import logging
import smtplib
from typing import Any, Self

from celery.exceptions import SoftTimeLimitExceeded
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend as DjangoEmailBackend

from notifications.models import Fault

logger = logging.getLogger(__name__)

# A server that breaks off, hangs, or drips so slowly that the time for one task is over.
BROKEN_OFF = (OSError, SoftTimeLimitExceeded)


class MailServerAwayError(Exception):
    """The mail may go out later; the text says what happened.

    `in_doubt` is True where the line broke when the server already had the text: it may have sent
    the mail.
    """

    def __init__(self, text: str, fault: Fault = Fault.AWAY, *, in_doubt: bool = False) -> None:
        super().__init__(text)
        self.fault = fault
        self.in_doubt = in_doubt


class MailRefusedError(Exception):
    """This mail will not go out however often it is tried. The text says why."""

    def __init__(self, text: str, fault: Fault) -> None:
        super().__init__(text)
        self.fault = fault


class WatchedSMTP(smtplib.SMTP):
    """Knows whether the server was given a text and has not yet said what it thinks of it."""

    awaits_verdict = False

    def data(self, msg: Any) -> Any:
        self.awaits_verdict = True
        answer = super().data(msg)
        self.awaits_verdict = False
        return answer


class WatchedSMTPOverTLS(WatchedSMTP, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


class EmailBackend(DjangoEmailBackend):
    """Django's, over connections that know whether a mail may be out although they broke."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return WatchedSMTPOverTLS if self.use_ssl else WatchedSMTP


class SmtpLine:
    """A line to the mail server, opened for the first mail and kept for the next ones."""

    def __init__(self) -> None:
        self._connection: BaseEmailBackend | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.hang_up()

    def hand_over(self, email: EmailMultiAlternatives) -> None:
        """Hand a mail to the mail server, or raise MailServerAwayError or MailRefusedError."""
        try:
            _send(self._open(), email)
        except MailServerAwayError:
            self.hang_up()
            raise

    def hang_up(self) -> None:
        """Say goodbye; the mails are with the server by now, and a farewell must not have one sent again."""
        connection, self._connection = self._connection, None
        try:
            if connection is not None:
                connection.close()
        except (smtplib.SMTPException, *BROKEN_OFF):
            logger.info("The mail server did not say goodbye.", exc_info=True)

    def _open(self) -> BaseEmailBackend:
        if self._connection is None:
            self._connection = get_connection()
        try:
            self._connection.open()
        except (smtplib.SMTPException, *BROKEN_OFF) as error:
            # Not even a greeting or a login: that says nothing about this mail.
            raise MailServerAwayError(_sentence(error)) from error
        return self._connection


def _send(connection: BaseEmailBackend, email: EmailMultiAlternatives) -> None:
    try:
        connection.send_messages([email])
    except smtplib.SMTPRecipientsRefused as error:
        answers = list(error.recipients.values())
        sentence = "; ".join(f"{code} {_text(answer)}" for code, answer in answers)
        if all(_is_transient(code) for code, _answer in answers):
            raise MailServerAwayError(sentence, Fault.BUSY) from error
        raise MailRefusedError(sentence, Fault.ADDRESS) from error
    except (smtplib.SMTPHeloError, smtplib.SMTPSenderRefused) as error:
        # It does not want mails of this house at all: the mail is not to blame.
        raise MailServerAwayError(_sentence(error)) from error
    except smtplib.SMTPResponseException as error:
        if _is_transient(error.smtp_code):
            raise MailServerAwayError(_sentence(error), Fault.BUSY) from error
        raise MailRefusedError(_sentence(error), Fault.REFUSED) from error
    except (smtplib.SMTPNotSupportedError, ValueError) as error:
        # An address the server cannot write, or a header with a line break.
        raise MailRefusedError(_sentence(error), Fault.ADDRESS) from error
    except BROKEN_OFF as error:
        # SMTPServerDisconnected is one of these, and so are time-outs.
        line = getattr(connection, "connection", None)
        in_doubt = getattr(line, "awaits_verdict", False)
        raise MailServerAwayError(_sentence(error), in_doubt=in_doubt) from error


def _is_transient(code: int) -> bool:
    return 400 <= code < 500


def _sentence(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return f"{type(error).__name__}: {error}"


def _text(answer: bytes | str) -> str:
    return answer.decode(errors="replace") if isinstance(answer, bytes) else answer
