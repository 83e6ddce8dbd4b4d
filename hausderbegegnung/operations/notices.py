"""What staff should know of the processes of the house, in their language."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hausderbegegnung.operations.backup.nightly import is_too_old
from hausderbegegnung.operations.broker import unreadable_messages
from hausderbegegnung.operations.heartbeat import BACKUP, last_beat
from hausderbegegnung.operations.restarts import recent_restarts
from rooms.formats import format_moment


def operation_notices(*, now: datetime) -> list[str]:
    """Return sentences for what is out of the ordinary; one query where backups are made at night."""
    return [*_restarts(now), *_backup(now)]


def _backup(now: datetime) -> list[str]:
    if not settings.BACKUP_DIR:
        return []
    last = last_beat(BACKUP, now=now)
    if last is None:
        notice = _("There is no backup of this house yet.")
    elif is_too_old(last, now=now):
        notice = _("The last backup is too old: %(when)s.") % {
            "when": format_moment(last, zone=timezone.get_default_timezone())
        }
    else:
        return []
    return [notice, _("Please tell whoever runs the software.")]


def _restarts(now: datetime) -> list[str]:
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
