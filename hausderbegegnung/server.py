"""The web server's configuration: `gunicorn --config python:hausderbegegnung.server`."""

import sys

from django.core.exceptions import ImproperlyConfigured
from gunicorn.config import Config
from gunicorn.glogging import Logger

from hausderbegegnung.operations.data_folder import write_privately
from hausderbegegnung.operations.logs import TokenHidingFormatter

try:
    from hausderbegegnung import settings
except ImproperlyConfigured as error:
    sys.exit(f"Error: {error}")


class ServerLogger(Logger):
    """gunicorn's own log; the addresses in it carry no tokens."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(TokenHidingFormatter(self.error_fmt, self.datefmt))


write_privately()
bind = f"{settings.HOST}:{settings.PORT}"
worker_class = "gthread"
workers = settings.WEB_PROCESSES
threads = settings.WEB_THREADS
timeout = 30
graceful_timeout = 10
# A request line may hold the link token of a booking, so no request is logged.
accesslog = None
errorlog = "-"
logger_class = ServerLogger
loglevel = settings.LOG_LEVEL.lower()
control_socket_disable = True
