"""The Celery application; its settings are the CELERY_* names in settings.py."""

import os
import sys
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_ready
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hausderbegegnung.settings")

app = Celery("hausderbegegnung")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect(dispatch_uid="hausderbegegnung.refuse_unguarded_database")
def refuse_unguarded_database(**kwargs: Any) -> None:
    """A worker does not start on a database that would let two bookings overlap."""
    from bookings.guard import require_guard  # noqa: PLC0415 - Django imports this module before it is set up

    try:
        require_guard()
    except ImproperlyConfigured as error:
        sys.exit(f"Error: {error}")


@worker_ready.connect(dispatch_uid="hausderbegegnung.first_heartbeat")
def first_heartbeat(**kwargs: Any) -> None:
    """A worker that is ready says so at once, without waiting for beat."""
    from notifications import heartbeat  # noqa: PLC0415 - Django imports this module before it is set up

    heartbeat.beat(now=timezone.now())
