"""A date of a booking as a plain value: what is told of it, what it was before, why it is skipped."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from bookings.enums import SkippedBecause
from rooms.formats import format_date_span
from rooms.holidays import name_in_language
from rooms.intervals import Interval


@dataclass(frozen=True, slots=True)
class Skip:
    """Why a date is skipped; `day_name` is that of the holiday, as the calendar names it, where it is one."""

    because: SkippedBecause
    day_name: str = ""

    def __str__(self) -> str:
        """Return it in the active language."""
        name = name_in_language(self.day_name)
        return {
            SkippedBecause.PUBLIC_HOLIDAY: _("Public holiday: %(name)s") % {"name": name},
            SkippedBecause.SCHOOL_HOLIDAYS: _("School holidays: %(name)s") % {"name": name},
            SkippedBecause.OUTSIDE_SCHOOL_HOLIDAYS: _("Only in school holidays"),
            SkippedBecause.SCHOOL_HOLIDAYS_UNKNOWN: _("School holidays are not known yet"),
            SkippedBecause.CHOSEN: _("Left out"),
            SkippedBecause.CLASH: _("Left out: not free"),
            SkippedBecause.CLOSED: _("Left out: closed"),
            SkippedBecause.OUTSIDE_HOURS: _("Left out: outside of the hours"),
            SkippedBecause.RULES: _("Left out: not possible"),
        }[self.because]


def skip_of(because: str, day_name: str) -> Skip | None:
    """Return the stored columns as one value; None of a date that is not skipped."""
    return Skip(SkippedBecause(because), day_name) if because else None


@dataclass(frozen=True, slots=True)
class Before:
    """When and where a date was before it was changed; rooms by name in the order of the house."""

    net: Interval
    rooms: tuple[str, ...]

    def in_words(self, zone: ZoneInfo) -> str:
        """Return time and rooms in the active language."""
        return f"{format_date_span(self.net.start, self.net.end, zone=zone)}, {' + '.join(self.rooms)}"

    def difference(self, now: "Before", zone: ZoneInfo) -> str:
        """Return in words instead of which time and which rooms it is as it is `now`."""
        what = []
        if now.net != self.net:
            what.append(format_date_span(self.net.start, self.net.end, zone=zone))
        if now.rooms != self.rooms:
            what.append(" + ".join(self.rooms))
        return _("instead of %(what)s") % {"what": ", ".join(what)} if what else ""


@dataclass(frozen=True, slots=True)
class BookedDate:
    """A date of a booking as mails and programs are told of it, without the rows behind it.

    `rooms` are the short name in addresses and the name of each, in the order of the house;
    `replaces` is the uid of the date whose place it takes, `replaced_by` the reference of the booking
    that has taken its own, and `skip` why a skipped one is.
    """

    slot_id: int
    uid: uuid.UUID
    status: str
    starts_at: datetime
    ends_at: datetime
    gross_starts_at: datetime
    gross_ends_at: datetime
    reason: str
    sequence: int
    rooms: tuple[tuple[str, str], ...]
    replaces: uuid.UUID | None = None
    skip: Skip | None = None
    replaced_by: str = ""
