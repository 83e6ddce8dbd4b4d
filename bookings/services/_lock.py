"""The first net against double booking: one lock per house, taken before anything is looked at."""

from django.db import connection

from rooms.models import House, raise_plan_version


def lock_house(house_id: int, *, plan_changes: bool = True) -> House:
    """Lock the house until the end of the transaction and return it, read under the lock.

    Whoever makes something less available calls this first; then nobody else can book
    between looking and writing. Every caller takes this one lock and takes it first, so
    there is no deadlock. With `plan_changes` the plan version rises in the database; the house
    returned carries the version before.

    PostgreSQL locks the row without blocking foreign keys to it; on SQLite the transaction
    itself is the lock (BEGIN IMMEDIATE). Raises RuntimeError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("lock_house needs a transaction that keeps the lock")
    houses = House.objects.all()
    if connection.features.has_select_for_no_key_update:
        houses = houses.select_for_update(no_key=True)
    house = houses.get(pk=house_id)
    if plan_changes:
        raise_plan_version(house_id, facts_change=False)
    return house
