"""The times that dates take of a house as the database has them, read by a statement that is made once.

The ORM takes longer to put such a statement together than the database takes to answer it.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import connection

from bookings.access.actors import Actor
from bookings.enums import SlotStatus
from bookings.models import Occupancy, is_of_user
from bookings.occupancy.overlapping import ids_during
from rooms.intervals import Interval
from rooms.stored import as_text

_STANDING = ", ".join(f"'{status}'" for status in sorted(SlotStatus.STANDING))
_CONDITION = {False: "taken.is_blocking", True: f"slot.status IN ({_STANDING})"}
_TIMES = """
SELECT taken.slot_id, taken.part_id, slot.booking_id, booking.reference,
    booking.title, booking.display_title, booking.visibility,
    CAST(slot.starts_at AS text), CAST(slot.ends_at AS text),
    CAST(taken.starts_at AS text), CAST(taken.ends_at AS text), booking.persons, taken.is_blocking
FROM bookings_occupancy AS taken
    JOIN bookings_slot AS slot ON slot.id = taken.slot_id
    JOIN bookings_booking AS booking ON booking.id = slot.booking_id
WHERE taken.id IN (%s) AND {condition}
"""


def times_taken(
    spans: Sequence[Interval], part_ids: Collection[int], *, with_pending: bool, asker: Actor | None
) -> Iterable[tuple[Any, ...]]:
    """Return a row for each part that a date takes during one of the spans; see `_TIMES` for its columns.

    Instants are text, as `rooms.stored` reads it. Pending dates come with `with_pending` only, without
    those that the `asker` has sent or acts for.
    """
    ids = ids_during(spans, part_ids)
    if with_pending and asker is not None and asker.is_authenticated:
        rows = Occupancy.objects.filter(pk__in=ids, slot__status__in=SlotStatus.STANDING)
        return rows.exclude(is_of_user(asker.pk, "slot__booking__"), is_blocking=False).values_list(
            *("slot_id", "part_id", "slot__booking_id", "slot__booking__reference"),
            *("slot__booking__title", "slot__booking__display_title", "slot__booking__visibility"),
            *map(as_text, ("slot__starts_at", "slot__ends_at", "starts_at", "ends_at")),
            *("slot__booking__persons", "is_blocking"),
        )
    with connection.cursor() as cursor:
        cursor.execute(_TIMES.format(condition=_CONDITION[with_pending]) % ids.sql, ids.params)
        return cursor.fetchall()
