"""Tokens for programs: what is stored, whose they are, when they end, and who may make which."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection

from hausderbegegnung.accounts.tokens import (
    FORM,
    KEPT_AFTER_END,
    MOST_TOKENS,
    Scope,
    TokenExpired,
    TokenUnknown,
    find_token,
    forget_tokens,
    make_token,
    open_scopes,
    revoke_token,
)
from hausderbegegnung.models import ApiToken, User
from notifications.models import Message
from tests.factories import make_house, make_staff, make_user

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def stopped_clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def maria(db: None) -> User:
    make_house()
    return make_user("maria@example.org", name="Maria Beispiel")


def made(
    user: User, *scopes: str, name: str = "Website", valid_for: timedelta = WEEK
) -> tuple[ApiToken, str]:
    return make_token(user=user, name=name, scopes=scopes or [Scope.READ], valid_for=valid_for, now=NOW)


def test_only_the_hash_of_a_token_is_stored(maria: User) -> None:
    token, text = made(maria, "request", "read")

    stored = ApiToken.objects.values().get()
    assert stored.pop("id") == token.pk
    assert stored == {
        "user_id": maria.pk,
        "name": "Website",
        "hint": text[:12],
        "digest": hashlib.sha256(text.encode()).hexdigest(),
        "scopes": ["read", "request"],
        "created_at": NOW,
        "expires_at": NOW + WEEK,
        "last_used_at": None,
    }


def test_a_token_is_found_with_its_person(maria: User) -> None:
    made(make_user())
    token, text = made(maria)

    assert (find_token(text, now=NOW), find_token(text, now=NOW).user) == (token, maria)


def test_a_token_is_known_by_its_form_and_a_typing_error_by_its_end(
    maria: User, django_assert_num_queries: Any
) -> None:
    _token, text = made(maria)
    assert re.fullmatch(r"hdb_[0-9A-Za-z]{44}", text)
    other = "A" if text[20] != "A" else "B"

    with django_assert_num_queries(0):
        for likeness in [f"{text[:20]}{other}{text[21:]}", text[:-1], f"{text} ", f"x{text}", "", "hdb_\0"]:
            with pytest.raises(TokenUnknown):
                find_token(likeness, now=NOW)


def test_another_token_with_the_same_beginning_is_unknown(maria: User) -> None:
    token, _text = made(maria)
    _other, text = made(maria, name="Skript")
    ApiToken.objects.filter(pk=_other.pk).delete()
    ApiToken.objects.filter(pk=token.pk).update(hint=text[:12])

    with pytest.raises(TokenUnknown):
        find_token(text, now=NOW)


def test_a_token_ends(maria: User) -> None:
    _token, text = made(maria)
    assert find_token(text, now=NOW + WEEK - timedelta(seconds=1))

    with pytest.raises(TokenExpired):
        find_token(text, now=NOW + WEEK)


def test_whoever_is_switched_off_has_no_token(maria: User) -> None:
    _token, text = made(maria)
    User.objects.filter(pk=maria.pk).update(is_active=False)

    with pytest.raises(TokenUnknown):
        find_token(text, now=NOW)


def test_a_revoked_token_is_unknown_and_the_others_stay(maria: User) -> None:
    token, text = made(maria)
    _other, other_text = made(maria, name="Skript")

    revoke_token(token)

    with pytest.raises(TokenUnknown):
        find_token(text, now=NOW)
    assert find_token(other_text, now=NOW).name == "Skript"


def test_the_last_use_is_written_once_a_minute(maria: User, django_assert_num_queries: Any) -> None:
    _token, text = made(maria)

    def last_use_after(seconds: int, queries: int) -> Any:
        with django_assert_num_queries(queries):
            find_token(text, now=NOW + timedelta(seconds=seconds))
        used_at = ApiToken.objects.get().last_used_at
        assert used_at is not None
        return (used_at - NOW).seconds

    assert [last_use_after(*at) for at in [(0, 2), (1, 1), (59, 1), (60, 2), (61, 1)]] == [0, 0, 0, 60, 60]


def test_who_decides_may_let_a_token_decide_and_nobody_else(maria: User) -> None:
    """Three people: staff, an applicant, a caretaker."""
    own = [Scope.READ, Scope.REQUEST]
    people = [make_staff(), maria, make_user(is_caretaker=True)]
    assert [open_scopes(person) for person in people] == [list(Scope), own, own]

    for scopes in [["decide"], ["read", "manage"], [], ["all"]]:
        with pytest.raises(ValidationError) as refusal:
            make_token(user=maria, name="Website", scopes=scopes, valid_for=WEEK, now=NOW)
        assert list(refusal.value.message_dict) == ["scopes"]
    assert ApiToken.objects.count() == Message.objects.count() == 0


def test_a_name_is_taken_once_by_each_person(maria: User) -> None:
    made(maria)
    made(make_user())

    with pytest.raises(ValidationError) as refusal:
        made(maria, name=" Website ")

    assert list(refusal.value.message_dict) == ["name"]
    assert ApiToken.objects.count() == Message.objects.count() == 2


@pytest.mark.parametrize("days", [0, -1, 366])
def test_a_token_lives_a_year_at_the_most(maria: User, days: int) -> None:
    made(maria, valid_for=timedelta(days=365))

    with pytest.raises(ValidationError) as refusal:
        made(maria, name="Skript", valid_for=timedelta(days=days))

    assert list(refusal.value.message_dict) == ["valid_for"]


def test_somebody_has_twenty_tokens_at_the_most(maria: User) -> None:
    for number in range(MOST_TOKENS):
        made(maria, name=f"Programm {number}")

    with pytest.raises(ValidationError):
        made(maria)
    assert made(make_user())


def test_the_person_is_told_of_a_new_token_without_the_token(maria: User) -> None:
    _token, text = made(maria)

    message = Message.objects.get()
    assert (message.kind, message.recipient) == ("account_notice", "maria@example.org")
    assert message.facts["heading"] == "Ihr Konto hat jetzt ein Token für ein Programm"
    assert text not in str(message.facts)


def test_tokens_that_ended_long_ago_are_deleted(maria: User) -> None:
    made(maria)
    made(maria, name="Skript", valid_for=timedelta(days=8))

    assert forget_tokens(now=NOW + WEEK + KEPT_AFTER_END - timedelta(seconds=1)) == 0
    assert forget_tokens(now=NOW + WEEK + KEPT_AFTER_END) == 1
    assert ApiToken.objects.get().name == "Skript"


# The command -----------------------------------------------------------------------------------


def test_create_token_prints_a_token_once(maria: User, capsys: Any) -> None:
    call_command("create_token", "Maria@example.org")
    printed = capsys.readouterr()
    token = find_token(printed.out.strip(), now=NOW)

    assert (token.user, token.name, token.scopes) == (maria, "create_token", ["read"])
    assert token.expires_at == NOW + timedelta(days=365)
    assert printed.err == "“create_token”: read, until 2028-02-29.\n"
    with pytest.raises(CommandError):
        call_command("create_token", "maria@example.org")


def test_create_token_takes_name_scopes_and_end(maria: User, capsys: Any) -> None:
    staff = make_staff()
    options = ["--name", "Aushang", "--scope", "read", "--scope", "decide", "--days", "30"]
    call_command("create_token", staff.email, *options)

    token = find_token(capsys.readouterr().out.strip(), now=NOW)
    assert (token.name, token.scopes, token.expires_at) == (
        "Aushang",
        ["read", "decide"],
        NOW + timedelta(days=30),
    )
    with pytest.raises(CommandError, match=r"^Nobody has the address "):
        call_command("create_token", "niemand@example.org", *options)
    with pytest.raises(CommandError, match="und die darf nicht: decide"):
        call_command("create_token", maria.email, *options)


# Tokens from before ------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_tokens_that_lay_in_clear_go_on_working_for_a_year_as_hashes() -> None:
    """The table as rest_framework.authtoken made it."""
    make_house()
    maria, staff = make_user(), make_staff()
    keys = {maria: "0123456789abcdef0123456789abcdef01234567", staff: "f" * 40}
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE authtoken_token (key varchar(40) PRIMARY KEY, created text, user_id bigint)"
        )
        for user, key in keys.items():
            cursor.execute("INSERT INTO authtoken_token VALUES (%s, '', %s)", [key, user.pk])

    migration = import_module("hausderbegegnung.migrations.0004_hash_old_tokens")
    with connection.schema_editor() as editor:
        migration.hash_old_tokens(apps, editor)

    assert FORM.fullmatch(keys[maria])
    found = {user: find_token(key, now=NOW + timedelta(days=364)) for user, key in keys.items()}
    assert {user: (token.user, token.scopes) for user, token in found.items()} == {
        maria: (maria, ["read", "request"]),
        staff: (staff, ["read", "request", "decide", "manage"]),
    }
    assert "authtoken_token" not in connection.introspection.table_names()
    with pytest.raises(TokenExpired):
        find_token(keys[maria], now=NOW + timedelta(days=365))
    with connection.schema_editor() as editor:
        migration.hash_old_tokens(apps, editor)
    assert ApiToken.objects.count() == 2
