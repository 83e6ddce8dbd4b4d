"""A full house: 12 rooms, two of them combinations, with about 54 dates on every day, however many years.

The rows are written past the services and past the ORM's instances, because 200,000 dates through
the services would take an hour; every row has what the services would have written. The database
checks each of them as usual on PostgreSQL; on SQLite the guard is installed again afterwards.
"""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection, models, transaction

from bookings.enums import (
    AssociationKind,
    BookingKind,
    BookingStatus,
    MemberRole,
    SlotStatus,
    Verb,
    Visibility,
)
from bookings.models import Association, Booking, Membership, Occupancy, Slot, Transition
from bookings.occupancy.guard import SQLITE_GUARD, install_guard
from bookings.series.scheduler import make_calendar
from hausderbegegnung.models import User
from notifications.models import Message, MessageState
from rooms.clock import day_of, instant
from rooms.enums import Layout
from rooms.models import Closure, Equipment, House, HouseRules, OpeningHours, Room, SeatingLayout

DATES_PER_DAY = 54
ASSOCIATIONS = 150
OPENS, CLOSES = 8, 22
# Dates of the three rooms that make the combinations stand in a grid of their own: 11 a day, one after
# the other, 4 alone, 4 in the pair, 3 in all three.
SHARED_MINUTES, BUFFER_MINUTES = 75, 15
SHARED_TURNS = ("single", "pair", "all", "single", "pair", "single", "all", "pair", "single", "all", "pair")
# The other seven rooms: five dates of two hours a day; the other two turns are free.
OWN_MINUTES = 120
OWN_TURNS = (0, 1, 3, 4, 5)
FREE_TURNS = (2, 6)
PENDING_DAYS = 180


@dataclass(frozen=True, slots=True)
class FullHouse:
    """What the scenarios need to know of it."""

    house: House
    today: date
    rooms: list[Room]
    staff: User
    applicant: User
    association: Association
    rules: HouseRules

    @property
    def single_rooms(self) -> list[Room]:
        """The rooms that are no part of anything and have free turns on every day."""
        return self.rooms[5:]


def build(number_of_slots: int, now: datetime) -> FullHouse:
    """Fill the empty database; as many days before `now` as after it."""
    house = House.objects.create(
        name="Haus der Begegnung",
        slug="haus",
        email="haus@example.org",
        phone="02361 123456",
        contact_name="Quartiersmanagement",
        street="Marktplatz 1",
        postal_code="45657",
        city="Musterstadt",
        max_persons=600,
        horizon_days=540,
        lead_hours=24,
    )
    make_calendar(house)
    rooms = _rooms(house)
    people = [_person(f"person{number}@example.org") for number in range(ASSOCIATIONS)]
    associations = Association.objects.bulk_create(
        Association(name=f"Verein Nummer {number} e. V.", kind=_kind(number), created_at=now)
        for number in range(ASSOCIATIONS)
    )
    Membership.objects.bulk_create(
        Membership(association=association, user=person, role=MemberRole.MANAGER)
        for association, person in zip(associations, people, strict=True)
    )
    rules = HouseRules.objects.create(
        house=house, version="1", text="Bitte aufräumen.", valid_from=date(2000, 1, 1)
    )
    today = day_of(now, house.zone)
    full = FullHouse(
        house, today, rooms, _person("staff@example.org", is_staff=True), people[0], associations[0], rules
    )
    days = number_of_slots // DATES_PER_DAY
    with transaction.atomic():
        _closures(house, rooms, today, days)
        _write(list(_dates(full, days, number_of_slots)), full, now)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # As autovacuum would do within a minute.
            cursor.execute("VACUUM ANALYZE")
    house.refresh_from_db()
    return full


