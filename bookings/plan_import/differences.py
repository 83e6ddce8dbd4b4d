"""What is different about a date since it was read from a calendar: plain values and sentences."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.enums import SlotStatus
from bookings.plan_import.plan import SourceDate
from rooms.formats import format_clock, format_date_span, format_span
from rooms.intervals import Interval


class DifferenceKind(TextChoices):
    """What is different about an event since it was read last."""

    ADDED = "added", gettext_lazy("added")
    MOVED = "moved", gettext_lazy("moved")
    CANCELLED = "cancelled", gettext_lazy("cancelled")
    CHANGED = "changed", gettext_lazy("changed")
    CHANGED_HERE = "changed_here", gettext_lazy("changed here")
    OLDER = "older", gettext_lazy("older")
    MISSING = "missing", gettext_lazy("missing")


# What --update carries out; the others are only said.
CARRIED_OUT = frozenset(
    {DifferenceKind.ADDED, DifferenceKind.MOVED, DifferenceKind.CANCELLED, DifferenceKind.CHANGED}
)


@dataclass(frozen=True, slots=True)
class ReadDate:
    """A date as a calendar has it; `rooms` are slugs in order, `status` approved, requested or cancelled."""

    source: SourceDate
    net: Interval
    rooms: tuple[str, ...]
    title: str
    status: str


@dataclass(frozen=True, slots=True)
class KnownDate:
    """A date that was read before: what was `read`, and what of it is so in the house today."""

    slot_id: int
    booking_id: int
    reference: str
    uid: str
    calendar: str
    read: ReadDate
    net: Interval
    rooms: tuple[str, ...]
    status: str
    title: str

    @property
    def stands(self) -> bool:
        return self.status in SlotStatus.STANDING

    @property
    def is_as_read(self) -> bool:
        return self.stands and (self.net, self.rooms) == (self.read.net, self.read.rooms)

    def is_already(self, wanted: ReadDate) -> bool:
        """Whether the house has it like that, whoever made it so."""
        return (self.net, self.rooms, self.title, self.status) == (
            wanted.net,
            wanted.rooms,
            wanted.title,
            wanted.status,
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """One date, or of a missing event the whole, that is not as it was read.

    `wanted` is how the calendar has it now, `known` what the house has of it; `booking_id` is the
    stored booking that it belongs to. `sequence` is the version that says so. `left` says why it
    is not carried out, or what of it is not. `label` names the event in reports.
    """

    kind: DifferenceKind
    label: str
    uid: str
    calendar: str
    booking_id: int
    reference: str
    message: str
    sequence: int
    known: KnownDate | None = None
    wanted: ReadDate | None = None
    is_done: bool = False
    left: str = ""

    @property
    def original(self) -> datetime:
        """The start by which the calendar names the date, in UTC."""
        if self.wanted is not None:
            return self.wanted.source.original
        if self.known is not None:
            return self.known.read.source.original
        raise ValueError("a difference is about a date that is wanted, or known, or both")

    @property
    def is_open(self) -> bool:
        """Whether there is something to carry out."""
        return self.kind in CARRIED_OUT and not self.is_done and not self.left


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences; `same` are the dates without any, which may have a newer version.

    `known` are the bookings of the file that the house has, by id. `titles` are the titles that
    stored bookings have now, by their ids.
    """

    differences: Sequence[Difference] = ()
    same: Sequence[tuple[KnownDate, ReadDate]] = ()
    known: Set[str] = frozenset()
    titles: Mapping[int, str] = field(default_factory=dict)

    @property
    def booking_ids(self) -> set[int]:
        """The stored bookings of which something stands in the file."""
        differing = {
            difference.booking_id
            for difference in self.differences
            if difference.kind != DifferenceKind.MISSING
        }
        return differing | {known.booking_id for known, _wanted in self.same}

    @property
    def counts(self) -> Counter[str]:
        """How many dates there are of each kind, and how many are unchanged."""
        counts = Counter(str(difference.kind) for difference in self.differences)
        return counts + Counter(unchanged=len(self.same))


# In words --------------------------------------------------------------------------------------


def aspects_of(read: ReadDate, wanted: ReadDate, names: Mapping[str, str], zone: ZoneInfo) -> Iterator[str]:
    """Yield a sentence for whatever a calendar has otherwise than it was read; `names` are of rooms."""
    if wanted.net.start != read.net.start:
        yield _moved(read.net, wanted.net, zone)
    elif wanted.net != read.net:
        yield _("It ends at %(after)s instead of %(before)s.") % {
            "after": format_clock(wanted.net.end, zone=zone),
            "before": format_clock(read.net.end, zone=zone),
        }
    if wanted.rooms != read.rooms:
        yield _("It is in %(after)s instead of %(before)s.") % {
            "after": " + ".join(names.get(slug, slug) for slug in wanted.rooms),
            "before": " + ".join(names.get(slug, slug) for slug in read.rooms),
        }
    if wanted.title != read.title:
        yield _("It is called “%(after)s” instead of “%(before)s”.") % {
            "after": wanted.title,
            "before": read.title,
        }
    if wanted.status != read.status:
        yield _("It is marked as %(after)s instead of %(before)s.") % {
            "after": SlotStatus(wanted.status).label,
            "before": SlotStatus(read.status).label,
        }


def _moved(before: Interval, after: Interval, zone: ZoneInfo) -> str:
    """Return from when to when: times alone where the day is the same, starts alone where the length is."""
    if _day(before.start, zone) != _day(after.start, zone):
        return _("It moved from %(before)s to %(after)s.") % {
            "before": format_date_span(before.start, before.end, zone=zone),
            "after": format_date_span(after.start, after.end, zone=zone),
        }
    if before.duration == after.duration:
        first, second = (format_clock(interval.start, zone=zone) for interval in (before, after))
    else:
        first, second = (format_span(interval.start, interval.end, zone=zone) for interval in (before, after))
    return _("It moved from %(before)s to %(after)s.") % {"before": first, "after": second}


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()
