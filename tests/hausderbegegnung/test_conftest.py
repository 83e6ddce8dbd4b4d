"""The guards of the test run itself: what they let through would never be noticed."""

import smtplib
import socket

import pytest
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.core.mail import send_mail
from django.db import connection
from playwright.sync_api import Error as PlaywrightError

from hausderbegegnung.operations.cache import Cache
from tests.services import redis_answers
from tests.settings import ON_POSTGRESQL


def test_another_machine_is_out_of_reach():
    with pytest.raises(pytest.fail.Exception, match="nothing leaves this machine"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


def test_another_name_is_not_looked_up():
    with pytest.raises(pytest.fail.Exception, match="nothing leaves this machine"):
        socket.create_connection(("example.org", 80), timeout=1)


def test_smtp_server_takes_mails(smtp_server):
    send_mail("Grüße", "Bis Dienstag", "haus@example.org", ["verein@example.org"])
    assert [envelope.rcpt_tos for envelope in smtp_server.envelopes] == [["verein@example.org"]]


def test_smtp_server_refuses_when_told(smtp_server):
    smtp_server.answer = "451 later"
    with pytest.raises(smtplib.SMTPDataError):
        send_mail("Grüße", "Bis Dienstag", "haus@example.org", ["verein@example.org"])
    assert smtp_server.envelopes == []


@pytest.mark.engine
@pytest.mark.parametrize("attempt", [1, 2])
def test_cache_starts_empty(attempt):
    assert cache.get("seen") is None
    cache.set("seen", attempt)


@pytest.mark.engine
def test_cache_is_redis_in_the_postgresql_run():
    expected = Cache if ON_POSTGRESQL and redis_answers() else LocMemCache
    assert type(cache._connections["default"]) is expected


@pytest.mark.django_db
def test_database_is_what_the_run_asked_for():
    assert connection.vendor == ("postgresql" if ON_POSTGRESQL else "sqlite")
    assert ":memory:" not in str(connection.settings_dict["NAME"])


@pytest.fixture
def plain_page(page, expected_console_errors):
    """A page that is not ours to look at, so it has no icon either."""
    expected_console_errors.append("status of 404")
    page.goto("/healthz?parts=database")
    return page


def test_page_is_watched_for_other_origins(plain_page, browser_findings):
    with pytest.raises(PlaywrightError, match="net::ERR_"):
        plain_page.goto("http://127.0.0.1:1/tracker")
    assert browser_findings == ["request to another origin: http://127.0.0.1:1/tracker"]
    browser_findings.clear()


def test_page_is_watched_for_errors_in_the_console(plain_page, browser_findings):
    plain_page.evaluate("console.error('no room')")
    assert browser_findings == ["console: no room ()"]
    browser_findings.clear()


def test_page_is_watched_for_errors_of_scripts(plain_page, browser_findings):
    plain_page.evaluate("setTimeout(() => { throw new Error('no house') })")
    plain_page.wait_for_timeout(200)
    assert browser_findings == ["script error: no house"]
    browser_findings.clear()


def test_page_is_watched_for_violations_of_the_security_policy(plain_page, browser_findings):
    plain_page.evaluate("document.body.setAttribute('style', 'color: red')")
    plain_page.wait_for_timeout(200)
    (finding,) = browser_findings
    assert "Content Security Policy" in finding
    browser_findings.clear()


def test_axe_finds_what_is_wrong_and_breaks_no_policy_itself(plain_page, axe_findings):
    assert "html-has-lang: ['html']" in axe_findings(plain_page)
