"""The public pages in Chromium: the display keeps itself true, the timeline takes a click, axe is content."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from bookings.access.actors import System
from bookings.enums import Visibility
from bookings.models import Booking
from bookings.services import give_dates_back
from rooms.clock import day_of
from rooms.models import Closure, Equipment, House, Room
from tests.factories import BERLIN, berlin, make_booking, make_house, make_room

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house() -> House:
    return make_house(phone="02272 / 402-171", contact_name="Quartiersmanagement", introduction="Willkommen!")


@pytest.fixture
def room(house: House) -> Room:
    room = make_room(house, "Saal A", slug="saal-a", wayfinding="erste Tür links", step_free=True)
    room.equipment.add(Equipment.objects.create(house=house, name="Beamer"))
    return room


@pytest.fixture
def running(room: Room) -> Booking:
    """A date that began an hour ago and ends in an hour."""
    now = timezone.now()
    return make_booking(
        [room],
        now - timedelta(hours=1),
        now + timedelta(hours=1),
        title="Chorprobe",
        visibility=Visibility.PUBLIC,
    )


PAGES = [
    "/",
    "/raeume/",
    "/raeume/saal-a/",
    "/tag/",
    "/woche/",
    "/finden/?datum={day}&von=10:00",
    "/finden/?datum={day}&von=10:00&takt=weekly&anzahl=3&feiertage=1&auslassen=24.12.2027",
    "/display/",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_and_nothing_sticks_out(
    house: House,
    running: Booking,
    new_page: Callable[..., Page],
    axe_findings: Callable[[Page], list[str]],
    scheme: str,
    width: int,
) -> None:
    soon = day_of(timezone.now(), BERLIN) + timedelta(days=3)
    side_room = make_room(house, "Küche")
    make_booking([side_room], berlin(soon, "09:00"), visibility=Visibility.BUSY)
    off = make_booking([side_room], timezone.now(), title="Nähtreff", visibility=Visibility.PUBLIC)
    give_dates_back(booking_id=off.pk, actor=System(), now=timezone.now())
    closure = Closure.objects.create(
        house=house, starts_at=berlin(soon, "12:00"), ends_at=berlin(soon, "14:00"), reason="Boden"
    )
    closure.rooms.add(side_room)
    page = new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    findings = []
    for url in [*PAGES, f"/tag/{soon}/"]:
        page.goto(url.format(day=f"{soon:%d.%m.%Y}"))
        findings += [f"{url}: {finding}" for finding in axe_findings(page)]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            findings.append(f"{url} is wider than the screen")
    assert findings == []


# The display --------------------------------------------------------------------------------------


@pytest.fixture
def wall(page: Page, running: Booking) -> Iterator[Page]:
    """The display on the wall, with a clock the test can wind forward."""
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.clock.install()
    with page.expect_response(lambda answer: answer.url.endswith("/display/")):
        page.goto("/display/")
    page.wait_for_load_state("networkidle")
    return page


def test_the_display_takes_over_a_change_without_being_reloaded(wall: Page, running: Booking) -> None:
    expect(wall.get_by_text("läuft")).to_be_visible()
    wall.evaluate("window.notReloaded = true")
    give_dates_back(booking_id=running.pk, actor=System(), now=timezone.now())
    wall.clock.fast_forward("00:31")
    expect(wall.get_by_text("entfällt")).to_be_visible()
    assert wall.evaluate("window.notReloaded")


def test_an_unchanged_display_is_answered_304(wall: Page) -> None:
    with wall.expect_response(lambda answer: answer.url.endswith("/display/")) as answer:
        wall.clock.fast_forward("00:31")
    assert answer.value.status == 304
    expect(wall.get_by_text("Chorprobe")).to_be_visible()


@pytest.fixture
def expected_console_errors() -> list[str]:
    return ["ERR_FAILED", "ERR_INTERNET_DISCONNECTED"]


def test_a_display_without_a_server_keeps_the_plan_and_says_so(wall: Page) -> None:
    def unreachable(route: Route) -> None:
        route.abort()

    wall.route("**/display/", unreachable)
    stale = wall.get_by_text("Anzeige möglicherweise nicht aktuell")
    expect(stale).to_be_hidden()
    wall.clock.run_for("02:00")
    expect(stale).to_be_visible()
    expect(wall.get_by_text("Chorprobe")).to_be_visible()
    wall.unroute("**/display/")
    wall.clock.run_for("00:31")
    expect(stale).to_be_hidden()


@pytest.mark.parametrize("number", [3, 5, 6, 8])
def test_long_titles_are_read_to_their_end(page: Page, house: House, number: int) -> None:
    titles = [
        "Nachbarschaftsfrühstück",
        "Sprechstunde Quartiersmanagement",
        "Ausschuss für Soziales – öffentliche Sitzung",
        "Informationen zur Wärmeplanung in unserem Quartier am Kasterer See",
    ]
    for index in range(number):
        make_booking(
            [make_room(house)],
            timezone.now() - timedelta(minutes=1),
            title=titles[index % len(titles)],
            visibility=Visibility.PUBLIC,
        )
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto("/display/")
    expect(page.locator(".wall-entry")).to_have_count(number)
    cut = """all => all.filter(one => one.scrollHeight > one.clientHeight + 1
        || one.closest("li").scrollHeight > one.closest("li").clientHeight + 1).map(one => one.textContent)"""
    assert page.locator(".wall-entry__title").evaluate_all(cut) == []


def test_pages_turn_by_themselves_and_can_be_stopped(page: Page, house: House) -> None:
    now = timezone.now()
    for number in range(9):
        make_booking(
            [make_room(house)],
            now,
            now + timedelta(minutes=30),
            title=f"Kurs {number}",
            visibility=Visibility.PUBLIC,
            persons=1,
        )
    page.clock.install()
    page.goto("/display/")
    expect(page.get_by_text("Kurs 0")).to_be_visible()
    expect(page.get_by_text("Kurs 8")).to_be_hidden()
    page.clock.run_for(18_000)
    expect(page.get_by_text("Kurs 8")).to_be_visible()
    expect(page.get_by_text("Kurs 0")).to_be_hidden()
    page.get_by_role("button").click()
    page.clock.run_for(40_000)
    expect(page.get_by_text("Kurs 8")).to_be_visible()


def test_the_display_works_without_javascript(no_script_page: Page, running: Booking) -> None:
    no_script_page.goto("/display/")
    expect(no_script_page.get_by_text("Chorprobe")).to_be_visible()
    expect(no_script_page.get_by_text("Stand:")).to_be_visible()
    assert no_script_page.locator("meta[http-equiv=refresh]").count() == 1


# The timeline -------------------------------------------------------------------------------------


def wish_of(page: Page) -> dict[str, list[str]]:
    """What the request form was opened with, found in the address (behind a login, in its `next`)."""
    query = parse_qs(urlsplit(page.url).query)
    return parse_qs(urlsplit(query["next"][0]).query) if "next" in query else query


@pytest.fixture
def free_bar(page: Page, room: Room):
    """The free time of a whole day, 08:00 to 22:00, on the timeline."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"/tag/{day_of(timezone.now(), BERLIN) + timedelta(days=7)}/")
    return page.locator(".bar__ask")


