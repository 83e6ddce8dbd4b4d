"""The dates of one booking as its pages list them: what comes, what is over, what does not take place.

A booking may have some hundred dates. So what is the same for most of them is said once, the next
dates come first, and the rest is folded.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from django.utils.translation import gettext as _

from bookings.enums import SlotStatus
from bookings.models import Booking, Slot
from bookings.series.stored import series_of
from bookings.series.wording import describe
from hausderbegegnung.web.shared.date_counts import DateCounts, count_dates
from hausderbegegnung.web.shared.replacements import ReplacedDates, replaced_dates_of

# So many coming dates are shown at once.
SHOWN = 8

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DateLine:
    """One date: what is told of it beside its time.

    `rooms` is empty where they are those of most dates, and so is `has_own_buffers` false. `note`
    says what was changed about a date that stands, `reason` why one does not. `replaced_by` is the
    booking that has taken its place, `change` the request that is to. `change_url` is where its
    applicant asks for another time, empty where that is not possible.
    """

    slot: Slot
    rooms: str = ""
    has_own_buffers: bool = False
    note: str = ""
    reason: str = ""
    replaced_by: Booking | None = None
    change: Booking | None = None
    change_url: str = ""


@dataclass(frozen=True, slots=True)
class BookingDates:
    """All dates of a booking; `words` say the pattern they follow, empty where there is none."""

    counts: DateCounts
    words: str = ""
    usual_rooms: str = ""
    usual_buffers: tuple[int, int] = (0, 0)
    coming: Sequence[DateLine] = field(default_factory=list)
    over: Sequence[DateLine] = field(default_factory=list)
    gone: Sequence[DateLine] = field(default_factory=list)
    replaced: Sequence[DateLine] = field(default_factory=list)
    skipped: Sequence[DateLine] = field(default_factory=list)

    @property
    def is_series(self) -> bool:
        return sum(self.counts.by_status.values()) > 1

    @property
    def next(self) -> Sequence[DateLine]:
        """The coming dates that are shown at once; a fold for one or two more is not worth it."""
        return self.coming if len(self.coming) <= SHOWN + 2 else self.coming[:SHOWN]

    @property
    def later(self) -> Sequence[DateLine]:
        return self.coming[len(self.next) :]

    @property
    def is_pending(self) -> bool:
        """Whether all coming dates wait for an answer, so that giving them back withdraws them."""
        return all(line.slot.status == SlotStatus.REQUESTED for line in self.coming)

    @property
    def is_mixed(self) -> bool:
        """Whether some coming dates are approved and others not yet, so that these have to say so."""
        return len({line.slot.status for line in self.coming}) > 1


def booking_dates(
    booking: Booking,
    *,
    now: datetime,
    replacements: Iterable[Booking] = (),
    changes: Mapping[int, Booking] | None = None,
    change_url: Callable[[Slot], str] | None = None,
) -> BookingDates:
    """Return the dates of a booking from `bookings.access.lookups.bookings_with_dates`, without a query.

    `replacements` are the bookings that may have taken the place of dates, `changes` the pending
    ones by the id of the date they are to replace; `change_url` gives where to ask for one.
    """
    changes = changes or {}
    slots = list(booking.slots.all())
    series = series_of(booking)
    standing = [slot for slot in slots if slot.status in SlotStatus.STANDING] or slots
    usual_rooms = _most_common((room_names(slot) for slot in standing), "")
    usual_buffers = _most_common((_buffers(slot) for slot in standing), (0, 0))
    by_id: dict[int | None, Booking] = {replacement.pk: replacement for replacement in replacements}
    gone = {SlotStatus.REJECTED, SlotStatus.WITHDRAWN, SlotStatus.CANCELLED, SlotStatus.REVOKED}
    lines = [
        DateLine(
            slot,
            # A note says instead of what the date is; without its rooms that is a riddle.
            rooms="" if (rooms := room_names(slot)) == usual_rooms and not note else rooms,
            has_own_buffers=_buffers(slot) != usual_buffers,
            note=note,
            reason="" if slot.status in SlotStatus.STANDING else str(slot.skip or slot.reason),
            replaced_by=by_id.get(slot.replaced_by_id),
            change=changes.get(slot.pk),
            change_url=change_url(slot)
            if change_url
            and slot.status == SlotStatus.APPROVED
            and slot.ends_at > now
            and slot.pk not in changes
            else "",
        )
        for slot in slots
        for note in [slot.instead_of if slot.status in SlotStatus.STANDING else ""]
    ]
    return BookingDates(
        counts=_counted(slots, by_id),
        words=describe(series) if series else "",
        usual_rooms=usual_rooms
        if all(room_names(slot) == usual_rooms for slot in standing)
        else _("mostly %(rooms)s") % {"rooms": usual_rooms},
        usual_buffers=usual_buffers,
        coming=[
            line for line in lines if line.slot.status in SlotStatus.STANDING and line.slot.ends_at > now
        ],
        over=[line for line in lines if line.slot.status in SlotStatus.STANDING and line.slot.ends_at <= now],
        gone=[line for line in lines if line.slot.status in gone and line.replaced_by is None],
        replaced=[line for line in lines if line.replaced_by],
        skipped=[line for line in lines if line.slot.status == SlotStatus.SKIPPED],
    )


@dataclass(frozen=True, slots=True)
class ListedBooking:
    """A booking as a line of a list: one of its dates, and how many there are of which status.

    The date is the next one that waits for an answer, otherwise the next one to come; of a booking
    without either it is the first. `is_coming` says whether it is one of the others, and of a change
    `replaced` what it is about.
    """

    booking: Booking
    slot: Slot | None
    is_coming: bool
    counts: DateCounts
    replaced: ReplacedDates | None = None

    @property
    def is_series(self) -> bool:
        return sum(self.counts.by_status.values()) > 1

    @property
    def is_waiting(self) -> bool:
        return self.is_coming and self.slot is not None and self.slot.status == SlotStatus.REQUESTED


def listed(booking: Booking, *, now: datetime) -> ListedBooking:
    """Return the line of a booking from `bookings.access.lookups.bookings_listed`, without a query."""
    slots = list(booking.slots.all())
    coming = [slot for slot in slots if slot.status in SlotStatus.STANDING and slot.ends_at > now]
    waiting = [slot for slot in coming if slot.status == SlotStatus.REQUESTED]
    shown = next(iter([*waiting, *coming, *slots]), None)
    by_id: dict[int | None, Booking] = {
        replacement.pk: replacement for replacement in booking.replacements.all()
    }
    return ListedBooking(booking, shown, bool(coming), _counted(slots, by_id), replaced_dates_of(booking))


def _counted(slots: Sequence[Slot], replacements: Mapping[int | None, Booking]) -> DateCounts:
    """Return how the dates stand; `replacements` are the bookings that may have replaced some, by id."""
    replaced = [
        replacements[slot.replaced_by_id].reference for slot in slots if slot.replaced_by_id in replacements
    ]
    return count_dates((slot.status for slot in slots), replaced)


def room_names(slot: Slot) -> str:
    """Return the rooms of a date by name, in the order of the house."""
    return ", ".join(
        room.name for room in sorted(slot.rooms.all(), key=lambda room: (room.position, room.name))
    )


def _buffers(slot: Slot) -> tuple[int, int]:
    return slot.setup_minutes, slot.teardown_minutes


def _most_common(values: Iterable[T], default: T) -> T:
    return next((value for value, _number in Counter(values).most_common(1)), default)
