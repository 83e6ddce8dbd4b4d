"""The page of caretakers: who may see it, what it says, and that it stays fast."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Page

from bookings.access.actors import LinkHolder, System
from bookings.access.permissions import can_see_day_plan
from bookings.enums import SlotStatus, Visibility
from bookings.services import give_dates_back
from hausderbegegnung.models import User
from rooms.enums import Layout
from rooms.models import Closure, Equipment, House, Room
from tests.factories import DAY, NOW, berlin, make_association, make_booking, make_room, make_staff, make_user

URL = "/hausdienst/2027-04-20/"


@pytest.fixture
def as_caretaker(now: object) -> Client:
    client = Client()
    client.force_login(make_user(name="Hausmeisterei", is_caretaker=True))
    return client


@pytest.mark.parametrize("url", ["/hausdienst/", URL])
def test_caretakers_and_staff_see_the_day(
    as_caretaker: Client, as_staff: Client, house: House, url: str
) -> None:
    assert [client.get(url).status_code for client in (as_caretaker, as_staff)] == [200, 200]


@pytest.mark.parametrize("url", ["/hausdienst/", URL])
def test_nobody_else_does(
    client: Client, as_applicant: Client, applicant: User, room: Room, url: str
) -> None:
    """Not even whoever has a date on that day: the others' contacts stand beside it."""
    make_booking([room], berlin(DAY, "16:00"), applicant=applicant, association=make_association(applicant))
    assert as_applicant.get(url).status_code == 403
    stranger = Client()
    stranger.force_login(make_user())
    assert stranger.get(url).status_code == 403
    assert Client().get(url)["Location"] == f"/konto/anmelden/?next={url}"


def test_only_people_can_be_caretakers(house: House) -> None:
    assert not can_see_day_plan(LinkHolder(booking_id=1), house)
    assert can_see_day_plan(System(), house)


def test_the_page_is_kept_nowhere_and_changes_nothing(as_caretaker: Client, house: House) -> None:
    answer = as_caretaker.get(URL)
    assert answer["Cache-Control"] == "no-store, private"
    assert answer["X-Robots-Tag"] == "noindex"
    assert as_caretaker.post(URL).status_code == 405


def test_a_date_is_shown_with_what_is_needed(as_caretaker: Client, as_staff: Client, room: Room) -> None:
    booking = make_booking(
        [room],
        berlin(DAY, "16:00"),
        title="Geheimtreff",
        visibility=Visibility.HIDDEN,
        layout=Layout.TABLES,
        remarks="<b>Kuchen</b>",
        contact_phone="02272 / 000-123",
        setup_minutes=30,
        teardown_minutes=45,
    )
    page = as_caretaker.get(URL).content.decode()
    for text in ["Geheimtreff", "15:30", "18:45", "Maria Beispiel", 'href="tel:02272000123"', "Saal A"]:
        assert text in page
    assert "&lt;b&gt;Kuchen&lt;/b&gt;" in page
    assert "maria@example.org" not in page
    # Deciding is for staff: caretakers get no link that would refuse them.
    decide = f'href="/eingang/{booking.reference}/"'
    assert decide not in page
    assert decide in as_staff.get(URL).content.decode()


def test_another_day_is_said_where_a_date_reaches_into_it(as_caretaker: Client, room: Room) -> None:
    make_booking([room], berlin(DAY, "20:00"), berlin(DAY, "23:00"), setup_minutes=0, teardown_minutes=120)
    assert (
        "Mi.,\N{NO-BREAK SPACE}21.04.2027, 01:00\N{NO-BREAK SPACE}Uhr"
        in as_caretaker.get(URL).content.decode()
    )
    following = as_caretaker.get("/hausdienst/2027-04-21/").content.decode()
    assert "Elternabend" in following


