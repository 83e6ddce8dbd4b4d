"""No log holds a token that opens a booking or logs somebody in, whatever becomes of the request."""

import logging
import sqlite3
import subprocess
import sys
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from gunicorn.config import Config

from bookings.access.tokens import date_path, status_path
from hausderbegegnung.accounts.links import make_login_link
from hausderbegegnung.operations.logs import SafeFormatter, address_in_log
from hausderbegegnung.server import ServerLogger
from notifications.preferences import decline_path
from notifications.recipients import person_of
from notifications.wording.catalogue import KINDS
from tests.factories import DAY, berlin, make_booking, make_house, make_room, make_user

# They open nothing.
TOKEN = "0123456789abcdef0123456789abcdef"
SIGNED = "reminder.0123456789abcdef:UvfUAI9zC01NzUvfUAI9zC01NzUvfUAI9zC01NzUvfU"
LOGIN = "eyJ1c2VyIjoxLCJzZWVuIjoiIn0:1wTzQp:q4jKx2mUvfUAI9zC01NzUvfUAI9zC01NzUvfUAI9zC0"
UID = "803ac8d2-d596-48d5-90e7-8615dce46ed3"
DEFAULT = "%(asctime)s %(levelname)s %(name)s %(message)s"


@pytest.mark.parametrize(
    ("address", "logged"),
    [
        (f"/anfragen/HdB-2027-0001/{TOKEN}/", "/anfragen/HdB-2027-0001/…/"),
        (f"/anfragen/HdB-2027-0001/{TOKEN}/aendern/?x={TOKEN}", "/anfragen/HdB-2027-0001/…/aendern/"),
        (f"/termin/{UID}/{TOKEN}/", f"/termin/{UID}/…/"),
        (f"/mails/abbestellen/{SIGNED}/", "/mails/abbestellen/…/"),
        (f"/konto/anmelden/link/{LOGIN}/", "/konto/anmelden/link/…/"),
        ("/eingang/HdB-2027-0001/?grund=krank", "/eingang/HdB-2027-0001/"),
        ("/raeume/saal-a/", "/raeume/saal-a/"),
        ("/tag/2027-04-20/", "/tag/2027-04-20/"),
        ("/postausgang/17/", "/postausgang/17/"),
        ("/api/v1/bookings/HdB-2027-0001/", "/api/v1/bookings/HdB-2027-0001/"),
        ("/", "/"),
        # No pages, however near to one: nothing is known of them.
        (f"/anfragen/HdB-2027-0001/{TOKEN}", "/…"),
        (f"/anfragen/HdB-2027-0001/{TOKEN}/nichts/", "/…"),
        (f"/termin/{TOKEN}/", "/…"),
        (f"/{TOKEN}", "/…"),
        # Something else in the place of what is known.
        (f"/anfragen/{TOKEN[:20]}/", "/anfragen/…/"),
        (f"/media/{TOKEN[:20]}.jpg", "/media/…"),
        # As it came, not decoded yet.
        (f"/anfragen/HdB%2D2027-0001/{TOKEN[:16]}%30/", "/anfragen/HdB-2027-0001/…/"),
        ("", "/…"),
    ],
)
def test_of_an_address_is_written_what_is_known_to_be_no_secret(address: str, logged: str) -> None:
    assert address_in_log(address) == logged


def formatted(*records: logging.LogRecord) -> str:
    """What the console handler of the settings makes of what was logged."""
    plain = {**settings.LOGGING["formatters"]["plain"]}
    assert plain.pop("()") == "hausderbegegnung.operations.logs.SafeFormatter"
    return "\n".join(SafeFormatter(plain["fmt"]).format(record) for record in records)


def record(name: str, level: int, message: str, *args: Any, **options: Any) -> logging.LogRecord:
    return logging.LogRecord(name, level, "", 0, message, args, options.get("exc_info"))


