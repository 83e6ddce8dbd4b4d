"""Everything that is to be said about a plan before it is stored. Pure: looks at values only."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.utils.translation import gettext as _

from bookings.enums import BookingStatus
from bookings.plan_import.clashes import (
    STORED,
    Clash,
    Taking,
    find_clashes,
    find_meetings,
    find_skipped_dates,
    list_takings,
    stored_takings,
)
from bookings.plan_import.differences import Comparison
from bookings.plan_import.plan import PlanBooking, PlanDate, PlanFile, Problem, Stored
from bookings.plan_import.problems import find_problems
from bookings.plan_import.values import BrokenPlan

MOST_MEETINGS = 100_000


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was found.

    `stored_clashes` are with what an existing house holds already. `skipped_dates` maps booking
    ids to numbers of dates to reasons: the approved dates that cannot stand beside those
    before them. `comparison` is with what was read of the same calendar before.
    """

    plan: PlanFile
    clashes: Sequence[Clash]
    stored_clashes: Sequence[Clash]
    problems: Sequence[Problem]
    skipped_dates: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    comparison: Comparison = field(default_factory=Comparison)

    @property
    def skipped(self) -> list[Problem]:
        """What cannot be taken over, each with its reason."""
        return [
            *self.plan.skipped,
            *(
                Problem(booking.id, *booking.not_supported)
                for booking in self.plan.bookings
                if booking.not_supported is not None
            ),
        ]

    def count_standing(self, *, without_skipped: bool) -> int:
        """Return how many dates would stand, approved or asked for."""
        standing = sum(
            len(booking.standing)
            for booking in self.plan.bookings
            if booking.status != BookingStatus.REJECTED
        )
        return standing - self.count_skipped_dates() if without_skipped else standing

    def list_skipped_dates(self, *, with_clashing: bool) -> Iterator[tuple[PlanBooking, PlanDate, str]]:
        """Yield the dates that are skipped with their reason; those that clash only when wanted."""
        for booking in self.plan.bookings:
            clashing = self.skipped_dates.get(booking.id, {}) if with_clashing else {}
            for number, plan_date in enumerate(booking.dates):
                if reason := plan_date.skipped or clashing.get(number):
                    yield booking, plan_date, str(reason)

    def count_skipped_dates(self) -> int:
        """Return how many dates are skipped because they clash."""
        return sum(map(len, self.skipped_dates.values()))


def _skipped(
    plan: PlanFile,
    stored: Stored,
    held: Sequence[Taking],
    taken: Sequence[Taking],
    meetings: Sequence[tuple[Taking, Taking]],
) -> Mapping[str, Mapping[int, str]]:
    """Return which dates cannot stand; bookings that are stored already stand where they are stored."""
    if stored.known:
        held = [*held, *stored_takings(stored.own_dates)]
        taken = [taking for taking in taken if taking.booking not in stored.known]
        meetings = list(find_meetings([*held, *taken]))
    return find_skipped_dates([*held, *taken], meetings, stored.max_persons(plan))


def check_plan(plan: PlanFile, stored: Stored, now: datetime) -> Report:
    """Return what is to be said about a plan, its series expanded, that goes into a house at `now`.

    Raises BrokenPlan where so many of its dates overlap that nobody could read the list.
    """
    held, taken = stored_takings(stored.dates), list(list_takings(plan))
    meetings = list(islice(find_meetings([*held, *taken]), MOST_MEETINGS + 1))
    if len(meetings) > MOST_MEETINGS:
        raise BrokenPlan(
            _("More than %(count)d times two dates of the plan overlap each other. This cannot be meant.")
            % {"count": MOST_MEETINGS}
        )
    among = [pair for pair in meetings if pair[0].order != STORED]
    with_held = [pair for pair in meetings if pair[0].order == STORED]
    return Report(
        plan=plan,
        clashes=find_clashes(among, plan.zone),
        stored_clashes=find_clashes(with_held, plan.zone),
        problems=find_problems(plan, stored, now, among),
        skipped_dates=_skipped(plan, stored, held, taken, meetings),
    )
