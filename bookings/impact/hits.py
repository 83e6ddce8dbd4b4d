"""What a change of the house does to approved dates: which ones it hits, and a way out for each.

A change is new hours, a closure, a holiday, a setting of a room or of the house. A date is hit where it
breaks a rule after the change that it did not break before, or breaks it further. What staff have
accepted before, such as a date outside of the hours, is not asked again. Pure but for the loading,
which takes the same number of queries for 2 and for 200 dates.
"""

import hashlib
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bookings.alternatives.candidates import Candidates, RoomNeeds
from bookings.availability.checks import rules_broken_in
from bookings.availability.snapshot import (
    ClosedTime,
    Snapshot,
    TakenTime,
    closed_times,
    days_touched,
    load_snapshot,
)
from bookings.availability.wishes import LAST_YEAR, stored_wish
from bookings.enums import SlotStatus
from bookings.models import Slot
from bookings.series.planner import Proposal, Way, ways_of
from rooms.enums import Severity
from rooms.errors import Reason
from rooms.facts import HouseFacts, RoomFacts, house_facts
from rooms.intervals import Interval, hull, subtract, union
from rooms.models import House
from rooms.rules import Wish, check_not_past

END = datetime(LAST_YEAR, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides whether dates may be, apart from other dates."""

    facts: HouseFacts
    closed: tuple[ClosedTime, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """An approved date that a change hits: the rules it breaks by it, and the ways out.

    `slot` comes with its booking, association and rooms. `proposals` has at most one of each kind,
    the smallest change first. Whatever staff choose for the dates of one change, no proposal stands
    in the way of another.
    """

    slot: Slot
    wish: Wish
    reasons: tuple[Reason, ...]
    proposals: tuple[Proposal, ...] = ()

    @property
    def can_stay(self) -> bool:
        """Whether staff may keep the date all the same.

        Where too many persons would be in the house at once, what becomes of the others may help.
        """
        return all(
            reason.severity != Severity.NOBODY or reason.code == "house_full" for reason in self.reasons
        )


def rules_known(house: House, now: datetime) -> Rules:
    """Return what holds in the house from `now` on; `house` is freshly read."""
    facts = house_facts(house)
    return Rules(facts, tuple(closed_times(facts, Interval(now, END))))


class Difference:
    """What a change may forbid, so that of many dates only those are looked at that it can concern.

    `spans` are the times to look at: where something closes, or always where hours, rooms or the
    limit of the house changed.
    """

    def __init__(self, before: Rules, after: Rules, now: datetime) -> None:
        self._before, self._after = before.facts, after.facts
        old, new = before.facts, after.facts
        self._rooms = {
            room_id for room_id, room in new.rooms.items() if _limits(room) != _limits(old.rooms.get(room_id))
        }
        self._has_other_hours = _hours(old) != _hours(new)
        self._is_narrower = new.max_persons is not None and new.max_persons < (old.max_persons or sys.maxsize)
        closed = union(closed_time.interval for closed_time in Counter(after.closed) - Counter(before.closed))
        self._days = {day for span in closed for day in days_touched(span)}
        self._other_hours: dict[tuple[int, int], bool] = {}
        is_everywhere = self._rooms or self._has_other_hours or self._is_narrower
        self.spans = [Interval(now, END)] if is_everywhere else closed

    def look_at(self, snapshot: Snapshot) -> None:
        """Take note of the days on which too many persons are in the house now."""
        if self._is_narrower:
            self._days |= {day for span in snapshot.crowded(0) for day in days_touched(span)}

    def concerns(self, wish: Wish) -> bool:
        """Whether the change can make a difference to a date; where it says no, it cannot."""
        return not self._rooms.isdisjoint(wish.room_ids) or any(
            day in self._days or any(self._hours_differ(room_id, day) for room_id in wish.room_ids)
            for day in days_touched(wish.gross)
        )

    def _hours_differ(self, room_id: int, day: int) -> bool:
        if not self._has_other_hours:
            return False
        if (room_id, day) not in self._other_hours:
            start = datetime.fromordinal(day).replace(tzinfo=UTC)
            whole = Interval(start, start + timedelta(days=1))
            old, new = (facts.open_hours(room_id, whole) for facts in (self._before, self._after))
            self._other_hours[room_id, day] = old != new
        return self._other_hours[room_id, day]


def _limits(room: RoomFacts | None) -> tuple[Any, ...]:
    return (room.is_active, room.part_ids, dict(room.layouts)) if room else ()


def _hours(facts: HouseFacts) -> tuple[Any, ...]:
    return facts.zone, facts.timetables, {room.id: room.timetables for room in facts.rooms.values()}


def find_hits(
    house: House, before: Rules, after: Rules, now: datetime, *, most: int | None = None
) -> list[Hit]:
    """Return the approved dates, not over yet, that a change hits, by their start; without proposals.

    Call under the house lock, after the change. With `most` it stops at the first one too many.
    """
    difference = Difference(before, after, now)
    if not difference.spans:
        return []
    snapshot = load_snapshot(house, Interval(now, END), facts=after.facts, near=difference.spans)
    difference.look_at(snapshot)
    old = Snapshot(before.facts, snapshot.period, before.closed, snapshot.taken)
    new = Snapshot(after.facts, snapshot.period, after.closed, snapshot.taken)
    found: dict[int, tuple[Wish, tuple[Reason, ...]]] = {}
    for taken_time, wish in _wishes(
        house, [taken_time for taken_time in snapshot.taken if taken_time.net.end > now]
    ):
        if difference.concerns(wish) and (reasons := newly_broken(taken_time, wish, old, new)):
            found[taken_time.slot_id] = (wish, tuple(reasons))
            if most is not None and len(found) > most:
                break
    slots = (
        Slot.objects.filter(pk__in=found)
        .select_related("booking__association")
        .prefetch_related("rooms", "booking__equipment")
        .order_by("starts_at", "pk")
    )
    return [Hit(slot, *found[slot.pk]) for slot in slots] if found else []


def _wishes(house: House, taken: Sequence[TakenTime]) -> Iterator[tuple[TakenTime, Wish]]:
    """Yield each date with what the rules look at."""
    if not taken:
        return
    starts = [taken_time.net.start for taken_time in taken]
    room_ids: dict[int, list[int]] = defaultdict(list)
    entries: dict[int, tuple[str, str]] = {}
    rows = Slot.rooms.through.objects.filter(
        slot__booking__house_id=house.pk,
        slot__status=SlotStatus.APPROVED,
        slot__starts_at__range=(min(starts), max(starts)),
    )
    columns = ("slot_id", "room_id", "slot__booking__layout", "slot__booking__kind")
    for slot_id, room_id, layout, kind in rows.values_list(*columns):
        room_ids[slot_id].append(room_id)
        entries[slot_id] = layout, kind
    for taken_time in taken:
        layout, kind = entries[taken_time.slot_id]
        yield (
            taken_time,
            stored_wish(
                room_ids=sorted(room_ids[taken_time.slot_id]),
                net=taken_time.net,
                gross=taken_time.gross,
                persons=taken_time.persons,
                layout=layout,
                kind=kind,
            ),
        )


def _around(snapshot: Snapshot, taken_time: TakenTime) -> Snapshot:
    """Return what is known of the time of a date, but for the date itself."""
    around = snapshot.around(taken_time.gross)
    others = [other for other in around.taken if other.slot_id != taken_time.slot_id]
    return Snapshot(snapshot.facts, taken_time.gross, around.closed, others)


def newly_broken(taken_time: TakenTime, wish: Wish, before: Snapshot, after: Snapshot) -> list[Reason]:
    """Return the rules a date breaks after a change and did not break before, or not as far; no warnings."""
    now_so = _around(after, taken_time)
    broken = _stopping(wish, now_so)
    # Most dates break nothing, and then nobody needs to know how it was.
    if not broken:
        return []
    so_far = _around(before, taken_time)
    known = _extents(_stopping(wish, so_far), wish, so_far.facts)
    extents = _extents(broken, wish, now_so.facts)
    return [reason for reason in broken if extents[reason.code] > known[reason.code]]


def _stopping(wish: Wish, snapshot: Snapshot) -> list[Reason]:
    return [reason for reason in rules_broken_in(wish, snapshot) if reason.stops]


def _extents(reasons: Sequence[Reason], wish: Wish, facts: HouseFacts) -> Counter[str]:
    """Return how far a date breaks each rule: who accepted an hour outside of the hours accepted no more.

    Of closures it counts how many there are, so that it makes no difference how one is worded.
    """
    extents = Counter(reason.code for reason in reasons)
    if extents["outside_hours"]:
        outside = (
            part.duration
            for room_id in wish.room_ids
            for part in subtract([wish.gross], facts.open_hours(room_id, wish.gross))
        )
        extents["outside_hours"] = sum(outside, timedelta()) // timedelta(seconds=1)
    return extents


def fingerprint(hits: Sequence[Hit]) -> str:
    """Return what tells whether the same dates are hit in the same way as when they were shown."""
    shown = [(hit.slot.pk, hit.slot.sequence, sorted(reason.code for reason in hit.reasons)) for hit in hits]
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


# Ways out --------------------------------------------------------------------------------------


class Reserved:
    """What the proposals so far would take of the house, so that the next ones leave it alone."""

    def __init__(self) -> None:
        self._by_day: dict[int, list[TakenTime]] = defaultdict(list)

    def add(self, taken_time: TakenTime) -> None:
        for day in days_touched(taken_time.gross):
            self._by_day[day].append(taken_time)

    def near(self, span: Interval) -> list[TakenTime]:
        return [
            taken_time
            for day in days_touched(span)
            for taken_time in self._by_day.get(day, ())
            if taken_time.gross.overlaps(span)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveFinder:
    """Finds another place for one date that is approved already.

    Lead time and horizon are asked of requests; here the house itself decides, and often in a hurry.
    """

    snapshot: Snapshot
    now: datetime
    slot: Slot
    reserved: Reserved

    @property
    def facts(self) -> HouseFacts:
        return self.snapshot.facts

    def accepts(self, wish: Wish) -> bool:
        around = self.snapshot.around(wish.gross)
        others = [
            taken_time
            for taken_time in (*around.taken, *self.reserved.near(wish.gross))
            if taken_time.slot_id != self.slot.pk
        ]
        parts = self.facts.parts_of(wish.room_ids)
        is_moved = wish.net != self.slot.net
        if any(
            taken_time.part_ids & parts or (is_moved and taken_time.booking_id == self.slot.booking_id)
            for taken_time in others
        ):
            # Taken, or the group itself is in the house at this time with another date.
            return False
        snapshot = Snapshot(self.facts, wish.gross, around.closed, others)
        return not _stopping(wish, snapshot) and not list(check_not_past(wish, self.facts, self.now))

    def reserve(self, wish: Wish) -> None:
        """Keep a proposal free. Who only changes the room is counted among the persons already."""
        self.reserved.add(
            TakenTime(
                slot_id=self.slot.pk,
                booking_id=self.slot.booking_id,
                reference="",
                title="",
                net=wish.net,
                gross=wish.gross,
                persons=0 if wish.net == self.slot.net else wish.persons,
                is_approved=True,
                part_ids=self.facts.parts_of(wish.room_ids),
            )
        )


def with_proposals(house: House, facts: HouseFacts, hits: Sequence[Hit], now: datetime) -> list[Hit]:
    """Return the hits with ways out for each: another room, another time of the day, another day of the week.

    First each date gets its best way out, those that come first before the others, then whatever is
    left over.
    """
    shift = timedelta(minutes=house.shift_minutes)
    alternatives = [
        Candidates(facts, shift, _needs(hit.slot), lambda day: False).alternatives(hit.wish) for hit in hits
    ]
    near = {hit.wish.gross for hit in hits} | {wish.gross for options in alternatives for wish in options.all}
    snapshot = load_snapshot(house, hull(near), facts=facts, near=near)
    reserved = Reserved()
    finders = [MoveFinder(snapshot=snapshot, now=now, slot=hit.slot, reserved=reserved) for hit in hits]
    ways = [
        [proposal for proposal, wish in ways_of(options, hit.wish, facts) if finder.accepts(wish)]
        for options, finder, hit in zip(alternatives, finders, hits, strict=True)
    ]
    found: list[list[Proposal]] = [[] for _hit in hits]
    for most in (1, len(Way)):
        for finder, possible, kept in zip(finders, ways, found, strict=True):
            for proposal in possible:
                if len(kept) == most:
                    break
                if proposal.way in {other.way for other in kept} or proposal.wish is None:
                    continue
                if finder.accepts(proposal.wish):
                    finder.reserve(proposal.wish)
                    kept.append(proposal)
    return [replace(hit, proposals=tuple(kept)) for hit, kept in zip(hits, found, strict=True)]


def _needs(slot: Slot) -> RoomNeeds:
    return RoomNeeds(frozenset(equipment.pk for equipment in slot.booking.equipment.all()))
