"""Parts of a page are kept while the plan stays the same, and never longer."""

from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.http import Http404
from django.test import Client
from django.utils import translation

from bookings.access.actors import System
from bookings.enums import Visibility
from bookings.services import give_dates_back
from hausderbegegnung.web.shared.fragments import current_house, freshness, plan_fragment
from rooms.clock import whole_day
from rooms.facts import house_facts
from rooms.models import House, Room
from tests.factories import BERLIN, DAY, NOW, berlin, make_booking, make_house

pytestmark = pytest.mark.django_db
URL = "/tag/2027-04-20/"


def test_a_fragment_is_rendered_once_per_plan_version_language_and_facet(house: House, room: Room) -> None:
    rendered: list[str] = []

    def fragment(facet: str) -> str:
        def render() -> str:
            rendered.append(facet)
            return f"<p>{facet}</p>"

        return plan_fragment(house, "test", facet, render=render)

    assert [fragment("a"), fragment("a"), fragment("b")] == ["<p>a</p>", "<p>a</p>", "<p>b</p>"]
    assert rendered == ["a", "b"]
    with translation.override("en"):
        fragment("a")
    room.save()
    house.refresh_from_db()
    fragment("a")
    assert rendered == ["a", "b", "a", "a"]


def test_a_page_shows_every_change_at_once(client: Client, room: Room, now: datetime) -> None:
    def is_shown() -> bool:
        return "Chorprobe" in client.get(URL).content.decode()

    assert not is_shown()
    booking = make_booking([room], berlin(DAY, "16:00"), title="Chorprobe", visibility=Visibility.PUBLIC)
    assert is_shown()
    give_dates_back(booking_id=booking.pk, actor=System(), now=NOW)
    assert not is_shown()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("url", [URL, "/woche/2027-W16/", "/raeume/"])
def test_an_unchanged_page_costs_one_query(
    client: Client, room: Room, now: datetime, url: str, django_assert_num_queries
) -> None:
    client.get(url)
    with django_assert_num_queries(1):
        client.get(url)


@pytest.mark.parametrize(
    ("moment", "facet"),
    [
        (berlin(DAY, "16:07"), "202704201607"),
        (berlin(DAY + timedelta(days=1), "00:00"), "over"),
        (berlin(DAY - timedelta(days=1), "00:00"), "open"),
        (berlin(DAY - timedelta(days=1), "10:20"), "2027041910_1"),
        (berlin(DAY - timedelta(days=540), "10:20"), "2025102710_1"),
    ],
)
def test_what_a_view_of_a_day_depends_on_the_clock_for(
    house: House, room: Room, moment: datetime, facet: str
) -> None:
    shown = freshness(house_facts(house), whole_day(DAY, BERLIN), moment)
    assert shown.replace("_", "") == facet.replace("_", "")


def test_the_current_house_is_the_one_named_or_the_first() -> None:
    first, second = make_house(), make_house()
    assert current_house() == first
    assert current_house(second.slug) == second


def test_without_a_house_there_is_no_page(client: Client) -> None:
    with pytest.raises(Http404):
        current_house()
    assert client.get("/").status_code == 404


def test_looking_at_many_days_pushes_no_limit_of_tries_out(client: Client, house: House) -> None:
    cache.set("tries", [1, 2, 3])
    for number in range(600):
        plan_fragment(house, "test", number, render=lambda: "<p></p>")
    assert cache.get("tries") == [1, 2, 3]