@pytest.mark.parametrize("tail", ["", "nichts/", "../x", "%0A", "?a=b", "/", "."])
def test_no_answer_leaves_a_token_in_the_log(db: None, caplog: Any, tail: str) -> None:
    booking = make_booking([make_room(make_house())], berlin(DAY, "16:00"))
    addresses = [
        status_path(booking),
        date_path(booking, booking.slots.get().uid),
        decline_path(KINDS["reminder"], person_of("maria@example.org")),
        make_login_link(make_user()).removeprefix("http://testserver"),
    ]
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    tokens = [address.strip("/").split("/")[-1] for address in addresses]
    with caplog.at_level(logging.DEBUG):
        for address in addresses:
            for path in (address + tail, address.rstrip("/") + tail, address.replace("/", "/x/", 2) + tail):
                for method in ["GET", "POST", "PUT", "DELETE"]:
                    client.generic(method, path, HTTP_REFERER=f"http://testserver{address}")
    log = formatted(*caplog.records)
    secrets = [part for token in tokens for part in token.split(":") if len(part) > 20]
    assert [secret for secret in secrets if secret in log or secret[:12] in log] == []
    assert log.count("django.request") >= 4


def test_a_form_from_another_place_is_logged_without_that_place(
    client: Client, caplog: Any, db: None
) -> None:
    make_house()
    forged = Client(enforce_csrf_checks=True, HTTP_ORIGIN="https://example.org", HTTP_HOST="testserver")
    forged.post(f"/anfragen/HdB-2027-0001/{TOKEN}/neuer-link/")
    [line] = formatted(
        *[found for found in caplog.records if found.name == "django.security.csrf"]
    ).splitlines()
    assert line.endswith(
        "Forbidden (Origin checking failed - https://example.org does not match any trusted origins.): "
        "/anfragen/HdB-2027-0001/…/neuer-link/"
    )


def test_a_traceback_holds_no_token() -> None:
    try:
        reverse("booking_status", args=["HdB/2027", TOKEN])
    except Exception:  # noqa: BLE001 - whatever it is, it names the token
        failed = record(
            "django.request", logging.ERROR, "Internal Server Error: %s", "/x/", exc_info=sys.exc_info()
        )
    assert TOKEN in str(failed.exc_info)
    log = formatted(failed)
    assert ("NoReverseMatch" in log, TOKEN in log) == (True, False)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        (f"GET /termin/{UID}/{TOKEN}/ HTTP/1.1", f'"GET /termin/{UID}/…/ HTTP/1.1" 404 17'),
        (f"GET /anfragen/HdB-2027-0001/{TOKEN} HTTP/1.1", '"GET /… HTTP/1.1" 404 17'),
        (f"GET /?next=/termin/{UID}/{TOKEN}/ HTTP/1.1", '"GET / HTTP/1.1" 404 17'),
    ],
)
def test_the_server_for_working_logs_no_token(line: str, kept: str) -> None:
    log = formatted(record("django.server", logging.WARNING, '"%s" %s %s', line, "404", "17"))
    assert log.endswith(f"WARNING django.server {kept}")


def test_a_refused_request_is_one_line(db: None, client: Client, caplog: Any) -> None:
    client.force_login(make_user())
    with caplog.at_level(logging.WARNING, logger="django.request"):
        assert client.get("/admin/login/").status_code == 403
    [line] = formatted(*caplog.records).splitlines()
    assert line.endswith("WARNING django.request Forbidden (Permission denied): /admin/login/")


def failed_request(error: Exception) -> str:
    """What the log says of a request that ended with the error."""
    try:
        raise error
    except type(error):
        options = {"exc_info": sys.exc_info()}
        return formatted(
            record("django.request", logging.ERROR, "Service Unavailable: %s", "/tag/", **options)
        )


def test_a_request_without_a_connection_to_postgresql_is_one_line() -> None:
    error = OperationalError("connection failed: Connection refused\nIs the server running?")
    error.__cause__ = psycopg.OperationalError()
    [line] = failed_request(error).splitlines()
    assert line.endswith("Service Unavailable: /tag/ (connection failed: Connection refused)")


