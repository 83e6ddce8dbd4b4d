"""What the status of a booking is, given its dates, and how many of them stand."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import ngettext

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
    approved; dates that fell out do not count. A booking of which nothing is left but dates
    that fell out is rejected.
    """
    statuses = set(slot_statuses) - {SlotStatus.FALLEN_OUT}
    if SlotStatus.REQUESTED in statuses:
        return BookingStatus.REQUESTED
    if SlotStatus.APPROVED in statuses:
        return BookingStatus.PARTLY_APPROVED if SlotStatus.REJECTED in statuses else BookingStatus.APPROVED
    for slot_status, status in _ENDINGS:
        if slot_status in statuses:
            return status
    return BookingStatus.REJECTED


@dataclass(frozen=True, slots=True)
class DateCounts:
    """How many dates of a booking there are in each status."""

    by_status: Mapping[str, int]

    @property
    def asked(self) -> int:
        """The dates that were asked for: all but those that fell out."""
        return sum(self.by_status.values()) - self.by_status.get(SlotStatus.FALLEN_OUT, 0)

    @property
    def approved(self) -> int:
        return self.by_status.get(SlotStatus.APPROVED, 0)

    @property
    def pending(self) -> int:
        return self.by_status.get(SlotStatus.REQUESTED, 0)

    @property
    def words(self) -> str:
        """All of them in words: 36 approved, 2 requested, 2 fall out."""
        first = [SlotStatus.APPROVED, SlotStatus.REQUESTED]
        counted = [(status, self.by_status.get(status, 0)) for status in dict.fromkeys([*first, *SlotStatus])]
        return ", ".join(_counted(status, number) for status, number in counted if number)


def count_dates(slot_statuses: Iterable[str]) -> DateCounts:
    """Return how many dates have each of these statuses."""
    return DateCounts(Counter(slot_statuses))


def _counted(status: SlotStatus, number: int) -> str:
    if status == SlotStatus.FALLEN_OUT:
        return ngettext("%(number)d skipped", "%(number)d skipped", number) % {"number": number}
    return f"{number} {status.label}"
