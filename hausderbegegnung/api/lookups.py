"""From the names the outside uses (slugs, versions, names) to the rows behind them, and back to problems."""

from collections.abc import Iterable, Sequence

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail

from rooms.facts import HouseFacts, RoomFacts
from rooms.lookups import house_to_read
from rooms.models import House


def require_house(slug: str = "") -> House:
    """Return the named house, or the first one, to read from; raises Http404."""
    house = house_to_read(slug=slug) if slug else house_to_read()
    if house is None:
        raise Http404
    return house


def active_rooms(facts: HouseFacts) -> dict[str, RoomFacts]:
    """Return the rooms that can be booked, by slug, in the order of the house."""
    return {room.slug: room for room in facts.rooms.values() if room.is_active}


def unknown_names(names: Iterable[str], known: Iterable[str], code: str) -> list[ErrorDetail]:
    """Return one error for each name that is not known."""
    known = set(known)
    return [
        ErrorDetail(_("“%(name)s” is not known here.") % {"name": name}, code=code)
        for name in names
        if name not in known
    ]


def room_ids_of(slugs: Sequence[str], rooms: dict[str, RoomFacts]) -> tuple[int, ...]:
    """Return the ids of known slugs, each once and in the order they were named."""
    return tuple(dict.fromkeys(rooms[slug].id for slug in slugs))