def test_what_a_database_refuses_keeps_its_traceback() -> None:
    for cause in [psycopg.errors.QueryCanceled(), sqlite3.OperationalError("database is locked")]:
        error = OperationalError("refused")
        error.__cause__ = cause
        assert "Traceback" in failed_request(error)


def test_pseudonyms_of_security_events_can_be_found() -> None:
    told = record("security", logging.WARNING, "%s", f"login_code_wrong visitor={TOKEN}")
    assert formatted(told).endswith(f"WARNING security login_code_wrong visitor={TOKEN}")


# gunicorn ----------------------------------------------------------------------------------------


def server_logger() -> ServerLogger:
    """gunicorn's logger, writing to what is standard error by now."""
    config = Config()
    config.set("logger_class", ServerLogger)
    return config.logger_class(config)


@pytest.mark.parametrize(
    ("message", "args", "kept"),
    [
        (
            "Error handling request %s %s",
            ("GET", f"/anfragen/HdB-2027-0001/{TOKEN}/?x={TOKEN}"),
            "Error handling request GET /anfragen/HdB-2027-0001/…/",
        ),
        (
            f"Invalid request from ip=127.0.0.1: Invalid HTTP request line: 'GET /termin/{TOKEN[:9]} x'",
            (),
            "Invalid request from ip=127.0.0.1: Invalid HTTP request line: …",
        ),
        (
            f"Invalid request from ip=127.0.0.1: Invalid HTTP Header: b'Cookie sessionid={TOKEN[:20]}'",
            (),
            "Invalid request from ip=127.0.0.1: Invalid HTTP Header: …",
        ),
    ],
)
def test_gunicorn_logs_no_token(capsys: Any, message: str, args: tuple[str, ...], kept: str) -> None:
    server_logger().warning(message, *args)
    assert capsys.readouterr().err.endswith(f"[WARNING] {kept}\n")


def test_gunicorn_says_where_it_listens(capsys: Any) -> None:
    server_logger().info("Listening at: %s (%s)", "unix:/run/haus.sock", 7)
    assert capsys.readouterr().err.endswith("[INFO] Listening at: unix:/run/haus.sock (7)\n")


def test_an_access_log_that_somebody_asks_for_holds_no_token() -> None:
    class Answer:
        status, sent, headers = "404 Not Found", 17, [("Location", f"/termin/{UID}/{TOKEN}/")]

    environ = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": f"/termin/{UID}/{TOKEN}/?x={TOKEN}",
        "PATH_INFO": f"/termin/{UID}/{TOKEN}/",
        "QUERY_STRING": f"x={TOKEN}",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_REFERER": f"https://haus.example.org/termin/{UID}/{TOKEN}/",
        "HTTP_COOKIE": f"sessionid={TOKEN}",
    }
    headers = [("REFERER", environ["HTTP_REFERER"]), ("COOKIE", environ["HTTP_COOKIE"])]
    atoms = server_logger().atoms(Answer(), headers, environ, timedelta(seconds=1))
    assert (atoms["r"], atoms["s"], atoms["U"]) == (
        f"GET /termin/{UID}/…/ HTTP/1.1",
        "404",
        f"/termin/{UID}/…/",
    )
    assert TOKEN not in str(atoms)


# All there is ------------------------------------------------------------------------------------

ALL_HANDLERS = """
import django, logging
django.setup()
from hausderbegegnung.celery import app
app.log.setup(loglevel="INFO")
from gunicorn.config import Config
from hausderbegegnung.server import ServerLogger
Config.set(config := Config(), "logger_class", ServerLogger)
config.logger_class(config)
loggers = [logging.root, *map(logging.getLogger, list(logging.root.manager.loggerDict))]
handlers = {handler for logger in loggers for handler in logger.handlers}
print({type(handler.formatter).__name__ for handler in handlers if type(handler) is not logging.NullHandler})
"""


def test_whoever_writes_a_log_writes_it_safely() -> None:
    """Django and Celery bring handlers of their own, which mail reports or write addresses as they are."""
    done = subprocess.run([sys.executable, "-c", ALL_HANDLERS], capture_output=True, text=True, check=True)
    assert done.stdout == "{'SafeFormatter'}\n"
