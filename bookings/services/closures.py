"""Closing the house or some of its rooms for a while, and opening them again."""

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext as _

from bookings.access.actors import Actor
from bookings.errors import ClosureNotFound, InvalidRequest
from bookings.services.settlement import Decisions, Settled, settle_change
from rooms.intervals import Interval
from rooms.models import Closure, Room


def close_rooms(
    *,
    house_id: int,
    period: Interval,
    reason: str,
    actor: Actor,
    now: datetime,
    room_ids: Collection[int] = (),
    closure_id: int | None = None,
    decisions: Decisions | None = None,
) -> Settled[Closure]:
    """Enter a closure of rooms (none named: of the whole house), or change the one with `closure_id`.

    Entering the same once more, as by a double click, leaves it at one.

    Raises InvalidRequest for a time that is over, without a reason, or with rooms of another house,
    ClosureNotFound, and what `settle_change` raises where approved dates are hit.
    """
    if not reason.strip():
        raise InvalidRequest(_("Please say why it is closed."), field="reason")
    if period.end <= now:
        raise InvalidRequest(_("This time is over."), field="last_day")
    rooms = list(Room.objects.filter(house_id=house_id, pk__in=room_ids))
    if len(rooms) != len(set(room_ids)):
        raise InvalidRequest(_("Please choose a room of the house."), field="rooms")

    def save() -> Closure:
        facts = {"starts_at": period.start, "ends_at": period.end, "reason": reason.strip()}
        if closure_id is None:
            for known in Closure.objects.filter(house_id=house_id, **facts).prefetch_related("rooms"):
                if set(known.rooms.all()) == set(rooms):
                    return known
        closure = Closure(house_id=house_id) if closure_id is None else _closure(house_id, closure_id)
        for name, value in facts.items():
            setattr(closure, name, value)
        closure.save()
        closure.rooms.set(rooms)
        return closure

    return settle_change(house_id=house_id, make=save, actor=actor, now=now, decisions=decisions)


def open_rooms(*, house_id: int, closure_id: int, actor: Actor, now: datetime) -> None:
    """Remove a closure; the time can be booked again at once.

    Raises NotAllowed or ClosureNotFound.
    """
    settle_change(
        house_id=house_id, make=lambda: _closure(house_id, closure_id).delete(), actor=actor, now=now
    )


def _closure(house_id: int, closure_id: int) -> Closure:
    closure = Closure.objects.filter(house_id=house_id, pk=closure_id).first()
    if closure is None:
        raise ClosureNotFound
    return closure
