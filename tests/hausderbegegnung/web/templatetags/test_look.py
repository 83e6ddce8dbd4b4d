"""Texts of the house are German, whatever the language around them."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from hausderbegegnung.web.templatetags.look import house_text
from rooms.models import Closure, Equipment, House, Room
from tests.factories import DAY, berlin


@pytest.mark.parametrize(
    ("language", "expected"),
    [("de", "Fest &amp; Umbau"), ("en", '<span lang="de">Fest &amp; Umbau</span>')],
)
def test_a_text_of_the_house_is_read_aloud_as_german(language: str, expected: str) -> None:
    with translation.override(language):
        assert house_text("Fest & Umbau") == expected
        assert house_text("") == ""


@pytest.mark.parametrize("address", ["/tag/2027-04-20/", "/woche/2027-W16/", "/"])
def test_why_a_house_is_closed_is_german_on_english_pages(
    client: Client, house: House, room: Room, now: object, address: str
) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    for day in [DAY, now.date()]:
        start = berlin(day, "00:00")
        Closure.objects.create(
            house=house, starts_at=start, ends_at=start + timedelta(days=1), reason="Umbau"
        )
    page = client.get(address).content.decode()
    assert "closed" in page
    assert page.count("Umbau") == page.count('<span lang="de">Umbau</span>') > 0


def test_the_words_of_the_house_to_its_guests_are_german_on_english_pages(
    client: Client, house: House, now: object
) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    House.objects.update(introduction="Ein Ort für alle")
    assert '<span lang="de">Ein Ort für alle</span>' in client.get("/").content.decode()


def test_what_a_room_is_like_is_german_on_english_pages(client: Client, room: Room, now: object) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    room.equipment.add(Equipment.objects.create(house=room.house, name="Rednerpult"))
    Room.objects.update(description="Heller Raum", wayfinding="Links & hinten")
    page = client.get(f"/raeume/{room.slug}/").content.decode()
    assert '<div class="lead" lang="de"><p>Heller Raum</p></div>' in page
    assert '<span lang="de">Links &amp; hinten</span>' in page
    assert '<span lang="de">Rednerpult</span>' in page
