"""The real settings with waits of seconds instead of minutes, for processes that a test waits for."""

from datetime import timedelta

from celery.schedules import schedule

from hausderbegegnung.settings import *  # noqa: F403
from hausderbegegnung.settings import CELERY_BEAT_SCHEDULE

MAIL_FIRST_RETRY, MAIL_LONGEST_RETRY = timedelta(seconds=0.5), timedelta(seconds=2)
# Longer than a task may take.
MAIL_STUCK_AFTER = timedelta(seconds=10)
MAIL_SWEEP_SECONDS = 2
CELERY_BEAT_SCHEDULE["sweep-outbox"] |= {"schedule": schedule(MAIL_SWEEP_SECONDS)}
CELERY_TASK_ANNOTATIONS = {
    f"notifications.{name}": {"soft_time_limit": 6, "time_limit": 8}
    for name in ["send_message", "send_waiting"]
}
