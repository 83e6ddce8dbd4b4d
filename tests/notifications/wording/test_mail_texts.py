"""What the mails say. The texts are in `golden/de/` and `golden/en/`: read them there when you change one.

Run with WRITE_GOLDEN=1 to write them anew, then read the difference.
"""

import os
import re
from pathlib import Path

import pytest

from hausderbegegnung.accounts.adapter import NOTICES
from notifications.wording.rendering import render
from tests.notifications.wording.html_words import words_of, words_of_html
from tests.notifications.wording.mails import ACCOUNT_MAILS, ALL_MAILS, LANGUAGES, LINKLESS, message_called

pytestmark = pytest.mark.django_db


GOLDEN = Path(__file__).parents[1] / "golden"


def test_the_accounts_write_no_mail_that_is_not_looked_at():
    assert set(ACCOUNT_MAILS.values()) == {"account/email/login_code", *NOTICES}


# What a house may write around the facts of a mail.
HOUSE_WORDS = {"opening": "eigener Satz.", "intro": "Erster.\n\nZweiter\nAbsatz.", "closing": "{{ house }}!"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ALL_MAILS)
def test_a_mail_is_as_written_down_and_keeps_its_promises(name, language):
    """All of a mail at once, for it is made only once: its text, its HTML, and what the log keeps of it."""
    message = message_called(name, language)
    mail = render(message)
    text = without_tokens(f"{mail.subject}\n\n{mail.text}")
    path = GOLDEN / language / f"{name}.txt"
    if os.environ.get("WRITE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()
    # Text and HTML say the same, in the words of the house, too.
    for written in (mail, render(message, words=HOUSE_WORDS)):
        assert words_of_html(written.html) == words_of(written.text)
    # Nothing is loaded from anywhere.
    assert re.findall(r"<(?:img|script|link|iframe|form|input)\b|url\(|@import", mail.html) == []
    # A copy of the database must open nothing: dots stand for the tokens of all links.
    kept = render(message, hide_secrets=True)
    tokens = re.findall(r"/([0-9a-f]{32}|[a-z_]+\.[0-9a-f]{16}:[^/\s]+)/", mail.text)
    assert bool(tokens) is (name not in LINKLESS)
    assert [token for token in tokens if token in kept.text + kept.html] == []


def without_tokens(text: str) -> str:
    """Return the text without what follows from random keys of bookings."""
    text = re.sub(r"/[0-9a-f]{32}/", "/TOKEN/", text)
    text = re.sub(r"/termin/[0-9a-f-]{36}/", "/termin/UID/", text)
    return re.sub(r"/abbestellen/\S+/", "/abbestellen/TOKEN/", text)


def test_there_is_no_golden_text_of_a_mail_that_is_gone():
    written = {path.relative_to(GOLDEN).as_posix() for path in GOLDEN.rglob("*.txt")}
    assert written == {f"{language}/{name}.txt" for language in LANGUAGES for name in ALL_MAILS}


@pytest.mark.parametrize("name", ALL_MAILS)
def test_the_sentence_after_the_greeting_may_begin_with_a_capital(name: str) -> None:
    """German goes on in small letters after the comma of the greeting; "Sie" and "Ihr" are never small."""
    text = (GOLDEN / "de" / f"{name}.txt").read_text(encoding="utf-8")
    assert re.search(r"^Guten Tag[^\n]*,\n\n(Sie|Ihr)", text, re.MULTILINE)