def free_turn(full: FullHouse, number: int) -> tuple[Room, datetime, datetime]:
    """Return the room and the net time of the `number`-th free turn from the third day on."""
    rooms = full.single_rooms
    day, rest = divmod(number, len(rooms) * len(FREE_TURNS))
    room, turn = rooms[rest % len(rooms)], FREE_TURNS[rest // len(rooms)]
    return room, *_turn(full, full.today + timedelta(days=3 + day), turn)


def weekly_turn(full: FullHouse, number: int) -> tuple[Room, datetime, datetime]:
    """Return the first date of a series that is free every week, in a room and at a time of its own."""
    rooms, rest = full.single_rooms, number
    rest, weekday = divmod(rest, 7)
    rest, turn = divmod(rest, len(FREE_TURNS))
    return rooms[rest % len(rooms)], *_turn(full, full.today + timedelta(days=3 + weekday), FREE_TURNS[turn])


def taken_turn(full: FullHouse, number: int) -> tuple[Room, datetime, datetime]:
    """Return a room and a net time at which another booking is approved; see `_status` for the days."""
    rooms = full.single_rooms
    day, rest = divmod(number, len(rooms))
    return rooms[rest], *_turn(full, full.today + timedelta(days=3 + day), OWN_TURNS[1])


def _turn(full: FullHouse, day: date, turn: int) -> tuple[datetime, datetime]:
    minutes = OPENS * 60 + turn * OWN_MINUTES + BUFFER_MINUTES
    length = OWN_MINUTES - 2 * BUFFER_MINUTES
    return _at(full.house, day, minutes), _at(full.house, day, minutes + length)


def _at(house: House, day: date, minutes: int) -> datetime:
    return instant(day, time(minutes // 60, minutes % 60), house.zone)


def _person(email: str, **fields: Any) -> User:
    person = User(email=email, name=email.partition("@")[0].title(), **fields)
    person.set_unusable_password()
    person.save()
    return person


def _kind(number: int) -> str:
    return AssociationKind.values[number % len(AssociationKind.values)]


def _rooms(house: House) -> list[Room]:
    """Three rooms in a row, two combinations of them, and seven others."""
    names = ["Saal 1", "Saal 2", "Saal 3", "Saal 1+2", "Saal 1+2+3"]
    names += ["Küche", "Werkstatt", "Atelier", "Clubraum", "Seminarraum", "Jugendraum", "Café"]
    rooms = [
        Room.objects.create(
            house=house,
            name=name,
            slug=f"raum-{number}",
            position=number,
            floor="Erdgeschoss",
            step_free=True,
            wayfinding="Erdgeschoss, links",
            area_m2=40,
            setup_minutes=BUFFER_MINUTES,
            teardown_minutes=BUFFER_MINUTES,
        )
        for number, name in enumerate(names)
    ]
    rooms[3].parts.set(rooms[:2])
    rooms[4].parts.set(rooms[:3])
    for room in rooms:
        SeatingLayout.objects.create(room=room, kind=Layout.ROWS, capacity=60)
        SeatingLayout.objects.create(room=room, kind=Layout.TABLES, capacity=40)
    for name in ["Beamer", "Flipchart", "Klavier", "Tonanlage"]:
        room_equipment = Equipment.objects.create(house=house, name=name)
        room_equipment.rooms.set(rooms[::2])
    OpeningHours.objects.bulk_create(
        OpeningHours(house=house, weekday=weekday, opens_at=time(OPENS), closes_at=time(CLOSES))
        for weekday in range(7)
    )
    return rooms


def _closures(house: House, rooms: list[Room], today: date, days: int) -> None:
    """Close something at night every three weeks, the whole house or one room, where it meets no date."""
    for number, day in enumerate(range(-(days // 2), days - days // 2, 21)):
        on = today + timedelta(days=day)
        closure = Closure.objects.create(
            house=house, reason="Wartung", starts_at=_at(house, on, 0), ends_at=_at(house, on, 7 * 60)
        )
        if number % 2:
            closure.rooms.set([rooms[number % len(rooms)]])


@dataclass(frozen=True, slots=True)
class _Date:
    room: Room
    parts: tuple[Room, ...]
    gross_start: datetime
    gross_end: datetime
    status: str


def _dates(full: FullHouse, days: int, at_most: int) -> Iterator[_Date]:
    hall, pair, all_three = full.rooms[:3], full.rooms[3], full.rooms[4]
    number = 0
    for offset in range(-(days // 2), days + 1):
        day = full.today + timedelta(days=offset)
        turns: list[tuple[Room, tuple[Room, ...], int, int]] = []
        for turn, who in enumerate(SHARED_TURNS):
            start = OPENS * 60 + turn * SHARED_MINUTES
            if who == "single":
                turns += [(room, (room,), start, SHARED_MINUTES) for room in hall]
            elif who == "pair":
                turns.append((pair, tuple(hall[:2]), start, SHARED_MINUTES))
            else:
                turns.append((all_three, tuple(hall), start, SHARED_MINUTES))
        for room in full.single_rooms:
            turns += [(room, (room,), OPENS * 60 + turn * OWN_MINUTES, OWN_MINUTES) for turn in OWN_TURNS]
        for room, parts, start, minutes in turns:
            if number == at_most:
                return
            gross = _at(full.house, day, start), _at(full.house, day, start + minutes)
            yield _Date(room, parts, *gross, _status(number, offset))
            number += 1


def _status(number: int, days_ahead: int) -> str:
    """One in twenty is cancelled, one pending or rejected; the second turns of the own rooms never are."""
    if number % DATES_PER_DAY >= DATES_PER_DAY - 35:
        is_second_turn = (number % DATES_PER_DAY - (DATES_PER_DAY - 35)) % len(OWN_TURNS) == 1
        if is_second_turn:
            return SlotStatus.APPROVED
    rest = (number * 7) % 20
    if rest == 0:
        return SlotStatus.CANCELLED
    if rest == 1:
        return SlotStatus.REQUESTED if 2 < days_ahead < PENDING_DAYS else SlotStatus.REJECTED
    return SlotStatus.APPROVED


_VISIBILITIES = [Visibility.PUBLIC] * 7 + [Visibility.BUSY] * 2 + [Visibility.HIDDEN]
_VERBS = {
    SlotStatus.APPROVED: [(Verb.APPROVE, SlotStatus.REQUESTED)],
    SlotStatus.REJECTED: [(Verb.REJECT, SlotStatus.REQUESTED)],
    SlotStatus.CANCELLED: [(Verb.APPROVE, SlotStatus.REQUESTED), (Verb.CANCEL, SlotStatus.APPROVED)],
    SlotStatus.REQUESTED: [],
}


def _write(dates: list[_Date], full: FullHouse, now: datetime) -> None:
    """Write one booking per date, with its pattern, history and mail."""
    house = full.house
    buffer = timedelta(minutes=BUFFER_MINUTES)
    numbered = list(enumerate(dates, start=1))
    received = [min(now, one.gross_start) - timedelta(days=30) for one in dates]
    keys = [uuid.uuid4() for _ in dates]
    _insert(
        Booking,
        (
            {
                "id": number,
                "house": house.pk,
                "reference": f"HdB-{one.gross_start.year}-B{number}",
                "association": number % ASSOCIATIONS + 1,
                "contact_name": "Maria Beispiel",
                "contact_email": "maria@example.org",
                "kind": BookingKind.MEETING,
                "title": f"Treffen {number}",
                "visibility": _VISIBILITIES[number % 10],
                "persons": 5 + number % 15,
                "layout": Layout.TABLES,
                "house_rules": full.rules.pk,
                "received_at": received[number - 1],
                "submission_key": keys[number - 1],
                "status": BookingStatus(one.status),
            }
            for number, one in numbered
        ),
    )
    _insert(
        Slot,
        (
            {
                "id": number,
                "booking": number,
                "starts_at": one.gross_start + buffer,
                "ends_at": one.gross_end - buffer,
                "gross_starts_at": one.gross_start,
                "gross_ends_at": one.gross_end,
                "status": one.status,
            }
            for number, one in numbered
        ),
    )
    _insert(Slot.rooms.through, ({"slot": number, "room": one.room.pk} for number, one in numbered))
    _insert_occupancies(
        {
            "slot": number,
            "part": part.pk,
            "starts_at": one.gross_start,
            "ends_at": one.gross_end,
            "is_blocking": one.status == SlotStatus.APPROVED,
        }
        for number, one in numbered
        for part in one.parts
    )
    _insert(
        Transition,
        (
            {
                "booking": number,
                "verb": verb,
                "from_status": source,
                "to_status": target,
                "actor_kind": "system",
                "at": received[number - 1],
            }
            for number, one in numbered
            for verb, source, target in [
                (Verb.REQUEST, "", SlotStatus.REQUESTED),
                *((verb, source, one.status) for verb, source in _VERBS[SlotStatus(one.status)]),
            ]
        ),
    )
    _insert(
        Message,
        (
            {
                "kind": "receipt",
                "booking": number,
                "recipient": "maria@example.org",
                "dedupe_key": f"bench:{number}",
                "facts": {"reference": f"HdB-{number}"},
                "message_id": f"<{number}@example.org>",
                "state": MessageState.SENT,
                "not_before": received[number - 1],
                "created_at": received[number - 1],
                "sent_at": received[number - 1],
                "attempts": 1,
                "subject": "Ihre Anfrage",
            }
            for number, one in numbered
        ),
    )


def _insert_occupancies(rows: Iterable[dict[str, Any]]) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for name in SQLITE_GUARD:
                cursor.execute(f"DROP TRIGGER {name}")
    _insert(Occupancy, rows)
    install_guard()


def _insert(model: type[models.Model], rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows given by field names, the model's defaults for the rest, the fast way of each database."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    rows = list(rows)
    fields = [field for field in fields if not field.primary_key or field.name in rows[0]]
    quote = connection.ops.quote_name
    table, columns = quote(model._meta.db_table), ", ".join(quote(field.column) for field in fields)
    values = (
        [
            field.get_db_prep_save(row[field.name] if field.name in row else field.get_default(), connection)
            for field in fields
        ]
        for row in rows
    )
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
            if fields[0].primary_key:
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence('{model._meta.db_table}', 'id'), {len(rows)})"
                )
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)
