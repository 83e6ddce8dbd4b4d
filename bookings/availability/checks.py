"""When rooms are open, what blocks them, and what a wanted date breaks.

All is computed from a `bookings.availability.snapshot.Plan`, so the number of queries does not depend on the
number of rooms, days or bookings.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import reduce

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.access.actors import Actor
from bookings.availability.snapshot import Block, ClosedTime, Plan, load_plan
from bookings.errors import WishBreaksRules
from bookings.occupancy.guard import MAX_DAYS
from rooms.clock import as_whole_days, floor_to_grid
from rooms.enums import Activity, Severity
from rooms.errors import Reason
from rooms.facts import HouseFacts, house_facts
from rooms.formats import format_date_span, format_day
from rooms.intervals import Interval, intersect, most_at_once, subtract
from rooms.models import House
from rooms.rules import Wish, broken_plan_rules, broken_request_rules

# Outside of these years arithmetic with dates soon ends; nobody means them.
FIRST_YEAR, LAST_YEAR = 1990, 2199

# How far around a wished date a free time is looked for.
SEARCH = timedelta(days=14)
NEAR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RoomAvailability:
    """One room in a period: when it is open, what blocks it, and what is left."""

    room_id: int
    open: list[Interval]
    blocks: list[Block]
    free: list[Interval]


def room_availability(
    *,
    house: House,
    period: Interval,
    room_ids: Iterable[int] | None = None,
    facts: HouseFacts | None = None,
) -> list[RoomAvailability]:
    """Return for rooms of the house (None: all) when they are open, what blocks them, and what is free.

    The period is of instants; the answer is in the order of the house's rooms.
    """
    plan = load_plan(house, period, facts=facts)
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
    activity: Activity = Activity.QUIET,
    equipment_ids: Iterable[int] = (),
    facts: HouseFacts | None = None,
) -> Wish:
    """Make a wish; set-up and tear-down not named are the longest of the rooms'.

    Raises WishBreaksRules where it ends before it starts, lies in a year that cannot be meant,
    or no room of the house is named.
    """
    if starts_at.year < FIRST_YEAR or ends_at.year > LAST_YEAR:
        raise WishBreaksRules(
            reasons=[Reason("strange_year", _("Please check the year."), Severity.NOBODY, field="date")]
        )
    if ends_at <= starts_at:
        raise WishBreaksRules(
            reasons=[
                Reason(
                    "ends_before_start", _("The end lies before the start."), Severity.NOBODY, field="ends"
                )
            ]
        )
    facts = facts or house_facts(house)
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
        activity,
        frozenset(equipment_ids),
    )


def check_wish(
    *,
    house: House,
    wish: Wish,
    now: datetime,
    ignore_slot_ids: Collection[int] = (),
    asker: Actor | None = None,
) -> list[Reason]:
    """Return every rule the wish breaks when `asker` asks for it at `now`, the gravest first.

    The first reason that speaks of the time carries the nearest free time that breaks no rule,
    if there is one within two weeks. Rival requests and buffers in the way are warnings.
    """
    plan = load_plan(
        house,
        wish.gross,
        with_pending=True,
        ignore_slot_ids=ignore_slot_ids,
        asker=asker,
        equipment_ids=wish.equipment_ids,
    )
    return explain(house=house, wish=wish, plan=plan, now=now, ignore_slot_ids=ignore_slot_ids)


def explain(
    *, house: House, wish: Wish, plan: Plan, now: datetime, ignore_slot_ids: Collection[int] = ()
) -> list[Reason]:
    """Return what `check_wish` returns, from a plan that is loaded already, pending requests included."""
    reasons = broken_rules(wish, plan, now)
    for number, reason in enumerate(reasons):
        if reason.stops and reason.field in TIME_FIELDS:
            nearest = nearest_free(
                house=house, wish=wish, now=now, ignore_slot_ids=ignore_slot_ids, facts=plan.facts
            )
            reasons[number] = replace(reason, nearest=nearest)
            break
    return reasons


# The form fields that another time would mend.
TIME_FIELDS = frozenset({"date", "starts", "ends"})


# With a date that is over, or too far away, hours and closures of that day are beside the point.
OUT_OF_REACH = frozenset({"in_past", "beyond_horizon"})


def broken_rules(wish: Wish, plan: Plan, now: datetime) -> list[Reason]:
    """Return what the wish breaks by the rules of a request and by what the plan holds."""
    asked = broken_request_rules(wish, plan.facts, now)
    planned = rules_broken_by_plan(wish, plan)
    if any(reason.code in OUT_OF_REACH for reason in asked):
        planned = [reason for reason in planned if reason.severity == Severity.NOBODY]
    return _gravest_first(asked + planned)


def rules_broken_by_plan(wish: Wish, plan: Plan) -> list[Reason]:
    """Return what the wish breaks whenever it is looked at: rooms, hours, closures, clashes, the limit."""
    return _gravest_first(
        broken_plan_rules(wish, plan.facts)
        + list(check_storable(wish))
        + list(check_closures(wish, plan))
        + list(check_clashes(wish, plan))
        + list(check_house_limit(wish, plan))
        + list(check_equipment(wish, plan))
        + list(check_rivals(wish, plan))
    )


_WEIGHT = {Severity.NOBODY: 0, Severity.STAFF: 1, Severity.WARNING: 2}


def _gravest_first(reasons: list[Reason]) -> list[Reason]:
    return sorted(reasons, key=lambda reason: _WEIGHT[reason.severity])


def _when(interval: Interval, plan: Plan) -> str:
    return format_date_span(interval.start, interval.end, zone=plan.facts.zone)


def check_storable(wish: Wish) -> Iterator[Reason]:
    """The database refuses longer occupancies, so nobody may override it."""
    if wish.gross.duration > timedelta(days=MAX_DAYS):
        yield Reason(
            "too_long",
            _("With set-up and tear-down, one date lasts at most %(days)d days.") % {"days": MAX_DAYS},
            Severity.NOBODY,
            field="ends",
        )


def check_closures(wish: Wish, plan: Plan) -> Iterator[Reason]:
    """Nothing closes the rooms during the gross time."""
    for one in plan.closures_of(plan.facts.parts_of(wish.room_ids)):
        if one.interval.overlaps(wish.gross):
            yield Reason("closed", _closed_told(one, plan), field="date")


def _closed_told(one: ClosedTime, plan: Plan) -> str:
    whole_days = as_whole_days(one.interval, plan.facts.zone)
    if whole_days is None:
        return _("Closed %(time)s: %(reason)s.") % {
            "time": _when(one.interval, plan),
            "reason": one.reason,
        }
    first, last = whole_days
    if first == last:
        return _("Closed on %(day)s: %(reason)s.") % {"day": format_day(first), "reason": one.reason}
    return _("Closed from %(first)s to %(last)s: %(reason)s.") % {
        "first": format_day(first),
        "last": format_day(last),
        "reason": one.reason,
    }


def check_clashes(wish: Wish, plan: Plan) -> Iterator[Reason]:
    """No approved booking is in the rooms; where only set-up or tear-down meet, it is a warning.

    Gross times never overlap in the end: staff shorten a buffer when they approve.
    """
    parts = plan.facts.parts_of(wish.room_ids)
    for one in plan.approved(parts):
        if not one.gross.overlaps(wish.gross):
            continue
        rooms = ", ".join(
            room.name
            for room in plan.facts.rooms.values()
            if len(room.part_ids) == 1 and room.part_ids <= one.part_ids & parts
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


def check_equipment(wish: Wish, plan: Plan) -> Iterator[Reason]:
    """Others leave one of what is carried into rooms, unless a room has it itself; it stops nothing."""
    for equipment_id in sorted(wish.equipment_ids & plan.mobile.keys()):
        mobile = plan.mobile[equipment_id]
        equipped = [room for room in plan.facts.rooms.values() if equipment_id in room.equipment_ids]
        if any(room.id in wish.room_ids for room in equipped):
            continue
        having = [
            part
            for one in plan.taken
            if one.is_approved
            and one.booking_id in mobile.booking_ids
            and not any(room.part_ids <= one.part_ids for room in equipped)
            and (part := one.gross.intersection(wish.gross))
        ]
        if most_at_once(having) >= mobile.count:
            yield Reason(
                "equipment_taken",
                ngettext(
                    "“%(equipment)s” is taken by another booking at this time (the house has %(count)d). "
                    "Please ask the house.",
                    "“%(equipment)s” are taken by other bookings at this time (the house has %(count)d). "
                    "Please ask the house.",
                    mobile.count,
                )
                % {"equipment": mobile.name, "count": mobile.count},
                Severity.WARNING,
                field="equipment",
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
    ignore_slot_ids: Collection[int] = (),
    facts: HouseFacts | None = None,
) -> Interval | None:
    """Return the net time nearest to the wished one at which the wish would break no rule, or None.

    Looks at the days around the wish first: what is found there is nearer than all that lies
    outside, and two weeks to both sides are loaded only where those days are full.
    """
    facts = facts or house_facts(house)
    window = search_window(facts, wish, now)
    if window is None:
        return None
    near = window.intersection(Interval(wish.gross.start - NEAR, wish.gross.end + NEAR))
    for period in [near, window]:
        if period is not None:
            plan = load_plan(house, period, ignore_slot_ids=ignore_slot_ids, facts=facts)
            if nearest := nearest_in(plan, wish, now):
                return nearest
    return None


def search_window(facts: HouseFacts, wish: Wish, now: datetime) -> Interval | None:
    """Return the gross time in which a free time for the wish is looked for.

    Two weeks around the wish, or around the first or last time that may be asked for at all;
    None where nothing may be asked for.
    """
    rooms = [facts.rooms[room_id] for room_id in wish.room_ids]
    last_end = now + min(room.horizon for room in rooms)
    earliest = max(now + max(room.lead for room in rooms), min(wish.net.start, last_end) - SEARCH)
    latest = min(last_end, max(wish.net.end, earliest) + SEARCH)
    if earliest >= latest:
        return None
    return Interval(earliest - wish.setup, latest + wish.teardown)


def nearest_in(plan: Plan, wish: Wish, now: datetime) -> Interval | None:
    """Return the net time in the plan nearest to the wished one at which the wish breaks no rule, or None.

    `plan` is loaded for `search_window` or more, without pending requests. Of times equally
    near the earlier one is returned.
    """
    rooms = [plan.facts.rooms[room_id] for room_id in wish.room_ids]
    free = reduce(intersect, (plan.free(room.id) for room in rooms))
    earliest = now + max(room.lead for room in rooms)
    crowded = plan.crowded(wish.persons)

    def distance(start: datetime) -> tuple[timedelta, datetime]:
        return abs(start - wish.net.start), start

    candidates = []
    for gap in free:
        if gap.duration < wish.gross.duration:
            continue
        for span in subtract([Interval(gap.start + wish.setup, gap.end - wish.teardown)], crowded):
            first, last = max(span.start, earliest), span.end - wish.net.duration
            if first <= last:
                candidates.append(min(max(wish.net.start, first), last))
    grid, zone = timedelta(minutes=max(room.grid_minutes for room in rooms)), plan.facts.zone
    for start in sorted(candidates, key=distance):
        below = floor_to_grid(start, grid, zone)
        for aligned in sorted({below, below + grid}, key=distance):
            moved = wish.moved(aligned - wish.net.start)
            # Of what lies outside the plan nothing is known.
            if plan.period.contains(moved.gross) and not any(
                is_hindrance(reason) for reason in broken_rules(moved, plan, now)
            ):
                return moved.net
    return None


def is_hindrance(reason: Reason) -> bool:
    """Whether a reason speaks against a proposed time; what no other time would mend does not."""
    return reason.code == "buffer_clash" or (
        reason.stops and reason.code not in {"too_many_persons", "layout_missing", "room_inactive"}
    )
