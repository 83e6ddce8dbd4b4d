"""What is on in the house, as everybody may see it: entries of days and weeks, closures, opening hours.

Nothing here carries a contact, a remark or a request that is not approved. The pages, the wall
display and the public program interface all read the plan from here.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db.models import Max, OuterRef, Q, Subquery

from bookings.enums import AssociationKind, SlotStatus, Verb, Visibility
from bookings.models import Slot, Transition
from rooms.clock import day_of, week_of, whole_day, whole_days
from rooms.facts import HouseFacts, house_facts
from rooms.intervals import Interval, subtract, union
from rooms.models import Closure, House, Room

# No occupancy is longer (a check of the database), which bounds how far back to look.
LONGEST = timedelta(days=31)
# A date that is called off stays on the plan, struck out, when people may not have heard of it:
# when that was decided on the same day or on the day before.
CALLED_OFF_NOTICE = timedelta(days=1)


class EntryState(StrEnum):
    UPCOMING = "upcoming"
    RUNNING = "running"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class ShownRoom:
    """A room as the plan names it, with how to find it."""

    id: int
    slug: str
    name: str
    floor: str
    wayfinding: str
    step_free: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One date on the plan. `title` is in the active language and safe to show to everybody.

    `net` is when people are there, `gross` when the rooms are taken.
    `organiser` is empty for private persons and for entries that are only shown as occupied.
    `part_ids` are the atomic rooms that are taken.
    """

    slot_id: int
    net: Interval
    gross: Interval
    title: str
    organiser: str
    is_public: bool
    is_called_off: bool
    rooms: tuple[ShownRoom, ...]
    part_ids: frozenset[int]

    @property
    def is_step_free(self) -> bool:
        """Whether all its rooms are reached without steps."""
        return all(room.step_free for room in self.rooms)

    @property
    def way(self) -> str:
        """How to find the first of its rooms."""
        return (self.rooms[0].wayfinding or self.rooms[0].floor) if self.rooms else ""

    def state(self, now: datetime) -> EntryState:
        if now >= self.net.end:
            return EntryState.OVER
        return EntryState.RUNNING if now >= self.net.start and not self.is_called_off else EntryState.UPCOMING


@dataclass(frozen=True, slots=True)
class ShownClosure:
    """Why the house, or the rooms named, cannot be used. No room named: the whole house."""

    interval: Interval
    reason: str
    room_names: tuple[str, ...]
    part_ids: frozenset[int]

    @property
    def is_whole_house(self) -> bool:
        return not self.room_names


@dataclass(frozen=True, slots=True)
class DaySchedule:
    """The plan of one local day: what overlaps it, sorted by start; `opening` is clipped to it."""

    day: date
    whole: Interval
    opening: tuple[Interval, ...]
    closures: tuple[ShownClosure, ...]
    entries: tuple[Entry, ...]

    @property
    def house_closure(self) -> ShownClosure | None:
        """The closure that takes the whole house for all its hours of the day, if there is one."""
        house_wide = [closure for closure in self.closures if closure.is_whole_house]
        if not house_wide or subtract(
            self.opening or [self.whole], [closure.interval for closure in house_wide]
        ):
            return None
        return house_wide[0]

    @property
    def is_closed(self) -> bool:
        """Whether the house does not open on this day: no hours, or a closure over all of them."""
        return not self.opening or self.house_closure is not None

    def of_room(self, part_ids: frozenset[int]) -> "DaySchedule":
        """Return the same day with only what touches these atomic rooms."""
        return replace(
            self,
            entries=tuple(entry for entry in self.entries if entry.part_ids & part_ids),
            closures=tuple(
                closure for closure in self.closures if closure.is_whole_house or closure.part_ids & part_ids
            ),
        )


def day_schedule(house: House, day: date) -> DaySchedule:
    """Return the plan of one day; `house` has to be read in the same request."""
    return schedule_of(house, [day])[0]


def week_schedule(house: House, monday: date) -> list[DaySchedule]:
    """Return the plans of the seven days of the week that contains `monday`."""
    return schedule_of(house, week_of(monday))


def room_week(house: House, room: Room, monday: date) -> list[DaySchedule]:
    """Return the week as far as it touches the room: its parts, and what it is a part of."""
    facts = house_facts(house)
    part_ids = facts.rooms[room.pk].part_ids
    opening = {day: facts.open_hours(room.pk, whole_day(day, facts.zone)) for day in week_of(monday)}
    return [
        replace(schedule.of_room(part_ids), opening=tuple(opening[schedule.day]))
        for schedule in week_schedule(house, monday)
    ]


def next_day_with_entries(house: House, after: date) -> date | None:
    """Return the first day after `after` on which something starts that people may see."""
    starts_at = (
        Slot.objects.approved()
        .filter(booking__house_id=house.pk, starts_at__gte=whole_day(after, house.zone).end)
        .exclude(booking__visibility=Visibility.HIDDEN)
        .order_by("starts_at")
        .values_list("starts_at", flat=True)
        .first()
    )
    return day_of(starts_at, house.zone) if starts_at else None


