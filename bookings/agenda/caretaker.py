"""What has to be prepared in the house on one day, for those who open, set up and lock.

It names more than the public plan (who comes and how to reach them) and no more than the day needs:
no mail addresses, no purpose, no history, and no contact of a date that does not take place.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bookings.agenda.public import DaySchedule, day_schedule
from bookings.enums import SlotStatus
from bookings.models import Occupancy, Slot
from rooms.clock import whole_day
from rooms.enums import Layout
from rooms.facts import HouseFacts, RoomFacts, house_facts
from rooms.intervals import Interval
from rooms.models import House

# No occupancy is longer (a check of the database), which bounds how far back to look.
LONGEST = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class CaretakerDate:
    """One date as it has to be prepared: `net` is when people are there, `gross` with set-up and tear-down.

    `layout` is a value of rooms.enums.Layout or empty. Of a date that is called off, contact,
    equipment and remarks are empty.
    """

    slot_id: int
    reference: str
    net: Interval
    gross: Interval
    is_called_off: bool
    rooms: tuple[RoomFacts, ...]
    title: str
    association: str
    persons: int
    layout: str
    equipment: tuple[str, ...]
    remarks: str
    contact_name: str
    contact_phone: str

    @property
    def layout_label(self) -> str:
        """How the chairs stand, in the active language; empty where nobody asked for anything."""
        return str(Layout(self.layout).label) if self.layout else ""

    @property
    def has_setup(self) -> bool:
        return self.gross.start < self.net.start

    @property
    def has_teardown(self) -> bool:
        return self.gross.end > self.net.end


@dataclass(frozen=True, slots=True)
class Furnishing:
    """How rooms stand for a date: which rooms as they were booked, and their seating."""

    rooms: tuple[str, ...]
    layout: str

    @property
    def layout_label(self) -> str:
        return str(Layout(self.layout).label) if self.layout else ""


@dataclass(frozen=True, slots=True)
class RoomChange:
    """Work between two dates in the same rooms, from when the one has left until the other sets up."""

    starts_at: datetime
    ends_at: datetime
    before: Furnishing
    after: Furnishing


@dataclass(frozen=True, slots=True)
class DayPlan:
    """The work of one day: its dates and room changes by their time, with the public plan's frame."""

    schedule: DaySchedule
    dates: tuple[CaretakerDate, ...]
    changes: tuple[RoomChange, ...]

    @property
    def standing(self) -> int:
        """How many dates take place."""
        return sum(not caretaker_date.is_called_off for caretaker_date in self.dates)


def day_plan(house: House, day: date) -> DayPlan:
    """Return what is to be prepared on one local day, set-up and tear-down included.

    Called-off dates stay in it, so that nobody sets up for them from memory; dates that were only
    moved within the day do not. `house` has to be read in the same request.
    """
    facts = house_facts(house)
    dates = tuple(_dates(facts, whole_day(day, facts.zone)))
    changes = tuple(
        _changes(facts, [caretaker_date for caretaker_date in dates if not caretaker_date.is_called_off])
    )
    return DayPlan(schedule=day_schedule(house, day), dates=dates, changes=changes)


def _dates(facts: HouseFacts, period: Interval) -> list[CaretakerDate]:
    # By the parts that are taken: their index holds the gross times, however many years are stored.
    taken = Occupancy.objects.filter(
        part__house_id=facts.id,
        starts_at__lt=period.end,
        starts_at__gt=period.start - LONGEST,
        ends_at__gt=period.start,
    )
    slots = list(
        Slot.objects.filter(
            pk__in=taken.values("slot"),
            status__in=[SlotStatus.APPROVED, *SlotStatus.CALLED_OFF],
        )
        .select_related("booking__association")
        .prefetch_related("rooms", "booking__equipment")
        .order_by("gross_starts_at", "starts_at", "pk")
    )
    replaced = {slot.booking.replaces_id for slot in slots if slot.status == SlotStatus.APPROVED}
    return [
        _planned(slot, facts)
        for slot in slots
        if slot.status == SlotStatus.APPROVED or slot.booking_id not in replaced
    ]


def _planned(slot: Slot, facts: HouseFacts) -> CaretakerDate:
    booking, is_called_off = slot.booking, slot.status != SlotStatus.APPROVED
    room_ids = {room.pk for room in slot.rooms.all()}
    return CaretakerDate(
        slot_id=slot.pk,
        reference=booking.reference,
        net=slot.net,
        gross=slot.gross,
        is_called_off=is_called_off,
        rooms=tuple(room for room in facts.rooms.values() if room.id in room_ids),
        title=booking.title,
        association=booking.association.name,
        persons=booking.persons,
        layout=booking.layout,
        equipment=() if is_called_off else tuple(equipment.name for equipment in booking.equipment.all()),
        remarks="" if is_called_off else booking.remarks,
        contact_name="" if is_called_off else booking.contact_name,
        contact_phone="" if is_called_off else booking.contact_phone,
    )


def _changes(facts: HouseFacts, dates: Iterable[CaretakerDate]) -> list[RoomChange]:
    """Return where a room, or the whole it is a part of, stands differently for the next date in it."""
    latest: dict[int, CaretakerDate] = {}
    changes: dict[tuple[int, int], RoomChange] = {}
    for following in dates:
        parts = facts.parts_of(room.id for room in following.rooms)
        for previous in {
            latest[part].slot_id: latest[part] for part in sorted(parts & latest.keys())
        }.values():
            shared = frozenset(part for part in parts if latest.get(part) is previous)
            before, after = _furnishing(previous, shared), _furnishing(following, shared)
            if before.rooms != after.rooms or (
                before.layout and after.layout and before.layout != after.layout
            ):
                changes[previous.slot_id, following.slot_id] = RoomChange(
                    previous.gross.end, following.gross.start, before, after
                )
        latest |= dict.fromkeys(parts, following)
    return sorted(changes.values(), key=lambda change: change.starts_at)


def _furnishing(caretaker_date: CaretakerDate, parts: frozenset[int]) -> Furnishing:
    """Return how the rooms of the date stand that these parts belong to; a kitchen has no seating."""
    rooms = [room for room in caretaker_date.rooms if room.part_ids & parts]
    layout = caretaker_date.layout if any(caretaker_date.layout in room.layouts for room in rooms) else ""
    return Furnishing(tuple(room.name for room in rooms), layout)
