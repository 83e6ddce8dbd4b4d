"""Of which house a page is: the one its address names, by short name or by a booking, else the first."""

import uuid

import pytest
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from bookings.access.tokens import date_path, status_path
from hausderbegegnung.web.shared.decorators import house_page
from tests.factories import DAY, berlin, make_booking, make_house, make_room, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def first():
    return make_house(name="Haus am Markt")


@pytest.fixture
def second(first):
    return make_house(name="Haus am Fluss", time_zone="America/New_York")


@pytest.fixture
def booking(second):
    return make_booking([make_room(second)], berlin(DAY, "16:00"))


@house_page
def shown(request, **address):
    return HttpResponse(f"{request.house.name}, {timezone.get_current_timezone_name()}")


def house_shown(**address):
    return shown(RequestFactory().get("/"), **address).content.decode()


def test_the_address_names_it(first, second, booking):
    of_first, of_second = "Haus am Markt, Europe/Berlin", "Haus am Fluss, America/New_York"
    other = make_booking([make_room(first)], berlin(DAY, "16:00"))
    assert house_shown() == of_first
    assert shown(RequestFactory().get("/"), house_slug=second.slug).content.decode() == of_second
    assert house_shown(reference=booking.reference) == of_second
    assert house_shown(reference=other.reference) == of_first
    assert house_shown(uid=booking.slots.get().uid) == of_second


def test_of_a_booking_that_is_not_known_nothing_is_told(first, second):
    assert house_shown(reference="HdB-2027-9999") == house_shown(uid=uuid.uuid4()) == house_shown()


def test_a_house_that_is_not_known_has_no_page(first):
    with pytest.raises(Http404):
        house_shown(house_slug="mars")


def test_pages_about_a_booking_stand_under_the_sign_of_its_house(booking):
    staff = Client()
    staff.force_login(make_staff())
    pages = [
        staff.get(f"/eingang/{booking.reference}/"),
        Client().get(status_path(booking)),
        Client().get(date_path(booking, booking.slots.get().uid)),
    ]
    for page in pages:
        content = page.content.decode()
        assert ("Haus am Fluss</title>" in content, "Haus am Markt" in content) == (True, False)
