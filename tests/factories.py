"""Houses, rooms, people and bookings for tests: plain functions with sensible defaults."""

import itertools
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bookings.access.actors import System
from bookings.date_facts import Skip
from bookings.enums import AssociationKind, BookingKind, MemberRole, SkippedBecause, SlotStatus
from bookings.models import Association, Booking, Membership
from bookings.services import RequestData, WantedDate, import_booking, request_change
from hausderbegegnung.accounts import tokens
from hausderbegegnung.models import User
from rooms.enums import Layout
from rooms.models import House, HouseRules, OpeningHours, Room, SeatingLayout

BERLIN = ZoneInfo("Europe/Berlin")
# A Monday, well before the dates of the stories.
NOW = datetime(2027, 3, 1, 10, 0, tzinfo=BERLIN)
# A Tuesday.
DAY = date(2027, 4, 20)

_number = itertools.count(1)


def berlin(day: date, clock: str) -> datetime:
    """An instant from a day and `HH:MM` on Berlin clocks."""
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=BERLIN)


def make_house(**fields: Any) -> House:
    """A house that is open every day from 08:00 to 22:00 and holds 150 persons."""
    number = next(_number)
    is_first = not House.objects.exists()
    house = House.objects.create(
        **{
            "name": "Haus der Begegnung",
            "reference_prefix": "HdB" if is_first else f"H{number}",
            "slug": f"haus-{number}",
            "email": "haus@example.org",
            "max_persons": 150,
            **fields,
        }
    )
    OpeningHours.objects.bulk_create(
        OpeningHours(house=house, weekday=weekday, opens_at=time(8), closes_at=time(22))
        for weekday in range(7)
    )
    return house


