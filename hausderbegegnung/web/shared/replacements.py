"""What a change is to replace of another booking, and what it has replaced: said by its pages and lists."""

from collections.abc import Sequence
from dataclasses import dataclass

from bookings.enums import SlotStatus
from bookings.models import Booking, Slot


@dataclass(frozen=True, slots=True)
class ReplacedDates:
    """The dates of the other booking that a change is about.

    `waiting` are those whose place it may still take, `taken` those whose place it has. `is_whole`
    says that nothing of the other booking stands beside them.
    """

    booking: Booking
    concerned: Sequence[Slot]
    waiting: Sequence[Slot]
    taken: Sequence[Slot]
    is_whole: bool

    @property
    def is_to_replace_all(self) -> bool:
        return self.is_whole and len(self.waiting) == len(self.concerned)

    @property
    def has_replaced_all(self) -> bool:
        return self.is_whole and len(self.taken) == len(self.concerned)


def replaced_dates_of(change: Booking) -> ReplacedDates | None:
    """Return what a change is about, without a query where its dates and those of the other are at hand."""
    if change.replaces is None:
        return None
    concerned = sorted(change.replaced_slots.all(), key=lambda slot: (slot.starts_at, slot.pk))
    ids = {slot.pk for slot in concerned}
    is_open = any(slot.status == SlotStatus.REQUESTED for slot in change.slots.all())
    return ReplacedDates(
        change.replaces,
        concerned,
        [slot for slot in concerned if is_open and slot.status == SlotStatus.APPROVED],
        [slot for slot in concerned if slot.replaced_by_id == change.pk],
        not any(
            slot.status in SlotStatus.STANDING and slot.pk not in ids for slot in change.replaces.slots.all()
        ),
    )
