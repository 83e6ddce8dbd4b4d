"""What runs regularly: the entries of Celery's beat.

What was done when stands in the database (`hausderbegegnung.operations.task_claims`), so beat remembers
nothing, may run twice, and asks for daily work every hour.
"""

from typing import Any

from celery.schedules import schedule

HOUR = 3600


def beat_schedule(*, sweep_seconds: int, plan_seconds: int) -> dict[str, dict[str, Any]]:
    """Return the value of CELERY_BEAT_SCHEDULE: the name of each entry with its task and how often it runs.

    The outbox is swept every `sweep_seconds`, mails by the clock are planned every `plan_seconds`.
    """
    return {
        "sweep-outbox": _every(sweep_seconds, "notifications.sweep_outbox"),
        "erase-old-mails": _every(HOUR, "notifications.erase_old_mails"),
        "plan-mails": _every(plan_seconds, "notifications.plan_mails"),
        "load-coming-holidays": _every(HOUR, "bookings.load_coming_holidays"),
        "back-up": _every(HOUR, "hausderbegegnung.back_up"),
        "forget-sessions": _every(HOUR, "hausderbegegnung.forget_sessions"),
        "remove-unused-pictures": _every(HOUR, "hausderbegegnung.remove_unused_pictures"),
        "forget-logins": _every(HOUR, "hausderbegegnung.forget_logins"),
    }


def _every(seconds: int, task: str) -> dict[str, Any]:
    # What no worker took in time is of no use and must not pile up.
    return {"task": task, "schedule": schedule(seconds), "options": {"expires": seconds}}
