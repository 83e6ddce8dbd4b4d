"""Who may do what in which house: one predicate for each question, and the only place that knows roles.

Today a person is on the staff, or a caretaker, of all houses alike. Roles of a person in one house
come here, and nowhere else has to change.
"""

from collections.abc import Callable, Collection, Iterable
from functools import cached_property
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet

from bookings.access.actors import Actor, DateHolder, LinkHolder, System
from bookings.models import Booking, Membership
from rooms.models import House


def _is_staff(actor: Actor, house: House) -> bool:
    return actor.is_staff


# In a house ------------------------------------------------------------------------------------


def can_decide(actor: Actor, house: House) -> bool:
    """Approve, reject, move and revoke dates, and cancel them for somebody who has phoned."""
    return _is_staff(actor, house)


def can_override(actor: Actor, house: House) -> bool:
    """Let a date stand that breaks rules which are for the house to waive (`Severity.STAFF`)."""
    return _is_staff(actor, house)


def can_enter_for_others(actor: Actor, house: House) -> bool:
    """Enter requests for any association and any address; the house rules were accepted on the phone."""
    return _is_staff(actor, house)


def can_see_requests(actor: Actor, house: House) -> bool:
    """Read all requests and bookings with their contacts and who decided, not only the own ones."""
    return _is_staff(actor, house)


def can_correct_contact(actor: Actor, house: House) -> bool:
    """Correct the address that mails about a booking go to."""
    return _is_staff(actor, house)


def can_see_outbox(actor: Actor, house: House) -> bool:
    """Read what was sent to whom, and send it again."""
    return _is_staff(actor, house)


def can_manage_house(actor: Actor, house: House) -> bool:
    """Change what can be booked when: rooms, opening hours, closures, holidays, rules."""
    return _is_staff(actor, house)


def is_caretaker(actor: Actor, house: House) -> bool:
    """Open, set up and lock; only people who have an account can be, so the protocol asks it of nobody."""
    return bool(getattr(actor, "is_caretaker", False))


def can_see_day_plan(actor: Actor, house: House) -> bool:
    """See who comes on a day, for what, and how to reach them."""
    return is_caretaker(actor, house) or _is_staff(actor, house)


# In no house in particular ---------------------------------------------------------------------


def can_administer(actor: Actor) -> bool:
    """Open the administration at all; also where there is no house yet, to enter the first."""
    return actor.is_staff


def can_use_password(actor: Actor) -> bool:
    """Have a password and a second factor beside the code by mail, as who works for a house may."""
    return actor.is_staff


def can_request(actor: Actor) -> bool:
    """Ask for rooms: whoever is logged in, in every house, and the software itself."""
    return actor.is_authenticated or isinstance(actor, System)


# About a booking -------------------------------------------------------------------------------


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
    """Whether the actor may see the booking with its contact: its own people, and who sees all requests."""
    return can_see_requests(actor, booking.house) or can_act_for_applicant(actor, booking)


def can_decide_on(actor: Actor, booking: Booking) -> bool:
    return can_decide(actor, booking.house)


def can_correct_contact_of(actor: Actor, booking: Booking) -> bool:
    return can_correct_contact(actor, booking.house)


def can_change(actor: Actor, booking: Booking) -> bool:
    """Ask for other or further dates of the booking and give dates back: its people, or staff for them."""
    return can_enter_for_others(actor, booking.house) or can_act_for_applicant(actor, booking)


def can_give_up(actor: Actor, booking: Booking) -> bool:
    """Whether the actor may cancel dates of the booking; of a DateHolder's reach see `reaches`."""
    return can_change(actor, booking) or (isinstance(actor, DateHolder) and actor.booking_id == booking.pk)


def reaches(actor: Actor, slot_ids: Collection[int]) -> bool:
    """Whether the actor may touch all these dates: the link to one date leads to no other."""
    return not isinstance(actor, DateHolder) or set(slot_ids) == {actor.slot_id}


# The same questions the other way round ---------------------------------------------------------


def actor_kind(actor: Actor, house: House) -> str:
    """Return the word the history of a booking keeps: staff, applicant, link or system."""
    if isinstance(actor, LinkHolder | DateHolder):
        return "link"
    if isinstance(actor, System):
        return "system"
    return "staff" if _is_staff(actor, house) else "applicant"


def deciders_of(house: House) -> QuerySet[Any]:
    """Return the people of whom `can_decide` holds in the house and who may log in."""
    return get_user_model().objects.filter(is_active=True, is_staff=True)


def caretakers_of(house: House) -> QuerySet[Any]:
    """Return the people of whom `is_caretaker` holds in the house and who may log in."""
    return get_user_model().objects.filter(is_active=True, is_caretaker=True)


def seen_houses(actor: Actor, houses: Iterable[House]) -> list[House]:
    """Return those of the houses in which the actor sees all requests."""
    return [house for house in houses if can_see_requests(actor, house)]


class May:
    """What a visitor may do in the house of a page, for templates: `{% if may.decide %}`.

    Each question is asked when a template asks it, and once. Where there is no house yet, nothing
    may be done in it.
    """

    def __init__(self, actor: Actor, house: House | None) -> None:
        self._actor, self._house = actor, house

    def _ask(self, predicate: Callable[[Actor, House], bool]) -> bool:
        return self._house is not None and predicate(self._actor, self._house)

    @cached_property
    def decide(self) -> bool:
        return self._ask(can_decide)

    @cached_property
    def enter_for_others(self) -> bool:
        return self._ask(can_enter_for_others)

    @cached_property
    def see_requests(self) -> bool:
        return self._ask(can_see_requests)

    @cached_property
    def correct_contact(self) -> bool:
        return self._ask(can_correct_contact)

    @cached_property
    def see_outbox(self) -> bool:
        return self._ask(can_see_outbox)

    @cached_property
    def manage_house(self) -> bool:
        return self._ask(can_manage_house)

    @cached_property
    def see_day_plan(self) -> bool:
        return self._ask(can_see_day_plan)

    @cached_property
    def administer(self) -> bool:
        return can_administer(self._actor)

    @cached_property
    def use_password(self) -> bool:
        return can_use_password(self._actor)
