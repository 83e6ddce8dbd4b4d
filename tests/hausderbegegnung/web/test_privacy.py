"""What is not said to be public is kept nowhere, whatever comes of the request."""

import pytest
from django.http import HttpRequest
from django.test import Client
from django.urls import get_resolver, path, reverse

from bookings.access.tokens import status_path
from bookings.models import Booking
from hausderbegegnung.urls import urlpatterns as real_patterns
from hausderbegegnung.web.shared.decorators import public_page
from rooms.models import House, Room
from tests.factories import DAY, berlin, make_booking, make_staff, make_user
from tests.hausderbegegnung.test_urls import all_patterns

PRIVATE = ("no-store, private", "noindex")


@public_page
def broken(request: HttpRequest) -> None:
    raise ValueError("a mistake of ours")


urlpatterns = [*real_patterns, path("kaputt/", broken), path("kaputt/<str:token>/", lambda request: 1 / 0)]
handler500 = "hausderbegegnung.web.errors.server_error"


def kept(answer) -> tuple[str | None, str | None]:
    return answer.get("Cache-Control"), answer.get("X-Robots-Tag")


def test_the_pages_that_are_public_are_these() -> None:
    """A page that is not in the list is private without having to say so."""
    found = {
        pattern.name or str(pattern.pattern)
        for pattern in all_patterns(get_resolver().url_patterns)
        if getattr(getattr(pattern.callback, "cls", pattern.callback), "is_public", False)
    }
    assert found == {
        *("home", "room_list", "room_detail", "day", "week", "find_room", "house_page", "house_rules"),
        *("media", "robots", "favicon.ico", "display"),
        *("api_docs", "api_schema", "api_house", "api_rooms", "api_room", "api_availability"),
        *("api_schedule", "api_unknown"),
    }


def test_public_pages_may_be_kept(client: Client, room: Room) -> None:
    for address in ["/", "/raeume/", f"/raeume/{room.slug}/", "/tag/", "/robots.txt", "/api/v1/house/"]:
        assert kept(client.get(address)) == (None, None)


@pytest.fixture
def booking(room: Room) -> Booking:
    return make_booking([room], berlin(DAY, "16:00"))


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("get", "{link}", 200),
        ("get", "{link}termine.ics", 200),
        ("put", "{link}", 405),
        ("get", "{link}nichts/", 404),
        ("get", "/anfragen/{reference}/", 302),
        ("get", "/anfragen/{reference}/0123456789abcdef/", 404),
        ("get", "/eingang/{reference}/", 302),
        ("get", "/konto/anmelden/", 200),
        ("get", "/admin/", 302),
        ("get", "/api/v1/bookings/", 401),
        ("get", "/raeume/nirgends/", 404),
        ("get", "/media/nirgends.jpg", 404),
        ("get", "/nirgends/", 404),
        ("get", "/tag", 301),
    ],
)
def test_private_pages_and_errors_are_kept_nowhere(
    client: Client, booking: Booking, method: str, address: str, status: int
) -> None:
    path = address.format(link=status_path(booking), reference=booking.reference)
    answer = getattr(client, method)(path)
    assert (answer.status_code, kept(answer)) == (status, PRIVATE)


def test_those_who_are_refused_leave_nothing_either(client: Client, booking: Booking) -> None:
    client.force_login(make_user())
    answer = client.get(f"/eingang/{booking.reference}/")
    assert (answer.status_code, kept(answer)) == (403, PRIVATE)
    forged = Client(enforce_csrf_checks=True).post(status_path(booking) + "zurueckgeben/")
    assert (forged.status_code, kept(forged)) == (403, PRIVATE)


@pytest.mark.parametrize("name", ["mfa_index", "mfa_activate_totp", "account_set_password", "account"])
def test_the_account_and_its_second_factor_are_kept_nowhere(client: Client, house: House, name: str) -> None:
    client.force_login(make_staff())
    answer = client.get(reverse(name), follow=True)
    assert (answer.status_code, kept(answer)) == (200, PRIVATE)


@pytest.mark.parametrize("address", ["/kaputt/", "/kaputt/0123456789abcdef/"])
@pytest.mark.urls(__name__)
def test_what_breaks_is_kept_nowhere(house: House, address: str) -> None:
    answer = Client(raise_request_exception=False).get(address)
    assert (answer.status_code, kept(answer)) == (500, PRIVATE)


def test_a_host_that_is_not_ours_is_told_nothing_to_keep(client: Client, house: House) -> None:
    answer = client.get("/", HTTP_HOST="example.org")
    assert (answer.status_code, kept(answer)) == (400, PRIVATE)


@pytest.mark.parametrize("name", ["x" * 300 + ".jpg", "%00.jpg", "x/" * 300 + "y.jpg", "%FF.jpg", "x" * 5000])
def test_a_picture_that_no_file_could_be_is_not_found(client: Client, house: House, name: str) -> None:
    assert client.get(f"/media/{name}").status_code == 404
