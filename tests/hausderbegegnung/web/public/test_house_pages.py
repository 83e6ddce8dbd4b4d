"""The pages every house needs, the error pages, and how all of them look to axe-core and to the browser."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client
from playwright.sync_api import Page

from hausderbegegnung.accounts.sessions import SessionStore
from hausderbegegnung.models import User
from hausderbegegnung.web.public.house_pages import TextBlock, text_blocks
from rooms.enums import PageKind
from rooms.models import House, HousePage, HouseRules
from tests.factories import make_house, make_staff, make_user

NOW = datetime(2027, 4, 20, 9, 0, tzinfo=UTC)
LEGAL_PAGES = [
    "/seite/impressum/",
    "/seite/datenschutz/",
    "/seite/barrierefreiheit/",
    "/seite/leichte-sprache/",
    "/nutzungsordnung/",
]


@pytest.fixture
def house(db: None) -> House:
    return make_house(name="Haus der Begegnung", operator="Stadt Bedburg", email="haus@example.org")


def text_of(response: Any) -> str:
    content: str = response.content.decode()
    return content


def test_a_text_is_split_into_headings_paragraphs_and_lists() -> None:
    text = "# Ruhe\nAb 22 Uhr.\r\n\r\n## Küche\n\n- spülen\n- fegen\n\nDanke\nIhr Haus"

    assert text_blocks(text) == [
        TextBlock("heading", ("Ruhe",)),
        TextBlock("paragraph", ("Ab 22 Uhr.",)),
        TextBlock("subheading", ("Küche",)),
        TextBlock("list", ("spülen", "fegen")),
        TextBlock("paragraph", ("Danke", "Ihr Haus")),
    ]


def test_an_indented_line_goes_on_with_the_line_above_it() -> None:
    text = "Ab 22 Uhr\n  ist Ruhe.\nIhr Haus\r\n\r\n- spülen\n  und trocknen\n- fegen\n\n  Danke"

    assert text_blocks(text) == [
        TextBlock("paragraph", ("Ab 22 Uhr ist Ruhe.", "Ihr Haus")),
        TextBlock("list", ("spülen und trocknen", "fegen")),
        TextBlock("paragraph", ("Danke",)),
    ]


@pytest.mark.parametrize("path", LEGAL_PAGES)
def test_legal_pages_exist_before_anybody_wrote_them(path: str, client: Client, house: House) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", LEGAL_PAGES)
def test_legal_pages_exist_without_a_house(path: str, client: Client, db: None) -> None:
    assert client.get(path).status_code == 200


def test_the_imprint_names_the_operator(client: Client, house: House) -> None:
    page = text_of(client.get("/seite/impressum/"))

    assert page.count("Stadt Bedburg") > 1
    assert page.count("haus@example.org") > 1


def test_the_privacy_notice_says_how_long_mails_are_kept(client: Client, house: House, settings: Any) -> None:
    settings.MAIL_RETENTION_DAYS = 45
    assert "nach 45 Tagen" in client.get("/seite/datenschutz/").content.decode()


def test_a_text_of_the_house_replaces_the_default_and_is_only_text(client: Client, house: House) -> None:
    HousePage.objects.create(house=house, kind=PageKind.IMPRINT, text="# Wir\n\n<script>alert(1)</script>")

    page = text_of(client.get("/seite/impressum/"))

    assert "<h2>Wir</h2>" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_unknown_pages_of_the_house_are_not_found(client: Client, house: House) -> None:
    assert client.get("/seite/kantine/").status_code == 404


def test_the_house_rules_that_are_valid_today_are_shown(client: Client, house: House) -> None:
    for version, day in [("2026-01", "2026-01-01"), ("2027-01", "2027-04-20"), ("2028-01", "2028-01-01")]:
        HouseRules.objects.create(house=house, version=version, text=f"Fassung {version}", valid_from=day)

    with time_machine.travel(NOW, tick=False):
        page = text_of(client.get("/nutzungsordnung/"))

    assert [version for version in ["2026-01", "2027-01", "2028-01"] if f"Fassung {version}" in page] == [
        "2027-01"
    ]


@pytest.mark.parametrize("path", ["/gibt-es-nicht/", "/seite/kantine/"])
def test_a_missing_page_is_told_in_the_frame_of_the_house(path: str, client: Client, house: House) -> None:
    response = client.get(path)

    assert response.status_code == 404
    assert 'href="/seite/impressum/"' in text_of(response)


def test_a_forged_form_is_told_in_the_frame_of_the_house(house: House) -> None:
    response = Client(enforce_csrf_checks=True).post("/konto/anmelden/", {"email": "maria@example.org"})

    assert response.status_code == 403
    assert 'href="/seite/impressum/"' in text_of(response)


@pytest.mark.parametrize("browser_prefers", ["de-DE", "en-US", "fr"])
def test_german_is_spoken_until_another_language_is_chosen(
    browser_prefers: str, client: Client, house: House
) -> None:
    headers = {"accept-language": browser_prefers}
    assert '<html lang="de">' in text_of(client.get("/seite/impressum/", headers=headers))

    assert (
        client.post("/sprache/", {"language": "en", "next": "/seite/impressum/"}).url == "/seite/impressum/"
    )

    assert '<html lang="en">' in text_of(client.get("/seite/impressum/", headers=headers))


def test_the_language_switch_leads_to_no_other_site(client: Client, house: House) -> None:
    assert client.post("/sprache/", {"language": "en", "next": "https://evil.example/"}).url == "/"


def test_no_page_needs_a_cookie_to_be_read(client: Client, house: House) -> None:
    assert client.get("/seite/impressum/").cookies == {}


@pytest.mark.parametrize("houses", [1, 3])
def test_the_frame_of_a_page_costs_one_query(
    houses: int, client: Client, db: None, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for number in range(houses):
        make_house(slug=f"haus-{number}")

    with django_assert_num_queries(1):
        client.get("/gibt-es-nicht/")


def test_the_navigation_shows_staff_what_is_theirs(client: Client, house: House) -> None:
    def links() -> list[str]:
        page = text_of(client.get("/seite/impressum/"))
        return [
            path for path in ["/eingang/", "/postausgang/", "/admin/", "/konto/"] if f'href="{path}"' in page
        ]

    assert links() == []
    client.force_login(make_user("maria@example.org"))
    assert links() == ["/konto/"]
    client.force_login(make_staff(email="vera@example.org"))
    assert links() == ["/eingang/", "/postausgang/", "/admin/", "/konto/"]


def test_a_new_name_of_the_house_is_on_every_page_at_once_and_is_only_text(
    client: Client, house: House
) -> None:
    client.get("/seite/impressum/")
    House.objects.update(name="Haus <b>Nebenan</b>")

    page = text_of(client.get("/seite/impressum/"))

    assert "<b>Nebenan</b>" not in page
    assert '<span class="brand__name">Haus &lt;b&gt;Nebenan&lt;/b&gt;</span>' in page


def test_everybody_logs_out_with_a_form_of_the_own(house: House) -> None:
    """The header is kept in memory for many visitors, their form tokens are not."""
    for address in ["maria@example.org", "moritz@example.org"]:
        visitor = Client(enforce_csrf_checks=True)
        visitor.force_login(make_user(address))
        token = text_of(visitor.get("/konto/")).split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]

        response = visitor.post("/konto/abmelden/", {"csrfmiddlewaretoken": token})

        assert (response.status_code, SESSION_KEY in visitor.session) == (302, False)


def test_the_language_switch_leads_back_to_the_page_as_it_was(client: Client, house: House) -> None:
    page = text_of(client.get('/seite/impressum/?a=1&b="x"'))

    assert 'name="next" value="/seite/impressum/?a=1&amp;b=%22x%22"' in page


def test_no_template_or_style_of_ours_needs_an_exception_from_the_policy() -> None:
    """Inline styles and scripts, and addresses of other origins, have no place in our pages."""
    root = Path(django_settings.BASE_DIR) / "hausderbegegnung/web"
    pages = [*(root / "templates").rglob("*.html")]
    assert len(pages) > 30
    for page in pages:
        if "admin" not in page.parts:
            text = page.read_text()
            found = [
                part for part in [" style=", "<style", "onclick=", "javascript:", "//cdn"] if part in text
            ]
            assert (page.name, found) == (page.name, [])


# In the browser --------------------------------------------------------------------------------


def log_in(page: Page, user: User, live_server: Any) -> None:
    """Give the browser a session of the user, as a finished login leaves it."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = django_settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    page.context.add_cookies(
        [
            {
                "name": django_settings.SESSION_COOKIE_NAME,
                "value": session.session_key or "",
                "url": live_server.url,
            }
        ]
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing_on_pages_of_the_house(
    scheme: str, width: int, new_page: Callable[..., Page], axe_findings: Callable[[Page], list[str]]
) -> None:
    make_house()
    page = new_page(color_scheme=scheme, viewport={"width": width, "height": 800})
    for path in [*LEGAL_PAGES, "/konto/anmelden/", "/konto/anmelden/passwort/"]:
        page.goto(path)
        assert (path, axe_findings(page)) == (path, [])
        assert (path, page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")) == (
            path,
            True,
        )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_account_pages(
    scheme: str,
    new_page: Callable[..., Page],
    axe_findings: Callable[[Page], list[str]],
    live_server: Any,
) -> None:
    make_house()
    user = make_staff(email="vera@example.org")
    page = new_page(color_scheme=scheme)
    log_in(page, user, live_server)
    for path in [
        "/konto/",
        "/konto/angaben/",
        "/konto/passwort/neu/",
        "/konto/zweiter-faktor/",
        "/konto/zweiter-faktor/einrichten/",
        "/konto/abmelden/",
    ]:
        page.goto(path)
        assert (path, axe_findings(page)) == (path, [])


