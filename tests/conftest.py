"""What every test may use, and what no test may do: talk to another machine."""

import gc
import hashlib
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import translation
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from hausderbegegnung.models import User
from hausderbegegnung.operations.translations import compile_catalogues
from rooms.models import House, Room
from tests import generated, services
from tests.factories import make_house, make_room, make_staff, make_user
from tests.mail_server import Postbox, SmtpServer
from tests.services import missing

generated.register_profiles()

LOOPBACK = {"127.0.0.1", "::1", "localhost", "testserver", "0.0.0.0", "::"}
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_configure(config: pytest.Config) -> None:
    """Pages are tested with today's German texts."""
    if not hasattr(config, "workerinput"):
        compile_catalogues(Path(__file__).parent.parent)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever uses the browser or the database is marked so, without having to say it."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if {"browser", "page", "new_page"} & fixtures:
            item.add_marker(pytest.mark.browser)
        if {"db", "transactional_db", "live_server"} & fixtures or item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.engine)


def pytest_collection_finish() -> None:
    """What was loaded up to here stays: the garbage collector needs not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, pytestconfig: pytest.Config
) -> Iterator[None]:
    """A migrated database of this process, in place of the one that pytest-django would migrate anew."""
    from tests.databases import migrated_copy

    assert pytestconfig.cache is not None
    with ExitStack() as stack:
        with django_db_blocker.unblock():
            stack.enter_context(migrated_copy(pytestconfig.cache.mkdir("databases")))
        yield
        with django_db_blocker.unblock():
            stack.close()


@pytest.fixture(autouse=True)
def stay_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that calls another machine fails."""
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in LOOPBACK:
            pytest.fail(f"The test tried to reach {address!r}; nothing leaves this machine in tests.")
        connect(self, address)

    def guarded_look_up(host: Any, *arguments: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in {None, "", socket.gethostname(), *LOOPBACK}:
            pytest.fail(f"The test tried to look up {name!r}; nothing leaves this machine in tests.")
        return look_up(host, *arguments, **options)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)


@pytest.fixture(autouse=True)
def own_cache(request: pytest.FixtureRequest) -> None:
    """Every test starts with an empty cache, and with no facts of a house remembered."""
    from bookings.availability.cache import forget_what_was_kept
    from bookings.availability.snapshot import forget_months
    from hausderbegegnung.web.shared.fragments import forget_what_was_drawn
    from rooms.facts import forget_facts
    from rooms.lookups import forget_houses

    services.cache_namespace["test"] = hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:16]
    forget_what_was_kept()
    forget_months()
    forget_what_was_drawn()
    forget_facts()
    forget_houses()


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """A request in English leaves the language of the thread behind; the next test starts in German."""
    yield
    translation.deactivate()


# The house, the room and the people of most tests ---------------------------------------------


@pytest.fixture
def house(db: None) -> House:
    return make_house()


@pytest.fixture
def room(house: House) -> Room:
    return make_room(house)


@pytest.fixture
def owner(db: None) -> User:
    return make_user()


@pytest.fixture
def staff(db: None) -> User:
    return make_staff()


# Mail ------------------------------------------------------------------------------------------


@pytest.fixture
def smtp_server(settings: Any) -> Iterator[Postbox]:
    """A real SMTP server on this machine that Django sends to; set `.answer` to make it refuse."""
    postbox = Postbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = SmtpServer(postbox, port)
    server.start()
    settings.EMAIL_BACKEND = "notifications.outbox.mail_server.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    yield postbox
    server.stop()


# Browser ---------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once."""
    path = services.chromium()
    if path is None:
        missing("Chromium")
    # Playwright's event loop runs in this thread; the ORM is used by the tests, not inside that loop.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def expected_console_errors() -> list[str]:
    """Parts of console errors that a test provokes on purpose, such as "status of 404"."""
    return []


@pytest.fixture
def browser_findings() -> list[str]:
    """What the pages of this test did and should not have done; it must be empty at the end."""
    return []


@pytest.fixture
def new_page(
    browser: Browser, live_server: Any, expected_console_errors: list[str], browser_findings: list[str]
) -> Iterator[Callable[..., Page]]:
    """Open pages in fresh contexts (keyword arguments as in `browser.new_context`).

    The test fails if one of them breaks the content security policy, logs an error, or
    asks another origin for anything.
    """
    origin = urlsplit(live_server.url).netloc
    findings = browser_findings
    contexts: list[BrowserContext] = []

    def note_console(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(part in message.text for part in expected_console_errors):
            findings.append(f"console: {message.text} ({message.location.get('url', '')})")

    def note_request(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != origin:
            findings.append(f"request to another origin: {request.url}")

    def open_page(**options: Any) -> Page:
        context = browser.new_context(base_url=live_server.url, locale="de-DE", **options)
        contexts.append(context)
        context.on("console", note_console)
        context.on("weberror", lambda error: findings.append(f"script error: {error.error}"))
        context.on("request", note_request)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert findings == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """One page in a fresh browser context, watched as `new_page` tells."""
    return new_page()


@pytest.fixture
def no_script_page(new_page: Callable[..., Page]) -> Page:
    """A page of a visitor whose browser runs no JavaScript."""
    return new_page(java_script_enabled=False)


@pytest.fixture
def axe_findings() -> Callable[[Page], list[str]]:
    """Run axe-core on the page as it stands: one line per violation, empty when there is none.

    A click returns when the answer begins, which may be before it has a body; so the page is waited for.
    """
    from axe_playwright_python.sync_playwright import Axe

    def run(page: Page) -> list[str]:
        page.wait_for_load_state()
        # Else axe writes imported sheets into the page, which the content security policy forbids.
        violations = Axe().run(page, options={"preload": False}).response["violations"]
        return [f"{found['id']}: {node['target']}" for found in violations for node in found["nodes"]]

    return run


@pytest.fixture
def page_findings(axe_findings: Callable[[Page], list[str]]) -> Callable[[Page], list[str]]:
    """What is wrong with the page as it stands: axe-core's violations, and pixels that it is too wide."""

    def run(page: Page) -> list[str]:
        findings = axe_findings(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return findings + ([f"{wide} px too wide"] if wide > 0 else [])

    return run