def make_room(
    house: House, name: str = "Saal A", *, parts: Sequence[Room] = (), capacity: int = 40, **fields: Any
) -> Room:
    """A room with rows for `capacity` and tables for half of it; no set-up or tear-down time."""
    number = next(_number)
    room = Room.objects.create(
        **{
            "house": house,
            "name": name,
            "slug": f"raum-{number}",
            "position": number,
            "setup_minutes": 0,
            "teardown_minutes": 0,
            **fields,
        }
    )
    if parts:
        room.parts.set(parts)
    SeatingLayout.objects.bulk_create(
        [
            SeatingLayout(room=room, kind=Layout.ROWS, capacity=capacity),
            SeatingLayout(room=room, kind=Layout.TABLES, capacity=max(capacity // 2, 1)),
        ]
    )
    return room


def make_house_rules(house: House, version: str = "2027-01") -> HouseRules:
    return HouseRules.objects.create(
        house=house, version=version, text="Bitte aufräumen.", valid_from=date(2027, 1, 1)
    )


def make_user(email: str = "", **fields: Any) -> User:
    return User.objects.create_user(email or f"person-{next(_number)}@example.org", **fields)


def make_staff(**fields: Any) -> User:
    return make_user(**{"is_staff": True, "name": "Verwaltung", **fields})


def make_token(user: User, *scopes: str, now: datetime = NOW) -> str:
    """A token for a program, valid for a year, in use; with all scopes there are unless some are named.

    Nobody is told by mail, nor asked whether the person may do what the scopes allow.
    """
    name, scopes = f"Programm {next(_number)}", scopes or tuple(tokens.Scope)
    token, text = tokens._build(user, name, scopes, now=now, expires_at=now + timedelta(days=365))
    token.last_used_at = now
    token.save()
    return text


def make_association(
    *members: User, name: str = "", kind: str = AssociationKind.REGISTERED_ASSOCIATION
) -> Association:
    association = Association.objects.create(
        name=name or f"Verein {next(_number)} e. V.", kind=kind, created_at=NOW
    )
    for user in members:
        Membership.objects.create(association=association, user=user, role=MemberRole.MANAGER)
    return association


def make_request_data(
    rooms: Sequence[Room], starts_at: datetime, ends_at: datetime, **fields: Any
) -> RequestData:
    """What a form would give for one date in `rooms`."""
    dates = (
        WantedDate(
            starts_at,
            ends_at,
            tuple(room.pk for room in rooms),
            fields.pop("setup_minutes", None),
            fields.pop("teardown_minutes", None),
        ),
    )
    return RequestData(
        **{
            "house_id": rooms[0].house_id,
            "dates": dates,
            "contact_name": "Maria Beispiel",
            "contact_email": "maria@example.org",
            "kind": BookingKind.MEETING,
            "title": "Elternabend",
            "persons": 10,
            "submission_key": uuid.uuid4(),
            **fields,
        }
    )


def make_booking(
    rooms: Sequence[Room],
    starts_at: datetime,
    ends_at: datetime | None = None,
    *,
    status: str = SlotStatus.APPROVED,
    association: Association | None = None,
    applicant: User | None = None,
    now: datetime = NOW,
    reason: str = "",
    **fields: Any,
) -> Booking:
    """A stored booking with one date in the given status; two hours long where no end is given."""
    association = association or make_association()
    data = make_request_data(
        rooms, starts_at, ends_at or starts_at + timedelta(hours=2), association_id=association.pk, **fields
    )
    booking = import_booking(data=data, status=SlotStatus(status), actor=System(), now=now, reason=reason)
    if applicant is not None:
        Booking.objects.filter(pk=booking.pk).update(applicant=applicant)
        booking.applicant = applicant
    return booking


def make_booking_on(
    rooms: Sequence[Room], days: Sequence[date], starts: str = "16:00", ends: str = "18:00", **fields: Any
) -> Booking:
    """A stored booking with a date on each of the days, all at the same time of day."""
    buffers = fields.pop("setup_minutes", None), fields.pop("teardown_minutes", None)
    dates = tuple(
        WantedDate(berlin(day, starts), berlin(day, ends), tuple(room.pk for room in rooms), *buffers)
        for day in days
    )
    return make_booking(rooms, dates[0].starts_at, dates[0].ends_at, dates=dates, **fields)


def make_series(
    room: Room,
    days: Iterable[date],
    *,
    starts: str = "16:00",
    ends: str = "18:00",
    status: str = SlotStatus.APPROVED,
    now: datetime = NOW,
    **fields: Any,
) -> Booking:
    """A stored booking with a date on each of the days, two hours in the afternoon where not said."""
    dates = tuple(WantedDate(berlin(day, starts), berlin(day, ends), (room.pk,)) for day in days)
    fields.setdefault("association_id", make_association().pk)
    data = make_request_data([room], dates[0].starts_at, dates[0].ends_at, **fields)
    return import_booking(data=replace(data, dates=dates), status=SlotStatus(status), actor=System(), now=now)


def make_change(
    booking: Booking,
    days: Sequence[date],
    starts: str = "16:00",
    ends: str = "18:00",
    *,
    skipped: Collection[date] = (),
    slot_ids: Collection[int] | None = None,
) -> Booking:
    """A waiting change of what is approved of the booking, or of `slot_ids`, to these days in its first room.

    Days that are `skipped` are stored as skipped dates.
    """
    room = booking.slots.order_by("starts_at")[0].rooms.get()
    dates = tuple(
        WantedDate(
            berlin(day, starts),
            berlin(day, ends),
            (room.pk,),
            skipped=Skip(SkippedBecause.SCHOOL_HOLIDAYS, "Ferien") if day in skipped else None,
        )
        for day in days
    )
    data = replace(make_request_data([room], dates[0].starts_at, dates[0].ends_at), dates=dates)
    return request_change(booking_id=booking.pk, data=data, actor=make_staff(), now=NOW, slot_ids=slot_ids)


def weekly(first: date, number: int) -> list[date]:
    """Return `number` days, a week apart."""
    return [first + timedelta(weeks=week) for week in range(number)]


def make_form_values(wanted: Sequence[Room], on: date = DAY, **values: Any) -> dict[str, Any]:
    """What somebody new types into the request form; a value of None leaves a field out."""
    typed = {
        "submission_key": str(uuid.uuid4()),
        "rooms": [room.slug for room in wanted],
        "day": f"{on:%d.%m.%Y}",
        "starts": "16:00",
        "ends": "18:00",
        "persons": "10",
        "kind": BookingKind.MEETING,
        "title": "Elternabend",
        "visibility": "usual",
        "association": "new",
        "association_name": "Kita Regenbogenwiese",
        "association_kind": AssociationKind.SCHOOL,
        "contact_name": "Maria Beispiel",
        **values,
    }
    return {name: value for name, value in typed.items() if value is not None}
