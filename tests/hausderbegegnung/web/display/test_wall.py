"""The wall display: what it shows, what it never shows, and how little it costs to ask again."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client

from bookings.access.actors import System
from bookings.agenda.public import EntryState
from bookings.enums import AssociationKind, SlotStatus, Visibility
from bookings.services import give_dates_back
from rooms.models import Closure, House, Room, SeatingLayout
from tests.factories import DAY, NOW, berlin, make_association, make_booking, make_house, make_room

pytestmark = pytest.mark.django_db
URL = "/display/"


def at(clock: str):
    """The clock of the display stands still on the day of the stories."""
    return time_machine.travel(berlin(DAY, clock), tick=False)


def shown(client: Client) -> list[tuple[str, EntryState]]:
    """The titles on all pages of the display with their states, in order."""
    pages = client.get(URL).context["pages"]
    return [(entry.title, state) for page in pages for entry, state in page]


def public(room: Room, start: str, end: str, title: str, **fields: object):
    return make_booking(
        [room],
        berlin(DAY, start),
        berlin(DAY, end),
        **{"title": title, "visibility": Visibility.PUBLIC, **fields},
    )


# What it shows ------------------------------------------------------------------------------------


def test_running_ones_come_first_and_ended_ones_linger_ten_minutes(client: Client, house: House) -> None:
    one, two, three = (make_room(house) for _ in range(3))
    public(one, "14:00", "16:00", "Kaffee")
    public(two, "15:00", "18:00", "Kurs")
    public(three, "16:30", "17:30", "Chor")
    with at("16:05"):
        assert shown(client) == [
            ("Kurs", EntryState.RUNNING),
            ("Kaffee", EntryState.OVER),
            ("Chor", EntryState.UPCOMING),
        ]
    with at("16:10"):
        assert [title for title, _state in shown(client)] == ["Kurs", "Chor"]


def test_running_is_said_in_words(client: Client, room: Room) -> None:
    public(room, "16:00", "18:00", "Chor")
    with at("16:00"):
        assert "wall-mark--on" in client.get(URL).content.decode()
    with at("15:59"):
        assert "wall-mark--on" not in client.get(URL).content.decode()


def test_what_is_called_off_today_stays_struck_out(client: Client, room: Room) -> None:
    booking = public(room, "16:00", "18:00", "Chor")
    give_dates_back(booking_id=booking.pk, actor=System(), now=berlin(DAY, "08:00"))
    with at("10:00"):
        page = client.get(URL).content.decode()
    assert "<s>Chor</s>" in page
    assert "wall-mark--off" in page


def test_it_shows_the_way(client: Client, house: House) -> None:
    room = make_room(house, wayfinding="zweite Tür links", step_free=True)
    public(room, "16:00", "18:00", "Chor")
    with at("10:00"):
        page = client.get(URL).content.decode()
    assert "zweite Tür links" in page
    assert "stufenlos" in page or "step-free" in page


def test_a_closed_day_is_said_with_its_reason(client: Client, house: House, room: Room) -> None:
    Closure.objects.create(
        house=house,
        starts_at=berlin(DAY, "00:00"),
        ends_at=berlin(DAY + timedelta(days=1), "00:00"),
        reason="Betriebsausflug",
    )
    with at("10:00"):
        assert "Betriebsausflug" in client.get(URL).content.decode()


def test_a_date_that_takes_place_on_a_closed_day_is_marked(client: Client, house: House, room: Room) -> None:
    public(room, "16:00", "18:00", "Chor")
    Closure.objects.create(
        house=house,
        starts_at=berlin(DAY, "00:00"),
        ends_at=berlin(DAY + timedelta(days=1), "00:00"),
        reason="Betriebsausflug",
    )
    with at("10:00"):
        assert "findet trotzdem statt" in client.get(URL).content.decode()
    with at("17:00"):
        assert "findet trotzdem statt" not in client.get(URL).content.decode()


def test_an_empty_day_names_the_next_one(client: Client, room: Room) -> None:
    make_booking([room], berlin(DAY + timedelta(days=2), "10:00"), visibility=Visibility.PUBLIC)
    with at("10:00"):
        context = client.get(URL).context
    assert context["pages"] == []
    assert context["next_day"] == DAY + timedelta(days=2)


@pytest.mark.parametrize(
    ("number", "sizes"), [(0, []), (3, [3]), (8, [8]), (9, [5, 4]), (12, [6, 6]), (13, [5, 5, 3])]
)
def test_many_entries_are_spread_evenly_over_pages(
    client: Client, house: House, number: int, sizes: list[int]
) -> None:
    for _ in range(number):
        public(make_room(house), "16:00", "18:00", "Chor", persons=1)
    with at("10:00"):
        assert [len(page) for page in client.get(URL).context["pages"]] == sizes


def test_without_javascript_the_pages_turn_by_refresh(client: Client, house: House) -> None:
    for _ in range(9):
        public(make_room(house), "16:00", "18:00", "Chor", persons=1)
    with at("10:00"):
        first, second, again = (client.get(f"{URL}?seite={page}") for page in (1, 2, 3))
    assert [(one.context["page"], one.context["next_page"]) for one in (first, second, again)] == [
        (1, 2),
        (2, 1),
        (1, 2),
    ]
    assert (
        '<noscript><meta http-equiv="refresh" content="18; url=?seite=2"></noscript>'
        in first.content.decode()
    )


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999", "²"])
def test_a_strange_page_number_breaks_nothing(client: Client, room: Room, page: str) -> None:
    with at("10:00"):
        assert client.get(URL, {"seite": page}).status_code == 200


def test_several_houses_have_a_display_each(client: Client, house: House, room: Room) -> None:
    other = make_house(slug="bedburg-mitte", name="Haus in der Mitte", reference_prefix="HiM")
    public(make_room(other), "16:00", "18:00", "Lesung")
    public(room, "16:00", "18:00", "Chor")
    with at("10:00"):
        assert [title for title, _state in shown(client)] == ["Chor"]
        page = client.get("/display/bedburg-mitte/").content.decode()
    assert "Lesung" in page
    assert "Chor" not in page
    assert 'href="/display/bedburg-mitte/"' in page
    assert client.get("/display/gibt-es-nicht/").status_code == 404


# What it never shows ------------------------------------------------------------------------------

HOSTILE = {
    "contact_name": "Geheim Kontakt",
    "contact_email": "geheim@example.org",
    "contact_phone": "0151 424242",
    "remarks": "Geheim: Schlüssel unter der Matte",
    "purpose": "Geheim: Zweck",
    "persons": 7,
}


@pytest.mark.parametrize(
    "url", [URL, "/", "/tag/", "/woche/", "/raeume/saal-a/", "/finden/?datum=20.04.2027&von=16:00"]
)
def test_nothing_personal_or_pending_is_ever_public(client: Client, house: House, url: str) -> None:
    rooms = [make_room(house, slug=slug) for slug in ("saal-a", "b", "c", "d", "e", "f")]
    friend = make_association(name="Geheim Privatperson", kind=AssociationKind.PRIVATE_PERSON)
    group = make_association(name="Geheim Selbsthilfe", kind=AssociationKind.SELF_HELP_GROUP)
    public(
        rooms[0],
        "16:00",
        "18:00",
        "Geheim, aber anders gezeigt",
        display_title="Feier",
        association=friend,
        **HOSTILE,
    )
    public(rooms[1], "16:00", "18:00", "Geheim", visibility=Visibility.BUSY, association=group, **HOSTILE)
    public(rooms[2], "16:00", "18:00", "Geheim", visibility=Visibility.HIDDEN, **HOSTILE)
    for status in (SlotStatus.REQUESTED, SlotStatus.REJECTED, SlotStatus.WITHDRAWN):
        public(rooms[3], "16:00", "18:00", "Geheim", status=status, reason="Geheim: Grund", **HOSTILE)
    give_dates_back(
        booking_id=public(rooms[4], "16:00", "18:00", "Geheim", visibility=Visibility.BUSY, **HOSTILE).pk,
        actor=System(),
        now=berlin(DAY, "08:00"),
        note="Geheim: krank",
    )
    give_dates_back(
        booking_id=public(rooms[5], "16:00", "18:00", "Abgesagtes Fest", **HOSTILE).pk,
        actor=System(),
        now=berlin(DAY, "08:00"),
        note="Geheim: krank",
    )
    with at("10:00"):
        page = client.get(url).content.decode()
    assert [secret for secret in ("Geheim", "geheim", "0151", "HdB-2027") if secret in page] == []
    if not url.startswith("/finden"):
        assert "Feier" in page


def test_titles_are_text_and_not_markup(client: Client, room: Room) -> None:
    public(room, "16:00", "18:00", "<script>alert(1)</script>")
    for url in (URL, "/", "/tag/", "/woche/"):
        with at("10:00"):
            assert "<script>alert" not in client.get(url).content.decode()


# Asking again -------------------------------------------------------------------------------------


def ask_again(client: Client, etag: str) -> int:
    return client.get(URL, headers={"if-none-match": etag}).status_code


@pytest.mark.django_db(transaction=True)
def test_an_unchanged_display_costs_one_query(client: Client, room: Room, django_assert_num_queries) -> None:
    public(room, "16:00", "18:00", "Chor")
    with at("15:30"):
        etag = client.get(URL)["ETag"]
    with at("15:59"), django_assert_num_queries(1):
        answer = client.get(URL, headers={"if-none-match": etag})
    assert answer.status_code == 304
    assert answer.content == b""
    assert answer["ETag"] == etag


@pytest.mark.parametrize(
    ("asked_at", "status"),
    [("15:59", 304), ("16:00", 200), ("18:00", 200), ("18:10", 200)],
)
def test_what_begins_ends_or_drops_out_is_a_change(
    client: Client, room: Room, asked_at: str, status: int
) -> None:
    public(room, "16:00", "18:00", "Chor")
    with at("10:00"):
        etag = client.get(URL)["ETag"]
    with at(asked_at):
        assert ask_again(client, etag) == status


def test_another_release_is_a_change(client: Client, room: Room, settings) -> None:
    with at("10:00"):
        etag = client.get(URL)["ETag"]
        settings.RELEASE = "after-the-update"
        assert ask_again(client, etag) == 200


def test_the_picture_after_each_change_is_another_one(client: Client, room: Room) -> None:
    public(room, "16:00", "18:00", "Chor")
    etags = []
    for clock in ("10:00", "16:00", "18:00", "18:10"):
        with at(clock):
            etags.append(client.get(URL)["ETag"])
    assert len(set(etags)) == 4


def test_a_change_of_plan_house_or_day_is_a_change(client: Client, house: House, room: Room) -> None:
    with at("10:00"):
        etag = client.get(URL)["ETag"]
        SeatingLayout.objects.create(room=room, kind="circle", capacity=5)
        assert ask_again(client, etag) == 200
        etag = client.get(URL)["ETag"]
        house.phone = "02272 402-171"
        house.save()
        assert ask_again(client, etag) == 200
        etag = client.get(URL)["ETag"]
    with time_machine.travel(berlin(DAY + timedelta(days=1), "10:00"), tick=False):
        assert ask_again(client, etag) == 200


def test_an_approval_is_on_the_wall_with_the_next_look(client: Client, room: Room) -> None:
    with time_machine.travel(NOW, tick=False):
        etag = client.get(URL)["ETag"]
        make_booking([room], NOW + timedelta(hours=3), title="Chor", visibility=Visibility.PUBLIC)
        answer = client.get(URL, headers={"if-none-match": etag})
    assert answer.status_code == 200
    assert "Chor" in answer.content.decode()


def test_only_reading_is_possible(client: Client, house: House) -> None:
    assert client.post(URL).status_code == 405
    assert client.head(URL).status_code == 200


def test_browsers_ask_again_every_time(client: Client, room: Room) -> None:
    assert client.get(URL)["Cache-Control"] == "no-cache, private"


def test_the_stand_is_the_moment_of_the_answer(client: Client, room: Room) -> None:
    moment: datetime = berlin(DAY, "15:42")
    with time_machine.travel(moment, tick=False):
        page = client.get(URL).content.decode()
    assert "15:42\N{NO-BREAK SPACE}Uhr</time>" in page
