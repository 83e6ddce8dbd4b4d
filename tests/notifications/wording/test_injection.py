"""What people enter stays text: no header, no tag and no placeholder comes out of it, in any mail."""

from email import message_from_bytes
from email.policy import default as modern
from html.parser import HTMLParser

import pytest

from notifications.models import Message
from notifications.outbox.delivery import email_of
from notifications.wording.catalogue import KINDS
from notifications.wording.examples import example_message
from notifications.wording.rendering import render
from notifications.wording.texts import FIELDS
from tests.factories import NOW
from tests.notifications.scenes import Scene, message_about

pytestmark = pytest.mark.django_db

HOSTILE = (
    "\"'><script>alert(1)</script><img src=x onerror=alert(2)>&lt;b&gt; {{ house }} {% now 'Y' %}"
    "\r\nBcc: alle@example.org\r\n\r\n<h1>"
)
# Values with a form of their own; nobody types them.
MADE_BY_US = {
    "starts_at", "ends_at", "gross_starts_at", "gross_ends_at", "received_at", "reference", "status",
    "layout", "uid", "zone", "region", "email", "link", "status_url", "day", "last_day", "month",
    "answer_date", "what", "kind", "asked_uid",
}  # fmt: skip
HEADERS = {
    "Content-Type", "MIME-Version", "Subject", "From", "To", "Reply-To", "Date", "Message-ID",
    "Auto-Submitted", "X-Auto-Response-Suppress", "Content-Language", "List-Unsubscribe",
    "List-Unsubscribe-Post",
}  # fmt: skip


def hostile(facts, key: str = ""):
    """The facts with something hostile in the place of every text that somebody may have typed."""
    if isinstance(facts, dict):
        return {name: hostile(value, name) for name, value in facts.items()}
    if isinstance(facts, list):
        return [hostile(value, key) for value in facts]
    return HOSTILE if isinstance(facts, str) and key not in MADE_BY_US else facts


class _Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: set[tuple[str, tuple[str, ...]]] = set()
        self.addresses: set[str] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.seen.add((tag, tuple(name for name, _value in attrs)))
        self.addresses |= {value for name, value in attrs if name in {"href", "src"}}


def example(kind: str) -> Message:
    return example_message(KINDS[kind], house=Scene().house, language="de", now=NOW)


def headers_of(message: Message) -> dict[str, str]:
    sent = email_of(message, render(message)).message().as_bytes()
    return dict(message_from_bytes(sent, policy=modern).items())


@pytest.mark.parametrize("kind", KINDS)
def test_no_fact_becomes_html_in_any_mail(kind):
    message = example(kind)
    clean = _Tags(render(message).html)
    message.facts = hostile(message.facts)
    mail = render(message)
    seen = _Tags(mail.html)
    assert seen.seen <= clean.seen | {("br", ())}
    assert seen.addresses == clean.addresses
    # In the text it is what was typed, and no template looked at it again.
    assert HOSTILE.splitlines()[0] in mail.text


@pytest.mark.parametrize("kind", KINDS)
def test_no_fact_becomes_a_header_of_any_mail(kind):
    message = example(kind)
    message.facts = hostile(message.facts)
    headers = headers_of(message)
    assert set(headers) <= HEADERS
    assert "\n" not in headers["Subject"]


@pytest.mark.parametrize("kind", KINDS)
def test_no_text_of_a_house_becomes_html_or_a_header_of_any_mail(kind):
    """Even one that got past the check, or became dangerous by what was put in."""
    message = example(kind)
    clean = _Tags(render(message, words=dict.fromkeys(FIELDS, "x")).html)
    message.facts = hostile(message.facts)
    words = HOSTILE.replace("{% now 'Y' %}", "")
    mail = render(message, words=dict.fromkeys(FIELDS, words))
    assert "alert(1)" in mail.subject
    assert mail.text.count("<script>alert(1)</script>") >= 3
    assert _Tags(mail.html).seen <= clean.seen | {("br", ())}
    assert "\n" not in mail.subject
    sent = message_from_bytes(email_of(message, mail).message().as_bytes(), policy=modern)
    assert set(sent.keys()) <= HEADERS


@pytest.mark.parametrize("field", ["title", "contact_name", "remarks"])
def test_what_an_applicant_types_reaches_the_house_as_text(field):
    typed = "<a href='https://evil.example'>Klick</a> {{ code }}"
    mail = render(message_about(Scene().request(**{field: typed}), "staff_new_request"))
    assert typed in mail.text
    assert "<a href='https://evil.example'>" not in mail.html


def test_the_name_of_a_house_or_association_with_line_breaks_is_one_line_of_the_subject():
    scene = Scene(name="Haus\r\nBcc: alle@example.org")
    scene.association.name = "Verein\nX-Evil: 1"
    scene.association.save()
    booking = scene.request()
    headers = headers_of(message_about(booking, "staff_new_request"))
    assert headers["Subject"] == (
        f"Neue Anfrage {booking.reference} von Verein X-Evil: 1 (Di., 20.04.2027)"
        " – Haus Bcc: alle@example.org"
    )
    assert set(headers) <= HEADERS