@pytest.mark.django_db(transaction=True)
def test_a_new_person_gets_in_with_the_keyboard_alone(
    new_page: Callable[..., Page], axe_findings: Callable[[Page], list[str]]
) -> None:
    from notifications.models import Message  # the outbox stands in for the person's mailbox

    make_house()
    page = new_page()
    page.goto("/konto/anmelden/?next=/nutzungsordnung/")
    page.locator("#id_email").focus()
    page.keyboard.type("neu@example.org")
    page.keyboard.press("Enter")
    page.wait_for_url("**/code/**")
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    page.wait_for_selector("[aria-invalid=true]")
    assert axe_findings(page) == []
    page.locator("#id_code").fill(Message.objects.get(kind="login_code").facts["code"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/konto/angaben/**")
    assert axe_findings(page) == []
    page.locator("#id_name").fill("Nora Neu")
    page.keyboard.press("Enter")
    page.wait_for_url("**/nutzungsordnung/")

    assert User.objects.get().name == "Nora Neu"


@pytest.mark.django_db(transaction=True)
def test_the_menu_of_small_screens_works_without_scripts(new_page: Callable[..., Page]) -> None:
    make_house()
    page = new_page(java_script_enabled=False, viewport={"width": 360, "height": 700})
    page.goto("/seite/impressum/")
    assert not page.locator(".site-nav--menu a[href='/raeume/']").is_visible()

    page.locator("summary").click()

    assert page.locator(".site-nav--menu a[href='/raeume/']").is_visible()


def test_crawlers_read_which_pages_are_not_theirs(client: Client) -> None:
    answer = client.get("/robots.txt")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    lines = answer.content.decode().splitlines()
    assert lines[0] == "User-agent: *"
    private = ["/admin/", "/anfrage/", "/anfragen/", "/api/", "/eingang/", "/konto/", "/postausgang/"]
    assert {f"Disallow: {path}" for path in private} <= {*lines}


def test_the_icon_is_found_where_browsers_ask_for_it(client: Client) -> None:
    assert client.get("/favicon.ico")["Location"].endswith("img/favicon.svg")


def test_the_demo_lets_people_change_sides(client: Client, house: House, settings: Any) -> None:
    client.force_login(make_user("maria@example.org"))
    assert "/demo/anmelden/" not in client.get("/seite/impressum/").content.decode()
    settings.DEMO = True
    page = client.get("/seite/impressum/").content.decode()
    assert [who for who in ["verein", "verwaltung", "hausmeister"] if f"/demo/anmelden/{who}/" in page] == [
        "verein",
        "verwaltung",
        "hausmeister",
    ]
