"""What the rules look at of a date that is stored: made here only, so that nothing of it is forgotten."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from bookings.date_facts import Before, Skip
from bookings.enums import activity_of
from bookings.errors import TooManyDates, WishBreaksRules
from bookings.models import Booking, Slot
from rooms.enums import Activity, Severity
from rooms.errors import Reason
from rooms.facts import HouseFacts, house_facts
from rooms.intervals import Interval
from rooms.models import House
from rooms.rules import Wish


def stored_wish(
    *,
    room_ids: Iterable[int],
    net: Interval,
    gross: Interval,
    persons: int,
    layout: str,
    kind: str,
    equipment_ids: Iterable[int] = (),
) -> Wish:
    """Return the wish a date stands for, with the activity of its booking's kind (a BookingKind)."""
    return Wish(tuple(room_ids), net, gross, persons, layout, activity_of(kind), frozenset(equipment_ids))


def wish_of_slot(
    slot: Slot,
    booking: Booking,
    room_ids: Iterable[int] | None = None,
    *,
    equipment_ids: Iterable[int] = (),
) -> Wish:
    """Return the wish a date of the booking stands for.

    `room_ids` are its rooms where the caller has them; else they are read from the slot, without a
    query where its rooms are prefetched. `equipment_ids` are given where it is to be told that
    others have the equipment: that stops nothing, so that most need not know.
    """
    return stored_wish(
        room_ids=(room.pk for room in slot.rooms.all()) if room_ids is None else room_ids,
        net=slot.net,
        gross=slot.gross,
        persons=booking.persons,
        layout=booking.layout,
        kind=booking.kind,
        equipment_ids=equipment_ids,
    )


# A request is one look at the plan from its first date to its last.
LONGEST_REQUEST = timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True)
class WantedDate:
    """One date that is asked for; instants are aware, buffers in minutes, None for the rooms' own.

    A date with `skipped` is not asked for: it belongs to the series, and is stored with why. `instead_of`
    is when and where the series has a date that stands elsewhere.
    """

    starts_at: datetime
    ends_at: datetime
    room_ids: tuple[int, ...]
    setup_minutes: int | None = None
    teardown_minutes: int | None = None
    skipped: Skip | None = None
    instead_of: Before | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """Wishes that a plan made a moment ago found to break no rule that stops a request.

    True as long as the plan version is the same, at this very `now` and with these dates left out
    of account. Under the house lock nobody can raise the version, so that what holds for it there
    need not be looked at again.
    """

    plan_version: int
    now: datetime
    ignored_slot_ids: frozenset[int]
    wishes: frozenset[Wish]

    def hold(
        self, wishes: Collection[Wish], *, house: House, now: datetime, ignored_slot_ids: Collection[int]
    ) -> bool:
        """Whether nothing speaks against these wishes; `house` is locked, and read under the lock."""
        return (
            (self.plan_version, self.now) == (house.plan_version, now)
            and self.ignored_slot_ids == frozenset(ignored_slot_ids)
            and self.wishes.issuperset(wishes)
        )


def check_number_of_dates(count: int, house: House) -> None:
    """Refuse more dates than the house takes in one booking; raises TooManyDates."""
    if count > house.max_dates:
        raise TooManyDates(
            _("This gives %(count)d dates; at most %(most)d are possible in one request.")
            % {"count": count, "most": house.max_dates},
            field="until",
        )


def wish_of(house: House, date: WantedDate, persons: int, layout: str, kind: str, facts: HouseFacts) -> Wish:
    """Return what the rules look at for one date of a request; raises what `wish_for` raises."""
    return wish_for(
        house=house,
        room_ids=date.room_ids,
        starts_at=date.starts_at,
        ends_at=date.ends_at,
        setup_minutes=date.setup_minutes,
        teardown_minutes=date.teardown_minutes,
        persons=persons,
        layout=layout,
        activity=activity_of(kind),
        facts=facts,
    )


# Outside of these years arithmetic with dates soon ends; nobody means them.
FIRST_YEAR, LAST_YEAR = 1990, 2199


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
