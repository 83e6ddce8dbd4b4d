"""What the rules look at of a date that is stored: made here only, so that nothing of it is forgotten."""

from collections.abc import Iterable

from bookings.enums import activity_of
from bookings.models import Booking, Slot
from rooms.intervals import Interval
from rooms.rules import Wish


def stored_wish(
    *,
    room_ids: Iterable[int],
    net: Interval,
    gross: Interval,
    persons: int,
    layout: str,
    kind: str,
    equipment_ids: Iterable[int] = (),
) -> Wish:
    """Return the wish a date stands for, with the activity of its booking's kind (a BookingKind)."""
    return Wish(tuple(room_ids), net, gross, persons, layout, activity_of(kind), frozenset(equipment_ids))


def wish_of_slot(
    slot: Slot,
    booking: Booking,
    room_ids: Iterable[int] | None = None,
    *,
    equipment_ids: Iterable[int] = (),
) -> Wish:
    """Return the wish a date of the booking stands for.

    `room_ids` are its rooms where the caller has them; else they are read from the slot, without a
    query where its rooms are prefetched. `equipment_ids` are given where it is to be told that
    others have the equipment: that stops nothing, so that most need not know.
    """
    return stored_wish(
        room_ids=(room.pk for room in slot.rooms.all()) if room_ids is None else room_ids,
        net=slot.net,
        gross=slot.gross,
        persons=booking.persons,
        layout=booking.layout,
        kind=booking.kind,
        equipment_ids=equipment_ids,
    )
