"""What a mail about a booking says: plain values, taken at the moment of the decision."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bookings.date_facts import Before, BookedDate
from bookings.events import Change
from bookings.models import Booking, Slot
from rooms.models import House


def letterhead_facts(house: House) -> dict[str, Any]:
    """Return how the house signs and can be reached."""
    return {
        "id": house.pk,
        "name": house.name,
        "operator": house.operator,
        "street": house.street,
        "postal_code": house.postal_code,
        "city": house.city,
        "contact_name": house.contact_name,
        "phone": house.phone,
        "email": house.email,
        "zone": house.time_zone,
        "region": house.holiday_region,
    }


def date_facts(date: BookedDate, *, is_changed: bool, before: Before | None = None) -> dict[str, Any]:
    """Return one date; instants in ISO format, rooms by name in the order of the house.

    `before` is when and where a date was that has moved.
    """
    facts: dict[str, Any] = {
        "starts_at": date.starts_at.isoformat(),
        "ends_at": date.ends_at.isoformat(),
        "gross_starts_at": date.gross_starts_at.isoformat(),
        "gross_ends_at": date.gross_ends_at.isoformat(),
        "rooms": [name for _slug, name in date.rooms],
        "status": date.status,
        "reason": date.reason,
        "skipped_because": date.skip.because.value if date.skip else "",
        "skipped_day_name": date.skip.day_name if date.skip else "",
        "replaced_by": date.replaced_by,
        "uid": str(date.uid),
        "sequence": date.sequence,
        "is_changed": is_changed,
    }
    if before is not None:
        facts["before"] = before_facts(before)
    return facts


def slot_facts(slot: Slot, *, is_changed: bool) -> dict[str, Any]:
    """Return one date that was loaded with its rooms; see `date_facts`."""
    rooms = sorted(slot.rooms.all(), key=lambda room: (room.position, room.name))
    date = BookedDate(
        slot_id=slot.pk,
        uid=slot.uid,
        status=slot.status,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        gross_starts_at=slot.gross_starts_at,
        gross_ends_at=slot.gross_ends_at,
        reason=slot.reason,
        sequence=slot.sequence,
        rooms=tuple((room.slug, room.name) for room in rooms),
        skip=slot.skip,
        replaced_by=slot.replaced_by.reference if slot.replaced_by else "",
    )
    return date_facts(date, is_changed=is_changed)


def all_date_facts(
    booking: Booking, *, changed: Collection[int], before: Mapping[int, Before]
) -> list[dict[str, Any]]:
    """Return all dates of the booking in order; `changed` are the ids of those a decision was about."""
    return [
        date_facts(date, is_changed=date.slot_id in changed, before=before.get(date.slot_id))
        for date in booking.dates
    ]


def booking_facts(
    booking: Booking,
    *,
    changed: Collection[int],
    note: str,
    before: Mapping[int, Before] | None = None,
    asked_at: datetime | None = None,
) -> dict[str, Any]:
    """Return everything a mail about what just happened to the booking may say.

    Taken inside the transaction of the decision, so it is what was decided, whatever happens
    before a worker renders it. `before` tells of moved dates when and where they
    were; `asked_at` is from when an answer is promised, where that is not the receipt of the booking.
    """
    return facts_about(booking) | {
        "received_at": (asked_at or booking.received_at).isoformat(),
        "note": note,
        "dates": all_date_facts(booking, changed=changed, before=before or {}),
        "replaced": replaced_facts(booking),
    }


def facts_of_dates(booking: Booking, slots: Iterable[Slot]) -> dict[str, Any]:
    """Return what a mail says that nobody's action set off: the booking, and only these of its dates.

    Reads nothing: the slots come with their rooms, the booking with house and association.
    """
    dates = [slot_facts(slot, is_changed=True) for slot in slots]
    return facts_about(booking) | {"note": "", "dates": dates, "replaced": None}


def facts_about(booking: Booking) -> dict[str, Any]:
    """Return what every mail about the booking says."""
    return {
        "house": letterhead_facts(booking.house),
        "answer_days": booking.house.answer_days,
        "reference": booking.reference,
        "title": booking.title,
        "association": booking.association.name,
        "contact_name": booking.contact_name,
        "contact_email": booking.contact_email,
        "contact_phone": booking.contact_phone,
        "persons": booking.persons,
        "layout": booking.layout,
        "remarks": booking.remarks,
        "received_at": booking.received_at.isoformat(),
    }


def settled_facts(changes: Sequence[Change], *, reason: str) -> dict[str, Any]:
    """Return what one person is told of a change of the house: all their dates that are revoked or moved.

    Each date names its booking; one that has moved says what it was `before`.
    """
    bookings = {change.booking.pk: change.booking for change in changes}.values()
    first = changes[0].booking
    dates = [
        slot_facts(slot, is_changed=True)
        | {
            "reference": change.booking.reference,
            "title": change.booking.title,
            "before": before_facts(change.before[slot.pk]) if slot.pk in change.before else None,
        }
        for change in changes
        for slot in change.slots
    ]
    return {
        "house": letterhead_facts(first.house),
        "contact_name": first.contact_name,
        "note": reason,
        "bookings": [
            {
                "reference": booking.reference,
                "title": booking.title,
                "association": booking.association.name,
            }
            for booking in bookings
        ],
        "dates": sorted(dates, key=lambda date: date["starts_at"]),
        "replaced": None,
    }


def before_facts(before: Before) -> dict[str, Any]:
    """Return when and where a date was before it moved."""
    return {
        "starts_at": before.net.start.isoformat(),
        "ends_at": before.net.end.isoformat(),
        "rooms": list(before.rooms),
    }


def replaced_facts(booking: Booking) -> dict[str, Any] | None:
    """Return the booking this one is to change, with the dates it is about as they stand now."""
    replaced = booking.replaces
    if replaced is None:
        return None
    concerned = (
        booking.replaced_slots.order_by("starts_at", "pk")
        .select_related("replaced_by")
        .prefetch_related("rooms")
    )
    return {
        "reference": replaced.reference,
        "dates": [slot_facts(slot, is_changed=False) for slot in concerned],
    }
