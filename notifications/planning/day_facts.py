"""What mails say of a day in the house: no more of a date than caretakers are told."""

from typing import Any

from bookings.agenda.caretaker import CaretakerDate, Furnishing, RoomChange


def planned_facts(one: CaretakerDate) -> dict[str, Any]:
    """Return one date as it has to be prepared; instants in ISO format."""
    return {
        "slot_id": one.slot_id,
        "reference": one.reference,
        "starts_at": one.net.start.isoformat(),
        "ends_at": one.net.end.isoformat(),
        "gross_starts_at": one.gross.start.isoformat(),
        "gross_ends_at": one.gross.end.isoformat(),
        "is_called_off": one.is_called_off,
        "rooms": [room.name for room in one.rooms],
        "title": one.title,
        "association": one.association,
        "persons": one.persons,
        "layout": one.layout,
        "equipment": list(one.equipment),
        "remarks": one.remarks,
        "contact_name": one.contact_name,
        "contact_phone": one.contact_phone,
    }


def room_change_facts(change: RoomChange) -> dict[str, Any]:
    """Return what is to be rearranged between two dates."""
    return {
        "starts_at": change.starts_at.isoformat(),
        "ends_at": change.ends_at.isoformat(),
        "before": _furnishing_facts(change.before),
        "after": _furnishing_facts(change.after),
    }


def _furnishing_facts(furnishing: Furnishing) -> dict[str, Any]:
    return {"rooms": list(furnishing.rooms), "layout": furnishing.layout}
