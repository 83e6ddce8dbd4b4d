"""Deciding a request of one date: whether it can be approved as it stands, and where else it could be."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from bookings.desk.buffers import fitting_buffers
from bookings.desk.inbox import PendingDate
from bookings.models import Booking, Slot
from hausderbegegnung.web.staff.move_date import ShownProposal, shown_proposals
from rooms.formats import format_date_span


@dataclass(frozen=True, slots=True)
class SingleDate:
    """The only pending date of a request.

    `buffers` are the set-up and tear-down in minutes with which it fits, None where it does not even
    then. `ways` are free and within the rules, one of each kind; none where nothing hinders it.
    """

    date: PendingDate
    buffers: tuple[int, int] | None
    ways: list[ShownProposal]

    @property
    def can_be_approved(self) -> bool:
        """Whether staff can approve it, with shorter buffers and for a reason if need be."""
        return not self.date.is_impossible and self.buffers is not None

    @property
    def is_shortened(self) -> bool:
        slot = self.date.slot
        return self.buffers is not None and self.buffers != (slot.setup_minutes, slot.teardown_minutes)

    def initial(self) -> dict[str, Any]:
        """Return what the form begins with: buffers that fit, or a reason that names what is free."""
        slot = self.date.slot
        values: dict[str, Any] = {}
        if self.is_shortened and self.buffers is not None:
            values[f"setup_{slot.pk}"], values[f"teardown_{slot.pk}"] = self.buffers
        if not self.can_be_approved and self.ways:
            values["reason"] = _reason(slot.booking, self.ways)
        return values


def single_date(booking: Booking, date: PendingDate, neighbours: Iterable[Slot], now: datetime) -> SingleDate:
    """Return how the only date of a request can be decided; `neighbours` are what is on in its rooms."""
    ways: list[ShownProposal] = []
    if not date.is_possible:
        proposals = shown_proposals(booking, date.slot, now)
        ways = [next(same) for _label, same in groupby(proposals, lambda proposal: proposal.label)]
    return SingleDate(date, fitting_buffers(date.slot, neighbours), ways)


def _reason(booking: Booking, ways: Iterable[ShownProposal]) -> str:
    """Return a refusal that names what would be possible, in the language of who reads it.

    What stands in the way is not named: it belongs to others.
    """
    zone = booking.house.zone
    with translation.override(booking.language):
        dates = [f"{format_date_span(way.starts_at, way.ends_at, zone=zone)}, {way.rooms}" for way in ways]
        sentence = _("Unfortunately this is not possible as you wished it. Possible would be: %(ways)s.")
        return sentence % {"ways": "; ".join(dates)}
