"""What staff should know of the processes of the house, in their language."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hausderbegegnung.operations.broker import unreadable_messages
from hausderbegegnung.operations.restarts import recent_restarts


def operation_notices(*, now: datetime) -> list[str]:
    """Return a sentence for each thing out of the ordinary in the last 24 hours; no query."""
    names = [restart.name for restart in recent_restarts(now=now)]
    web, background = names.count("web"), len(names) - names.count("web")
    notices = []
    if web:
        notices.append(
            ngettext(
                "The web server was restarted once in the last 24 hours.",
                "The web server was restarted %(number)d times in the last 24 hours.",
                web,
            )
            % {"number": web}
        )
    if background:
        notices.append(
            ngettext(
                "The background service was restarted once in the last 24 hours.",
                "The background service was restarted %(number)d times in the last 24 hours.",
                background,
            )
            % {"number": background}
        )
    if unreadable := unreadable_messages():
        notices.append(
            ngettext(
                "The background service put aside one task that it could not read.",
                "The background service put aside %(number)d tasks that it could not read.",
                unreadable,
            )
            % {"number": unreadable}
        )
    if notices:
        notices.append(_("No mail is lost. If this goes on, please tell whoever runs the software."))
    return notices
