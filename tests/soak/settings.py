"""The real settings, but for how long a mail whose worker could not note its end waits to be sent again."""

from datetime import timedelta

from hausderbegegnung.settings import *  # noqa: F403

MAIL_STUCK_AFTER = timedelta(minutes=1)
