"""What the log tells about logins, and what it keeps to itself."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from hausderbegegnung.accounts.security import ROUTINE, SecurityEvent, pseudonym
from hausderbegegnung.models import User
from notifications.models import Message
from tests.factories import make_staff

NOW = datetime(2027, 4, 20, 9, 0, tzinfo=UTC)
ADDRESS = "/konto/anmelden/"
CODE = "/konto/anmelden/code/"
PAGE = Path(__file__).parents[3] / "docs" / "security-events.md"
PLACE = "198.51.100.1"
BY_PLACE = f"visitor={pseudonym(f'place {PLACE}')}"
OF_VERA = f"address={pseudonym('vera@example.org')}"


@pytest.fixture(autouse=True)
def stopped_clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def vera(db: None) -> User:
    vera = make_staff(email="vera@example.org")
    vera.set_password("Birnen und sieben Uhren")
    vera.save()
    return vera


@pytest.fixture
def events(caplog: pytest.LogCaptureFixture) -> Any:
    """Return the lines that were logged since the last time."""
    caplog.set_level("INFO", logger="security")

    def lines() -> list[str]:
        found = [record.getMessage() for record in caplog.records if record.name == "security"]
        caplog.clear()
        return found

    return lines


def newest_code() -> str:
    code: str = Message.objects.latest("pk").facts["code"]
    return code


def wrong_code() -> str:
    return "000000" if newest_code() != "000000" else "111111"


def test_the_page_lists_every_event_with_its_level() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|", PAGE.read_text(), re.MULTILINE)
    assert rows == [(event, "INFO" if event in ROUTINE else "WARNING") for event in SecurityEvent]


def test_a_login_by_code_and_what_goes_wrong_on_the_way(vera: User, events: Any) -> None:
    client = Client(REMOTE_ADDR=PLACE)
    client.post(ADDRESS, {"email": "Vera@example.org"})
    client.post(CODE, {"code": wrong_code()})
    client.post(CODE, {"code": newest_code()})

    assert events() == [
        f"{event} {BY_PLACE} {OF_VERA}" for event in ("login_code_sent", "login_code_wrong", "login")
    ]


def test_a_visitor_who_is_stopped(vera: User, events: Any) -> None:
    for _time in range(4):
        Client(REMOTE_ADDR=PLACE).post(ADDRESS, {"email": "vera@example.org"})

    assert events()[3:] == [f"login_limited {BY_PLACE} {OF_VERA} limit=codes_in_a_minute"]


def test_a_wrong_password_and_a_forged_link(vera: User, events: Any) -> None:
    client = Client(REMOTE_ADDR=PLACE)
    client.post("/konto/anmelden/passwort/", {"login": "vera@example.org", "password": "Äpfel"})
    client.get("/konto/anmelden/link/erfunden/")

    assert events() == [f"password_wrong {BY_PLACE} {OF_VERA}", f"login_link_wrong {BY_PLACE}"]


def test_a_wrong_second_factor(vera: User, events: Any) -> None:
    TOTP.activate(vera, "JBSWY3DPEHPK3PXP")
    client = Client(REMOTE_ADDR=PLACE)
    right = {"login": "vera@example.org", "password": "Birnen und sieben Uhren"}
    assert client.post("/konto/anmelden/passwort/", right).url == "/konto/anmelden/zweiter-faktor/"
    client.post("/konto/anmelden/zweiter-faktor/", {"code": "12"})

    assert events() == [f"second_factor_wrong {BY_PLACE} {OF_VERA} reason=incorrect_code"]
