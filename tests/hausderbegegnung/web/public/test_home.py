"""The first page: welcome, today, rooms, and the question which room is free."""

from datetime import datetime, timedelta

from django.test import Client

from bookings.enums import Visibility
from rooms.models import House, Room
from tests.factories import NOW, make_booking, make_room


def test_it_shows_what_is_still_to_come_today(client: Client, room: Room, now: datetime) -> None:
    make_booking(
        [room],
        NOW - timedelta(hours=2),
        NOW - timedelta(hours=1),
        title="Frühstück",
        visibility=Visibility.PUBLIC,
    )
    make_booking([room], NOW, NOW + timedelta(hours=1), title="Sprechstunde", visibility=Visibility.PUBLIC)
    make_booking([room], NOW + timedelta(hours=4), title="Chor", visibility=Visibility.PUBLIC)
    page = client.get("/").content.decode()
    assert [title for title in ("Frühstück", "Sprechstunde", "Chor") if title in page] == [
        "Sprechstunde",
        "Chor",
    ]


def test_a_long_day_is_cut_with_a_link_to_the_rest(client: Client, house: House, now: datetime) -> None:
    for number in range(8):
        make_booking(
            [make_room(house)], NOW + timedelta(hours=1), title=f"Kurs {number}", visibility=Visibility.PUBLIC
        )
    page = client.get("/").content.decode()
    assert [number for number in range(8) if f"Kurs {number}" in page] == list(range(6))
    assert 'href="/tag/"' in page


def test_a_quiet_day_names_the_next_one(client: Client, room: Room, now: datetime) -> None:
    make_booking([room], NOW + timedelta(days=2), visibility=Visibility.PUBLIC)
    assert f'href="/tag/{(NOW + timedelta(days=2)).date()}/"' in client.get("/").content.decode()


def test_it_shows_rooms_and_the_introduction(client: Client, house: House, now: datetime) -> None:
    make_room(house, "Saal A", slug="saal-a")
    House.objects.filter(pk=house.pk).update(introduction="Ein Ort für alle.")
    page = client.get("/").content.decode()
    assert "Ein Ort für alle." in page
    assert 'href="/raeume/saal-a/"' in page
    assert 'action="/finden/#ergebnis"' in page
