"""Who acts, and what they may do. The domain knows a person only by this protocol."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

from bookings.models import Booking, Membership


class Actor(Protocol):
    """A person as the domain sees one; the User model and AnonymousUser fit."""

    @property
    def pk(self) -> Any: ...
    @property
    def is_authenticated(self) -> bool: ...
    @property
    def is_staff(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class LinkHolder:
    """Whoever opened the status link of one booking; may act on that booking only."""

    booking_id: int
    pk: None = None
    is_authenticated: bool = False
    is_staff: bool = False


@dataclass(frozen=True, slots=True)
class DateHolder:
    """Whoever opened the link to one date of a booking; may answer for that date and nothing else."""

    booking_id: int
    slot_id: int
    pk: None = None
    is_authenticated: bool = False
    is_staff: bool = False


@dataclass(frozen=True, slots=True)
class System:
    """The software itself: imports and planned work."""

    pk: None = None
    is_authenticated: bool = False
    is_staff: bool = True


def actor_kind(actor: Actor) -> str:
    """Return the word the history keeps: staff, applicant, link or system."""
    if isinstance(actor, LinkHolder | DateHolder):
        return "link"
    if isinstance(actor, System):
        return "system"
    return "staff" if actor.is_staff else "applicant"


def can_decide(actor: Actor, booking: Booking | None = None) -> bool:
    """Staff approve, reject and revoke; of every house, so the booking makes no difference yet."""
    return actor.is_staff


def can_see_day_plan(actor: Actor) -> bool:
    """Caretakers and staff see who comes on a day, for what, and how to reach them.

    Only people who are known can be caretakers, so the protocol does not ask it of everybody.
    """
    return actor.is_staff or bool(getattr(actor, "is_caretaker", False))


def can_act_for_applicant(actor: Actor, booking: Booking) -> bool:
    """Whether the actor may read, withdraw, cancel or change the booking as its applicant.

    The applicant, everybody who acts for the association, and whoever holds the status link.
    """
    if isinstance(actor, LinkHolder):
        return actor.booking_id == booking.pk
    if not actor.is_authenticated:
        return False
    if booking.applicant_id == actor.pk:
        return True
    return Membership.objects.filter(association_id=booking.association_id, user_id=actor.pk).exists()


def can_read(actor: Actor, booking: Booking) -> bool:
    """Whether the actor may see the booking with its contact: its own people and staff."""
    return actor.is_staff or can_act_for_applicant(actor, booking)


def can_give_up(actor: Actor, booking: Booking) -> bool:
    """Whether the actor may cancel dates of the booking; of a DateHolder's reach see `reaches`."""
    return can_read(actor, booking) or (isinstance(actor, DateHolder) and actor.booking_id == booking.pk)


def reaches(actor: Actor, slot_ids: Collection[int]) -> bool:
    """Whether the actor may touch all these dates: the link to one date leads to no other."""
    return not isinstance(actor, DateHolder) or set(slot_ids) == {actor.slot_id}
