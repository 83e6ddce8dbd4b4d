"""What a change of the house does to approved dates: which ones it hits, and a way out for each.

A change is new hours, a closure, a holiday, a setting of a room or of the house. A date is hit where it
breaks a rule after the change that it did not break before, or breaks it further. What staff have
accepted before, such as a date outside of the hours, is not asked again. Pure but for the loading,
which takes the same number of queries for 2 and for 200 dates.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bookings.availability import LAST_YEAR, rules_broken_by_plan
from bookings.enums import SlotStatus
from bookings.models import Slot
from bookings.plan import ClosedTime, Plan, Taken, closed_times, days_touched, load_plan
from bookings.series_plan import Proposal, Way
from bookings.ways_out import Changer, Needs
from rooms.enums import Severity
from rooms.errors import Reason
from rooms.facts import HouseFacts, house_facts
from rooms.intervals import Interval, subtract, union
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

        Where too many persons would be in the house at once, what becomes of the others may mend it.
        """
        return all(
            reason.severity != Severity.NOBODY or reason.code == "house_full" for reason in self.reasons
        )


def rules_known(house: House, now: datetime) -> Rules:
    """Return what holds in the house from `now` on; `house` is freshly read."""
    facts = house_facts(house)
    return Rules(facts, tuple(closed_times(facts, Interval(now, END))))


def find_hits(house: House, before: Rules, after: Rules, now: datetime) -> list[Hit]:
    """Return the approved dates, not over yet, that a change hits, by their start; without proposals.

    Call under the house lock, after the change.
    """
    spans = _time_concerned(before, after, now)
    if not spans:
        return []
    plan = load_plan(house, Interval(now, END), facts=after.facts, near=spans)
    old = Plan(before.facts, plan.period, before.closed, plan.taken)
    new = Plan(after.facts, plan.period, after.closed, plan.taken)
    found: dict[int, tuple[Wish, tuple[Reason, ...]]] = {}
    for one, wish in _wishes(house, [one for one in plan.taken if one.net.end > now]):
        around = _around(new, one)
        # Most dates break nothing, and then nobody needs to know how it was.
        if _stopping(wish, around) and (reasons := newly_broken(wish, _around(old, one), around)):
            found[one.slot_id] = (wish, tuple(reasons))
    slots = (
        Slot.objects.filter(pk__in=found)
        .select_related("booking__association")
        .prefetch_related("rooms", "booking__equipment")
        .order_by("starts_at", "pk")
    )
    return [Hit(slot, *found[slot.pk]) for slot in slots] if found else []


def _time_concerned(before: Rules, after: Rules, now: datetime) -> list[Interval]:
    """Return when the change can forbid anything: where it closes, or always where hours or rooms changed."""
    if _what_binds(before.facts) != _what_binds(after.facts):
        return [Interval(now, END)]
    return union(one.interval for one in Counter(after.closed) - Counter(before.closed))


def _what_binds(facts: HouseFacts) -> tuple[Any, ...]:
    """Return what of a house can forbid a date, apart from closures and holidays."""
    rooms = [
        (room.id, room.is_active, room.part_ids, dict(room.layouts), room.timetables)
        for room in facts.rooms.values()
    ]
    return facts.zone, facts.max_persons, facts.timetables, rooms


def _wishes(house: House, taken: Sequence[Taken]) -> Iterator[tuple[Taken, Wish]]:
    """Yield each date with what the rules look at."""
    if not taken:
        return
    starts = [one.net.start for one in taken]
    room_ids: dict[int, list[int]] = defaultdict(list)
    layouts: dict[int, str] = {}
    rows = Slot.rooms.through.objects.filter(
        slot__booking__house_id=house.pk,
        slot__status=SlotStatus.APPROVED,
        slot__starts_at__range=(min(starts), max(starts)),
    )
    for slot_id, room_id, layout in rows.values_list("slot_id", "room_id", "slot__booking__layout"):
        room_ids[slot_id].append(room_id)
        layouts[slot_id] = layout
    for one in taken:
        rooms = tuple(sorted(room_ids[one.slot_id]))
        yield one, Wish(rooms, one.net, one.gross, one.persons, layouts[one.slot_id])


def _around(plan: Plan, one: Taken) -> Plan:
    """Return what is known of the time of a date, but for the date itself."""
    around = plan.around(one.gross)
    others = [other for other in around.taken if other.slot_id != one.slot_id]
    return Plan(plan.facts, one.gross, around.closed, others)


