"""Looking up houses and what holds in them."""

from collections import defaultdict
from datetime import date

from rooms.models import House, HouseRules, Room


def find_house(slug: str = "") -> House | None:
    """Return the named house, or where none is named the first one; None where there is none."""
    houses = House.objects.order_by("pk")
    return (houses.filter(slug=slug) if slug else houses).first()


def house_rules_on(house: House, day: date) -> HouseRules | None:
    """Return the version of the house rules that holds on a local day; None where the house has none."""
    return HouseRules.objects.filter(house=house, valid_from__lte=day).order_by("-valid_from", "-pk").first()


def equipment_by_room(house: House) -> dict[int, frozenset[int]]:
    """Return which equipment each room of the house has, ids by room id; rooms without any are left out."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = Room.equipment.through.objects.filter(room__house_id=house.pk)
    for room_id, equipment_id in rows.values_list("room_id", "equipment_id"):
        found[room_id].add(equipment_id)
    return {room_id: frozenset(ids) for room_id, ids in found.items()}
