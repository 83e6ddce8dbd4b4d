"""The dates of all series of a house as django-scheduler gives them, compared with the slots."""

from dataclasses import dataclass

from bookings.enums import SlotStatus
from bookings.models import Booking, Slot
from bookings.series.scheduler import occurrences_in
from rooms.intervals import Interval
from rooms.models import House


@dataclass(frozen=True, slots=True)
class SeriesDate:
    """A time of a series: whether the calendar of the house has it, and whether a date stands then."""

    booking: Booking
    net: Interval
    in_calendar: bool
    stands: bool


def series_calendar(house: House, period: Interval) -> list[SeriesDate]:
    """Return the times of all series in `period`, in order; in four queries.

    Where calendar and dates differ, somebody has changed the tables of django-scheduler by hand.
    """
    scheduled = {
        (reference, net) for reference, nets in occurrences_in(house, period).items() for net in nets
    }
    slots = Slot.objects.overlapping(period).filter(
        status__in=SlotStatus.STANDING, booking__house=house, booking__event__isnull=False
    )
    standing = {
        (reference, Interval(starts_at, ends_at))
        for reference, starts_at, ends_at in slots.values_list("booking__reference", "starts_at", "ends_at")
    }
    references = {reference for reference, _net in scheduled | standing}
    bookings = {
        booking.reference: booking
        for booking in Booking.objects.filter(house=house, reference__in=references)
    }
    return [
        SeriesDate(bookings[reference], net, (reference, net) in scheduled, (reference, net) in standing)
        for net, reference in sorted((net, reference) for reference, net in scheduled | standing)
        if reference in bookings
    ]