def newly_broken(wish: Wish, before: Plan, after: Plan) -> list[Reason]:
    """Return the rules a date breaks after a change and did not break before, or not as far; no warnings."""
    known, extents = _extents(wish, before), _extents(wish, after)
    return [reason for reason in _stopping(wish, after) if extents[reason.code] > known[reason.code]]


def _stopping(wish: Wish, plan: Plan) -> list[Reason]:
    return [reason for reason in rules_broken_by_plan(wish, plan) if reason.severity != Severity.WARNING]


def _extents(wish: Wish, plan: Plan) -> Counter[str]:
    """Return how far a date breaks each rule: who accepted an hour outside of the hours accepted no more.

    Of closures it counts how many there are, so that it makes no difference how one is worded.
    """
    extents = Counter(reason.code for reason in _stopping(wish, plan))
    if extents["outside_hours"]:
        outside = (
            part.duration
            for room_id in wish.room_ids
            for part in subtract([wish.gross], plan.facts.open_hours(room_id, wish.gross))
        )
        extents["outside_hours"] = sum(outside, timedelta()) // timedelta(seconds=1)
    return extents


def fingerprint(hits: Sequence[Hit]) -> str:
    """Return what tells whether the same dates are hit in the same way as when they were shown."""
    shown = [(hit.slot.pk, hit.slot.sequence, sorted(reason.code for reason in hit.reasons)) for hit in hits]
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


# Ways out --------------------------------------------------------------------------------------


class Promised:
    """What the proposals so far would take of the house, so that the next ones leave it alone."""

    def __init__(self) -> None:
        self._by_day: dict[int, list[Taken]] = defaultdict(list)

    def add(self, one: Taken) -> None:
        for day in days_touched(one.gross):
            self._by_day[day].append(one)

    def near(self, span: Interval) -> list[Taken]:
        return [
            one for day in days_touched(span) for one in self._by_day.get(day, ()) if one.gross.overlaps(span)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover:
    """Finds another place for one date that is approved already.

    Lead time and horizon are asked of requests; here the house itself decides, and often in a hurry.
    """

    plan: Plan
    now: datetime
    slot: Slot
    promised: Promised

    @property
    def facts(self) -> HouseFacts:
        return self.plan.facts

    def accepts(self, wish: Wish) -> bool:
        around = self.plan.around(wish.gross)
        others = [
            one for one in (*around.taken, *self.promised.near(wish.gross)) if one.slot_id != self.slot.pk
        ]
        parts = self.facts.parts_of(wish.room_ids)
        is_moved = wish.net != self.slot.net
        if any(
            one.part_ids & parts or (is_moved and one.booking_id == self.slot.booking_id) for one in others
        ):
            # Taken, or the group itself is in the house at this time with another date.
            return False
        plan = Plan(self.facts, wish.gross, around.closed, others)
        return not _stopping(wish, plan) and not list(check_not_past(wish, self.facts, self.now))

    def promise(self, wish: Wish) -> None:
        """Keep a proposal free. Who only changes the room is counted among the persons already."""
        self.promised.add(
            Taken(
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
    changes = [Changer(facts, shift, _needs(hit.slot), lambda day: False).changes(hit.wish) for hit in hits]
    near = {hit.wish.gross for hit in hits} | {wish.gross for one in changes for wish in one.all}
    hull = Interval(min(span.start for span in near), max(span.end for span in near))
    plan = load_plan(house, hull, facts=facts, near=near)
    promised = Promised()
    movers = [Mover(plan=plan, now=now, slot=hit.slot, promised=promised) for hit in hits]
    ways = [
        [
            Proposal(way, wish)
            for way, candidates in ((Way.ROOM, one.rooms), (Way.SHIFT, one.times), (Way.DAY, one.days))
            for wish in candidates
            if mover.accepts(wish)
        ]
        for one, mover in zip(changes, movers, strict=True)
    ]
    found: list[list[Proposal]] = [[] for _hit in hits]
    for most in (1, len(Way)):
        for mover, possible, kept in zip(movers, ways, found, strict=True):
            for proposal in possible:
                if len(kept) == most:
                    break
                if proposal.way in {one.way for one in kept} or proposal.wish is None:
                    continue
                if mover.accepts(proposal.wish):
                    mover.promise(proposal.wish)
                    kept.append(proposal)
    return [replace(hit, proposals=tuple(kept)) for hit, kept in zip(hits, found, strict=True)]


def _needs(slot: Slot) -> Needs:
    return Needs(frozenset(one.pk for one in slot.booking.equipment.all()))
