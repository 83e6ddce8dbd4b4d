"""A request as it is given, and what can be refused before anything is looked up."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from bookings.availability.checks import wish_for
from bookings.date_facts import Before, Skip
from bookings.enums import AssociationKind, BookingKind, Visibility, activity_of
from bookings.errors import InvalidRequest, TooManyDates
from bookings.series.dates import Series
from rooms.enums import Layout
from rooms.facts import HouseFacts
from rooms.models import House
from rooms.rules import Wish
from rooms.validators import single_line

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


@dataclass(frozen=True, slots=True, kw_only=True)
class SentSeries:
    """A series as it was sent: the rooms and buffers of its dates, and what was chosen for single ones.

    Buffers in minutes, None for the rooms' own; choices are tokens by the key of their date. The dates
    follow from it and from a plan that goes on changing; this stays the same when it is sent again.
    """

    room_ids: tuple[int, ...]
    setup_minutes: int | None
    teardown_minutes: int | None
    choices: Mapping[str, str]
    skipped: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestData:
    """A request as the form, the API or an import gives it.

    `association_id` is an association of the applicant; without it one of that name and kind is
    made. An empty visibility means the default of the kind. `submission_key` makes sending twice
    one request. `series` says how the dates came about, where they repeat, and `sent_series` what
    was chosen for them; `follows_id` is the booking that this one continues, as next year's series
    does last year's. `checked` is what a plan that was made for the request found to be in order.
    """

    house_id: int
    dates: tuple[WantedDate, ...]
    association_id: int | None = None
    new_association_name: str = ""
    new_association_kind: str = ""
    contact_name: str
    contact_email: str = ""
    contact_phone: str = ""
    language: str = "de"
    kind: str
    title: str
    display_title: str = ""
    visibility: str = ""
    purpose: str = ""
    persons: int
    persons_total: int | None = None
    layout: str = ""
    equipment_ids: tuple[int, ...] = ()
    remarks: str = ""
    house_rules_id: int | None = None
    submission_key: uuid.UUID
    series: Series | None = None
    sent_series: SentSeries | None = None
    follows_id: int | None = None
    checked: Checked | None = None


def standing_wishes(dates: Sequence[WantedDate], wishes: Sequence[Wish]) -> list[Wish]:
    """Return the wishes of the dates that are asked for, without skipped ones."""
    return [wish for date, wish in zip(dates, wishes, strict=True) if not date.skipped]


def check_entries(data: RequestData) -> None:
    """Refuse what no rule of the plan is needed for; raises InvalidRequest with the field."""
    for field, value in [("title", data.title), ("contact_name", data.contact_name)]:
        if not single_line(value):
            raise InvalidRequest(_("Please fill in this field."), field=field)
    if not data.dates:
        raise InvalidRequest(_("Please name a date."), field="date")
    for field, value, words in [
        ("kind", data.kind, BookingKind),
        ("visibility", data.visibility or Visibility.PUBLIC, Visibility),
        ("layout", data.layout or Layout.ROWS, Layout),
        ("new_association_kind", data.new_association_kind or AssociationKind.OTHER, AssociationKind),
    ]:
        if value not in words.values:
            raise InvalidRequest(_("Please choose one of the offered values."), field=field)
    if data.persons < 1:
        raise InvalidRequest(_("Please say how many persons you expect."), field="persons")


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
