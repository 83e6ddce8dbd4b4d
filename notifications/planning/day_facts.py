"""What mails say of a day in the house: no more of a date than caretakers are told."""

from typing import Any

from bookings.agenda.caretaker import CaretakerDate, Furnishing, RoomChange


def caretaker_date_facts(date: CaretakerDate) -> dict[str, Any]:
    """Return one date as it has to be prepared; instants in ISO format."""
    return {
        "slot_id": date.slot_id,
        "reference": date.reference,
        "starts_at": date.net.start.isoformat(),
        "ends_at": date.net.end.isoformat(),
        "gross_starts_at": date.gross.start.isoformat(),
        "gross_ends_at": date.gross.end.isoformat(),
        "is_called_off": date.is_called_off,
        "rooms": [room.name for room in date.rooms],
        "title": date.title,
        "association": date.association,
        "persons": date.persons,
        "layout": date.layout,
        "equipment": list(date.equipment),
        "remarks": date.remarks,
        "contact_name": date.contact_name,
        "contact_phone": date.contact_phone,
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
