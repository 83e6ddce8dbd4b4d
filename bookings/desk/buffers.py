"""How long set-up and tear-down of a date may be beside what is approved already."""

from collections.abc import Iterable
from datetime import timedelta

from bookings.enums import SlotStatus
from bookings.models import Slot


def fitting_buffers(slot: Slot, neighbours: Iterable[Slot]) -> tuple[int, int] | None:
    """Return the longest set-up and tear-down in minutes that meet nothing approved.

    At most they are those of the date. `neighbours` are what else is on in its rooms. None where one
    of them, with its own set-up and tear-down, reaches into the date itself, so that shortening those
    of the date is not enough.
    """
    setup, teardown = slot.setup_minutes, slot.teardown_minutes
    for other in neighbours:
        if other.status != SlotStatus.APPROVED or not other.gross.overlaps(slot.gross):
            continue
        if other.gross_ends_at <= slot.starts_at:
            setup = min(setup, (slot.starts_at - other.gross_ends_at) // timedelta(minutes=1))
        elif other.gross_starts_at >= slot.ends_at:
            teardown = min(teardown, (other.gross_starts_at - slot.ends_at) // timedelta(minutes=1))
        else:
            return None
    return setup, teardown
