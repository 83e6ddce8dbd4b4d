"""A rendered mail as it travels: headers, both texts and the calendar file."""

from email.mime.text import MIMEText

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from notifications.calendar_files import CalendarFile
from notifications.models import Message
from notifications.rendering import Mail


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
