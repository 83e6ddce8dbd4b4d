"""How often somebody may ask for codes and guess: who is capped, who never is, and until when."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from hausderbegegnung.accounts.codes import forget_codes
from hausderbegegnung.accounts.devices import COOKIE
from hausderbegegnung.accounts.limits import (
    CODES_IN_A_MINUTE,
    CODES_IN_AN_HOUR,
    CODES_OF_VISITOR,
    CODES_TO_ADDRESS,
    GUESSES_AT_ADDRESS,
    GUESSES_OF_VISITOR,
    Attempt,
    Limit,
    TooOften,
    forget_counts,
)
from hausderbegegnung.models import AttemptCounter, PendingCode, User
from notifications.models import Message
from tests.factories import make_staff

NOW = datetime(2027, 4, 20, 9, 0, tzinfo=UTC)
ADDRESS = "/konto/anmelden/"
CODE = "/konto/anmelden/code/"
PASSWORD = "/konto/anmelden/passwort/"
MARIA = "maria@example.org"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def stopped_clock() -> Any:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def maria() -> User:
    return User.objects.create_user(MARIA, name="Maria Beispiel")


def newest_code(address: str) -> str:
    code: str = Message.objects.filter(kind="login_code", recipient=address).latest("pk").facts["code"]
    return code


def wrong_code(address: str) -> str:
    return "000000" if newest_code(address) != "000000" else "111111"


def at(place: str) -> Client:
    return Client(REMOTE_ADDR=place)


def is_logged_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def strangers_use_up(limit: Limit, count: str, address: str = MARIA) -> None:
    """Try from other places each time until nothing is left at the address."""
    for number in range(limit.most + 1):
        with suppress(TooOften):
            getattr(Attempt(f"place {number}", address, is_known=False), count)(now=NOW)


def test_somebody_gets_three_codes_a_minute_for_an_address(maria: User, stopped_clock: Any) -> None:
    for _time in range(CODES_IN_A_MINUTE.most):
        at("198.51.100.1").post(ADDRESS, {"email": MARIA})

    refused = at("198.51.100.1").post(ADDRESS, {"email": MARIA.upper()})

    assert (refused.status_code, refused["Retry-After"]) == (429, "60")
    assert refused.context["form"].errors == {
        "email": ["Das war zu oft. Bitte versuchen Sie es in einer Minute noch einmal."]
    }
    assert 'value="MARIA@EXAMPLE.ORG"' in refused.content.decode()
    assert at("198.51.100.2").post(ADDRESS, {"email": MARIA}).url == CODE
    assert at("198.51.100.1").post(ADDRESS, {"email": "ali@example.org"}).url == CODE
    stopped_clock.move_to(NOW + CODES_IN_A_MINUTE.within)
    assert at("198.51.100.1").post(ADDRESS, {"email": MARIA}).url == CODE
    assert Message.objects.count() == CODES_IN_A_MINUTE.most + 3


def test_ten_an_hour_and_the_answer_says_how_long_to_wait(maria: User, stopped_clock: Any) -> None:
    client = at("198.51.100.1")
    for number in range(CODES_IN_AN_HOUR.most):
        stopped_clock.move_to(NOW + timedelta(minutes=number))
        client.post("/konto/anmelden/neu/")
        assert client.post(ADDRESS, {"email": MARIA}).url == CODE
    stopped_clock.move_to(NOW + timedelta(minutes=10, seconds=30))

    refused = client.post(CODE, {"action": "resend"}, follow=True)

    assert [str(message) for message in refused.context["messages"]] == [
        "Das war zu oft. Bitte versuchen Sie es in 50 Minuten noch einmal."
    ]
    assert Message.objects.count() == CODES_IN_AN_HOUR.most


def test_a_visitor_is_capped_over_all_addresses() -> None:
    for number in range(CODES_OF_VISITOR.most):
        assert at("198.51.100.1").post(ADDRESS, {"email": f"person-{number}@example.org"}).url == CODE

    refused = at("198.51.100.1").post(ADDRESS, {"email": MARIA})

    assert (refused.status_code, refused["Retry-After"]) == (429, "600")
    assert at("198.51.100.2").post(ADDRESS, {"email": MARIA}).url == CODE


def test_the_half_of_an_ipv6_address_that_a_visitor_chooses_makes_no_other_visitor(maria: User) -> None:
    for number in range(CODES_IN_A_MINUTE.most):
        at(f"2001:db8::{number}").post(ADDRESS, {"email": MARIA})

    assert at("2001:db8::ffff").post(ADDRESS, {"email": MARIA}).status_code == 429
    assert at("2001:db8:0:1::1").post(ADDRESS, {"email": MARIA}).url == CODE


def test_wrong_codes_of_a_visitor_are_capped_over_all_codes(maria: User, stopped_clock: Any) -> None:
    for number in range(GUESSES_OF_VISITOR.most // 4):
        stopped_clock.move_to(NOW + timedelta(minutes=number))
        client = at("198.51.100.1")
        client.post(ADDRESS, {"email": MARIA})
        for _guess in range(4):
            assert client.post(CODE, {"code": wrong_code(MARIA)}).status_code == 200

    refused = client.post(CODE, {"code": newest_code(MARIA)})

    assert (refused.status_code, refused["Retry-After"]) == (429, str((60 - 4) * 60))
    assert list(refused.context["form"].errors) == ["code"]
    assert not is_logged_in(client)
    elsewhere = at("198.51.100.2")
    elsewhere.post(ADDRESS, {"email": MARIA})
    elsewhere.post(CODE, {"code": newest_code(MARIA)})
    assert is_logged_in(elsewhere)


def test_right_codes_do_not_count(maria: User) -> None:
    """The people of an office, who all come from one place, log in one after the other."""
    for number in range(GUESSES_OF_VISITOR.most + 2):
        client, address = at("198.51.100.1"), f"person-{number}@example.org"
        client.post(ADDRESS, {"email": address})
        client.post(CODE, {"code": newest_code(address)})
        assert is_logged_in(client)


def test_no_stranger_locks_a_person_out_of_the_own_device(maria: User, stopped_clock: Any) -> None:
    """The attack before the cure: what strangers did at an address was counted for everybody."""
    own = at("198.51.100.1")
    own.post(ADDRESS, {"email": MARIA})
    own.post(CODE, {"code": newest_code(MARIA)})
    own.post("/konto/abmelden/")
    strangers_use_up(CODES_TO_ADDRESS, "count_code")
    strangers_use_up(GUESSES_AT_ADDRESS, "count_guess")
    # Somebody behind the same line is at it, too.
    for number in range(GUESSES_OF_VISITOR.most):
        Attempt("place 198.51.100.1", f"person-{number}@example.org", is_known=False).count_guess(now=NOW)

    assert at("198.51.100.9").post(ADDRESS, {"email": MARIA}).status_code == 429
    assert own.post(ADDRESS, {"email": MARIA}).url == CODE
    own.post(CODE, {"code": newest_code(MARIA)})
    assert is_logged_in(own)


def test_a_device_is_known_for_its_people_only_and_capped_itself(maria: User) -> None:
    own = at("198.51.100.1")
    own.post(ADDRESS, {"email": MARIA})
    own.post(CODE, {"code": newest_code(MARIA)})
    own.post("/konto/abmelden/")
    User.objects.create_user("ali@example.org")
    strangers_use_up(CODES_TO_ADDRESS, "count_code", "ali@example.org")

    assert own.post(ADDRESS, {"email": "ali@example.org"}).status_code == 429
    for _time in range(CODES_IN_A_MINUTE.most):
        own.post("/konto/anmelden/neu/")
        assert own.post(ADDRESS, {"email": MARIA}).url == CODE
    own.post("/konto/anmelden/neu/")
    assert own.post(ADDRESS, {"email": MARIA}).status_code == 429


def test_a_device_cookie_that_nobody_signed_is_a_stranger(maria: User) -> None:
    strangers_use_up(CODES_TO_ADDRESS, "count_code")
    forger = at("198.51.100.1")
    forger.cookies[COOKIE] = '{"id":"1","people":[1]}:x:y'

    assert forger.post(ADDRESS, {"email": MARIA}).status_code == 429


def test_the_device_cookie_is_out_of_reach_for_scripts_and_names_nobody(maria: User) -> None:
    client = at("198.51.100.1")
    client.post(ADDRESS, {"email": MARIA})
    assert COOKIE not in client.cookies

    client.post(CODE, {"code": newest_code(MARIA)})

    cookie = client.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 365 * 24 * 3600)
    assert "maria" not in cookie.value


def test_wrong_passwords_count_like_wrong_codes(stopped_clock: Any) -> None:
    vera = make_staff(email="vera@example.org")
    vera.set_password("Birnen und sieben Uhren")
    vera.save()
    for number in range(GUESSES_OF_VISITOR.most):
        stopped_clock.move_to(NOW + timedelta(seconds=number * 10))
        at("198.51.100.1").post(PASSWORD, {"login": vera.email, "password": "Äpfel"})
    right = {"login": vera.email, "password": "Birnen und sieben Uhren"}

    refused, elsewhere = at("198.51.100.1"), at("198.51.100.2")
    answer = refused.post(PASSWORD, right)
    elsewhere.post(PASSWORD, right)

    assert list(answer.context["form"].errors) == ["__all__"]
    assert (is_logged_in(refused), is_logged_in(elsewhere)) == (False, True)


def test_an_address_is_capped_for_strangers_alone() -> None:
    strangers_use_up(GUESSES_AT_ADDRESS, "count_guess")

    Attempt("device 1", MARIA, is_known=True).count_guess(now=NOW)
    with pytest.raises(TooOften) as refusal:
        Attempt("place x", MARIA, is_known=False).count_guess(now=NOW + timedelta(minutes=59))
    assert refusal.value.seconds == 60
    Attempt("place x", MARIA, is_known=False).count_guess(now=NOW + timedelta(minutes=60))


def test_counters_and_codes_go_when_their_time_is_over(maria: User) -> None:
    at("198.51.100.1").post(ADDRESS, {"email": MARIA})
    assert (AttemptCounter.objects.count(), PendingCode.objects.count()) == (4, 1)

    last = NOW + timedelta(minutes=15)
    assert (forget_counts(now=last), forget_codes(now=last)) == (2, 0)
    later = NOW + timedelta(hours=1)
    assert (forget_counts(now=later), forget_codes(now=later)) == (2, 1)


def test_no_counter_holds_an_address_or_a_place_in_clear(maria: User) -> None:
    at("198.51.100.1").post(ADDRESS, {"email": MARIA})

    keys = " ".join(AttemptCounter.objects.values_list("key", flat=True))
    assert ("maria" in keys, "198.51" in keys) == (False, False)
