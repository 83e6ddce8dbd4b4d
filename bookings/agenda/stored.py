"""The dates of a plan as the database has them: plain values, read by one statement that is made once.

The ORM takes longer to put such a statement together, and to make instants of its columns, than the
database takes to answer it. Contacts and remarks are not even read.
"""

from collections.abc import Collection
from typing import NamedTuple

from django.db import connection

from bookings.agenda.upcoming import STOOD
from bookings.enums import SlotStatus, Verb
from bookings.occupancy.overlapping import ids_during
from rooms.intervals import Interval


class StoredDate(NamedTuple):
    """What the plan needs of a date that stands or was called off; instants as text, see `rooms.stored`.

    `gross_starts_at` and `gross_ends_at` are when the rooms are taken, `part_ids` the atomic rooms, in order.
    """

    slot_id: int
    starts_at: str
    ends_at: str
    gross_starts_at: str
    gross_ends_at: str
    status: str
    booking_id: int
    replaces_id: int | None
    title: str
    display_title: str
    visibility: str
    association: str
    association_kind: str
    part_ids: tuple[int, ...]
    room_ids: tuple[int, ...]


def _in(values: Collection[str]) -> str:
    return ", ".join(f"'{value}'" for value in sorted(values))


_DATES = f"""
SELECT taken.slot_id, CAST(slot.starts_at AS text), CAST(slot.ends_at AS text),
    CAST(taken.starts_at AS text), CAST(taken.ends_at AS text), slot.status,
    slot.booking_id, booking.replaces_id, booking.title, booking.display_title, booking.visibility,
    association.name, association.kind, taken.part_id, chosen.room_id
FROM bookings_occupancy AS taken
    JOIN bookings_slot AS slot ON slot.id = taken.slot_id
    JOIN bookings_booking AS booking ON booking.id = slot.booking_id
    JOIN bookings_association AS association ON association.id = booking.association_id
    LEFT JOIN bookings_slot_rooms AS chosen ON chosen.slot_id = slot.id
WHERE slot.status IN ({_in({SlotStatus.APPROVED, *SlotStatus.CALLED_OFF})}) AND taken.id IN (%s)
ORDER BY slot.starts_at, slot.ends_at, slot.id, taken.part_id, chosen.room_id
"""  # noqa: S608 - made of constants


def dates_during(period: Interval, part_ids: Collection[int]) -> list[StoredDate]:
    """Return by their start the dates that take one of these parts in `period`; in one query."""
    ids = ids_during([period], part_ids)
    with connection.cursor() as cursor:
        cursor.execute(_DATES % ids.sql, ids.params)
        rows = cursor.fetchall()
    dates: dict[int, tuple[object, ...]] = {}
    parts: dict[int, dict[int, None]] = {}
    rooms: dict[int, dict[int, None]] = {}
    for slot_id, *values, part_id, room_id in rows:
        if slot_id not in dates:
            dates[slot_id], parts[slot_id], rooms[slot_id] = tuple(values), {}, {}
        parts[slot_id][part_id] = None
        if room_id is not None:
            rooms[slot_id][room_id] = None
    return [
        StoredDate._make((slot_id, *values, tuple(parts[slot_id]), tuple(rooms[slot_id])))
        for slot_id, values in dates.items()
    ]


class CalledOff(NamedTuple):
    """A line of the history by which one date was called off, or all of a booking where `slot_id` is None.

    `at` is text, as `rooms.stored` reads it; `number_of_dates` are those of the booking that stand or stood.
    """

    slot_id: int | None
    booking_id: int
    at: str
    number_of_dates: int


# By booking alone: SQLite would take "of no slot" for a handful of lines, and read all of them.
_CALLED_OFF = f"""
SELECT line.slot_id, line.booking_id, CAST(line.at AS text), (
    SELECT count(*) FROM bookings_slot AS slot
    WHERE slot.booking_id = line.booking_id AND slot.status IN ({_in(STOOD)})
)
FROM bookings_transition AS line
WHERE line.booking_id IN (%s) AND line.verb IN ({_in({Verb.CANCEL, Verb.REVOKE, Verb.REPLACE})})
ORDER BY line.at
"""  # noqa: S608 - made of constants


def called_off(booking_ids: Collection[int]) -> list[CalledOff]:
    """Return what was called off of these bookings, the earliest first; in one query, or in none."""
    if not booking_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_CALLED_OFF % ", ".join(["%s"] * len(booking_ids)), sorted(booking_ids))
        return [CalledOff(*row) for row in cursor.fetchall()]
