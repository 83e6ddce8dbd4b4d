"""Until when the house promises to answer."""

from datetime import date, timedelta

import holidays

from bookings.models import Booking
from rooms.clock import day_of


def answer_date(*, received: date, working_days: int, region: str) -> date:
    """Return the last day on which an answer still comes within `working_days` of the day `received`.

    Working days are Monday to Friday without the public holidays of the German state `region`
    (such as NW); of an unknown region only the nationwide ones are known.
    """
    try:
        free_days = holidays.country_holidays("DE", subdiv=region or None)
    except NotImplementedError:
        free_days = holidays.country_holidays("DE")
    day = received
    while working_days > 0:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in free_days:
            working_days -= 1
    return day


def promised_answer(booking: Booking) -> date:
    """Return the day until which the house promised to answer this request."""
    house = booking.house
    return answer_date(
        received=day_of(booking.received_at, house.zone),
        working_days=house.answer_days,
        region=house.holiday_region,
    )
