"""A rendered mail as it travels: headers, both texts and the calendar file."""

from email.header import Header
from email.message import Message as Headers
from email.mime.text import MIMEText
from email.utils import formataddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from notifications.calendars.files import CalendarFile
from notifications.models import Message
from notifications.wording.rendering import Mail, one_line


class Email(EmailMultiAlternatives):
    """Django's, whose subject begins on the line of its name.

    Django cuts a long subject as if the line were its own. Beside `Subject: ` the first part does not fit
    then, and moves down: the line stays empty, and mail programs show the subject with a blank before it.
    """

    def message(self) -> Headers:  # type: ignore[override]
        # Refuses a subject of several lines; what is folded here is one.
        message = super().message()
        message.replace_header("Subject", Header(str(self.subject), header_name="Subject").encode())
        return message


def email_of(message: Message, mail: Mail, *, decline_url: str = "") -> EmailMultiAlternatives:
    """Return the mail with its headers, both texts and the calendar file.

    `decline_url` is the page on which the recipient may decline this kind of mail, empty where
    nobody can. It opens with GET and declines with the one-click POST of RFC 8058.
    """
    email = Email(
        subject=mail.subject,
        body=mail.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.recipient],
        reply_to=[reply_address(message)],
        headers={
            "Message-ID": message.message_id,
            "Auto-Submitted": "auto-generated",
            # Exchange looks at this one only, before it answers that somebody is on holiday.
            "X-Auto-Response-Suppress": "OOF, AutoReply",
            "Content-Language": message.language,
            **decline_headers(decline_url),
        },
    )
    email.attach_alternative(mail.html, "text/html")
    if mail.calendar is not None:
        email.attach(calendar_part(mail.calendar))
    return email


def reply_address(message: Message) -> str:
    """Return the mailbox of the house the mail is about; of the installation where there is none."""
    house = message.facts.get("house") or {}
    if house.get("email"):
        return formataddr((one_line(house.get("name", "")), house["email"]))
    return settings.REPLY_TO_EMAIL


def decline_headers(url: str) -> dict[str, str]:
    """Return what lets a mail program show "unsubscribe" beside the mail (RFC 2369, RFC 8058)."""
    if not url:
        return {}
    headers = {"List-Unsubscribe": f"<{url}>"}
    if url.startswith("https:"):
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def calendar_part(calendar: CalendarFile) -> MIMEText:
    """Return the calendar file as a part that mail programs offer to enter into the calendar."""
    part = MIMEText(calendar.content.decode(), "calendar", "utf-8")
    part.set_param("method", calendar.method)
    part.add_header("Content-Disposition", "attachment", filename=calendar.name)
    return part
