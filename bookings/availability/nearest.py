"""The free time nearest to a wished one."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import reduce

from bookings.access.actors import Actor
from bookings.availability.checks import broken_rules
from bookings.availability.snapshot import Snapshot, load_snapshot, snapshot_to_search
from rooms.clock import floor_to_grid, instant
from rooms.errors import Reason
from rooms.facts import HouseFacts, house_facts
from rooms.intervals import Interval, hull, intersect, subtract
from rooms.models import House
from rooms.rules import Wish

# How far around a wished date a free time is looked for.
SEARCH = timedelta(days=14)
# So little earlier or later is still the wished hour.
SAME_HOUR = timedelta(hours=2)
DAY = timedelta(days=1)


def nearest_free(
    *,
    house: House,
    wish: Wish,
    now: datetime,
    ignore_slot_ids: Collection[int] = (),
    facts: HouseFacts | None = None,
) -> Interval | None:
    """Return the net time nearest to the wished one at which the wish would break no rule, or None.

    Looks at the wished hour of the day first: what is found there is nearer than all that lies
    outside, and two weeks to both sides are loaded only where it is full.
    """
    facts = facts or house_facts(house)
    window = search_window(facts, wish, now)
    if window is None:
        return None
    near = window.intersection(Interval(wish.gross.start - SAME_HOUR, wish.gross.end + SAME_HOUR))
    for period in [near, window]:
        if period is not None:
            snapshot = load_snapshot(house, period, ignore_slot_ids=ignore_slot_ids, facts=facts)
            if nearest := nearest_in(snapshot, wish, now):
                return nearest
    return None


def nearest_of_each(
    *, house: House, wishes: Sequence[Wish], now: datetime, facts: HouseFacts
) -> list[Interval | None]:
    """Return `nearest_free` for several wishes of a page, with one query at most.

    `house` and `facts` as `snapshot_to_search` needs them.
    """
    windows = [search_window(facts, wish, now) for wish in wishes]
    found = [window for window in windows if window]
    if not found:
        return [None] * len(wishes)
    snapshot = snapshot_to_search(house, hull(found), facts)
    return [
        nearest_in(snapshot, wish, now) if window else None
        for wish, window in zip(wishes, windows, strict=True)
    ]


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


def nearest_in(snapshot: Snapshot, wish: Wish, now: datetime) -> Interval | None:
    """Return the net time in the plan nearest to the wished one at which the wish breaks no rule, or None.

    Who wants a Saturday evening is shown others before a Monday morning: the wished hour comes before
    other hours, on the same weekday before other days; then the nearest day counts, a later one before
    an earlier one. `snapshot` is loaded for `search_window` or more, without pending requests.
    """
    rooms = [snapshot.facts.rooms[room_id] for room_id in wish.room_ids]
    free = reduce(intersect, (snapshot.free(room.id) for room in rooms))
    earliest = now + max(room.lead for room in rooms)
    crowded = snapshot.crowded(wish.persons)
    zone = snapshot.facts.zone
    wall = wish.net.start.astimezone(zone).replace(tzinfo=None)

    def rank(start: datetime) -> tuple[bool, bool, int, bool, timedelta, datetime]:
        delta = start.astimezone(zone).replace(tzinfo=None) - wall
        days = round(delta / DAY)
        shift = abs(delta - days * DAY)
        is_other_hour = shift > SAME_HOUR
        return is_other_hour, not is_other_hour and days % 7 != 0, abs(days), days < 0, shift, start

    candidates = set()
    for gap in free:
        if gap.duration < wish.gross.duration:
            continue
        for span in subtract([Interval(gap.start + wish.setup, gap.end - wish.teardown)], crowded):
            first, last = max(span.start, earliest), span.end - wish.net.duration
            if first > last:
                continue
            # The wished hour of each day the free time touches, as far as it reaches.
            for days in range((first - wish.net.start) // DAY, (last - wish.net.start) // DAY + 2):
                hour = instant(wall.date() + days * DAY, wall.time(), zone)
                candidates.add(min(max(hour, first), last))
    grid = timedelta(minutes=max(room.grid_minutes for room in rooms))
    below = {floor_to_grid(start, grid, zone) for start in candidates}
    for start in sorted(below | {start + grid for start in below}, key=rank):
        moved = wish.moved(start - wish.net.start)
        # Of what lies outside the plan nothing is known.
        if snapshot.period.contains(moved.gross) and not any(
            is_hindrance(reason) for reason in broken_rules(moved, snapshot.around(moved.gross), now)
        ):
            return moved.net
    return None


def is_hindrance(reason: Reason) -> bool:
    """Whether a reason speaks against a proposed time; what no other time would change does not."""
    return reason.code == "buffer_clash" or (
        reason.stops and reason.code not in {"too_many_persons", "layout_missing", "room_inactive"}
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
    snapshot = load_snapshot(
        house,
        wish.gross,
        with_pending=True,
        ignore_slot_ids=ignore_slot_ids,
        asker=asker,
        equipment_ids=wish.equipment_ids,
    )
    return explain(house=house, wish=wish, snapshot=snapshot, now=now, ignore_slot_ids=ignore_slot_ids)


def explain(
    *, house: House, wish: Wish, snapshot: Snapshot, now: datetime, ignore_slot_ids: Collection[int] = ()
) -> list[Reason]:
    """Return what `check_wish` returns, from a plan that is loaded already, pending requests included."""
    reasons = broken_rules(wish, snapshot, now)
    for number, reason in enumerate(reasons):
        if reason.stops and reason.field in TIME_FIELDS:
            nearest = nearest_free(
                house=house, wish=wish, now=now, ignore_slot_ids=ignore_slot_ids, facts=snapshot.facts
            )
            reasons[number] = replace(reason, nearest=nearest)
            break
    return reasons


# The form fields that another time would change.
TIME_FIELDS = frozenset({"date", "starts", "ends"})
