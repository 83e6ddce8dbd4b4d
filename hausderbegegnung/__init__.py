"""Composition: settings, URLs, the Celery application, the user model and house-wide pages."""

from hausderbegegnung.celery import app as celery_app

__all__ = ["celery_app"]
