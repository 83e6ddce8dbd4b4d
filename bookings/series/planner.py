"""One complete plan for the dates of a series: which stand as wished, and a way out for each other one.

A way out is a single change: one room exchanged for another that fits, a start a little earlier or
later, another day of the same week, or leaving the date out, in this order; within one kind the
smallest change comes first. Every proposal keeps all rules at that moment, blocks nobody and does
not meet another date of the same series. Dates that can stand are never changed. Pure but for the
loading of the snapshot, which takes the same number of queries for 2 dates and for 200, in one room or
in each of twelve.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from operator import itemgetter

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bookings.access.actors import Actor
from bookings.alternatives.candidates import (
    Acceptance,
    Alternatives,
    Candidates,
    RoomNeeds,
    WallTimes,
    loses_hearing_loop,
)
from bookings.availability.checks import broken_rules
from bookings.availability.snapshot import Snapshot, closed_times, days_touched, load_snapshot
from bookings.date_facts import Skip
from rooms.enums import Severity
from rooms.errors import Reason
from rooms.facts import HouseFacts
from rooms.intervals import Interval, hull
from rooms.models import House
from rooms.rules import Wish


class Way(models.TextChoices):
    """What becomes of a date; the order is that of the cost."""

    KEEP = "keep", _("as wished")
    ROOM = "room", _("another room")
    SHIFT = "shift", _("another time")
    DAY = "day", _("another day")
    SKIP = "skip", _("leave out")


class DateState(models.TextChoices):
    """How a date of a series stands when it is looked at."""

    FREE = "free", _("free")
    RIVALS = "rivals", _("others have asked too")
    BUFFER = "buffer", _("set-up or tear-down meets another date")
    CLASH = "clash", _("taken")
    CLOSED = "closed", _("closed")
    OUTSIDE = "outside", _("outside of the hours")
    REFUSED = "refused", _("not possible")
    SKIPPED = "skipped", _("is skipped")


# A way out lies in the week of its date.
WEEK = timedelta(days=7)

# What is said of a time that the clocks show never or twice.
CLOCK_CODES = frozenset({"clock_gap", "clock_twice"})

# The reasons that give a date its state, the gravest first.
STATES = {
    "overlaps_itself": DateState.REFUSED,
    "clash": DateState.CLASH,
    "house_full": DateState.CLASH,
    "closed": DateState.CLOSED,
    "outside_hours": DateState.OUTSIDE,
    "buffer_clash": DateState.BUFFER,
    "rival": DateState.RIVALS,
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """One way out for a date; `wish` is None where it is left out.

    `loses_hearing_loop`: its room has none, while the wished one has.
    """

    way: Way
    wish: Wish | None
    loses_hearing_loop: bool = False


@dataclass(frozen=True, slots=True)
class SeriesPlanDate:
    """A wished date, what is said to it, and the plan for it.

    `proposals` are all ways out that are valid, the cheapest first; empty where the date can
    stand as wished or is skipped. `chosen` is what the plan proposes.
    """

    wish: Wish
    state: DateState
    reasons: tuple[Reason, ...] = ()
    skipped: Skip | None = None
    proposals: tuple[Proposal, ...] = ()

    @property
    def is_possible(self) -> bool:
        """Whether it can be asked for as wished."""
        return not self.skipped and not any(reason.stops for reason in self.reasons)

    @property
    def is_open(self) -> bool:
        """Whether it is to stand and cannot as wished, so that something has to be chosen for it."""
        return not self.skipped and not self.is_possible

    @property
    def told(self) -> tuple[Reason, ...]:
        """What people have to know: what stops it, or else all; a clock change in any case."""
        stopping = tuple(reason for reason in self.reasons if reason.stops or reason.code in CLOCK_CODES)
        return stopping if self.is_open else self.reasons

    @property
    def chosen(self) -> Proposal:
        if self.skipped:
            return Proposal(Way.SKIP, None)
        return self.proposals[0] if self.proposals else Proposal(Way.KEEP, self.wish)


class OwnTimes:
    """The gross times a series takes itself, by the number of the date; no two of its dates may meet."""

    def __init__(self) -> None:
        self._by_day: dict[int, list[tuple[int, Interval]]] = defaultdict(list)

    def add(self, number: int, time: Interval) -> None:
        for day in days_touched(time):
            self._by_day[day].append((number, time))

    def meet(self, number: int, time: Interval) -> bool:
        """Whether a time for the date of this number overlaps that of another one."""
        return any(
            other_time.overlaps(time)
            for day in days_touched(time)
            for other, other_time in self._by_day.get(day, ())
            if other != number
        )


def plan_places(
    *,
    house: House,
    facts: HouseFacts,
    places: Sequence[Sequence[Wish]],
    skipped: Sequence[Skip | None],
    now: datetime,
    needs: RoomNeeds | None = None,
    pauses_on: Callable[[date], bool] = lambda day: False,
    walls: Sequence[WallTimes] = (),
    ignore_slot_ids: Collection[int] = (),
    asker: Actor | None = None,
) -> list[list[SeriesPlanDate]]:
    """Return for each place the plan for the same dates in other rooms, each for itself and in their order.

    `skipped` gives for each wish why the series itself skips it, None where it is to
    stand. What is known of others is as public as `bookings.availability.checks.broken_rules` tells it.
    `walls` are the dates as they were wished by the clocks; not needed where no clock change moved one.
    The database is looked at for all of them together.
    """

    wished = {
        wish.gross for wishes in places for wish, reason in zip(wishes, skipped, strict=True) if not reason
    }
    if not wished:
        return [_look(wishes, skipped, None, now) for wishes in places]
    # With the set-up and tear-down times of whichever room.
    reach = WEEK + max(max(room.setup, room.teardown) for room in facts.rooms.values())
    whole = hull(wished)
    around = Interval(whole.start - reach, whole.end + reach)
    load = partial(
        load_snapshot,
        house,
        around,
        ignore_slot_ids=ignore_slot_ids,
        facts=facts,
        closed=list(closed_times(facts, around)),
        asker=asker,
    )
    equipment_ids = {number for wishes in places for wish in wishes for number in wish.equipment_ids}
    seen = load(near=wished, with_pending=True, equipment_ids=equipment_ids)
    looked = [_look(wishes, skipped, seen, now) for wishes in places]
    candidates = Candidates(facts, timedelta(minutes=house.shift_minutes), needs or RoomNeeds(), pauses_on)
    alternatives = [
        {
            number: candidates.alternatives(plan_date.wish, walls[number] if walls else None)
            for number, plan_date in enumerate(planned)
            if plan_date.is_open
        }
        for planned in looked
    ]
    changed = {
        wish.gross for by_number in alternatives for options in by_number.values() for wish in options.all
    }
    acceptance = Acceptance(load(near=changed) if changed else seen, now)
    return [
        _with_ways_out(planned, by_number, acceptance)
        for planned, by_number in zip(looked, alternatives, strict=True)
    ]


def _look(
    wishes: Sequence[Wish], skipped: Sequence[Skip | None], seen: Snapshot | None, now: datetime
) -> list[SeriesPlanDate]:
    """Return how the dates stand as wished; of two that overlap each other the first may stand."""
    planned: list[SeriesPlanDate] = []
    own_times = OwnTimes()
    for number, (wish, reason) in enumerate(zip(wishes, skipped, strict=True)):
        if reason or seen is None:
            planned.append(SeriesPlanDate(wish, DateState.SKIPPED, skipped=reason))
            continue
        reasons = broken_rules(wish, seen.around(wish.gross), now)
        if own_times.meet(number, wish.gross):
            reasons = [_overlaps_itself(), *reasons]
        plan_date = SeriesPlanDate(wish, state_of(reasons), tuple(reasons))
        if plan_date.is_possible:
            own_times.add(number, wish.gross)
        planned.append(plan_date)
    return planned


def _with_ways_out(
    planned: Sequence[SeriesPlanDate], alternatives: Mapping[int, Alternatives], acceptance: Acceptance
) -> list[SeriesPlanDate]:
    """Return the dates with proposals for those that are open, whose alternatives are given by their number.

    Of rooms, those that serve most dates come first, but those that lose a hearing loop last. What is
    proposed for one date keeps clear of what the plan chooses for every other one.
    """
    own_times, facts = OwnTimes(), acceptance.snapshot.facts
    for number, plan_date in enumerate(planned):
        if plan_date.is_possible:
            own_times.add(number, plan_date.wish.gross)
    rooms = {
        number: list(filter(acceptance.accepts, options.rooms)) for number, options in alternatives.items()
    }
    serves = Counter(
        room_ids
        for number, wishes in rooms.items()
        for room_ids in {_new_rooms(wish, planned[number].wish) for wish in wishes}
    )
    found: dict[int, list[tuple[Proposal, Wish]]] = {}
    for number, options in alternatives.items():
        wished = planned[number].wish
        served = [
            (loses_hearing_loop(wish, wished, facts), -serves[_new_rooms(wish, wished)], wish)
            for wish in rooms[number]
        ]
        in_order = replace(
            options,
            rooms=tuple(wish for *_cost, wish in sorted(served, key=itemgetter(0, 1))),
            times=tuple(filter(acceptance.accepts, options.times)),
            days=tuple(filter(acceptance.accepts, options.days)),
        )
        found[number] = list(ways_of(in_order, wished, facts))
        first = next((wish for _way, wish in found[number] if not own_times.meet(number, wish.gross)), None)
        if first is not None:
            own_times.add(number, first.gross)
    return [
        replace(plan_date, proposals=tuple(_proposals(number, found[number], own_times)))
        if number in found
        else plan_date
        for number, plan_date in enumerate(planned)
    ]


def ways_of(alternatives: Alternatives, wish: Wish, facts: HouseFacts) -> Iterator[tuple[Proposal, Wish]]:
    """Yield the changes of a wish as proposals, each with what it becomes; a room costs least."""
    for changed in alternatives.rooms:
        yield Proposal(Way.ROOM, changed, loses_hearing_loop(changed, wish, facts)), changed
    for changed in alternatives.times:
        yield Proposal(Way.SHIFT, changed), changed
    for changed in alternatives.days:
        yield Proposal(Way.DAY, changed), changed


def _proposals(
    number: int, found: Iterable[tuple[Proposal, Wish]], own_times: OwnTimes
) -> Iterator[Proposal]:
    for proposal, wish in found:
        if not own_times.meet(number, wish.gross):
            yield proposal
    yield Proposal(Way.SKIP, None)


def _new_rooms(changed: Wish, wish: Wish) -> frozenset[int]:
    return frozenset(changed.room_ids).difference(wish.room_ids)


def _overlaps_itself() -> Reason:
    return Reason(
        "overlaps_itself",
        gettext("This date overlaps another one of the series."),
        Severity.NOBODY,
        field="date",
    )


def state_of(reasons: Sequence[Reason]) -> DateState:
    """Return how a date stands for which these reasons are told."""
    codes = {reason.code for reason in reasons if reason.stops}
    for code, state in STATES.items():
        if code in codes:
            return state
    if codes:
        return DateState.REFUSED
    warned = {reason.code for reason in reasons}
    return next((state for code, state in STATES.items() if code in warned), DateState.FREE)
