"""Choosing mails: in the account, by the link at the end of a mail, and by the button of the mail program."""

import re
from collections.abc import Callable

import pytest
import time_machine
from django.test import Client
from playwright.sync_api import Page

from hausderbegegnung.models import User
from notifications.models import Declined, Message
from notifications.preferences import choose_mail, decline_path
from notifications.recipients import person_of
from notifications.wording.catalogue import KINDS
from rooms.models import House
from tests.factories import NOW, make_house, make_staff, make_user

pytestmark = pytest.mark.django_db

ACCOUNT = "/konto/mails/"
REMINDER = KINDS["reminder"]


@pytest.fixture
def maria(house: House) -> User:
    return make_user("maria@example.org", name="Maria Beispiel")


def link(address: str = "maria@example.org", kind: str = "reminder") -> str:
    return decline_path(KINDS[kind], person_of(address))


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def declined() -> set[tuple[str, str]]:
    return set(Declined.objects.values_list("person", "kind"))


def of(address: str, *kinds: str) -> set[tuple[str, str]]:
    return {(person_of(address), kind) for kind in kinds}


def offered(client: Client, url: str) -> list[str]:
    return [choice.kind.name for choice in client.get(url).context["choices"]]


# In the account --------------------------------------------------------------------------------


def test_the_account_leads_to_the_choice_and_needs_a_login(client: Client, maria: User) -> None:
    assert client.get(ACCOUNT)["Location"] == f"/konto/anmelden/?next={ACCOUNT}"
    assert client.post(ACCOUNT, {"kind": "reminder", "wanted": "no"}).status_code == 302
    assert declined() == set()
    assert f'href="{ACCOUNT}"' in logged_in(maria).get("/konto/").content.decode()


def test_a_kind_is_declined_and_taken_back(maria: User) -> None:
    client = logged_in(maria)
    page = client.post(ACCOUNT, {"kind": "reminder", "wanted": "no"}, follow=True).content.decode()
    assert declined() == of("maria@example.org", "reminder")
    assert "Abbestellt: Erinnerung." in page
    assert "Wieder bestellen" in page
    page = client.post(ACCOUNT, {"kind": "reminder", "wanted": "yes"}, follow=True).content.decode()
    assert declined() == set()
    assert "Sie erhalten diese E-Mails wieder: Erinnerung." in page


def test_everybody_sees_and_chooses_what_is_the_own(house: House, maria: User) -> None:
    """Three people: an applicant, staff reached by the mailbox of the house, a caretaker."""
    staff, caretaker = make_staff(), make_user(is_caretaker=True)
    applicant_kinds = ["reminder", "monthly_overview", "series_ending", "still_taking_place"]
    assert offered(logged_in(maria), ACCOUNT) == applicant_kinds
    assert offered(logged_in(staff), ACCOUNT) == applicant_kinds
    assert "gehen an das Postfach des Hauses" in logged_in(staff).get(ACCOUNT).content.decode()
    assert "gehen an das Postfach des Hauses" not in logged_in(maria).get(ACCOUNT).content.decode()
    assert offered(logged_in(caretaker), ACCOUNT) == [*applicant_kinds, "caretaker_plan", "caretaker_change"]

    House.objects.update(email="")
    assert offered(logged_in(staff), ACCOUNT) == [
        *applicant_kinds,
        "staff_new_request",
        "staff_dates_added",
        "staff_withdrawn",
        "staff_cancelled",
        "staff_digest",
    ]
    logged_in(staff).post(ACCOUNT, {"kind": "staff_digest", "wanted": "no"})
    logged_in(caretaker).post(ACCOUNT, {"kind": "caretaker_plan", "wanted": "no"})
    assert declined() == of(staff.email, "staff_digest") | of(caretaker.email, "caretaker_plan")


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("approval", "no"),
        ("staff_digest", "no"),
        ("", "no"),
        ("reminder", ""),
        ("reminder", "maybe"),
        ("x" * 99, "no"),
    ],
)
def test_what_is_not_offered_is_refused(maria: User, kind: str, wanted: str) -> None:
    for client, url in [(logged_in(maria), ACCOUNT), (Client(), link())]:
        answer = client.post(url, {"kind": kind, "wanted": wanted})
        assert answer.status_code == 400
        assert "Bitte wählen Sie einen der angebotenen Werte." in answer.content.decode()
    assert declined() == set()


