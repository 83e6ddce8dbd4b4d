"""The headers of a mail: who answers reach, who may answer by itself, and how to decline it."""

import email
import email.policy
import re

import pytest
from django.test import Client

from notifications.models import Declined
from notifications.outbox.delivery import deliver
from notifications.outbox.envelope import email_of
from notifications.wording.rendering import Mail
from tests.factories import NOW
from tests.notifications.scenes import Scene, make_notice, message_about

pytestmark = pytest.mark.django_db

MAIL = Mail("Betreff", "Text", "<p>Text</p>", None)


def headers_of(message, **options):
    return email_of(message, MAIL, **options).message()


def test_answers_reach_the_house_the_mail_is_about():
    message = message_about(Scene(name="Haus am Park", email="park@example.org").request(), "receipt")
    assert headers_of(message)["Reply-To"] == "Haus am Park <park@example.org>"


def test_answers_reach_the_installation_where_there_is_no_house_or_no_mailbox(settings):
    settings.REPLY_TO_EMAIL = "antwort@example.org"
    message = message_about(Scene(email="").request(), "receipt")
    assert headers_of(message)["Reply-To"] == "antwort@example.org"
    assert headers_of(make_notice())["Reply-To"] == "antwort@example.org"


def test_no_program_answers_by_itself():
    headers = headers_of(make_notice())
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["X-Auto-Response-Suppress"] == "OOF, AutoReply"


def test_a_mail_that_must_be_read_offers_no_way_to_decline_it():
    assert not [name for name in headers_of(make_notice()) if name.startswith("List-")]


@pytest.mark.parametrize(
    ("url", "one_click"),
    [
        ("https://raeume.example.org/mails/abstellen/abc", "List-Unsubscribe=One-Click"),
        # RFC 8058 allows one click over https only.
        ("http://localhost:8000/mails/abstellen/abc", None),
    ],
)
def test_a_mail_that_may_be_declined_says_where(url, one_click):
    headers = headers_of(make_notice(), decline_url=url)
    assert headers["List-Unsubscribe"] == f"<{url}>"
    assert headers["List-Unsubscribe-Post"] == one_click


def test_what_may_be_declined_goes_out_with_the_link_and_one_click_declines_it(smtp_server, settings):
    """As RFC 8058 has it: a POST to the address of the header, with nothing that a browser would have."""
    settings.SITE_URL = "https://raeume.example.org"
    scene = Scene()
    message = message_about(scene.request(), "staff_new_request")
    assert deliver(message_id=message.pk, now=NOW)
    (envelope,) = smtp_server.envelopes
    headers = email.message_from_bytes(envelope.content, policy=email.policy.default)
    url = headers["List-Unsubscribe"].strip("<> ")
    assert url.startswith(settings.SITE_URL)
    answer = Client(enforce_csrf_checks=True).post(
        url.removeprefix(settings.SITE_URL),
        headers["List-Unsubscribe-Post"],
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 200
    assert Declined.objects.get().kind == "staff_new_request"


@pytest.mark.parametrize(
    "name",
    ["Haus", "Haus der Begegnung", "Haus für alle", "Bürgerhäuser an der Erft " * 3, "ä" * 60, "Haus-" * 18],
)
def test_a_subject_begins_on_its_first_line_however_long_it_is(name, smtp_server):
    message = message_about(Scene(name=name).request(), "staff_new_request")
    assert deliver(message_id=message.pk, now=NOW)
    (envelope,) = smtp_server.envelopes
    message.refresh_from_db()
    first, *more = re.search(rb"^Subject: (.*\r\n(?:[ \t].*\r\n)*)", envelope.content, re.MULTILINE)[1].split(
        b"\r\n"
    )
    assert first.strip() != b""
    assert max(len(b"Subject: " + first), *(len(line) for line in more)) <= 78
    assert (
        email.message_from_bytes(envelope.content, policy=email.policy.default)["Subject"] == message.subject
    )
