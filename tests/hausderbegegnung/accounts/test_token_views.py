"""The page of a person's tokens: made, shown once, ended; nobody else's."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from playwright.sync_api import Page

from hausderbegegnung.accounts.tokens import Scope, TokenUnknown, find_token
from hausderbegegnung.models import ApiToken, User
from tests.factories import make_house, make_staff, make_token, make_user

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
PAGE = "/konto/programme/"
SENT = {"name": "Website", "scopes": ["read", "request"], "valid_for": "90"}


@pytest.fixture(autouse=True)
def stopped_clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def owner(db: None) -> User:
    make_house()
    return make_user()


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ending(token: ApiToken) -> str:
    return f"{PAGE}{token.pk}/beenden/"


def test_the_account_leads_to_the_page_and_it_needs_a_login(owner: User) -> None:
    assert Client().get(PAGE).url == Client().post(PAGE, SENT).url == f"/konto/anmelden/?next={PAGE}"
    assert f'href="{PAGE}"' in logged_in(owner).get("/konto/").content.decode()
    assert ApiToken.objects.count() == 0


def test_a_token_is_made_and_shown_this_once(owner: User) -> None:
    client = logged_in(owner)

    answer = client.post(PAGE, SENT)

    (text,) = re.findall(r"hdb_[0-9A-Za-z]{44}", answer.content.decode())
    token = find_token(text, now=NOW)
    assert (token.user, token.name, token.scopes) == (owner, "Website", ["read", "request"])
    assert token.expires_at == NOW + timedelta(days=90)
    assert "no-store" in answer["Cache-Control"]
    page = client.get(PAGE).content.decode()
    assert (text in page, text[:12] in page, "Gültig bis 30. Mai 2027" in page) == (False, True, True)


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(owner: User) -> None:
    client = logged_in(owner)
    client.post(PAGE, SENT)

    again = client.post(PAGE, SENT)
    empty = client.post(PAGE, {"valid_for": "9999"})

    assert (again.status_code, again.context["form"].errors) == (
        400,
        {"name": ["Ein Token mit diesem Namen haben Sie schon."]},
    )
    assert 'value="Website"' in again.content.decode()
    assert list(empty.context["form"].errors) == ["name", "scopes", "valid_for"]
    assert ApiToken.objects.count() == 1


def test_staff_may_choose_everything_and_others_their_own_affairs(owner: User) -> None:
    """Three people: the owner, staff, a caretaker."""
    own = [Scope.READ.value, Scope.REQUEST.value]
    offered = {}
    for person in [owner, make_staff(), make_user(is_caretaker=True)]:
        form = logged_in(person).get(PAGE).context["form"]
        offered[person] = [value for value, _label in form.fields["scopes"].choices]
    assert list(offered.values()) == [own, Scope.values, own]

    refused = logged_in(owner).post(PAGE, {**SENT, "scopes": ["read", "decide"]})
    assert (refused.status_code, ApiToken.objects.count()) == (400, 0)


def test_a_token_is_seen_and_ended_by_its_owner_alone(owner: User) -> None:
    """Three people: the owner, staff, a stranger."""
    text = make_token(owner)
    token = ApiToken.objects.get()

    for person in [make_staff(), make_user()]:
        assert token.name not in logged_in(person).get(PAGE).content.decode()
        assert logged_in(person).post(ending(token)).status_code == 404
    assert Client().post(ending(token)).url.startswith("/konto/anmelden/")
    assert logged_in(owner).get(ending(token)).status_code == 405
    assert find_token(text, now=NOW)

    answer = logged_in(owner).post(ending(token), follow=True)

    assert [str(message) for message in answer.context["messages"]] == [
        f"Das Token „{token.name}“ ist beendet."
    ]
    with pytest.raises(TokenUnknown):
        find_token(text, now=NOW)


@pytest.mark.parametrize("tokens", [1, 6])
def test_the_list_costs_the_same_number_of_queries_however_many(
    owner: User, tokens: int, django_assert_num_queries: Any
) -> None:
    client = logged_in(owner)
    for _number in range(tokens):
        make_token(owner)
    client.get(PAGE)

    with django_assert_num_queries(4):
        client.get(PAGE)


@pytest.mark.django_db(transaction=True)
def test_a_token_in_the_browser(page: Page, live_server: Any, axe_findings: Any) -> None:
    make_house()
    client = logged_in(make_staff())
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    page.goto(PAGE)
    page.get_by_role("textbox", name="Name").fill("Aushang im Foyer")
    page.get_by_role("checkbox", name="Anfragen beantworten").check()
    page.get_by_role("button", name="Token anlegen").click()
    page.get_by_role("heading", name="„Aushang im Foyer“ ist angelegt").wait_for()
    assert ApiToken.objects.get().scopes == ["read", "decide"]
    page.locator("main summary").click()
    assert axe_findings(page) == []
    page.get_by_role("button", name="Jetzt beenden").click()
    page.get_by_text("Das Token „Aushang im Foyer“ ist beendet.").wait_for()
    assert ApiToken.objects.count() == 0
