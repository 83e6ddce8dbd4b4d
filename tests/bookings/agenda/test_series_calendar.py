"""The page on which staff see the series of the house as django-scheduler gives them."""

from datetime import date, datetime, time

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from bookings.agenda.series_calendar import series_calendar
from bookings.models import Booking
from bookings.series.dates import Series
from bookings.series.pattern import pattern_from_rrule
from bookings.services import give_dates_back
from rooms.clock import whole_days
from tests.factories import (
    BERLIN,
    DAY,
    NOW,
    berlin,
    make_booking,
    make_booking_on,
    make_room,
    make_staff,
    make_user,
    weekly,
)

pytestmark = pytest.mark.django_db
APRIL = whole_days(date(2027, 4, 1), date(2027, 4, 30), BERLIN)
PAGE = "/admin/bookings/booking/series/2027/4/"


def make_choir(room, number: int = 4, **fields) -> Booking:
    """Tuesdays from the 20th of April on, 16:00 to 18:00."""
    pattern = pattern_from_rrule(f"FREQ=WEEKLY;COUNT={number}", first_day=DAY, starts=time(16), ends=time(18))
    series = Series(
        starts=datetime.combine(DAY, time(16)), ends=datetime.combine(DAY, time(18)), pattern=pattern
    )
    return make_booking_on([room], weekly(DAY, number), series=series, title="Chorprobe", **fields)


def calendar_lines(house) -> list[tuple[str, str, bool, bool]]:
    """Each time of the month: when, whose, whether the calendar has it, whether a date stands."""
    return [
        (f"{found.net.start.astimezone(BERLIN):%d.%m.}", found.booking.title, found.in_calendar, found.stands)
        for found in series_calendar(house, APRIL)
    ]


@pytest.fixture(autouse=True)
def fixed_now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def choir(house) -> Booking:
    return make_choir(make_room(house))


def test_a_month_has_the_dates_of_series_that_stand_and_no_others(choir):
    make_booking(list(choir.slots.first().rooms.all()), berlin(date(2027, 4, 21), "10:00"))
    assert calendar_lines(choir.house) == [
        ("20.04.", "Chorprobe", True, True),
        ("27.04.", "Chorprobe", True, True),
    ]
    second = choir.slots.order_by("starts_at")[1]
    give_dates_back(booking_id=choir.pk, actor=make_staff(), now=NOW, slot_ids=[second.pk])
    assert calendar_lines(choir.house) == [("20.04.", "Chorprobe", True, True)]


def test_what_somebody_changed_in_its_tables_is_marked(choir):
    rule = choir.event.rule
    rule.params = "interval:1;byweekday:WE;count:2"
    rule.save()
    assert calendar_lines(choir.house) == [
        ("20.04.", "Chorprobe", False, True),
        ("21.04.", "Chorprobe", True, False),
        ("27.04.", "Chorprobe", False, True),
        ("28.04.", "Chorprobe", True, False),
    ]


@pytest.mark.parametrize("number", [1, 5])
def test_the_queries_do_not_grow_with_the_series(house, number, django_assert_num_queries):
    for _number in range(number):
        booking = make_choir(make_room(house))
    with django_assert_num_queries(4):
        assert len(series_calendar(booking.house, APRIL)) == number * 2


def test_staff_look_at_a_month_and_nobody_else_does(choir):
    staff, stranger = Client(), Client()
    staff.force_login(make_staff())
    stranger.force_login(make_user())
    for nobody in (Client(), stranger):
        assert nobody.get(PAGE)["Location"] == f"/admin/login/?next={PAGE}"
    page = staff.get(PAGE).content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert "Kalender der Serien, April 2027" in page
    assert page.count(choir.reference) == 2
    assert f'href="{reverse("admin:series_calendar", args=[2027, 5])}"' in page
    assert "fehlt" not in page
    assert "Kein Termin einer Serie" in staff.get("/admin/bookings/booking/series/").content.decode()


@pytest.mark.parametrize("wrong", ["2027/13", "2027/0", "0/4", "1/1", "9999/12"])
def test_a_month_that_no_calendar_has_is_not_found(wrong):
    staff = Client()
    staff.force_login(make_staff())
    assert staff.get(f"/admin/bookings/booking/series/{wrong}/").status_code == 404
