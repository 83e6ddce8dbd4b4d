"""The answer to "Does your date take place?": a yes is noted, a no is a cancellation like any other."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bookings.access.actors import Actor
from bookings.access.permissions import can_give_up, reaches
from bookings.enums import SlotStatus, Verb
from bookings.errors import BookingNotFound, NotAllowed, TransitionNotAllowed
from bookings.models import Slot
from bookings.services._lock import lock_house
from bookings.services._records import record_fact


def confirm_date(*, slot_id: int, actor: Actor, now: datetime) -> Slot:
    """Note in the history that an approved date takes place; nothing else changes, and nobody is told.

    To say so twice is the same as once. Raises BookingNotFound, NotAllowed, or TransitionNotAllowed
    for a date that is cancelled or over.
    """
    slot = Slot.objects.select_related("booking").filter(pk=slot_id).first()
    if slot is None or not can_give_up(actor, slot.booking):
        raise BookingNotFound
    if not reaches(actor, [slot_id]):
        raise NotAllowed
    with transaction.atomic():
        slot.booking.house = lock_house(slot.booking.house_id, plan_changes=False)
        slot.refresh_from_db(fields=["status", "starts_at", "ends_at"])
        if slot.status != SlotStatus.APPROVED:
            raise TransitionNotAllowed
        if slot.ends_at <= now:
            raise TransitionNotAllowed(_("This date is over."))
        if not is_confirmed(slot):
            record_fact(slot.booking, Verb.CONFIRM, slot=slot, actor=actor, now=now)
    return slot


def is_confirmed(slot: Slot) -> bool:
    """Whether somebody has said that the date takes place."""
    return slot.transitions.filter(verb=Verb.CONFIRM).exists()
