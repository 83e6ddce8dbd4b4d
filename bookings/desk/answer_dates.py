"""Until when the house promises to answer."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache

import holidays

from bookings.access.lookups import asked_at
from bookings.enums import SlotStatus
from bookings.models import Booking
from rooms.clock import day_of
from rooms.models import House


def answer_date(*, received: date, working_days: int, region: str) -> date:
    """Return the last day on which an answer still comes within `working_days` of the day `received`.

    Working days are Monday to Friday without the public holidays of the German state `region`
    (such as NW); of an unknown region only the nationwide ones are known.
    """
    free_days = _free_days(region)
    day = received
    while working_days > 0:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in free_days:
            working_days -= 1
    return day


@cache
def _free_days(region: str) -> holidays.HolidayBase:
    """Return the public holidays of a region, which know each year once somebody asks for it."""
    try:
        return holidays.country_holidays("DE", subdiv=region or None)
    except NotImplementedError:
        return holidays.country_holidays("DE")


def booking_answer_date(booking: Booking) -> date:
    """Return the day until which the house promised to answer: for the date that waits longest."""
    return answer_dates([booking])[booking.pk]


def answer_dates(bookings: Iterable[Booking]) -> dict[int, date]:
    """Return by booking id until when the house promised to answer, in one query.

    The bookings come with their house and their dates.
    """
    return {
        booking.pk: house_answer_date(booking.house, since)
        for booking, since in waiting_since(bookings).items()
    }


def waiting_since(bookings: Iterable[Booking]) -> dict[Booking, datetime]:
    """Return since when each booking waits for an answer: since its longest waiting date was asked for.

    That is its receipt, but where all that waits was added later. Takes one query for all.
    """
    pending = {
        booking: [slot for slot in booking.slots.all() if slot.status == SlotStatus.REQUESTED]
        for booking in bookings
    }
    asked = asked_at(slot for slots in pending.values() for slot in slots)
    return {
        booking: min((asked[slot.pk] for slot in slots), default=booking.received_at)
        for booking, slots in pending.items()
    }


def house_answer_date(house: House, received_at: datetime) -> date:
    """Return the day until which the house answers a request that it received at that instant."""
    return answer_date(
        received=day_of(received_at, house.zone),
        working_days=house.answer_days,
        region=house.holiday_region,
    )
