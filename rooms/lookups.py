"""Looking up houses and what holds in them."""

from datetime import date

from rooms.models import House, HouseRules


def find_house(slug: str = "") -> House | None:
    """Return the named house, or where none is named the first one; None where there is none."""
    houses = House.objects.order_by("pk")
    return (houses.filter(slug=slug) if slug else houses).first()


def house_rules_on(house: House, day: date) -> HouseRules | None:
    """Return the version of the house rules that holds on a local day; None where the house has none."""
    return HouseRules.objects.filter(house=house, valid_from__lte=day).order_by("-valid_from", "-pk").first()
