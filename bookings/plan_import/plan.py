"""What a plan file says, as plain values: instants are aware and in UTC, rooms are known by their slug.

Patterns of series alone speak of wall-clock times; `series` makes instants of them.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, time
from zoneinfo import ZoneInfo

from bookings.enums import AssociationKind, BookingKind, BookingStatus, Visibility
from bookings.series.dates import Series, SeriesDate
from rooms.errors import Reason
from rooms.facts import HouseFacts
from rooms.intervals import Interval
from rooms.models import House


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to be said about a booking, or about the file where none is named."""

    booking: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class PlanRoom:
    """A room of the file; `parts` are slugs of other rooms, empty unless it is a combination.

    `layouts` maps rooms.enums.Layout values to persons. A hearing loop is a feature of the
    room, not part of `equipment`.
    """

    slug: str
    name: str
    area_m2: int | None = None
    parts: tuple[str, ...] = ()
    layouts: Mapping[str, int] = field(default_factory=dict)
    equipment: tuple[str, ...] = ()
    is_outdoors: bool = False
    step_free: bool = False
    hearing_loop: bool = False


@dataclass(frozen=True, slots=True)
class SourceDate:
    """Which date of an event in a calendar it is: its start before it was moved, and its version.

    `original` is the instant of its RECURRENCE-ID, in UTC; of a single event that of its start.
    `sequence` is the SEQUENCE of the date, or of its series where it was not changed by itself.
    """

    original: datetime
    sequence: int


@dataclass(frozen=True, slots=True)
class SourceEvent:
    """What a calendar says of an event (UID) as a whole, for comparing it with what was read before.

    `is_whole` says that the event itself could be read: then a date that it does not have is
    none any more, apart from those in `unknown` and all from `known_until` on. `cancelled` maps the
    original starts of dates that are cancelled one by one to their versions; `names_place` says that
    its rooms are those of its place and not of the calendar.
    """

    label: str
    sequence: int
    names_place: bool = False
    is_whole: bool = False
    is_cancelled: bool = False
    cancelled: Mapping[datetime, int] = field(default_factory=dict)
    unknown: Set[datetime] = frozenset()
    known_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlanDate(SeriesDate):
    """One date with its gross time, set-up and tear-down included; `source` where a calendar names it."""

    gross: Interval = field(kw_only=True)
    source: SourceDate | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class PlanBooking:
    """A booking of the file; `status` is approved, requested or rejected.

    `received_at` is None where the file does not say it: then it is the moment of the import.
    The `dates` of a series are empty until `series.with_series_dates` has given them, and `notes` says what
    is to be known of them. `not_supported` is why a series cannot be read at all: its code and a
    sentence. `key` is what the booking is known by when the file is read again, the id where it
    is empty; `reasons` are what its reader has to say of it. Of a calendar, `uid` names the event, and
    `sources` says which of its dates those of the series are, by their starts on the wall.
    """

    id: str
    title: str
    association: str
    association_kind: AssociationKind
    rooms: tuple[str, ...]
    dates: tuple[PlanDate, ...]
    setup_minutes: int
    teardown_minutes: int
    persons: int
    status: BookingStatus
    persons_total: int | None = None
    display_title: str = ""
    visibility: str = Visibility.PUBLIC
    kind: str = BookingKind.OTHER
    layout: str = ""
    purpose: str = ""
    remarks: str = ""
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    received_at: datetime | None = None
    series: Series | None = None
    notes: tuple[Reason, ...] = ()
    not_supported: tuple[str, str] | None = None
    key: str = ""
    reasons: tuple[Reason, ...] = ()
    uid: str = ""
    sources: Mapping[datetime, SourceDate] = field(default_factory=dict)

    @property
    def standing(self) -> list[PlanDate]:
        """The dates that the series itself does not leave out."""
        return [plan_date for plan_date in self.dates if not plan_date.skipped]


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A whole file. `hours` maps weekdays (Monday is 0) to spans; midnight at the end is 00:00.

    A file without rooms and hours is read into a house that has them: then `rooms` are those of
    the house, and `facts` are what the rules look at. `problems` are what there is to say of the file
    itself, `skipped` what in it became no booking. Of a calendar, `events` are its events by UID,
    `calendar` is the room whose calendar it is (empty where none is named), and `is_message` says
    that it is not a whole calendar but news of some events (RFC 5546).
    """

    zone: ZoneInfo
    max_persons: int | None
    buffer_minutes: int
    hours: Mapping[int, tuple[tuple[time, time], ...]]
    rooms: tuple[PlanRoom, ...]
    bookings: tuple[PlanBooking, ...]
    name: str = ""
    facts: HouseFacts | None = None
    problems: tuple[Problem, ...] = ()
    skipped: tuple[Problem, ...] = ()
    events: Mapping[str, SourceEvent] = field(default_factory=dict)
    calendar: str = ""
    is_message: bool = False

    def parts_of(self, slugs: Iterable[str]) -> frozenset[str]:
        """Return the atomic parts that a booking of these rooms occupies."""
        parts = {room.slug: room.parts or (room.slug,) for room in self.rooms}
        return frozenset(part for slug in slugs for part in parts[slug])


@dataclass(frozen=True, slots=True)
class StoredDate:
    """An approved date that the house holds already; `title` is fit for everybody's eyes."""

    reference: str
    title: str
    net: Interval
    gross: Interval
    parts: frozenset[str]
    persons: int


@dataclass(frozen=True, slots=True)
class Stored:
    """What an existing house holds in the time of the plan; nothing for a new house.

    `own_dates` are those of the bookings of the file that are stored already, whose ids are `known`.
    """

    house: House
    dates: Sequence[StoredDate] = ()
    own_dates: Sequence[StoredDate] = ()
    known: Set[str] = frozenset()
    closed: Sequence[tuple[Interval, str, frozenset[str] | None]] = ()

    def max_persons(self, plan: PlanFile) -> int | None:
        """Return how many persons may be there at once: what an existing house says, else the file."""
        return plan.max_persons if self.house.pk is None else self.house.max_persons
