"""A request as it is given, and what can be refused before anything is looked up."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from bookings.availability.wishes import Checked, WantedDate
from bookings.enums import AssociationKind, BookingKind, Visibility
from bookings.errors import InvalidRequest
from bookings.series.dates import Series
from rooms.enums import Layout
from rooms.rules import Wish
from rooms.validators import single_line


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

    `association_id` is an association of the applicant; without it the one of that name, or where there
    is none a new one of that name and kind. An empty visibility means the default of the kind.
    `submission_key` makes sending twice one request. `series` says how the dates came about, where they
    repeat, and `sent_series` what was chosen for them; `follows_id` is the booking that this one
    continues, as next year's series does last year's. `checked` is what a plan that was made for the
    request found to be in order.
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
