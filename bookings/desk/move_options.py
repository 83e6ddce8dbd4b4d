"""Where else a single date of a booking could be: another room, a little earlier or later, another day."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import groupby, islice

from bookings.alternatives.candidates import Candidates, RoomNeeds
from bookings.availability.checks import rules_broken_in
from bookings.availability.snapshot import load_snapshot
from bookings.availability.wishes import wish_of_slot
from bookings.enums import SlotStatus
from bookings.models import Booking, Slot
from bookings.series.planner import OwnTimes, Proposal, ways_of
from bookings.series.request import pauses_on
from bookings.series.stored import series_of
from rooms.clock import day_of
from rooms.facts import house_facts
from rooms.holidays import complete_calendar
from rooms.intervals import hull
from rooms.models import House
from rooms.rules import Wish, check_not_past

# Of each way out so many are shown; who wants another one types it.
MOST_OF_EACH = 3


def ways_to_move(*, house: House, booking: Booking, slot: Slot, now: datetime) -> list[Proposal]:
    """Return a few valid ways out of each kind for one date of the booking, the smallest changes first.

    Lead time and horizon are asked of requests only: here the house itself moves, often in a hurry.
    The number of queries depends neither on the number of its dates nor on what is booked.
    """
    facts = house_facts(house)
    wish = wish_of_slot(slot, booking)
    needs = RoomNeeds(frozenset(equipment.pk for equipment in booking.equipment.all()))
    candidates = Candidates(
        facts, timedelta(minutes=house.shift_minutes), needs, _pauses(house, booking, slot)
    )
    alternatives = candidates.alternatives(wish)
    near = {wish.gross, *(changed.gross for changed in alternatives.all)}
    snapshot = load_snapshot(house, hull(near), ignore_slot_ids={slot.pk}, facts=facts, near=near)
    own_times = OwnTimes()
    for other in booking.slots.all():
        if other.status in SlotStatus.STANDING:
            own_times.add(other.pk, other.gross)

    def is_valid(changed: Wish) -> bool:
        if own_times.meet(slot.pk, changed.gross) or snapshot.is_taken(
            facts.parts_of(changed.room_ids), changed.gross
        ):
            return False
        around = snapshot.around(changed.gross)
        reasons = [*rules_broken_in(changed, around), *check_not_past(changed, facts, now)]
        return not any(reason.stops for reason in reasons)

    valid = [proposal for proposal, changed in ways_of(alternatives, wish, facts) if is_valid(changed)]
    return [
        proposal
        for _way, proposals in groupby(valid, lambda proposal: proposal.way)
        for proposal in islice(proposals, MOST_OF_EACH)
    ]


def _pauses(house: House, booking: Booking, slot: Slot) -> Callable[[date], bool]:
    """Return on which days around the date its series has none: before it begins, and on holidays."""
    series = series_of(booking)
    if series is None:
        return lambda day: False
    day = day_of(slot.starts_at, house.zone)
    calendar = complete_calendar(house, day - timedelta(days=7), day + timedelta(days=7))
    first = day_of(min(other.starts_at for other in booking.slots.all()), house.zone)
    return lambda day: day < first or pauses_on(day, series, calendar)