def test_a_forged_form_of_another_site_is_refused(maria: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(maria)
    assert client.post(ACCOUNT, {"kind": "reminder", "wanted": "no"}).status_code == 403
    assert declined() == set()


# By the link -----------------------------------------------------------------------------------


def test_opening_the_link_changes_nothing(client: Client, house: House) -> None:
    for method in [client.get, client.head]:
        assert method(link()).status_code == 200
        assert method(link() + "?kind=reminder&wanted=no&List-Unsubscribe=One-Click").status_code == 200
    assert client.put(link()).status_code == 405
    assert declined() == set()


def test_the_link_declines_and_takes_back_without_a_login(client: Client, house: House) -> None:
    answer = client.post(link(), {"kind": "reminder", "wanted": "no"}, follow=True)
    assert answer.redirect_chain == [(link(), 302)]
    assert declined() == of("maria@example.org", "reminder")
    client.post(link(), {"kind": "series_ending", "wanted": "no"})
    assert declined() == of("maria@example.org", "reminder", "series_ending")
    client.post(link(), {"kind": "reminder", "wanted": "yes"})
    assert declined() == of("maria@example.org", "series_ending")


def test_mail_programs_decline_with_one_post(house: House) -> None:
    """RFC 8058: without a cookie, a token of the form or a redirect, and twice does no harm."""
    client = Client(enforce_csrf_checks=True)
    for content_type in ["application/x-www-form-urlencoded", "multipart/form-data"]:
        data = {"List-Unsubscribe": "One-Click"}
        if content_type == "multipart/form-data":
            answer = client.post(link(), data)
        else:
            answer = client.post(link(), "List-Unsubscribe=One-Click", content_type=content_type)
        assert (answer.status_code, answer.content.decode()) == (
            200,
            "Sie erhalten keine E-Mails dieser Art mehr.",
        )
    assert declined() == of("maria@example.org", "reminder")


def test_a_link_is_for_one_person_and_one_audience(client: Client, house: House) -> None:
    """Three people: the link of one shows and changes nothing of the others."""
    choose_mail(person=person_of("ute@example.org"), kind=REMINDER, is_wanted=False, now=NOW)
    assert [choice.is_wanted for choice in client.get(link()).context["choices"]] == [True] * 4
    assert [choice.is_wanted for choice in client.get(link("ute@example.org")).context["choices"]] == [
        False,
        *[True] * 3,
    ]
    assert offered(client, link("haus@example.org", "staff_digest")) == [
        "staff_new_request",
        "staff_dates_added",
        "staff_withdrawn",
        "staff_cancelled",
        "staff_digest",
    ]
    client.force_login(make_user("ute@example.org"))
    client.post(link(), {"kind": "monthly_overview", "wanted": "no"})
    assert declined() == of("ute@example.org", "reminder") | of("maria@example.org", "monthly_overview")


def test_a_forged_link_opens_nothing(client: Client, house: House) -> None:
    for path in ["x", link().split("/")[3][:-1], link().split("/")[3].replace("reminder", "staff_digest")]:
        for method in (client.get, client.post):
            answer = method(f"/mails/abbestellen/{path}/", {"List-Unsubscribe": "One-Click"})
            assert answer.status_code == 404
    assert declined() == set()


def test_the_pages_are_kept_nowhere(client: Client, maria: User) -> None:
    for answer in [client.get(link()), logged_in(maria).get(ACCOUNT)]:
        assert answer["Cache-Control"] == "no-store, private"
        assert answer["X-Robots-Tag"] == "noindex"
        assert answer["Referrer-Policy"] == "same-origin"
    assert "maria" not in link()


# In a browser ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_it_works_in_a_browser_without_scripts_on_a_phone(
    new_page: Callable[..., Page], axe_findings: Callable[[Page], list[str]], live_server
) -> None:
    with time_machine.travel(NOW):
        make_house(email="")
        phone = new_page(java_script_enabled=False, viewport={"width": 360, "height": 700})
        phone.goto(link())
        phone.get_by_role("button", name=re.compile("Abbestellen ?: Erinnerung")).click()
        phone.get_by_role("button", name=re.compile("Wieder bestellen ?: Erinnerung")).wait_for()
        assert phone.locator("html").evaluate("html => html.scrollWidth") <= 360
        assert declined() == of("maria@example.org", "reminder")

        both = make_staff(is_caretaker=True)
        session = logged_in(both).cookies["sessionid"].value
        for scheme in ["light", "dark"]:
            desk = new_page(color_scheme=scheme)
            desk.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
            for url in [link(), ACCOUNT, "/konto/"]:
                desk.goto(url)
                assert axe_findings(desk) == []
    assert not Message.objects.exists()


def test_what_one_always_gets_is_named_only_where_there_is_any(client: Client, house: House) -> None:
    of_caretaker = client.get(link("hausdienst@example.org", "caretaker_plan")).content.decode()
    assert "Sie erhalten immer" not in of_caretaker
    of_staff = client.get(link("verwaltung@example.org", "staff_digest")).content.decode()
    assert re.findall(r"Sie erhalten immer</h2>\s*<p>(.*?)</p>", of_staff) == ["Antwort überfällig."]
