"""Which bookings of a plan get in each other's way, and which dates cannot stand. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.enums import BookingStatus, Visibility
from bookings.plan_import.plan import PlanBooking, PlanFile, StoredDate
from rooms.clock import days
from rooms.intervals import Interval

UTC = ZoneInfo("UTC")
# The place of stored dates, before every booking of the file.
STORED = -1


class ClashKind(TextChoices):
    """How two bookings get in each other's way, the gravest first."""

    HARD = "hard", gettext_lazy("double booking")
    BUFFER = "buffer", gettext_lazy("set-up or tear-down")
    RIVAL = "rival", gettext_lazy("rival requests")


GRAVITY = {ClashKind.HARD: 0, ClashKind.BUFFER: 1, ClashKind.RIVAL: 2}


@dataclass(frozen=True, slots=True)
class Clash:
    """Two bookings on one day; `bookings` and `rooms` (atomic parts both want) are sorted.

    `day` is the local start date, of the date that starts later where they differ. `stops`
    says that both are approved, so that they cannot be stored together.
    """

    kind: ClashKind
    day: date
    bookings: tuple[str, str]
    rooms: tuple[str, ...]
    stops: bool


@dataclass(frozen=True, slots=True, eq=False)
class Taking:
    """The time one date takes; `order` is the place of its booking in the file, -1 if it is stored."""

    order: int
    booking: str
    title: str
    number: int
    net: Interval
    gross: Interval
    parts: frozenset[str]
    persons: int
    is_approved: bool = True


def stored_takings(dates: Iterable[StoredDate]) -> list[Taking]:
    """Return what an existing house holds, as takings that come before the whole file."""
    return [
        Taking(
            STORED,
            stored_date.reference,
            stored_date.title,
            0,
            stored_date.net,
            stored_date.gross,
            stored_date.parts,
            stored_date.persons,
        )
        for stored_date in dates
    ]


def list_takings(plan: PlanFile) -> Iterator[Taking]:
    """Yield the dates that are to stand of all bookings that are not rejected, in the order of the file."""
    for order, booking in enumerate(plan.bookings):
        if booking.status == BookingStatus.REJECTED:
            continue
        parts = plan.parts_of(booking.rooms)
        is_approved = booking.status == BookingStatus.APPROVED
        for number, plan_date in enumerate(booking.dates):
            if plan_date.skipped:
                continue
            yield Taking(
                order,
                booking.id,
                _public_title(booking),
                number,
                plan_date.net,
                plan_date.gross,
                parts,
                booking.persons,
                is_approved,
            )


def _public_title(booking: PlanBooking) -> str:
    if booking.visibility == Visibility.PUBLIC:
        return booking.display_title or booking.title
    return _("Occupied")


def find_meetings(takings: Iterable[Taking]) -> Iterator[tuple[Taking, Taking]]:
    """Yield every two dates that overlap by gross time in a part, in file order.

    Stored dates do not meet each other. A sweep over each part: whoever starts meets those who
    have not ended.
    """
    by_part: dict[str, list[Taking]] = defaultdict(list)
    for taking in takings:
        for part in taking.parts:
            by_part[part].append(taking)
    found: set[tuple[Taking, Taking]] = set()
    for users in by_part.values():
        present: list[Taking] = []
        for taking in sorted(users, key=lambda user: user.gross.start):
            present = [other for other in present if other.gross.end > taking.gross.start]
            for other in present:
                pair = (taking, other) if _place(taking) < _place(other) else (other, taking)
                if pair[1].order != STORED and pair not in found:
                    found.add(pair)
                    yield pair
            present.append(taking)


def _place(taking: Taking) -> tuple[int, int]:
    return taking.order, taking.number


def _kind(taking: Taking, other: Taking) -> ClashKind:
    if not (taking.is_approved or other.is_approved):
        return ClashKind.RIVAL
    return ClashKind.HARD if taking.net.overlaps(other.net) else ClashKind.BUFFER


def find_clashes(meetings: Iterable[tuple[Taking, Taking]], zone: ZoneInfo) -> list[Clash]:
    """Return one clash per pair of bookings and day, a double booking before a buffer, by day and booking.

    Dates of one booking that meet each other are no clash but a problem of that booking.
    """
    found: dict[tuple[date, tuple[str, str]], Clash] = {}
    for taking, other in meetings:
        if taking.order == other.order:
            continue
        day = max(taking.net.start, other.net.start).astimezone(zone).date()
        first, second = sorted([taking.booking, other.booking])
        clash = Clash(
            kind=_kind(taking, other),
            day=day,
            bookings=(first, second),
            rooms=tuple(sorted(taking.parts & other.parts)),
            stops=taking.is_approved and other.is_approved,
        )
        known = found.get((day, clash.bookings))
        if known is None or GRAVITY[clash.kind] < GRAVITY[known.kind]:
            found[day, clash.bookings] = clash
    return [found[key] for key in sorted(found)]


def find_skipped_dates(
    takings: Sequence[Taking], meetings: Sequence[tuple[Taking, Taking]], max_persons: int | None
) -> dict[str, dict[int, str]]:
    """Return which approved dates cannot stand beside those before them, each with its reason.

    A date is skipped only because of one that stands: whoever clashes with a skipped date alone stays.
    """
    before: dict[Taking, list[Taking]] = defaultdict(list)
    for taking, other in meetings:
        if taking.is_approved and other.is_approved:
            before[other].append(taking)
    standing: set[Taking] = set()
    present = Presence(max_persons)
    skipped: dict[str, dict[int, str]] = defaultdict(dict)
    for taking in takings:
        if not taking.is_approved:
            continue
        rival = next((earlier for earlier in before[taking] if earlier in standing), None)
        reason = ""
        if taking.order == STORED:
            pass
        elif rival is not None and rival.order == taking.order:
            reason = _("Overlaps with another date of the same series.")
        elif rival is not None:
            reason = _("Clashes with “%(title)s”, which comes first.") % {"title": rival.title}
        elif present.would_overfill(taking.net, taking.persons):
            reason = _("More persons would be in the house at once than it may hold.")
        if reason:
            skipped[taking.booking][taking.number] = reason
        else:
            standing.add(taking)
            present.add(taking)
    return dict(skipped)


class Presence:
    """How many persons are in the house when; asked date by date."""

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self.by_day: dict[date, list[Taking]] = defaultdict(list)

    def add(self, taking: Taking) -> None:
        for day in days(taking.net, UTC):
            self.by_day[day].append(taking)

    def would_overfill(self, net: Interval, persons: int) -> bool:
        """Whether at some moment of `net` more persons than the limit would be there."""
        if self.limit is None:
            return False
        others = {taking for day in days(net, UTC) for taking in self.by_day[day] if taking.net.overlaps(net)}
        moments = [net.start, *(taking.net.start for taking in others if taking.net.start > net.start)]
        fullest = max(
            sum(taking.persons for taking in others if taking.net.start <= moment < taking.net.end)
            for moment in moments
        )
        return fullest + persons > self.limit
