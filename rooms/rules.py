"""The rules a wanted date must keep, each one small named check that returns what is broken.

All checks are pure: they look at facts and at `now`, never at the database. What depends on
other bookings (clashes, the house's largest number of persons) is in bookings.availability.checks.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rooms.clock import days, floor_to_grid
from rooms.enums import Activity, Layout, Severity
from rooms.errors import Reason
from rooms.facts import HouseFacts, RoomFacts
from rooms.formats import format_date_span, format_day, format_span
from rooms.intervals import Interval, covers, subtract
from rooms.silent_days import NIGHT_REST_LAW, REGION, Silence, nights, silences_during


@dataclass(frozen=True, slots=True)
class Wish:
    """A date somebody wants: which rooms, when people are there (net), when the rooms are taken (gross)."""

    room_ids: tuple[int, ...]
    net: Interval
    gross: Interval
    persons: int = 1
    layout: str = ""
    activity: Activity = Activity.QUIET
    equipment_ids: frozenset[int] = frozenset()

    @property
    def setup(self) -> timedelta:
        return self.net.start - self.gross.start

    @property
    def teardown(self) -> timedelta:
        return self.gross.end - self.net.end

    def at(self, net: Interval) -> "Wish":
        """Return the same wish at another time, with its set-up and tear-down."""
        return self.during(net, Interval(net.start - self.setup, net.end + self.teardown))

    def moved(self, shift: timedelta) -> "Wish":
        """Return the same wish, earlier or later."""
        return self.during(
            Interval(self.net.start + shift, self.net.end + shift),
            Interval(self.gross.start + shift, self.gross.end + shift),
        )

    def during(self, net: Interval, gross: Interval) -> "Wish":
        """Return the same wish with these times; made by the thousand, so without `replace`."""
        return Wish(self.room_ids, net, gross, self.persons, self.layout, self.activity, self.equipment_ids)


def rooms_of(wish: Wish, facts: HouseFacts) -> list[RoomFacts]:
    """Return the wished rooms in the order of the house."""
    return facts.rooms_in_order(wish.room_ids)


def check_rooms(wish: Wish, facts: HouseFacts) -> Iterator[Reason]:
    """Every room can be booked, and none is wished twice (a hall and one of its parts)."""
    taken: dict[int, RoomFacts] = {}
    for room in rooms_of(wish, facts):
        if not room.is_active:
            yield Reason(
                "room_inactive",
                _("%(room)s cannot be booked at the moment.") % {"room": room.name},
                field="rooms",
            )
        for part_id in room.part_ids:
            if part_id in taken:
                yield Reason(
                    "overlapping_rooms",
                    _("%(room)s and %(other)s share a part. Please choose one of them.")
                    % {"room": taken[part_id].name, "other": room.name},
                    Severity.NOBODY,
                    field="rooms",
                )
                break
            taken[part_id] = room


def check_capacity(wish: Wish, facts: HouseFacts) -> Iterator[Reason]:
    """Not more persons than the rooms hold: the sum over the rooms that have the layout.

    Where no layout is named, each room counts with its largest. A seating plan is binding
    (SBauVO NRW), so nobody may override it.
    """
    rooms = rooms_of(wish, facts)
    capacity = sum(room.capacity(wish.layout) for room in rooms)
    if not capacity:
        if wish.layout:
            yield Reason(
                "layout_missing",
                _("This room has no layout “%(layout)s”.") % {"layout": Layout(wish.layout).label},
                field="layout",
            )
        return
    if wish.persons > capacity:
        yield Reason(
            "too_many_persons",
            ngettext(
                "There is room for %(capacity)d person here, not for %(persons)d.",
                "There is room for %(capacity)d persons here, not for %(persons)d.",
                capacity,
            )
            % {"capacity": capacity, "persons": wish.persons},
            Severity.NOBODY,
            field="persons",
        )


def check_not_past(wish: Wish, facts: HouseFacts, now: datetime) -> Iterator[Reason]:
    if wish.net.start < now:
        yield Reason("in_past", _("This date lies in the past."), field="date")


def check_lead_time(wish: Wish, facts: HouseFacts, now: datetime) -> Iterator[Reason]:
    """The house needs time to decide; a date in the past is told by `check_not_past` alone."""
    lead = max(room.lead for room in rooms_of(wish, facts))
    if now <= wish.net.start < now + lead:
        yield Reason(
            "too_soon",
            ngettext(
                "Requests have to be here at least %(hours)d hour before the start.",
                "Requests have to be here at least %(hours)d hours before the start.",
                lead // timedelta(hours=1),
            )
            % {"hours": lead // timedelta(hours=1)},
            field="date",
        )


def check_horizon(wish: Wish, facts: HouseFacts, now: datetime) -> Iterator[Reason]:
    latest = now + min(room.horizon for room in rooms_of(wish, facts))
    if wish.net.end > latest:
        yield Reason(
            "beyond_horizon",
            _("Dates can be asked for up to %(latest)s.") % {"latest": format_day(latest, zone=facts.zone)},
            field="date",
        )


def check_duration(wish: Wish, facts: HouseFacts) -> Iterator[Reason]:
    rooms = rooms_of(wish, facts)
    shortest, longest = max(room.shortest for room in rooms), min(room.longest for room in rooms)
    if wish.net.duration < shortest:
        yield Reason(
            "too_short",
            _("A date lasts at least %(minutes)d minutes.") % {"minutes": shortest // timedelta(minutes=1)},
            field="ends",
        )
    if wish.net.duration > longest:
        yield Reason(
            "too_long",
            _("A date lasts at most %(hours)s hours.") % {"hours": f"{longest / timedelta(hours=1):g}"},
            field="ends",
        )


def check_grid(wish: Wish, facts: HouseFacts) -> Iterator[Reason]:
    """Times start and end on the grid of the rooms, counted from the full hour or local midnight."""
    grid = max(room.grid_minutes for room in rooms_of(wish, facts))
    for moment in (wish.net.start, wish.net.end):
        if floor_to_grid(moment, timedelta(minutes=grid), facts.zone) != moment:
            yield Reason(
                "off_grid",
                _("Times start and end every %(minutes)d minutes, for example at the full hour.")
                % {"minutes": grid},
                field="starts",
            )
            return


def check_opening_hours(wish: Wish, facts: HouseFacts) -> Iterator[Reason]:
    """The rooms are open for the whole gross time; rooms closed at the same times are named together."""
    closed: dict[tuple[Interval, ...], list[str]] = defaultdict(list)
    for room in rooms_of(wish, facts):
        open_hours = facts.open_hours(room.id, wish.gross)
        if not covers(open_hours, wish.gross):
            closed[tuple(subtract([wish.gross], open_hours))].append(room.name)
    for outside, names in closed.items():
        buffers_only = not any(part.overlaps(wish.net) for part in outside)
        sentence = (
            ngettext(
                "%(rooms)s is not open for all of the set-up and tear-down (%(times)s).",
                "%(rooms)s are not open for all of the set-up and tear-down (%(times)s).",
                len(names),
            )
            if buffers_only
            else ngettext(
                "%(rooms)s is not open at this time (%(times)s).",
                "%(rooms)s are not open at this time (%(times)s).",
                len(names),
            )
        )
        times = ", ".join(format_span(part.start, part.end, zone=facts.zone) for part in outside)
        yield Reason("outside_hours", sentence % {"rooms": ", ".join(names), "times": times}, field="starts")


def check_school_holidays_known(wish: Wish, facts: HouseFacts) -> Iterator[Reason]:
    """Where school holidays close a room, say when they are not known yet: the date may still be skipped."""
    rooms = [room.name for room in rooms_of(wish, facts) if room.closed_in_school_holidays]
    if not rooms:
        return
    touched = days(wish.gross, facts.zone)
    if facts.school_known and facts.school_known[0] <= touched[0] and touched[-1] <= facts.school_known[1]:
        return
    if facts.school_known and touched[-1] > facts.school_known[1]:
        sentence = _(
            "%(rooms)s: closed in school holidays, but these are known until %(day)s only. "
            "The date may fall into holidays."
        )
        values = {"rooms": ", ".join(rooms), "day": format_day(facts.school_known[1])}
    else:
        sentence = _(
            "%(rooms)s: closed in school holidays, but these are not known for this time. "
            "The date may fall into holidays."
        )
        values = {"rooms": ", ".join(rooms)}
    yield Reason("school_holidays_unknown", sentence % values, Severity.WARNING, field="date")


def check_night_rest(wish: Wish, facts: HouseFacts) -> Iterator[Reason]:
    """Nothing louder than a meeting happens during night rest; of several nights the first is told."""
    if wish.activity == Activity.QUIET:
        return
    for night in nights(facts.quiet_from, facts.quiet_until, wish.net, facts.zone):
        times = {"starts": f"{facts.quiet_from:%H:%M}", "ends": f"{facts.quiet_until:%H:%M}"}
        if facts.region == REGION:
            sentence = _(
                "Night rest is from %(starts)s to %(ends)s (%(law)s): nothing may be heard outside then."
            )
            times["law"] = NIGHT_REST_LAW
        else:
            sentence = _("Night rest is from %(starts)s to %(ends)s: nothing may be heard outside then.")
        yield Reason(
            "night_rest",
            sentence % times,
            Severity.WARNING,
            field="starts" if night.start <= wish.net.start else "ends",
        )
        return


def check_silent_days(wish: Wish, facts: HouseFacts) -> Iterator[Reason]:
    """No market, sport or entertainment while the law protects the quiet of a day."""
    if wish.activity == Activity.QUIET or facts.region != REGION:
        return
    for silence in silences_during(wish.net, wish.activity, facts.zone):
        yield Reason("silent_day", _silence_told(silence, facts), Severity.WARNING, field="date")


def _silence_told(silence: Silence, facts: HouseFacts) -> str:
    interval = silence.interval(facts.zone)
    values = {
        "day": silence.name,
        "time": format_date_span(interval.start, interval.end, zone=facts.zone),
        "law": silence.law,
    }
    if not silence.name:
        return (
            _(
                "%(time)s is the main time of church services (%(law)s): "
                "markets and public entertainment start later."
            )
            % values
        )
    if silence.name == "Gründonnerstag":
        return _("%(day)s is a silent day: no public dancing %(time)s (%(law)s).") % values
    return (
        _("%(day)s is a silent day: no markets, sport or entertainment %(time)s (%(law)s). Ask the house.")
        % values
    )


# The checks in the order people read them. Lead time, horizon and the like are asked of a
# request only: a decision may take its time.
PLAN_CHECKS = (
    check_rooms,
    check_capacity,
    check_opening_hours,
    check_school_holidays_known,
    check_night_rest,
    check_silent_days,
)
REQUEST_CHECKS = (check_duration, check_grid)
REQUEST_CHECKS_WITH_NOW = (check_not_past, check_lead_time, check_horizon)


def broken_plan_rules(wish: Wish, facts: HouseFacts) -> list[Reason]:
    """Return what a wish breaks at any time it is looked at: rooms, capacity, hours."""
    return [reason for check in PLAN_CHECKS for reason in check(wish, facts)]


def broken_request_rules(wish: Wish, facts: HouseFacts, now: datetime) -> list[Reason]:
    """Return what a wish breaks at the moment it is asked for: past, lead time, horizon, duration, grid."""
    reasons = [reason for check in REQUEST_CHECKS_WITH_NOW for reason in check(wish, facts, now)]
    return reasons + [reason for check in REQUEST_CHECKS for reason in check(wish, facts)]
