"""What the status of a booking is, given its dates, and how many of them stand."""

from collections.abc import Iterable

from bookings.enums import BookingStatus, SlotStatus

# The first of these that a booking without open or approved dates has is its status.
_ENDINGS = [
    (SlotStatus.REVOKED, BookingStatus.REVOKED),
    (SlotStatus.CANCELLED, BookingStatus.CANCELLED),
    (SlotStatus.REJECTED, BookingStatus.REJECTED),
    (SlotStatus.WITHDRAWN, BookingStatus.WITHDRAWN),
]


def derive_status(slot_statuses: Iterable[str]) -> BookingStatus:
    """Return the status of a booking whose dates have these statuses.

    Pending dates make it pending; an approved one beside a rejected one makes it partly
    approved; skipped dates do not count. A booking of which nothing is left but skipped
    dates is rejected.
    """
    statuses = set(slot_statuses) - {SlotStatus.SKIPPED}
    if SlotStatus.REQUESTED in statuses:
        return BookingStatus.REQUESTED
    if SlotStatus.APPROVED in statuses:
        return BookingStatus.PARTLY_APPROVED if SlotStatus.REJECTED in statuses else BookingStatus.APPROVED
    for slot_status, status in _ENDINGS:
        if slot_status in statuses:
            return status
    return BookingStatus.REJECTED
