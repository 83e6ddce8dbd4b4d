"""Logging in by a code: who is known, who is new, what goes wrong, and who may do what."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from hausderbegegnung.accounts.adapter import WRONG_CODE
from hausderbegegnung.accounts.codes import get_or_create_user
from hausderbegegnung.accounts.links import make_login_link
from hausderbegegnung.models import User
from notifications.models import Message
from notifications.wording.rendering import render
from tests.factories import make_house

NOW = datetime(2027, 4, 20, 9, 0, tzinfo=UTC)
ADDRESS = "/konto/anmelden/"
CODE = "/konto/anmelden/code/"


@pytest.fixture(autouse=True)
def stopped_clock() -> Any:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def maria(db: None) -> User:
    return User.objects.create_user("maria@example.org", name="Maria Beispiel")


@pytest.fixture
def vera(db: None) -> User:
    return User.objects.create_user("vera@example.org", name="Vera Waltung", is_staff=True)


def newest_code(address: str) -> str:
    message = Message.objects.filter(kind="login_code", recipient=address).latest("pk")
    code: str = message.facts["code"]
    return code


def ask_for_code(client: Client, address: str, path: str = ADDRESS) -> Any:
    return client.post(path, {"email": address})


def is_logged_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def text_of(response: Any) -> str:
    content: str = response.content.decode()
    return content


def test_a_known_person_logs_in_by_a_code(client: Client, maria: User) -> None:
    assert ask_for_code(client, "Maria@Example.org").url == CODE

    response = client.post(CODE, {"code": newest_code("maria@example.org")})

    assert response.url == "/meine-anfragen/"
    assert client.session["_auth_user_id"] == str(maria.pk)
    assert [(each.email, each.verified) for each in EmailAddress.objects.all()] == [
        ("maria@example.org", True)
    ]


def test_a_new_person_has_an_account_after_the_same_code(client: Client, db: None) -> None:
    ask_for_code(client, "Neu@Example.org", f"{ADDRESS}?next=/nutzungsordnung/")
    assert User.objects.count() == 0

    response = client.post(f"{CODE}?next=/nutzungsordnung/", {"code": newest_code("neu@example.org")})

    user = User.objects.get()
    assert (user.email, user.has_usable_password(), user.is_staff) == ("neu@example.org", False, False)
    assert client.session["_auth_user_id"] == str(user.pk)
    assert response.url == "/konto/angaben/?next=%2Fnutzungsordnung%2F"

    response = client.post(response.url, {"name": "Nora Neu", "phone": ""})

    assert response.url == "/nutzungsordnung/"
    user.refresh_from_db()
    assert user.name == "Nora Neu"


def test_a_new_person_who_asks_for_a_room_is_asked_for_the_name_there(client: Client, db: None) -> None:
    wish = "/anfrage/%3Fraum%3Dsaal"
    ask_for_code(client, "neu@example.org", f"{ADDRESS}?next={wish}")
    response = client.post(f"{CODE}?next={wish}", {"code": newest_code("neu@example.org")})
    assert response.url == "/anfrage/?raum=saal"


def test_pages_for_known_and_unknown_addresses_are_the_same(client: Client, maria: User) -> None:
    pages = []
    for address in ["maria@example.org", "other@example.org"]:
        visitor = Client()
        response = ask_for_code(visitor, address)
        page = visitor.get(response.url)
        pages.append(text_of(page).replace(address, "").replace(str(page.context["csrf_token"]), ""))

    assert pages[0] == pages[1]
    assert Message.objects.filter(kind="login_code").count() == 2


def test_the_code_goes_to_the_address_as_stored(client: Client, maria: User) -> None:
    """Look-alike letters that a database folds together must not lead a code elsewhere."""
    ask_for_code(client, "MARIA@example.org")

    assert list(Message.objects.values_list("recipient", flat=True)) == ["maria@example.org"]


def test_a_wrong_code_is_said_and_what_was_typed_stays(client: Client, maria: User) -> None:
    ask_for_code(client, "maria@example.org")
    wrong = "000000" if newest_code("maria@example.org") != "000000" else "111111"

    response = client.post(CODE, {"code": wrong})

    assert response.context["form"].errors == {"code": [str(WRONG_CODE)]}
    assert f'value="{wrong}"' in text_of(response)
    assert not is_logged_in(client)


def test_spaces_in_a_code_do_not_matter(client: Client, maria: User) -> None:
    ask_for_code(client, "maria@example.org")
    code = newest_code("maria@example.org")

    client.post(CODE, {"code": f" {code[:3]} {code[3:]} "})

    assert is_logged_in(client)


def test_five_wrong_codes_end_it_even_for_the_right_one(client: Client, maria: User) -> None:
    ask_for_code(client, "maria@example.org", f"{ADDRESS}?next=/nutzungsordnung/")
    code = newest_code("maria@example.org")
    wrong = "000000" if code != "000000" else "111111"

    for _attempt in range(4):
        assert client.post(f"{CODE}?next=/nutzungsordnung/", {"code": wrong}).status_code == 200
    response = client.post(f"{CODE}?next=/nutzungsordnung/", {"code": wrong})

    assert response.url == f"{ADDRESS}?next=%2Fnutzungsordnung%2F"
    assert client.post(CODE, {"code": code}).url == ADDRESS
    assert not is_logged_in(client)
    assert 'value="maria@example.org"' in text_of(client.get(ADDRESS))


def test_an_old_code_is_called_old(client: Client, maria: User, stopped_clock: Any) -> None:
    ask_for_code(client, "maria@example.org")
    stopped_clock.move_to(NOW + timedelta(minutes=15, seconds=1))

    response = client.post(CODE, {"code": newest_code("maria@example.org")}, follow=True)

    assert not is_logged_in(client)
    assert len(response.context["messages"]) == 1
    assert response.redirect_chain == [(ADDRESS, 302)]


def test_a_new_code_replaces_the_one_before(client: Client, maria: User, stopped_clock: Any) -> None:
    ask_for_code(client, "maria@example.org")
    old = newest_code("maria@example.org")
    stopped_clock.move_to(NOW + timedelta(minutes=14))
    client.post(CODE, {"action": "resend"})
    new = newest_code("maria@example.org")
    stopped_clock.move_to(NOW + timedelta(minutes=20))

    if old != new:
        client.post(CODE, {"code": old})
        assert not is_logged_in(client)
    client.post(CODE, {"code": new})

    assert is_logged_in(client)


def test_the_mail_carries_the_code_and_how_long_it_holds(client: Client, maria: User) -> None:
    ask_for_code(client, "maria@example.org")

    mail = render(Message.objects.get())

    code = newest_code("maria@example.org")
    assert (mail.text.count(code), mail.html.count(code)) == (1, 1)
    assert "15 Minuten" in mail.text


def test_somebody_else_cannot_use_my_code(client: Client, maria: User) -> None:
    ask_for_code(client, "maria@example.org")
    stranger = Client()

    response = stranger.post(CODE, {"code": newest_code("maria@example.org")})

    assert response.url == ADDRESS
    assert not is_logged_in(stranger)


def test_a_code_works_once(client: Client, maria: User) -> None:
    ask_for_code(client, "maria@example.org")
    code = newest_code("maria@example.org")
    client.post(CODE, {"code": code})
    client.post("/konto/abmelden/")

    client.post(CODE, {"code": code})

    assert not is_logged_in(client)


def test_sending_the_code_twice_leads_where_once_leads(client: Client, maria: User) -> None:
    ask_for_code(client, "maria@example.org", f"{ADDRESS}?next=/nutzungsordnung/")
    code = newest_code("maria@example.org")
    target = f"{CODE}?next=/nutzungsordnung/"

    assert client.post(target, {"code": code}).url == "/nutzungsordnung/"
    assert client.post(target, {"code": code}).url == "/nutzungsordnung/"


def test_a_login_never_leads_to_another_site(client: Client, maria: User) -> None:
    elsewhere = "https://evil.example/"
    ask_for_code(client, "maria@example.org", f"{ADDRESS}?next={elsewhere}")

    response = client.post(
        f"{CODE}?next={elsewhere}", {"code": newest_code("maria@example.org"), "next": elsewhere}
    )

    assert response.url == "/meine-anfragen/"


def test_somebody_switched_off_gets_no_code(client: Client, maria: User) -> None:
    User.objects.update(is_active=False)

    assert ask_for_code(client, "maria@example.org").url == CODE
    assert Message.objects.count() == 0


def test_another_address_can_be_used_instead(client: Client, maria: User) -> None:
    ask_for_code(client, "mari@example.org", f"{ADDRESS}?next=/nutzungsordnung/")
    assert client.get(ADDRESS).url == CODE

    response = client.post("/konto/anmelden/neu/", {"next": "/nutzungsordnung/"})

    assert response.url == f"{ADDRESS}?next=%2Fnutzungsordnung%2F"
    assert client.get(response.url).status_code == 200


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_first_logins_at_once_make_one_account() -> None:
    barrier, made = threading.Barrier(8), []

    def create() -> None:
        barrier.wait()
        made.append(get_or_create_user("neu@example.org", language="de").pk)
        connection.close()

    threads = [threading.Thread(target=create) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert made == [User.objects.get().pk] * 8


def test_staff_start_at_the_inbox(client: Client, vera: User) -> None:
    make_house()
    ask_for_code(client, "vera@example.org")

    assert client.post(CODE, {"code": newest_code("vera@example.org")}).url == "/eingang/"


def test_caretakers_start_at_the_plan_of_their_day(client: Client, settings: Any, db: None) -> None:
    settings.DEMO = True
    make_house()
    User.objects.create_user("hausmeister@demo.example", name="Demo Hausmeisterei", is_caretaker=True)

    assert client.post("/demo/anmelden/hausmeister/").url == "/hausdienst/"


def test_staff_set_a_password_and_log_in_with_it(client: Client, vera: User) -> None:
    client.force_login(vera)
    words = "Birnen und sieben Uhren"
    assert client.post("/konto/passwort/neu/", {"password1": words, "password2": words}).url == "/konto/"
    notice = Message.objects.get(kind="account_notice")
    assert (notice.recipient, notice.facts["link"]) == ("vera@example.org", "http://testserver/konto/")
    assert render(notice).text.count("http://testserver/konto/") == 1

    visitor = Client()
    refused = visitor.post("/konto/anmelden/passwort/", {"login": "vera@example.org", "password": "Äpfel"})
    assert (refused.status_code, is_logged_in(visitor)) == (200, False)
    visitor.post("/konto/anmelden/passwort/", {"login": "vera@example.org", "password": words})

    assert is_logged_in(visitor)


def test_a_second_factor_is_asked_for_after_the_code(client: Client, vera: User, stopped_clock: Any) -> None:
    client.force_login(vera)
    page = client.get("/konto/zweiter-faktor/einrichten/")
    secret = page.context["form"].secret
    assert text_of(page).count("<svg") > 1
    assert "data:image" not in text_of(page)
    code = format_hotp_value(hotp_value(secret, int(NOW.timestamp()) // 30))
    assert client.post("/konto/zweiter-faktor/einrichten/", {"code": code}).status_code == 302

    visitor = Client()
    ask_for_code(visitor, "vera@example.org")
    response = visitor.post(CODE, {"code": newest_code("vera@example.org")})

    assert response.url == "/konto/anmelden/zweiter-faktor/"
    assert not is_logged_in(visitor)


@pytest.mark.parametrize(
    "path",
    [
        "/konto/passwort/",
        "/konto/passwort/neu/",
        "/konto/zweiter-faktor/",
        "/konto/zweiter-faktor/einrichten/",
        "/konto/zweiter-faktor/ersatzcodes/",
    ],
)
def test_passwords_and_second_factors_are_for_staff(path: str, client: Client, maria: User) -> None:
    assert client.get(path).status_code == 302
    assert client.get(path).url.startswith(ADDRESS)

    client.force_login(maria)

    assert client.get(path).status_code == 403


def test_nobody_logs_out_by_opening_a_link(client: Client, maria: User) -> None:
    client.force_login(maria)
    assert client.get("/konto/abmelden/").status_code == 200
    assert is_logged_in(client)

    client.post("/konto/abmelden/")

    assert not is_logged_in(client)


@pytest.mark.parametrize("who", ["verein", "verwaltung", "hausmeister"])
def test_demo_logins_do_not_exist_outside_the_demo(who: str, client: Client, db: None) -> None:
    User.objects.create_user(f"{who}@demo.example", name="Demo")

    assert client.post(f"/demo/anmelden/{who}/").status_code == 404
    assert "demo" not in text_of(client.get(ADDRESS)).lower()


def test_one_click_logs_in_as_a_demo_person(client: Client, db: None, settings: Any) -> None:
    settings.DEMO = True
    user = User.objects.create_user("verein@demo.example", name="Maria Beispiel")
    assert client.get("/demo/anmelden/verein/").status_code == 405
    assert client.post("/demo/anmelden/chef/").status_code == 404

    response = client.post("/demo/anmelden/verein/", {"next": "/nutzungsordnung/"})

    assert response.url == "/nutzungsordnung/"
    assert client.session["_auth_user_id"] == str(user.pk)


def test_create_staff_prints_a_link_that_logs_in_once(client: Client, db: None, capsys: Any) -> None:
    call_command("create_staff", "chefin@example.org", "--name", "Carla Chefin")
    link = capsys.readouterr().out.split()[-1].removeprefix("http://testserver")
    user = User.objects.get()
    assert (user.name, user.is_staff, user.is_superuser) == ("Carla Chefin", True, True)

    assert client.get(link).status_code == 200
    assert not is_logged_in(client)
    # There is no house yet to decide anything in.
    assert client.post(link).url == "/admin/"
    assert is_logged_in(client)

    assert Client().post(link).status_code == 404


def test_a_login_link_is_worth_nothing_after_an_hour(client: Client, vera: User, stopped_clock: Any) -> None:
    link = make_login_link(vera).removeprefix("http://testserver")
    stopped_clock.move_to(NOW + timedelta(hours=1, seconds=1))

    assert client.post(link).status_code == 404
    assert not is_logged_in(client)


def test_create_staff_raises_an_existing_person(maria: User, capsys: Any) -> None:
    call_command("create_staff", "MARIA@example.org")

    maria.refresh_from_db()
    assert (User.objects.count(), maria.is_staff, maria.name) == (1, True, "Maria Beispiel")


def test_create_staff_refuses_what_is_no_address(db: None) -> None:
    with pytest.raises(CommandError):
        call_command("create_staff", "chefin")
    assert User.objects.count() == 0


def test_an_address_too_long_for_a_mail_is_refused(client: Client, db: None) -> None:
    too_long = "@".join(["m" * 64, ".".join(["example" * 8] * 4) + ".org"])
    response = ask_for_code(client, too_long)
    assert (response.status_code, list(response.context["form"].errors)) == (200, ["email"])
    assert Message.objects.count() == 0


@pytest.mark.parametrize(
    ("query", "times"), [("", 0), ("?next=/nutzungsordnung/", 0), ("?next=/anfrage/%3Fraum%3Dsaal-a", 1)]
)
@pytest.mark.django_db
def test_who_was_on_the_way_to_a_request_is_told_that_it_goes_on(
    client: Client, query: str, times: int
) -> None:
    page = text_of(client.get(f"{ADDRESS}{query}"))
    assert page.count("Danach geht es mit Ihrer Anfrage weiter.") == times
