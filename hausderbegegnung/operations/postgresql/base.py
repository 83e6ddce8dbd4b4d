"""PostgreSQL as Django speaks to it, and an end of waiting for whoever answers people."""

from functools import partial
from typing import Any

from django.db.backends.postgresql import base

# A server that hangs cannot say that its time is over; it gets so many seconds to do it.
SECONDS_TO_REFUSE = 1


class DatabaseWrapper(base.DatabaseWrapper):
    """With `STATEMENT_SECONDS` among the settings of the database no statement takes longer.

    A server that lives ends the statement, and with it what waits for a lock. One that hangs keeps its
    connections, and the kernel goes on taking for it what is sent; so the client gives up by itself. Either
    is an OperationalError. Read at each new connection, whichever thread opens it.
    """

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        seconds = self.settings_dict.get("STATEMENT_SECONDS")
        if seconds is None:
            return super().get_new_connection(conn_params)
        options = f"-c statement_timeout={int(seconds * 1000)} {conn_params.get('options', '')}"
        connection = super().get_new_connection({**conn_params, "options": options})
        connection.wait = partial(connection.wait, timeout=seconds + SECONDS_TO_REFUSE)
        return connection
