"""When rooms are open, what blocks them, and what a wanted date breaks.

All is computed from a `bookings.availability.snapshot.Snapshot`, so the number of queries does not
depend on the number of rooms, days or bookings.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.availability.snapshot import Block, ClosedTime, Snapshot, load_snapshot
from bookings.occupancy.guard import MAX_DAYS
from rooms.clock import as_whole_days
from rooms.enums import Severity
from rooms.errors import Reason
from rooms.facts import HouseFacts
from rooms.formats import format_date_span, format_day
from rooms.intervals import Interval, most_at_once
from rooms.models import House
from rooms.rules import Wish, broken_plan_rules, broken_request_rules


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
    snapshot = load_snapshot(house, period, facts=facts)
    wanted = set(snapshot.facts.rooms if room_ids is None else room_ids)
    return [
        RoomAvailability(
            room_id, snapshot.open_hours(room_id), snapshot.blocks(room_id), snapshot.free(room_id)
        )
        for room_id in snapshot.facts.rooms
        if room_id in wanted
    ]


# With a date that is over, or too far away, hours and closures of that day are beside the point.
OUT_OF_REACH = frozenset({"in_past", "beyond_horizon"})


def broken_rules(wish: Wish, snapshot: Snapshot, now: datetime) -> list[Reason]:
    """Return what the wish breaks by the rules of a request and by what the snapshot holds."""
    asked = broken_request_rules(wish, snapshot.facts, now)
    planned = rules_broken_in(wish, snapshot)
    if any(reason.code in OUT_OF_REACH for reason in asked):
        planned = [reason for reason in planned if reason.severity == Severity.NOBODY]
    return _gravest_first(asked + planned)


def rules_broken_in(wish: Wish, snapshot: Snapshot) -> list[Reason]:
    """Return what the wish breaks whenever it is looked at: rooms, hours, closures, clashes, the limit."""
    return _gravest_first(
        broken_plan_rules(wish, snapshot.facts)
        + list(check_storable(wish))
        + list(check_closures(wish, snapshot))
        + list(check_clashes(wish, snapshot))
        + list(check_house_limit(wish, snapshot))
        + list(check_equipment(wish, snapshot))
        + list(check_rivals(wish, snapshot))
    )


_WEIGHT = {Severity.NOBODY: 0, Severity.STAFF: 1, Severity.WARNING: 2}


def _gravest_first(reasons: list[Reason]) -> list[Reason]:
    return sorted(reasons, key=lambda reason: _WEIGHT[reason.severity])


def _when(interval: Interval, snapshot: Snapshot) -> str:
    return format_date_span(interval.start, interval.end, zone=snapshot.facts.zone)


def check_storable(wish: Wish) -> Iterator[Reason]:
    """The database refuses longer occupancies, so nobody may override it."""
    if wish.gross.duration > timedelta(days=MAX_DAYS):
        yield Reason(
            "too_long",
            _("With set-up and tear-down, one date lasts at most %(days)d days.") % {"days": MAX_DAYS},
            Severity.NOBODY,
            field="ends",
        )


def check_closures(wish: Wish, snapshot: Snapshot) -> Iterator[Reason]:
    """Nothing closes the rooms during the gross time."""
    for closed_time in snapshot.closures_of(snapshot.facts.parts_of(wish.room_ids)):
        if closed_time.interval.overlaps(wish.gross):
            yield Reason("closed", _closed_told(closed_time, snapshot), field="date")


def _closed_told(closed_time: ClosedTime, snapshot: Snapshot) -> str:
    whole_days = as_whole_days(closed_time.interval, snapshot.facts.zone)
    if whole_days is None:
        return _("Closed %(time)s: %(reason)s.") % {
            "time": _when(closed_time.interval, snapshot),
            "reason": closed_time.reason,
        }
    first, last = whole_days
    if first == last:
        return _("Closed on %(day)s: %(reason)s.") % {"day": format_day(first), "reason": closed_time.reason}
    return _("Closed from %(first)s to %(last)s: %(reason)s.") % {
        "first": format_day(first),
        "last": format_day(last),
        "reason": closed_time.reason,
    }


def check_clashes(wish: Wish, snapshot: Snapshot) -> Iterator[Reason]:
    """No approved booking is in the rooms; where only set-up or tear-down meet, it is a warning.

    Gross times never overlap in the end: staff shorten a buffer when they approve.
    """
    parts = snapshot.facts.parts_of(wish.room_ids)
    for taken_time in snapshot.approved(parts):
        if not taken_time.gross.overlaps(wish.gross):
            continue
        rooms = ", ".join(
            room.name
            for room in snapshot.facts.rooms.values()
            if len(room.part_ids) == 1 and room.part_ids <= taken_time.part_ids & parts
        )
        if taken_time.net.overlaps(wish.net):
            yield Reason(
                "clash",
                _("%(rooms)s is already booked %(time)s (%(title)s).")
                % {"rooms": rooms, "time": _when(taken_time.gross, snapshot), "title": taken_time.title},
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
                % {"rooms": rooms, "time": _when(taken_time.gross, snapshot)},
                Severity.WARNING,
                field="starts",
            )


def check_house_limit(wish: Wish, snapshot: Snapshot) -> Iterator[Reason]:
    """Never more persons at once, all approved bookings together, than the house may hold."""
    if any(interval.overlaps(wish.net) for interval in snapshot.crowded(wish.persons)):
        yield Reason(
            "house_full",
            _("With this booking more than %(limit)d persons would be in the house at once.")
            % {"limit": snapshot.facts.max_persons},
            Severity.NOBODY,
            field="persons" if wish.persons > (snapshot.facts.max_persons or 0) else "starts",
        )


def check_equipment(wish: Wish, snapshot: Snapshot) -> Iterator[Reason]:
    """Others leave one of what is carried into rooms, unless a room has it itself; it stops nothing."""
    for equipment_id in sorted(wish.equipment_ids & snapshot.mobile.keys()):
        mobile = snapshot.mobile[equipment_id]
        equipped = [room for room in snapshot.facts.rooms.values() if equipment_id in room.equipment_ids]
        if any(room.id in wish.room_ids for room in equipped):
            continue
        having = [
            part
            for taken_time in snapshot.taken
            if taken_time.is_approved
            and taken_time.booking_id in mobile.booking_ids
            and not any(room.part_ids <= taken_time.part_ids for room in equipped)
            and (part := taken_time.gross.intersection(wish.gross))
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


def check_rivals(wish: Wish, snapshot: Snapshot) -> Iterator[Reason]:
    """Say how many others have asked for the time; it stops nothing."""
    parts = snapshot.facts.parts_of(wish.room_ids)
    rivals = [
        taken_time
        for taken_time in snapshot.taken
        if not taken_time.is_approved
        and taken_time.part_ids & parts
        and taken_time.gross.overlaps(wish.gross)
    ]
    if rivals:
        yield Reason(
            "rival",
            _("Others have asked for this time too (%(number)d). The house decides.")
            % {"number": len(rivals)},
            Severity.WARNING,
        )
