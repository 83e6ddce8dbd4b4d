from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from bookings.access.tokens import status_path, status_token
from bookings.models import Booking
from tests.factories import NOW, make_user
from tests.notifications.scenes import Scene

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


def address(booking: Booking) -> str:
    return reverse("booking_calendar", args=[booking.reference, status_token(booking)])


def shown(content: bytes) -> list[tuple[str, int, str]]:
    return [
        (f"{event['DTSTART'].dt:%d. %H:%M}", event["SEQUENCE"], str(event["STATUS"]))
        for event in Calendar.from_ical(content).walk("VEVENT")
    ]


@pytest.mark.parametrize("days", [[20], [20, 27]])
def test_the_link_takes_all_dates_home_in_one_file(client, days):
    scene = Scene()
    scene.approve(booking := scene.request_days(*days))
    assert address(booking) in client.get(status_path(booking)).content.decode()
    with time_machine.travel(LATER, tick=False):
        response = client.get(address(booking))

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="{booking.reference}.ics"'
    assert (response["Cache-Control"], response["Referrer-Policy"], response["X-Robots-Tag"]) == (
        "no-store, private",
        "same-origin",
        "noindex",
    )
    assert shown(response.content) == [(f"{day}. 16:00", 0, "CONFIRMED") for day in days]
    assert b"METHOD:PUBLISH" in response.content
    assert b"DTSTAMP:20270302T090000Z" in response.content
    assert b"maria" not in response.content.lower()


def test_a_date_that_is_gone_stands_in_it_as_cancelled(client):
    scene = Scene()
    scene.approve(booking := scene.request_days(20, 27))
    scene.cancel(booking, slot_ids=[booking.slots.latest("starts_at").pk])
    assert shown(client.get(address(booking)).content) == [
        ("20. 16:00", 0, "CONFIRMED"),
        ("27. 16:00", 1, "CANCELLED"),
    ]


def test_there_is_none_before_the_approval(client):
    booking = Scene().request()
    assert "termine.ics" not in client.get(status_path(booking)).content.decode()
    assert client.get(address(booking)).status_code == 404


def test_only_who_may_see_the_booking_gets_the_file(client):
    scene = Scene()
    scene.approve(booking := scene.request())

    def answer(person=None, token="") -> int:
        own = Client()
        if person:
            own.force_login(person)
        return own.get(
            reverse("booking_calendar", args=[booking.reference, *filter(None, [token])])
        ).status_code

    assert [answer(scene.person), answer(scene.staff)] == [200, 200]
    assert [answer(), answer(make_user()), answer(token="0" * 32)] == [302, 404, 404]


def test_taking_it_home_changes_nothing(client):
    scene = Scene()
    scene.approve(booking := scene.request())
    before = list(booking.slots.values()), booking.messages.count(), booking.transitions.count()
    client.get(address(booking))
    assert (list(booking.slots.values()), booking.messages.count(), booking.transitions.count()) == before
    assert client.post(address(booking)).status_code == 405
