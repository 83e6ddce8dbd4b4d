"""The one place that speaks with django-scheduler: a house's calendar, a booking's event.

Slots are the facts; the event is the pattern they came from. Calendar and events carry no
personal data, only the reference of the booking.
"""

from django.utils.text import slugify
from schedule.models import Calendar, Event  # noqa: TID251 - this is the adapter

from rooms.intervals import Interval
from rooms.models import House


def calendar_of(house: House) -> Calendar:
    """Return the house's calendar; makes it for a new house. Call under the house lock."""
    if house.calendar_id is None:
        house.calendar = Calendar.objects.create(name=house.name, slug=slugify(f"house-{house.pk}"))
        house.save(update_fields=["calendar"])
    return house.calendar


def create_event(house: House, reference: str, net: Interval) -> Event:
    """Store the pattern of a booking with a single date."""
    return Event.objects.create(calendar=calendar_of(house), title=reference, start=net.start, end=net.end)
