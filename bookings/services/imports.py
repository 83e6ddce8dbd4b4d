"""Taking over bookings that were decided elsewhere."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from bookings.actors import Actor
from bookings.availability import wish_for
from bookings.enums import SlotStatus, Verb
from bookings.errors import InvalidRequest
from bookings.models import Association, Booking
from bookings.services.locking import lock_house
from bookings.services.records import create_slots, record
from bookings.services.requests import RequestData, check_entries, create_booking
from rooms.facts import house_facts


def import_booking(
    *,
    data: RequestData,
    status: SlotStatus,
    actor: Actor,
    now: datetime,
    fallen_out: Mapping[int, str] | None = None,
    reason: str = "",
) -> Booking:
    """Store a booking with the status it has elsewhere; nobody is told.

    `fallen_out` gives the reason for each date (by its index in `data.dates`) that does not
    stand; `reason` belongs to rejected dates. The rules of a request are not asked: an old plan
    may break them. The same submission key again gives the stored booking.

    Raises RoomAlreadyBooked when an approved date overlaps another; then nothing is stored.
    """
    check_entries(data)
    fallen_out = fallen_out or {}
    with transaction.atomic():
        house = lock_house(data.house_id)
        earlier = Booking.objects.filter(submission_key=data.submission_key).first()
        if earlier is not None:
            return earlier
        association = Association.objects.filter(pk=data.association_id or 0).first()
        if association is None:
            raise InvalidRequest(field="association")
        facts = house_facts(house)
        wishes = [
            wish_for(
                house=house,
                room_ids=date.room_ids,
                starts_at=date.starts_at,
                ends_at=date.ends_at,
                setup_minutes=date.setup_minutes,
                teardown_minutes=date.teardown_minutes,
                persons=data.persons,
                layout=data.layout,
                facts=facts,
            )
            for date in data.dates
        ]
        statuses = [
            (SlotStatus.FALLEN_OUT, fallen_out[number]) if number in fallen_out else (status, reason)
            for number in range(len(wishes))
        ]
        booking = create_booking(
            house=house, data=data, association=association, actor=actor, now=now, first=wishes[0].net
        )
        slots = create_slots(booking, wishes, statuses, facts)
        record(booking, verb=Verb.REQUEST, slots=slots, old_statuses={}, actor=actor, note=reason, now=now)
    return booking