def test_a_click_on_free_time_asks_for_two_hours_from_there(page: Page, free_bar) -> None:
    box = free_bar.bounding_box()
    free_bar.click(position={"x": box["width"] * (8 / 14) + 2, "y": 10})
    page.wait_for_url("**/*datum*")
    assert (wish_of(page)["von"], wish_of(page)["bis"]) == (["16:00"], ["18:00"])


def test_dragging_over_free_time_asks_for_what_was_drawn_over(page: Page, free_bar) -> None:
    box = free_bar.bounding_box()
    hour, y = box["width"] / 14, box["y"] + 15
    page.mouse.move(box["x"] + 2 * hour + 2, y)
    page.mouse.down()
    page.mouse.move(box["x"] + 6.5 * hour - 2, y, steps=4)
    page.mouse.up()
    page.wait_for_url("**/*datum*")
    assert (wish_of(page)["von"], wish_of(page)["bis"]) == (["10:00"], ["14:30"])


def test_the_keyboard_asks_for_the_first_free_time(page: Page, free_bar) -> None:
    free_bar.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/*datum*")
    assert (wish_of(page)["von"], wish_of(page)["bis"]) == (["08:00"], ["10:00"])


def test_a_room_for_a_series_is_found_with_the_keyboard_alone(no_script_page: Page, room: Room) -> None:
    soon = day_of(timezone.now(), BERLIN) + timedelta(days=7)
    make_booking([room], berlin(soon, "16:00"))
    page = no_script_page
    page.goto("/finden/")
    page.get_by_label("Datum").fill(f"{soon:%d.%m.%Y}")
    page.get_by_label("Von", exact=True).fill("16:00")
    summary = page.locator("summary").filter(has_text="Eine Serie")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Oder eine Anzahl von Terminen")).to_be_hidden()
    page.get_by_label("Wiederholt sich der Termin?").select_option("weekly")
    expect(page.get_by_role("group", name="Der wievielte im Monat?")).to_be_hidden()
    page.get_by_label("Oder eine Anzahl von Terminen").fill("3")
    page.get_by_label("nicht an Feiertagen").uncheck()
    page.keyboard.press("Enter")
    page.get_by_text("2 von 3 Terminen frei, 1 Vorschlag").wait_for()
    rest = page.locator("summary").filter(has_text="Was mit dem anderen Termin geschieht")
    rest.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"{soon:%d.%m.%Y}, 16:00").first).to_be_visible()
    page.get_by_role("link", name="Anfragen Saal A").press("Enter")
    page.wait_for_url("**/anmelden/**")
    wish = wish_of(page)
    assert {name: wish[name] for name in ("raum", "von", "takt", "wochentage", "anzahl")} == {
        "raum": ["saal-a"],
        "von": ["16:00"],
        "takt": ["weekly"],
        "wochentage": [str(soon.weekday())],
        "anzahl": ["3"],
    }


def test_a_search_on_a_phone_leads_to_its_answer(new_page: Callable[..., Page], room: Room) -> None:
    page = new_page(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page.goto("/")
    page.get_by_label("Personen").fill("20")
    page.get_by_role("button", name="Raum finden").click()
    page.wait_for_url("**/finden/**")
    expect(page.get_by_role("link", name="Anfragen Saal A")).to_be_in_viewport()
    expect(page.get_by_label("Datum")).to_be_hidden()
    page.locator("summary").filter(has_text="20 Personen").click()
    expect(page.get_by_label("Datum")).to_be_visible()


def test_without_javascript_free_time_is_a_link(no_script_page: Page, room: Room) -> None:
    no_script_page.goto(f"/tag/{day_of(timezone.now(), BERLIN) + timedelta(days=7)}/")
    no_script_page.locator(".chip").click()
    assert wish_of(no_script_page)["raum"] == ["saal-a"]
