"""Mails as files, one each, where no mail server is set: for the demo and for trying things out."""

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone
from django.utils.text import slugify


class EmailBackend(BaseEmailBackend):
    """Writes `<time>_<subject>_<end of the Message-ID>.eml` into EMAIL_FILE_PATH; mail programs open it."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(parents=True, exist_ok=True)
        for email in email_messages:
            path = folder / file_name(email)
            # Written aside and renamed, so that nobody ever opens half a mail.
            aside = path.with_suffix(".part")
            # SMTP's line ends; Django's own messages know the argument.
            aside.write_bytes(email.message().as_bytes(linesep="\r\n"))  # type: ignore[call-arg]
            aside.rename(path)
        return len(email_messages)


def file_name(email: EmailMessage) -> str:
    """Return a name that sorts by time and tells the subject; the same mail sent again gets its own."""
    now = timezone.localtime(timezone.now())  # noqa: TID251 - a back end of Django's is given no time
    subject = slugify(email.subject.replace("ß", "ss"))[:60].strip("-") or "mail"
    mark = slugify(email.extra_headers.get("Message-ID", "").split("@")[0])[-8:]
    return f"{now:%Y-%m-%d_%H%M%S%f}_{subject}_{mark}.eml"
