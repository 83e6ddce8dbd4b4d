"""The first net against double booking: one lock per house, taken before anything is looked at."""

from django.db import connection

from bookings.access.associations import folded_name
from bookings.errors import BookingNotFound
from rooms.models import House

_RAISE = 'UPDATE "rooms_house" SET "plan_version" = "plan_version" + 1 WHERE "id" = {house_id} RETURNING *'
_HOUSE_OF_BOOKING = '(SELECT "house_id" FROM "bookings_booking" WHERE "id" = %s)'


def lock_house(house_id: int, *, plan_changes: bool = True) -> House:
    """Lock the house until the end of the transaction and return it, read under the lock.

    Whoever makes something less available calls this first; then nobody else can book
    between looking and writing. Every caller takes this one lock and takes it first, so
    there is no deadlock. With `plan_changes` the plan version rises in the database; the house
    returned carries the version before.

    PostgreSQL locks the row without blocking foreign keys to it, whether it is read for that or
    changed; on SQLite the transaction itself is the lock (BEGIN IMMEDIATE). Raises RuntimeError
    outside a transaction, House.DoesNotExist where there is no such house.
    """
    if plan_changes:
        house = _raised(_RAISE.format(house_id="%s"), house_id)
        if house is None:
            raise House.DoesNotExist
        return house
    _require_transaction()
    houses = House.objects.all()
    if connection.features.has_select_for_no_key_update:
        houses = houses.select_for_update(no_key=True)
    return houses.get(pk=house_id)


def lock_house_of(booking_id: int) -> House:
    """Lock the house of a booking as `lock_house` does, whose plan changes; raises BookingNotFound."""
    house = _raised(_RAISE.format(house_id=_HOUSE_OF_BOOKING), booking_id)
    if house is None:
        raise BookingNotFound
    return house


def lock_name(name: str) -> None:
    """Let nobody else make an association of this name until the end of the transaction, in no house.

    Taken after the lock of the house, which does not reach that far. On SQLite the transaction is the lock.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [folded_name(name)])


def _raised(statement: str, number: int) -> House | None:
    """Lock, raise the version and read in one statement."""
    _require_transaction()
    for house in House.objects.raw(statement, [number]):
        house.plan_version -= 1
        return house
    return None


def _require_transaction() -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("lock_house needs a transaction that keeps the lock")