def test_a_date_that_is_called_off_is_struck(as_caretaker: Client, room: Room) -> None:
    off = make_booking([room], berlin(DAY, "10:00"), title="Nähtreff")
    give_dates_back(booking_id=off.pk, actor=System(), now=NOW)
    page = as_caretaker.get(URL).content.decode()
    assert "<s>Nähtreff</s>" in page
    assert "entfällt" in page
    assert "Maria Beispiel" not in page


def test_closures_and_an_empty_day_are_said(as_caretaker: Client, house: House) -> None:
    Closure.objects.create(
        house=house, starts_at=berlin(DAY, "12:00"), ends_at=berlin(DAY, "14:00"), reason="Bodenpflege"
    )
    answer = as_caretaker.get(URL)
    assert "Bodenpflege" in answer.content.decode()
    assert answer.context["plan"].dates == ()


def test_the_days_lead_to_each_other(as_caretaker: Client, house: House) -> None:
    page = as_caretaker.get(URL).content.decode()
    assert 'href="/hausdienst/2027-04-19/"' in page
    assert 'href="/hausdienst/2027-04-21/"' in page
    assert as_caretaker.get("/hausdienst/").context["day"] == NOW.date()
    assert as_caretaker.get("/hausdienst/?datum=20.4.2027")["Location"] == URL
    assert as_caretaker.get("/hausdienst/?datum=31.2.2027").status_code == 200
    assert as_caretaker.get("/hausdienst/2027-02-30/").status_code == 404
    assert as_caretaker.get("/hausdienst/9999-12-31/").status_code == 200


def test_queries_do_not_grow_with_rooms_or_dates(as_caretaker: Client, house: House) -> None:
    projector = Equipment.objects.create(house=house, name="Beamer")

    def queries_with_more(number: int) -> int:
        for _ in range(number):
            room = make_room(house)
            for hour in range(number):
                make_booking([room], berlin(DAY, f"{10 + 2 * hour}:00"), equipment_ids=(projector.pk,))
        with CaptureQueriesContext(connection) as captured:
            assert as_caretaker.get(URL).status_code == 200
        return len(captured)

    assert queries_with_more(1) == queries_with_more(4)


def test_the_menu_leads_there_whom_it_lets_in(client: Client, house: House, now: object) -> None:
    """The frame of pages is kept per kind of visitor: one kind must not see the menu of another."""
    people = {
        "caretaker": make_user(is_caretaker=True),
        "staff": make_staff(),
        "both": make_staff(is_caretaker=True),
        "stranger": make_user(),
    }
    seen = {}
    for _ in range(2):
        for name, person in people.items():
            client.force_login(person)
            seen[name] = client.get("/tag/").content.decode().count('href="/hausdienst/"')
    client.logout()
    seen["visitor"] = client.get("/tag/").content.decode().count('href="/hausdienst/"')
    # Twice each: the wide navigation and the menu of small screens.
    assert seen == {"caretaker": 2, "staff": 2, "both": 2, "stranger": 0, "visitor": 0}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_and_nothing_sticks_out(
    live_server,
    new_page: Callable[..., Page],
    axe_findings: Callable[[Page], list[str]],
    house: House,
    room: Room,
    scheme: str,
    width: int,
) -> None:
    make_booking(
        [room], berlin(DAY, "16:00"), layout=Layout.TABLES, contact_phone="02272 000-123", remarks="x" * 90
    )
    make_booking([room], berlin(DAY, "19:00"), layout=Layout.ROWS, setup_minutes=30)
    off = make_booking([room], berlin(DAY, "10:00"))
    make_booking([room], berlin(DAY + timedelta(days=1), "10:00"), status=SlotStatus.REQUESTED)
    with time_machine.travel(NOW):
        give_dates_back(booking_id=off.pk, actor=System(), now=NOW)
        client = Client()
        client.force_login(make_user(is_caretaker=True))
        page = new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.context.add_cookies(
            [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
        )
        page.goto(URL)
        assert page.locator(".duty").count() == 3
        assert axe_findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
