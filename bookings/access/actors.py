"""Who acts. The domain knows a person only by this protocol; what they may do is in `permissions`."""

from dataclasses import dataclass
from typing import Any, Protocol


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
