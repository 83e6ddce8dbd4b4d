"""Looking up houses and what holds in them."""

from copy import copy
from datetime import date

from django.db import connection

from rooms.models import House, HouseRules

_houses: dict[int, House] = {}


def find_house(slug: str = "") -> House | None:
    """Return the named house, or where none is named the first one; None where there is none."""
    houses = House.objects.order_by("pk")
    return (houses.filter(slug=slug) if slug else houses).first()


def house_to_read(**conditions: object) -> House | None:
    """Return the first house of which the conditions hold, to read from; None where there is none.

    Its versions are asked for each time, because they decide what may be shown from the cache; the
    rest of the row is kept in memory until the facts version rises.
    """
    row = _versions(**conditions)
    if row is None:
        return None
    house_id, plan_version, facts_version = row
    house = _houses.get(house_id)
    if house is None or house.facts_version != facts_version:
        house = House.objects.get(pk=house_id)
    elif house.plan_version != plan_version:
        # Another one, because other threads are reading the one that is kept.
        house = copy(house)
        house.plan_version = plan_version
    else:
        return house
    # What is read in a transaction may be rolled back, and its version given to something else.
    if not connection.in_atomic_block:
        _houses[house_id] = house
    return house


def _versions(**conditions: object) -> tuple[int, int, int] | None:
    """Return id, plan version and facts version of the first house of which the conditions hold."""
    if conditions:
        houses = House.objects.filter(**conditions).order_by("pk")
        return houses.values_list("pk", "plan_version", "facts_version").first()
    # Nearly every page asks this, and the ORM takes longer to put it together than the database to answer.
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, plan_version, facts_version FROM rooms_house ORDER BY id LIMIT 1")
        return cursor.fetchone()


def forget_houses() -> None:
    """Empty the memory: the database is another one now, as between two tests."""
    _houses.clear()


def house_rules_on(house: House, day: date) -> HouseRules | None:
    """Return the version of the house rules that holds on a local day; None where the house has none."""
    return HouseRules.objects.filter(house=house, valid_from__lte=day).order_by("-valid_from", "-pk").first()
