"""When rooms are open, what blocks them, and what a wanted date breaks.

One look at the database loads a `Plan` for a period: the facts of the house, its closures and
what is booked or asked for. Everything else is computed from it, so the number of queries does
not depend on the number of rooms, days or bookings.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise

from django.utils.translation import gettext as _

from bookings.enums import SlotStatus, Visibility
from bookings.errors import WishBreaksRules
from bookings.guard import MAX_DAYS
from bookings.models import Occupancy
from rooms.enums import Severity
from rooms.errors import Reason
from rooms.facts import HouseFacts, house_facts
from rooms.formats import format_date_span
from rooms.intervals import Interval, intersect, subtract, union
from rooms.models import Closure, House
from rooms.rules import Wish, broken_plan_rules, broken_request_rules

__all__ = [
    "Block",
    "Plan",
    "RoomAvailability",
    "Taken",
    "Wish",
    "check_wish",
    "load_plan",
    "room_availability",
    "wish_for",
]

# How far around a wished date a free time is looked for.
SEARCH = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Taken:
    """The time one slot takes of the house; `part_ids` are the atomic parts."""

    slot_id: int
    booking_id: int
    reference: str
    title: str
    net: Interval
    gross: Interval
    persons: int
    is_approved: bool
    part_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class ClosedTime:
    """A closure; `part_ids` are the atomic parts it closes, None where it closes the house."""

    interval: Interval
    reason: str
    part_ids: frozenset[int] | None


@dataclass(frozen=True, slots=True)
class Block:
    """Why a room is not free for a while; the label is fit for everybody's eyes."""

    interval: Interval
    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class RoomAvailability:
    """One room in a period: when it is open, what blocks it, and what is left."""

    room_id: int
    open: list[Interval]
    blocks: list[Block]
    free: list[Interval]


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is known of a house in a period; pure from here on."""

    facts: HouseFacts
    period: Interval
    closed: Sequence[ClosedTime]
    taken: Sequence[Taken]
    _open: dict[int, list[Interval]] = field(default_factory=dict)

    def open_hours(self, room_id: int) -> list[Interval]:
        if room_id not in self._open:
            self._open[room_id] = self.facts.open_hours(room_id, self.period)
        return self._open[room_id]

    def closures_of(self, part_ids: frozenset[int]) -> list[ClosedTime]:
        return [one for one in self.closed if one.part_ids is None or one.part_ids & part_ids]

    def approved(self, part_ids: frozenset[int]) -> list[Taken]:
        return [one for one in self.taken if one.is_approved and one.part_ids & part_ids]

    def blocks(self, room_id: int) -> list[Block]:
        """Return what keeps the room from being booked: closures and gross times of approved bookings."""
        part_ids = self.facts.rooms[room_id].part_ids
        blocks = [Block(one.interval, "closure", one.reason) for one in self.closures_of(part_ids)]
        blocks += [Block(one.gross, "booking", one.title) for one in self.approved(part_ids)]
        return sorted(blocks, key=lambda block: block.interval)

    def free(self, room_id: int) -> list[Interval]:
        """Return when the room is open and nothing blocks it."""
        return subtract(self.open_hours(room_id), [block.interval for block in self.blocks(room_id)])

    def crowded(self, persons: int) -> list[Interval]:
        """Return when `persons` more people would be too many for the house, by net times."""
        limit = self.facts.max_persons
        if limit is None:
            return []
        approved = [one for one in self.taken if one.is_approved]
        edges = sorted({edge for one in approved for edge in (one.net.start, one.net.end)})
        too_many = [
            Interval(start, end)
            for start, end in pairwise(edges)
            if sum(one.persons for one in approved if one.net.start < end and start < one.net.end) + persons
            > limit
        ]
        if persons > limit:
            too_many.append(self.period)
        return union(too_many)


def load_plan(
    house: House,
    period: Interval,
    *,
    with_pending: bool = False,
    ignore_booking_ids: Collection[int] = (),
    facts: HouseFacts | None = None,
) -> Plan:
    """Load what is known of `house` in `period` with a fixed number of queries.

    Pending requests block nothing and are loaded only for `with_pending`. `facts` are given
    where the caller has them already.
    """
    facts = facts or house_facts(house)
    return Plan(
        facts,
        period,
        list(_closed_times(facts, period)),
        list(_taken_times(house, period, with_pending=with_pending, ignore_booking_ids=ignore_booking_ids)),
    )


def _closed_times(facts: HouseFacts, period: Interval) -> Iterator[ClosedTime]:
    closed_rooms: dict[int, set[int]] = defaultdict(set)
    rows: dict[int, tuple[datetime, datetime, str]] = {}
    for closure_id, starts_at, ends_at, reason, room_id in Closure.objects.filter(
        house_id=facts.id, starts_at__lt=period.end, ends_at__gt=period.start
    ).values_list("pk", "starts_at", "ends_at", "reason", "rooms"):
        rows[closure_id] = (starts_at, ends_at, reason)
        if room_id is not None:
            closed_rooms[closure_id].add(room_id)
    for closure_id, (starts_at, ends_at, reason) in rows.items():
        room_ids = closed_rooms.get(closure_id)
        yield ClosedTime(
            Interval(starts_at, ends_at), reason, None if room_ids is None else facts.parts_of(room_ids)
        )


def _taken_times(
    house: House, period: Interval, *, with_pending: bool, ignore_booking_ids: Collection[int]
) -> Iterator[Taken]:
    # No occupancy is longer than MAX_DAYS, which lets the index bound the look-up from both sides.
    rows = Occupancy.objects.filter(
        part__house_id=house.pk,
        starts_at__lt=period.end,
        starts_at__gt=period.start - timedelta(days=MAX_DAYS),
        ends_at__gt=period.start,
    ).exclude(slot__booking_id__in=ignore_booking_ids)
    if with_pending:
        rows = rows.filter(slot__status__in=[SlotStatus.APPROVED, SlotStatus.REQUESTED])
    else:
        rows = rows.filter(is_blocking=True)
    parts: dict[int, set[int]] = defaultdict(set)
    slots: dict[int, tuple] = {}
    for part_id, slot_id, *values in rows.values_list(
        "part_id",
        "slot_id",
        "slot__booking_id",
        "slot__booking__reference",
        "slot__booking__title",
        "slot__booking__display_title",
        "slot__booking__visibility",
        "slot__starts_at",
        "slot__ends_at",
        "starts_at",
        "ends_at",
        "slot__booking__persons",
        "is_blocking",
    ):
        parts[slot_id].add(part_id)
        slots[slot_id] = tuple(values)
    occupied = _("Occupied")
    for slot_id, values in slots.items():
        (
            booking_id,
            reference,
            title,
            display,
            visibility,
            starts_at,
            ends_at,
            gross_start,
            gross_end,
            persons,
            blocking,
        ) = values
        yield Taken(
            slot_id=slot_id,
            booking_id=booking_id,
            reference=reference,
            title=(display or title) if visibility == Visibility.PUBLIC else occupied,
            net=Interval(starts_at, ends_at),
            gross=Interval(gross_start, gross_end),
            persons=persons,
            is_approved=blocking,
            part_ids=frozenset(parts[slot_id]),
        )


def room_availability(
    *, house: House, period: Interval, room_ids: Iterable[int] | None = None
) -> list[RoomAvailability]:
    """Return for rooms of the house (None: all) when they are open, what blocks them, and what is free.

    The period is of instants; the answer is in the order of the house's rooms.
    """
    plan = load_plan(house, period)
    wanted = set(plan.facts.rooms if room_ids is None else room_ids)
    return [
        RoomAvailability(room_id, plan.open_hours(room_id), plan.blocks(room_id), plan.free(room_id))
        for room_id in plan.facts.rooms
        if room_id in wanted
    ]


def wish_for(
    *,
    house: House,
    room_ids: Sequence[int],
    starts_at: datetime,
    ends_at: datetime,
    setup_minutes: int | None = None,
    teardown_minutes: int | None = None,
    persons: int = 1,
    layout: str = "",
) -> Wish:
    """Make a wish; set-up and tear-down not named are the longest of the rooms'.

    Raises WishBreaksRules where it ends before it starts or no room is named.
    """
    if ends_at <= starts_at:
        raise WishBreaksRules(
            reasons=[
                Reason(
                    "ends_before_start", _("The end lies before the start."), Severity.NOBODY, field="ends"
                )
            ]
        )
    facts = house_facts(house)
    rooms = [facts.rooms[room_id] for room_id in room_ids if room_id in facts.rooms]
    if not rooms or len(rooms) != len(room_ids):
        raise WishBreaksRules(
            reasons=[
                Reason(
                    "unknown_room", _("Please choose a room of the house."), Severity.NOBODY, field="rooms"
                )
            ]
        )
    setup = max(room.setup for room in rooms) if setup_minutes is None else timedelta(minutes=setup_minutes)
    teardown = (
        max(room.teardown for room in rooms)
        if teardown_minutes is None
        else timedelta(minutes=teardown_minutes)
    )
    return Wish(
        tuple(room_ids),
        Interval(starts_at, ends_at),
        Interval(starts_at - setup, ends_at + teardown),
        persons,
        layout,
    )


def check_wish(
    *, house: House, wish: Wish, now: datetime, ignore_booking_ids: Collection[int] = ()
) -> list[Reason]:
    """Return every rule the wish breaks when it is asked for at `now`, the gravest first.

    The first reason that speaks of the time carries the nearest free time that breaks no rule,
    if there is one within two weeks. Rival requests and buffers in the way are warnings.
    """
    plan = load_plan(house, wish.gross, with_pending=True, ignore_booking_ids=ignore_booking_ids)
    return explain(house=house, wish=wish, plan=plan, now=now, ignore_booking_ids=ignore_booking_ids)


def explain(
    *, house: House, wish: Wish, plan: Plan, now: datetime, ignore_booking_ids: Collection[int] = ()
) -> list[Reason]:
    """Return what `check_wish` returns, from a plan that is loaded already, pending requests included."""
    reasons = broken_rules(wish, plan, now)
    for number, reason in enumerate(reasons):
        if reason.severity != Severity.WARNING and reason.field in TIME_FIELDS:
            nearest = nearest_free(
                house=house, wish=wish, now=now, ignore_booking_ids=ignore_booking_ids, facts=plan.facts
            )
            reasons[number] = replace(reason, nearest=nearest)
            break
    return reasons


# The form fields that another time would mend.
TIME_FIELDS = frozenset({"date", "starts", "ends"})


def broken_rules(wish: Wish, plan: Plan, now: datetime) -> list[Reason]:
    """Return what the wish breaks by the rules of a request and by what the plan holds."""
    return _gravest_first(broken_request_rules(wish, plan.facts, now) + rules_broken_by_plan(wish, plan))


def rules_broken_by_plan(wish: Wish, plan: Plan) -> list[Reason]:
    """Return what the wish breaks whenever it is looked at: rooms, hours, closures, clashes, the limit."""
    return _gravest_first(
        broken_plan_rules(wish, plan.facts)
        + list(check_closures(wish, plan))
        + list(check_clashes(wish, plan))
        + list(check_house_limit(wish, plan))
        + list(check_rivals(wish, plan))
    )


_WEIGHT = {Severity.NOBODY: 0, Severity.STAFF: 1, Severity.WARNING: 2}


def _gravest_first(reasons: list[Reason]) -> list[Reason]:
    return sorted(reasons, key=lambda reason: _WEIGHT[reason.severity])


def _when(interval: Interval, plan: Plan) -> str:
    return format_date_span(interval.start, interval.end, zone=plan.facts.zone)


def check_closures(wish: Wish, plan: Plan) -> Iterator[Reason]:
    """Nothing closes the rooms during the gross time."""
    for one in plan.closures_of(plan.facts.parts_of(wish.room_ids)):
        if one.interval.overlaps(wish.gross):
            yield Reason(
                "closed",
                _("Closed %(time)s: %(reason)s.") % {"time": _when(one.interval, plan), "reason": one.reason},
                field="date",
            )


def check_clashes(wish: Wish, plan: Plan) -> Iterator[Reason]:
    """No approved booking is in the rooms; where only set-up or tear-down meet, it is a warning.

    Gross times never overlap in the end: staff shorten a buffer when they approve.
    """
    for one in plan.approved(plan.facts.parts_of(wish.room_ids)):
        if not one.gross.overlaps(wish.gross):
            continue
        rooms = ", ".join(
            room.name
            for room in plan.facts.rooms.values()
            if len(room.part_ids) == 1 and room.part_ids <= one.part_ids & plan.facts.parts_of(wish.room_ids)
        )
        if one.net.overlaps(wish.net):
            yield Reason(
                "clash",
                _("%(rooms)s is already booked %(time)s (%(title)s).")
                % {"rooms": rooms, "time": _when(one.gross, plan), "title": one.title},
                Severity.NOBODY,
                field="starts",
            )
        else:
            yield Reason(
                "buffer_clash",
                _(
                    "Set-up or tear-down in %(rooms)s meets another booking (%(time)s). "
                    "The house may shorten it."
                )
                % {"rooms": rooms, "time": _when(one.gross, plan)},
                Severity.WARNING,
                field="starts",
            )


def check_house_limit(wish: Wish, plan: Plan) -> Iterator[Reason]:
    """Never more persons at once, all approved bookings together, than the house may hold."""
    if any(interval.overlaps(wish.net) for interval in plan.crowded(wish.persons)):
        yield Reason(
            "house_full",
            _("With this booking more than %(limit)d persons would be in the house at once.")
            % {"limit": plan.facts.max_persons},
            Severity.NOBODY,
            field="persons" if wish.persons > (plan.facts.max_persons or 0) else "starts",
        )


def check_rivals(wish: Wish, plan: Plan) -> Iterator[Reason]:
    """Say how many others have asked for the time; it stops nothing."""
    parts = plan.facts.parts_of(wish.room_ids)
    rivals = [
        one
        for one in plan.taken
        if not one.is_approved and one.part_ids & parts and one.gross.overlaps(wish.gross)
    ]
    if rivals:
        yield Reason(
            "rival",
            _("Others have asked for this time too (%(number)d). The house decides.")
            % {"number": len(rivals)},
            Severity.WARNING,
        )


def nearest_free(
    *,
    house: House,
    wish: Wish,
    now: datetime,
    ignore_booking_ids: Collection[int] = (),
    facts: HouseFacts | None = None,
) -> Interval | None:
    """Return the net time nearest to the wished one at which the wish would break no rule, or None.

    Looks two weeks around the wish, or around the earliest possible start where it is too early.
    """
    facts = facts or house_facts(house)
    rooms = [facts.rooms[room_id] for room_id in wish.room_ids]
    last_end = now + min(room.horizon for room in rooms)
    earliest = max(now + max(room.lead for room in rooms), min(wish.net.start, last_end) - SEARCH)
    latest = min(last_end, max(wish.net.end, earliest) + SEARCH)
    if earliest >= latest:
        return None
    window = Interval(
        earliest - (wish.net.start - wish.gross.start), latest + (wish.gross.end - wish.net.end)
    )
    plan = load_plan(house, window, ignore_booking_ids=ignore_booking_ids, facts=facts)
    free = plan.free(rooms[0].id)
    for room in rooms[1:]:
        free = intersect(free, plan.free(room.id))
    crowded = plan.crowded(wish.persons)
    before, after = wish.net.start - wish.gross.start, wish.gross.end - wish.net.end
    length = wish.net.duration
    candidates = []
    for gap in free:
        if gap.duration < before + length + after:
            continue
        for span in subtract([Interval(gap.start + before, gap.end - after)], crowded):
            first, last = max(span.start, earliest), min(span.end, latest) - length
            if first <= last:
                candidates.append(min(max(wish.net.start, first), last))
    grid = timedelta(minutes=max(room.grid_minutes for room in rooms))
    for start in sorted(candidates, key=lambda moment: abs(moment - wish.net.start)):
        on_grid = _floor_to_grid(start, grid, facts)
        for aligned in sorted({on_grid, on_grid + grid}, key=lambda moment: abs(moment - wish.net.start)):
            moved = wish.moved(aligned - wish.net.start)
            broken = broken_rules(moved, plan, now)
            if aligned >= earliest and not any(_is_hindrance(reason) for reason in broken):
                return moved.net
    return None


def _is_hindrance(reason: Reason) -> bool:
    """Whether a reason speaks against a proposed time; what no other time would mend does not."""
    return reason.code == "buffer_clash" or (
        reason.severity != Severity.WARNING
        and reason.code not in {"too_many_persons", "layout_missing", "room_inactive"}
    )


def _floor_to_grid(moment: datetime, grid: timedelta, facts: HouseFacts) -> datetime:
    local = moment.astimezone(facts.zone)
    over = (
        timedelta(
            minutes=local.hour * 60 + local.minute, seconds=local.second, microseconds=local.microsecond
        )
        % grid
    )
    return moment - over
