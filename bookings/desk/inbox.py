"""What staff have to decide, and what they need to know for it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Q
from django.utils.translation import gettext as _

from bookings.access.lookups import asked_at, bookings_with_dates
from bookings.availability.checks import rules_broken_in
from bookings.availability.snapshot import Snapshot, TakenTime, load_snapshot
from bookings.availability.wishes import wish_of_slot
from bookings.desk.answer_dates import house_answer_date, waiting_since
from bookings.enums import SlotStatus
from bookings.models import Booking, Slot
from bookings.occupancy.guard import MAX_DAYS
from bookings.series.stored import series_of
from bookings.series.wording import describe
from rooms.clock import day_of, whole_days
from rooms.enums import Severity
from rooms.errors import Reason
from rooms.facts import HouseFacts, house_facts
from rooms.formats import format_date_span
from rooms.intervals import hull, union
from rooms.models import House
from rooms.rules import check_not_past

SHOWN_DAYS = 60
CLASH_CODES = frozenset({"clash", "buffer_clash", "house_full"})


@dataclass(frozen=True, slots=True)
class PendingDate:
    """One date to decide: the slot, what speaks against it, and who else asked for the time.

    `clashes` are with approved bookings (hard ones cannot be approved, buffers can be
    shortened), `broken` are the other rules, each saying who may override it. A date of a change
    `needs` other dates of it to be approved with it, where it meets the old ones they replace.
    """

    slot: Slot
    clashes: tuple[Reason, ...]
    broken: tuple[Reason, ...]
    rivals: tuple[Booking, ...]
    needs: frozenset[int] = frozenset()

    @property
    def is_impossible(self) -> bool:
        """Whether nobody may approve it as it stands."""
        return any(reason.severity == Severity.NOBODY for reason in self.clashes + self.broken)

    @property
    def needs_override(self) -> bool:
        return any(reason.severity == Severity.STAFF for reason in self.clashes + self.broken)

    @property
    def meets_buffer(self) -> bool:
        """Whether it meets the set-up or tear-down of another date, so that one has to be shortened."""
        return any(reason.code == "buffer_clash" for reason in self.clashes)

    @property
    def is_possible(self) -> bool:
        """Whether it can be approved as it stands."""
        return not (self.is_impossible or self.needs_override or self.meets_buffer)

    @property
    def is_ready(self) -> bool:
        """Whether nothing is to be said against it, and nobody else asked for the time."""
        return not (self.clashes or self.broken or self.rivals)


def approvable_ids(dates: Iterable[PendingDate]) -> frozenset[int]:
    """Return the dates that can be approved as they stand, all of them in one step."""
    possible = {date.slot.pk: date.needs for date in dates if date.is_possible}
    while missing := [slot_id for slot_id, needs in possible.items() if not needs <= possible.keys()]:
        possible = {slot_id: needs for slot_id, needs in possible.items() if slot_id not in missing}
    return frozenset(possible)


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """A pending request; `answer_date` is the local day until which an answer was promised.

    It waits since its receipt, or where only dates are open that were added later, since then.
    """

    booking: Booking
    dates: tuple[PendingDate, ...]
    answer_date: date
    waiting_since: datetime
    waiting_days: int
    is_late: bool

    @property
    def clashes(self) -> list[Reason]:
        return [reason for date in self.dates for reason in date.clashes]

    @property
    def broken(self) -> list[Reason]:
        return [reason for date in self.dates for reason in date.broken]

    @property
    def rivals(self) -> list[Booking]:
        """The other pending requests that overlap, each once, the earliest received first."""
        return by_receipt(rival for date in self.dates for rival in date.rivals)

    @property
    def is_impossible(self) -> bool:
        return any(date.is_impossible for date in self.dates)

    @property
    def needs_override(self) -> bool:
        return any(date.needs_override for date in self.dates)

    @property
    def is_ready(self) -> bool:
        """Whether it can be approved as it stands and nobody else asked for the time."""
        return not (self.clashes or self.broken or self.rivals)

    @property
    def is_several(self) -> bool:
        return len(self.dates) > 1

    @property
    def words(self) -> str:
        """The pattern its dates follow, empty where there is none."""
        series = series_of(self.booking)
        return describe(series) if series else ""

    @property
    def rooms(self) -> str:
        """The rooms asked for by name, those of most dates first."""
        named = [
            room.name
            for date in self.dates
            for room in sorted(date.slot.rooms.all(), key=lambda room: (room.position, room.pk))
        ]
        return ", ".join(name for name, _number in Counter(named).most_common())

    @property
    def ready_count(self) -> int:
        return sum(date.is_ready for date in self.dates)

    @property
    def kinds_of_obstacles(self) -> list[tuple[str, int]]:
        """How many dates cannot stand, meet a buffer, break a rule, go only together, or have rivals."""
        kinds = {
            "impossible": [date for date in self.dates if date.is_impossible],
            "buffer": [date for date in self.dates if date.meets_buffer and not date.is_impossible],
            "rule": [date for date in self.dates if date.needs_override and not date.is_impossible],
            "together": [date for date in self.dates if date.needs and not date.is_impossible],
            "rival": [date for date in self.dates if date.rivals],
        }
        return [(kind, len(dates)) for kind, dates in kinds.items() if dates]


def list_inbox(house: House, *, now: datetime) -> list[InboxEntry]:
    """Return all pending requests of the house, the oldest first, in a fixed number of queries.

    One that somebody else decides between the look at the bookings and that at their dates is left out.
    """
    bookings = bookings_with_dates().filter(house=house).pending().order_by("received_at", "pk")
    return _entries(house, [booking for booking in bookings if _pending_slots(booking)], now)


def inbox_entry(booking: Booking, *, now: datetime) -> InboxEntry:
    """Return one pending request as the inbox shows it."""
    return _entries(booking.house, [booking], now)[0]


def unchecked_dates(booking: Booking) -> tuple[PendingDate, ...]:
    """Return the dates to decide without a look at what speaks against them, which the service tells."""
    return tuple(PendingDate(slot, clashes=(), broken=(), rivals=()) for slot in _pending_slots(booking))


def _entries(house: House, bookings: Sequence[Booking], now: datetime) -> list[InboxEntry]:
    slots = [slot for booking in bookings for slot in _pending_slots(booking)]
    snapshot = _snapshot_around(house, slots, bookings)
    rivals = _rivals(snapshot, bookings) if snapshot else {}
    giving_way = _giving_way(bookings)
    waiting = waiting_since(bookings)
    zone = house.zone
    entries = []
    for booking in bookings:
        since = waiting[booking]
        answer_date = house_answer_date(house, since)
        entries.append(
            InboxEntry(
                booking=booking,
                dates=tuple(
                    _pending_date(booking, slot, snapshot, rivals, giving_way.get(booking.pk, {}), now)
                    for slot in _pending_slots(booking)
                )
                if snapshot
                else (),
                answer_date=answer_date,
                waiting_since=since,
                waiting_days=(day_of(now, zone) - day_of(since, zone)).days,
                is_late=day_of(now, zone) > answer_date,
            )
        )
    return entries


def _pending_slots(booking: Booking) -> list[Slot]:
    return [slot for slot in booking.slots.all() if slot.status == SlotStatus.REQUESTED]


def _snapshot_around(house: House, slots: Sequence[Slot], bookings: Iterable[Booking]) -> Snapshot | None:
    """Load what is known of the house at the times of the slots of these bookings."""
    if not slots:
        return None
    near = [slot.gross for slot in slots]
    equipment_ids = {equipment.pk for booking in bookings for equipment in booking.equipment.all()}
    return load_snapshot(house, hull(near), with_pending=True, near=near, equipment_ids=equipment_ids)


def _rivals(snapshot: Snapshot, known: Sequence[Booking]) -> dict[int, Booking]:
    """Return the pending bookings of the snapshot by id; those not at hand are loaded with one query."""
    bookings = {booking.pk: booking for booking in known}
    missing = {
        taken_time.booking_id for taken_time in snapshot.taken if not taken_time.is_approved
    } - bookings.keys()
    if missing:
        bookings |= {booking.pk: booking for booking in bookings_with_dates().filter(pk__in=missing)}
    return bookings


def _pending_date(
    booking: Booking,
    slot: Slot,
    snapshot: Snapshot,
    bookings: dict[int, Booking],
    giving_way: Mapping[int, Slot | None],
    now: datetime,
) -> PendingDate:
    wish = wish_of_slot(slot, booking, equipment_ids=[equipment.pk for equipment in booking.equipment.all()])
    around = snapshot.around(slot.gross)
    # Neither the booking itself nor what it may still replace.
    others = [
        taken_time
        for taken_time in around.taken
        if taken_time.booking_id != booking.pk and taken_time.slot_id not in giving_way
    ]
    parts = snapshot.facts.parts_of(wish.room_ids)
    overlapped = [
        taken_time
        for taken_time in around.taken
        if taken_time.slot_id in giving_way
        and taken_time.slot_id != slot.replaces_id
        and taken_time.part_ids & parts
    ]
    around = Snapshot(snapshot.facts, slot.gross, around.closed, others, snapshot.mobile)
    reasons = [reason for reason in rules_broken_in(wish, around) if reason.code != "rival"]
    reasons += check_not_past(wish, snapshot.facts, now)
    needs: set[int] = set()
    for taken_time in overlapped:
        successor = giving_way[taken_time.slot_id]
        needed = {each.pk for each in ([successor] if successor else _pending_slots(booking))} - {slot.pk}
        reasons += [_own_date_told(taken_time, successor, snapshot.facts)] if needed else []
        needs |= needed
    rivals = {
        taken_time.booking_id
        for taken_time in others
        if not taken_time.is_approved and taken_time.part_ids & parts
    }
    return PendingDate(
        slot=slot,
        clashes=tuple(reason for reason in reasons if reason.code in CLASH_CODES),
        broken=tuple(reason for reason in reasons if reason.code not in CLASH_CODES),
        rivals=tuple(by_receipt(bookings[booking_id] for booking_id in rivals if booking_id in bookings)),
        needs=frozenset(needs),
    )


def _own_date_told(old: TakenTime, successor: Slot | None, facts: HouseFacts) -> Reason:
    """Say that a date of a change meets an old one that is not its own, and when that gives way."""
    sentence = (
        _("It meets the old date %(old)s: only possible together with its new date %(new)s.")
        if successor
        else _("It meets the old date %(old)s, which gives way when no date of the change is left open.")
    )
    new = successor or old
    spans = {
        "old": format_date_span(old.net.start, old.net.end, zone=facts.zone),
        "new": format_date_span(new.net.start, new.net.end, zone=facts.zone),
    }
    return Reason("own_date", sentence % spans, Severity.WARNING)


def _giving_way(bookings: Sequence[Booking]) -> dict[int, dict[int, Slot | None]]:
    """Return by booking id the dates a change may still replace, each with its successor where it has one."""
    changes = {booking.pk: booking for booking in bookings if booking.replaces_id}
    found: dict[int, dict[int, Slot | None]] = {booking_id: {} for booking_id in changes}
    if changes:
        successors = {
            (booking_id, slot.replaces_id): slot
            for booking_id, booking in changes.items()
            for slot in booking.slots.all()
        }
        rows = Booking.replaced_slots.through.objects.filter(booking_id__in=changes)
        for booking_id, slot_id in rows.values_list("booking_id", "slot_id"):
            successor = successors.get((booking_id, slot_id))
            if successor is None or successor.status == SlotStatus.REQUESTED:
                found[booking_id][slot_id] = successor
    return found


def by_receipt(bookings: Iterable[Booking]) -> list[Booking]:
    """Return each booking once, in the order of their receipt."""
    unique = {booking.pk: booking for booking in bookings}
    return sorted(unique.values(), key=lambda booking: (booking.received_at, booking.pk))


@dataclass(frozen=True, slots=True)
class AskedDate:
    """One date of a pending request beside its rivals, and when it was asked for."""

    slot: Slot
    asked_at: datetime


def compared_dates(entry: InboxEntry) -> list[AskedDate]:
    """Return the contested dates of the request and those they compete with, as they were asked for."""
    facts = house_facts(entry.booking.house)
    contested = [date.slot for date in entry.dates if date.rivals]
    wanted = [(slot.gross, _part_ids(slot, facts)) for slot in contested]
    slots = contested + [
        slot
        for rival in entry.rivals
        for slot in _pending_slots(rival)
        if any(gross.overlaps(slot.gross) and parts & _part_ids(slot, facts) for gross, parts in wanted)
    ]
    asked = asked_at(slots)
    in_order = sorted(slots, key=lambda slot: (asked[slot.pk], slot.booking_id, slot.starts_at))
    return [AskedDate(slot, asked[slot.pk]) for slot in in_order]


def _part_ids(slot: Slot, facts: HouseFacts) -> frozenset[int]:
    return facts.parts_of(room.pk for room in slot.rooms.all())


def neighbours_of(booking: Booking, slots: Sequence[Slot]) -> list[Slot]:
    """Return what else is approved or asked for in the same rooms on the days of these dates, by start.

    With bookings, associations and rooms; for staff, who may read the titles. Of very many dates
    the first SHOWN_DAYS days are looked at.
    """
    zone = booking.house.zone
    parts = house_facts(booking.house).parts_of({room.pk for slot in slots for room in slot.rooms.all()})
    days = union(
        whole_days(day_of(slot.gross_starts_at, zone), day_of(slot.gross_ends_at, zone), zone)
        for slot in slots
    )
    if not days:
        return []
    on_these_days = reduce(
        or_,
        (
            Q(occupancies__starts_at__lt=day.end, occupancies__ends_at__gt=day.start)
            for day in days[:SHOWN_DAYS]
        ),
    )
    found = (
        Slot.objects.filter(
            on_these_days,
            occupancies__part_id__in=parts,
            # No occupancy is longer than MAX_DAYS, which lets the index bound the look-up.
            occupancies__starts_at__gt=days[0].start - timedelta(days=MAX_DAYS),
            occupancies__starts_at__lt=days[-1].end,
            status__in=SlotStatus.STANDING,
        )
        .exclude(booking_id=booking.pk)
        .select_related("booking__association")
        .prefetch_related("rooms")
        .distinct()
        .order_by("starts_at", "pk")
    )
    return list(found)
