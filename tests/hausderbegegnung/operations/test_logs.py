"""No log holds a token that opens a booking or logs somebody in."""

import logging
import sys

import pytest
from django.test import Client
from gunicorn.config import Config

from bookings.access.tokens import status_path, status_token
from hausderbegegnung.accounts.links import make_login_link
from hausderbegegnung.operations.logs import TokenHidingFormatter, without_tokens
from hausderbegegnung.server import ServerLogger
from tests.factories import DAY, berlin, make_booking, make_house, make_room, make_user

# It opens nothing.
TOKEN = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("logged", "kept"),
    [
        (f"Not Found: /anfragen/HdB-27-1/{TOKEN}/", "Not Found: /anfragen/HdB-27-1/…/"),
        (
            f"Conflict: /anfragen/HdB-27-1/{TOKEN}/zurueckgeben/",
            "Conflict: /anfragen/HdB-27-1/…/zurueckgeben/",
        ),
        (f"GET /?next=%2Fanfragen%2FHdB-27-1%2F{TOKEN}%2F", "GET /?next=%2Fanfragen%2FHdB-27-1%2F…%2F"),
        ("Forbidden: /konto/anmelden/link/eyJ1-c2V:1xY_:aB-c/", "Forbidden: /konto/anmelden/link/…/"),
        ("path '/konto/anmelden/link/eyJ1-c2V:1xY_:aB-c' is wrong", "path '/konto/anmelden/link/…' is wrong"),
        (f"Not Found: /api/v1/?token=hdb_{TOKEN}abcdefghijkl", "Not Found: /api/v1/?token=hdb_…"),
        ("Not Found: /anfragen/HdB-27-1/zurueckgeben/", "Not Found: /anfragen/HdB-27-1/zurueckgeben/"),
        ("Not Found: /konto/anmelden/code/", "Not Found: /konto/anmelden/code/"),
    ],
)
def test_a_token_is_left_out_and_nothing_else(logged: str, kept: str) -> None:
    assert without_tokens(logged) == kept


def formatted(records: list[logging.LogRecord], settings) -> str:
    """What the console handler of the settings makes of what was logged."""
    plain = {**settings.LOGGING["formatters"]["plain"]}
    assert plain.pop("()") == "hausderbegegnung.operations.logs.TokenHidingFormatter"
    formatter = TokenHidingFormatter(plain["fmt"])
    return "\n".join(formatter.format(record) for record in records)


def test_refused_requests_are_logged_without_their_tokens(db, client: Client, caplog, settings) -> None:
    booking = make_booking([make_room(make_house())], berlin(DAY, "16:00"))
    login_link = make_login_link(make_user()).removeprefix("http://testserver")
    with caplog.at_level(logging.WARNING, logger="django.request"):
        client.put(status_path(booking))
        client.get(f"{status_path(booking)}nichts/")
        client.put(login_link)
        client.get(f"{login_link}nichts/")
    log = formatted(caplog.records, settings)
    assert log.count("…") == len(caplog.records) >= 3
    assert status_token(booking) not in log
    assert login_link.split("/")[-2] not in log


def test_a_traceback_holds_no_token(settings) -> None:
    try:
        raise ValueError(f"/anfragen/HdB-2027-0001/{TOKEN}/")
    except ValueError:
        record = logging.LogRecord("django.request", logging.ERROR, "", 0, "Error", (), sys.exc_info())
    assert TOKEN not in formatted([record], settings)


def test_the_server_logs_failed_requests_without_their_tokens(capsys) -> None:
    config = Config()
    config.set("logger_class", ServerLogger)
    logger = config.logger_class(config)
    logger.error("Error handling request %s", f"/anfragen/HdB-2027-0001/{TOKEN}/")
    assert capsys.readouterr().err.endswith("[ERROR] Error handling request /anfragen/HdB-2027-0001/…/\n")


def test_a_refused_request_is_one_line(db, client: Client, caplog, settings) -> None:
    client.force_login(make_user())
    with caplog.at_level(logging.WARNING, logger="django.request"):
        assert client.get("/admin/login/").status_code == 403
    [line] = formatted(caplog.records, settings).splitlines()
    assert line.endswith("WARNING django.request Forbidden (Permission denied): /admin/login/")
