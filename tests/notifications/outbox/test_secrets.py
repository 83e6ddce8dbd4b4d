"""Of a text that others made, links and secrets are left out, and nothing else."""

import pytest

from notifications.outbox.secrets import without_secrets

# They open nothing.
TOKEN = "0123456789abcdef0123456789abcdef"
SIGNED = "reminder.0123456789abcdef:UvfUAI9zC01NzUvfUAI9zC01NzUvfUAI9zC01NzUvfU"
UID = "803ac8d2-d596-48d5-90e7-8615dce46ed3"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (
            f"Reverse for 'x' with arguments '('HdB', '{TOKEN}')'",
            "Reverse for 'x' with arguments '('HdB', '…')'",
        ),
        (f"next=%2Ftermin%2F{TOKEN}%2F", "next=%2Ftermin%…%2F"),
        (f"See https://haus.example.org/termin/{TOKEN[:9]}/?a=b.", "See https://haus.example.org/…"),
        ("Listening at: http://127.0.0.1:8000 (7)", "Listening at: http://127.0.0.1:8000 (7)"),
        (SIGNED, "reminder.0123456789abcdef:…"),
        (f"Authorization: Token hdb_{TOKEN}abcdefghijkl", "Authorization: Token …"),
        ("q" * 20 + "Q" * 23, "…"),
        (f"Task notifications.sweep[{UID}] succeeded", f"Task notifications.sweep[{UID}] succeeded"),
        (
            "test_of_a_name_that_is_very_long_but_has_no_digit",
            "test_of_a_name_that_is_very_long_but_has_no_digit",
        ),
        ("/usr/lib/python3.11/site-packages/django/x.py", "/usr/lib/python3.11/site-packages/django/x.py"),
    ],
)
def test_what_looks_like_a_secret_is_left_out_and_nothing_else(text: str, kept: str) -> None:
    assert without_secrets(text) == kept
