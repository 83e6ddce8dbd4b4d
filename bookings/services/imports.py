"""Taking over bookings that were decided elsewhere."""

from datetime import datetime

from django.db import transaction

from bookings.access.actors import Actor
from bookings.enums import SlotStatus, Verb
from bookings.errors import InvalidRequest
from bookings.models import Association, Booking
from bookings.services.entries import RequestData, check_entries, status_of, wish_of
from bookings.services.locking import lock_house
from bookings.services.records import create_slots, record
from bookings.services.requests import create_booking
from bookings.services.submissions import find_submission
from rooms.facts import house_facts


def import_booking(
    *,
    data: RequestData,
    status: SlotStatus,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> Booking:
    """Store a booking with the status it has elsewhere; nobody is told.

    `reason` belongs to rejected dates. The rules of a request are not asked: an old plan may
    break them. The same again with its submission key gives the stored booking.

    Raises KeyReused for another booking with a known key, and RoomAlreadyBooked when an approved date
    overlaps another; then nothing is stored.
    """
    check_entries(data)
    with transaction.atomic():
        house = lock_house(data.house_id)
        if earlier := find_submission(data, actor=actor):
            return earlier
        association = Association.objects.filter(pk=data.association_id or 0).first()
        if association is None:
            raise InvalidRequest(field="association")
        facts = house_facts(house)
        wishes = [wish_of(house, date, data.persons, data.layout, data.kind, facts) for date in data.dates]
        booking = create_booking(
            house=house, data=data, association=association, actor=actor, now=now, first=wishes[0].net
        )
        slots = create_slots(booking, wishes, [status_of(date, status, reason) for date in data.dates], facts)
        record(booking, verb=Verb.REQUEST, slots=slots, old_statuses={}, actor=actor, note=reason, now=now)
    return booking
