"""The web server's configuration: `gunicorn --config python:hausderbegegnung.server`."""

import gc
import sys
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from gunicorn.config import Config
from gunicorn.glogging import Logger

from hausderbegegnung.operations.data_folder import write_privately
from hausderbegegnung.operations.logs import SafeFormatter, address_in_log

try:
    from hausderbegegnung import settings
except ImproperlyConfigured as error:
    sys.exit(f"Error: {error}")


class ServerLogger(Logger):
    """gunicorn's own log, without secrets; that of all requests as well, should somebody ask for one."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(SafeFormatter(self.error_fmt, self.datefmt))

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> dict[str, Any]:
        """Return what a format of the access log may name: neither queries, headers nor the whole address."""
        known = super().atoms(resp, req, environ, request_time)
        address = address_in_log(environ["RAW_URI"])
        request = f"{environ['REQUEST_METHOD']} {address} {environ['SERVER_PROTOCOL']}"
        return {name: known[name] for name in "htsmHbBaTDMLp"} | {"r": request, "U": address}


def when_ready(server: Any) -> None:
    """Its processes share the memory of what is loaded as long as nobody looks through it."""
    gc.collect()
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """Whoever answers people does not wait for the database as long as a task does."""
    settings.DATABASES["default"]["STATEMENT_SECONDS"] = settings.WEB_STATEMENT_SECONDS


write_privately()
bind = f"{settings.HOST}:{settings.PORT}"
worker_class = "gthread"
preload_app = True
workers = settings.WEB_PROCESSES
threads = settings.WEB_THREADS
timeout = 30
# The supervisor kills after ten seconds, and the workers that do not end have to be ended before.
graceful_timeout = 7
# Requests are logged by the proxy in front, or by --access-logfile.
accesslog = None
errorlog = "-"
logger_class = ServerLogger
loglevel = settings.LOG_LEVEL.lower()
control_socket_disable = True
