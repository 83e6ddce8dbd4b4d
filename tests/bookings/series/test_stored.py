"""What pages and mails need to know of a booking beside its rows."""

from datetime import date, datetime, time, timedelta

import pytest

from bookings.access.lookups import asked_at, get_booking
from bookings.enums import SchoolHolidays, SlotStatus
from bookings.series.dates import Series
from bookings.series.pattern import pattern_from_rrule
from bookings.series.stored import series_of
from bookings.series.wording import describe
from bookings.services import WantedDate, add_dates
from tests.factories import (
    BERLIN,
    DAY,
    NOW,
    berlin,
    make_booking,
    make_booking_on,
    make_staff,
    weekly,
)

pytestmark = pytest.mark.django_db


def test_a_series_is_made_again_from_its_booking_with_its_pauses(room):
    pattern = pattern_from_rrule(
        "FREQ=WEEKLY;BYDAY=TU", first_day=DAY, starts=time(20), ends=time(1), until=date(2027, 12, 31)
    )
    series = Series(
        starts=datetime.combine(DAY, time(20)),
        ends=datetime.combine(DAY + timedelta(days=1), time(1)),
        pattern=pattern,
        skip_public=True,
        school=SchoolHolidays.PAUSED,
    )
    booking = make_booking_on([room], weekly(DAY, 2), "20:00", "21:00", series=series)
    found = series_of(get_booking(booking.reference, actor=make_staff()))
    assert found == series
    assert describe(found).replace("\N{NO-BREAK SPACE}", " ") == (
        "jeden Dienstag, 20:00 bis 01:00 Uhr am nächsten Tag, bis Fr., 31.12.2027, "
        "nicht an Feiertagen, nicht in den Schulferien"
    )


def test_dates_without_a_pattern_are_no_series(room):
    for booking in [make_booking([room], berlin(DAY, "10:00")), make_booking_on([room], weekly(DAY, 2))]:
        assert series_of(get_booking(booking.reference, actor=make_staff())) is None


def test_an_added_date_was_asked_for_when_it_was_added(room):
    booking = make_booking_on([room], weekly(DAY, 2), status=SlotStatus.REQUESTED)
    later = NOW + timedelta(days=9)
    day = DAY + timedelta(weeks=5)
    dates = [WantedDate(berlin(day, "16:00"), berlin(day, "18:00"), (room.pk,))]
    add_dates(booking_id=booking.pk, actor=make_staff(), now=later, dates=dates)
    slots = get_booking(booking.reference, actor=make_staff()).slots.all()
    assert [asked_at(slots)[slot.pk] for slot in slots] == [NOW, NOW, later]
    assert slots[2].starts_at.astimezone(BERLIN).date() == day
