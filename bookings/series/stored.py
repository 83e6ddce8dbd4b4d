"""What is looked up of bookings and their dates besides what they hold themselves."""

from datetime import datetime, timedelta

from bookings.enums import SchoolHolidays
from bookings.models import Booking
from bookings.series.dates import Series
from bookings.series.scheduler import pattern_of


def series_of(booking: Booking) -> Series | None:
    """Return how the dates of a booking repeat, with its pauses; None where they follow no pattern.

    What was left out or added by hand is not in it: that stands in the dates themselves.
    """
    pattern = pattern_of(booking.event, booking.house.zone)
    if pattern is None:
        return None
    last_day = pattern.first_day + timedelta(days=pattern.ends_next_day)
    return Series(
        starts=datetime.combine(pattern.first_day, pattern.starts),
        ends=datetime.combine(last_day, pattern.ends),
        pattern=pattern,
        skip_public=booking.skips_public_holidays,
        school=SchoolHolidays(booking.school_holidays),
    )
