"""Small parts of the outbox pages, and the mails about a booking on a page of its own: `{% load outbox %}`.

`{% mails_about booking as mails %}` gives what the parts `staff/_undelivered.html` and
`staff/_mails_about.html` show.
"""

from datetime import datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from lucide.templatetags.lucide import lucide

from notifications.models import FailingAddress, Message, MessageState
from notifications.outbox import lookups
from notifications.outbox.failing_addresses import find_failing_address
from notifications.wording.catalogue import kind_label
from rooms.formats import format_moment

register = template.Library()

register.simple_tag(lookups.mails_about)
register.filter(kind_label)

STATE_ICONS = {
    MessageState.PENDING: "clock",
    MessageState.SENDING: "send",
    MessageState.SENT: "circle-check",
    MessageState.FAILED: "circle-alert",
    MessageState.DROPPED: "circle-minus",
    MessageState.BUNDLED: "layers",
}


@register.simple_tag
def recipient_of(message: Message) -> SafeString:
    """Who the mail went to, or that this is not kept any more."""
    if message.recipient:
        return format_html("{}", message.recipient)
    return format_html('<span class="soft">{}</span>', gettext("erased"))


@register.filter
def moment(instant: datetime) -> str:
    """Day and time: `Di., 25.04.2017, 16:00 Uhr`."""
    return format_moment(instant)


@register.filter
def failing_address(address: str) -> FailingAddress | None:
    """The mark of an address to which mails keep failing, None where they get through."""
    return find_failing_address(address)


@register.simple_tag
def state_badge(state: str) -> SafeString:
    """What became of a message, as icon and word."""
    drawing = lucide(STATE_ICONS[MessageState(state)], size=16, **{"class": "icon", "aria-hidden": "true"})
    return format_html(
        '<span class="badge badge--{}">{} {}</span>', state, drawing, MessageState(state).label
    )