def schedule_of(house: House, days: Sequence[date]) -> list[DaySchedule]:
    """Return the plans of consecutive days, with a number of queries that does not depend on them."""
    facts = house_facts(house)
    period = whole_days(days[0], days[-1], facts.zone)
    entries = _entries(facts, period)
    closures = _closures(facts, period)
    opening = union(
        span for room in facts.rooms.values() if room.is_active for span in facts.open_hours(room.id, period)
    )
    schedules = []
    for day in days:
        whole = whole_day(day, facts.zone)
        schedules.append(
            DaySchedule(
                day=day,
                whole=whole,
                opening=tuple(part for span in opening if (part := span.intersection(whole))),
                closures=tuple(closure for closure in closures if closure.interval.overlaps(whole)),
                entries=_without_moved(entry for entry in entries if entry[0].net.overlaps(whole)),
            )
        )
    return schedules


# An entry, the booking it belongs to, and the booking that one replaces.
_Loaded = tuple[Entry, int, int | None]


def _entries(facts: HouseFacts, period: Interval) -> list[_Loaded]:
    called_off_at = (
        Transition.objects.filter(
            Q(slot=OuterRef("pk")) | Q(slot=None, booking=OuterRef("booking")),
            verb__in=[Verb.CANCEL, Verb.REVOKE, Verb.REPLACE],
        )
        .order_by()
        .values("booking")
        .annotate(latest=Max("at"))
        .values("latest")
    )
    rows = (
        Slot.objects.filter(
            booking__house_id=facts.id, starts_at__gte=period.start - LONGEST, status__in=_SHOWN_STATUSES
        )
        .overlapping(period)
        .exclude(booking__visibility=Visibility.HIDDEN)
        .annotate(called_off_at=Subquery(called_off_at))
        .select_related("booking__association")
        # Contacts and remarks are not even loaded.
        .only(
            *("starts_at", "ends_at", "gross_starts_at", "gross_ends_at", "status"),
            *("booking__title", "booking__display_title", "booking__visibility", "booking__replaces_id"),
            *("booking__association__name", "booking__association__kind"),
        )
        .order_by("starts_at", "ends_at", "pk")
    )
    slots = [
        slot
        for slot in rows
        if slot.status == SlotStatus.APPROVED or _is_worth_telling(slot, slot.called_off_at, facts)
    ]
    rooms = _rooms_of(slots)
    entries = []
    for slot in slots:
        booking, shown_rooms = slot.booking, tuple(rooms[slot.pk])
        is_public = booking.visibility == Visibility.PUBLIC
        is_person = booking.association.kind == AssociationKind.PRIVATE_PERSON
        entry = Entry(
            slot_id=slot.pk,
            net=slot.net,
            gross=slot.gross,
            title=booking.public_title,
            organiser=booking.association.name if is_public and not is_person else "",
            is_public=is_public,
            is_called_off=slot.status != SlotStatus.APPROVED,
            rooms=shown_rooms,
            part_ids=facts.parts_of(room.id for room in shown_rooms),
        )
        entries.append((entry, booking.pk, booking.replaces_id))
    return entries


_SHOWN_STATUSES = [SlotStatus.APPROVED, SlotStatus.CANCELLED, SlotStatus.REVOKED]


def _is_worth_telling(slot: Slot, called_off_at: datetime | None, facts: HouseFacts) -> bool:
    """Whether a date that was called off is shown as such: public, and called off at short notice."""
    if slot.booking.visibility != Visibility.PUBLIC or called_off_at is None:
        return False
    notice_from = whole_day(day_of(slot.starts_at, facts.zone) - CALLED_OFF_NOTICE, facts.zone).start
    return called_off_at >= notice_from


def _without_moved(loaded: Iterable[_Loaded]) -> tuple[Entry, ...]:
    """Drop dates that only moved: another date of the day belongs to the booking that replaced theirs."""
    loaded = list(loaded)
    replaced = {replaces_id for entry, _booking_id, replaces_id in loaded if not entry.is_called_off}
    return tuple(
        entry
        for entry, booking_id, _replaces_id in loaded
        if not (entry.is_called_off and booking_id in replaced)
    )


def _rooms_of(slots: Iterable[Slot]) -> dict[int, list[ShownRoom]]:
    rooms: dict[int, list[ShownRoom]] = defaultdict(list)
    rows = (
        Slot.rooms.through.objects.filter(slot_id__in=[slot.pk for slot in slots])
        .order_by("room__position", "room__name")
        .values_list(
            "slot_id",
            *("room_id", "room__slug", "room__name", "room__floor", "room__wayfinding", "room__step_free"),
        )
    )
    for slot_id, *room in rows:
        rooms[slot_id].append(ShownRoom(*room))
    return rooms


def _closures(facts: HouseFacts, period: Interval) -> list[ShownClosure]:
    closures = []
    rows = (
        Closure.objects.filter(house_id=facts.id, starts_at__lt=period.end, ends_at__gt=period.start)
        .order_by("starts_at", "pk")
        .prefetch_related("rooms")
    )
    for closure in rows:
        room_ids = {room.pk for room in closure.rooms.all()}
        closures.append(
            ShownClosure(
                interval=Interval(closure.starts_at, closure.ends_at),
                reason=closure.reason,
                room_names=tuple(room.name for room in facts.rooms.values() if room.id in room_ids),
                part_ids=facts.parts_of(room_ids),
            )
        )
    return closures
