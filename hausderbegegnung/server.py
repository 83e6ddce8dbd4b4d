"""The web server's configuration: `gunicorn --config python:hausderbegegnung.server`."""

import sys

from django.core.exceptions import ImproperlyConfigured

try:
    from hausderbegegnung import settings
except ImproperlyConfigured as error:
    sys.exit(f"Error: {error}")

bind = f"{settings.HOST}:{settings.PORT}"
worker_class = "gthread"
workers = settings.WEB_PROCESSES
threads = settings.WEB_THREADS
timeout = 30
graceful_timeout = 10
# A request line may hold the link token of a booking, so no request is logged.
accesslog = None
errorlog = "-"
loglevel = settings.LOG_LEVEL.lower()
control_socket_disable = True
