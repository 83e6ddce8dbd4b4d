"""Where else a single date of a booking could be: another room, a little earlier or later, another day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bookings.availability import rules_broken_by_plan
from bookings.enums import STANDING, activity_of
from bookings.models import Booking, Slot
from bookings.plan import load_plan
from bookings.selectors import series_of
from bookings.series_plan import Needs, OwnTimes, Planner, Proposal, Way, week_around
from bookings.series_request import pauses_on
from rooms.clock import day_of
from rooms.enums import Severity
from rooms.facts import house_facts
from rooms.holidays import complete_calendar
from rooms.models import House
from rooms.rules import Wish, check_not_past

# Of each way out so many are shown; who wants another one types it.
MOST_OF_EACH = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover(Planner):
    """Finds another place for a date that the house itself moves, often in a hurry.

    Lead time and horizon are asked of requests only. `own` are the other dates of the booking.
    """

    own: OwnTimes

    def keeps_all_rules(self, wish: Wish) -> bool:
        around = self.plan.around(wish.gross)
        if self.own.meet(wish.gross) or around.approved(self.facts.parts_of(wish.room_ids)):
            return False
        reasons = [*rules_broken_by_plan(wish, around), *check_not_past(wish, self.facts, self.now)]
        return all(reason.severity == Severity.WARNING for reason in reasons)


def ways_out(*, house: House, booking: Booking, slot: Slot, now: datetime) -> list[Proposal]:
    """Return a few valid ways out of each kind for one date of the booking, the smallest changes first.

    The number of queries depends neither on the number of its dates nor on what is booked.
    """
    facts = house_facts(house)
    wish = Wish(
        tuple(room.pk for room in slot.rooms.all()),
        slot.net,
        slot.gross,
        booking.persons,
        booking.layout,
        activity_of(booking.kind),
    )
    own = OwnTimes()
    for other in booking.slots.all():
        if other.pk != slot.pk and other.status in STANDING:
            own.add(other.gross)
    mover = Mover(
        load_plan(house, week_around(wish, facts), ignore_slot_ids={slot.pk}, facts=facts),
        now,
        timedelta(minutes=house.shift_minutes),
        Needs(frozenset(equipment.pk for equipment in booking.equipment.all())),
        _pauses(house, booking, slot),
        own=own,
    )
    found = [
        (Way.ROOM, mover.other_rooms(wish)),
        (Way.SHIFT, mover.other_times(wish)),
        (Way.DAY, mover.other_days(wish)),
    ]
    return [Proposal(way, other) for way, others in found for other in others[:MOST_OF_EACH]]


def _pauses(house: House, booking: Booking, slot: Slot) -> Callable[[date], bool]:
    """Return on which days around the date its series has none, because of holidays."""
    series = series_of(booking)
    if series is None:
        return lambda day: False
    day = day_of(slot.starts_at, house.zone)
    calendar = complete_calendar(house, day - timedelta(days=7), day + timedelta(days=7))
    return lambda day: pauses_on(day, series, calendar)
