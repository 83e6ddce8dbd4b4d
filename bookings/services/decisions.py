"""What becomes of a booking: approve, reject, withdraw, cancel, revoke.

Every verb does the same in one transaction: lock the house, read the booking under the lock,
compare the version, ask the transition table, write, append the history, announce once.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from bookings.actors import (
    Actor,
    can_act_for_applicant,
    can_decide,
    can_give_up,
    can_read,
    reaches,
)
from bookings.availability import rules_broken_by_plan
from bookings.enums import TRANSITIONS, SlotStatus, Verb
from bookings.errors import (
    BookingNotFound,
    BufferClash,
    NotAllowed,
    ReasonRequired,
    StalePage,
    TransitionNotAllowed,
)
from bookings.models import Booking, Slot
from bookings.plan import Taken, load_plan
from bookings.services.locking import lock_house
from bookings.services.records import record, set_blocking, store_gross_time
from bookings.services.requests import error_for
from bookings.signals import booking_changed
from rooms.enums import Severity
from rooms.facts import HouseFacts
from rooms.intervals import Interval
from rooms.models import House
from rooms.rules import Wish


def approve_booking(
    *,
    booking_id: int,
    actor: Actor,
    now: datetime,
    slot_ids: Collection[int] | None = None,
    note: str = "",
    version: int | None = None,
    buffers: Mapping[int, tuple[int, int]] | None = None,
    override: bool = False,
) -> Booking:
    """Approve pending dates (None: all of them); from then on they block their rooms.

    `buffers` are new set-up and tear-down minutes by slot id. `override` accepts broken rules
    that staff may override; nothing overrides a clash or the house's limit. Approving a
    replacement cancels the dates of the booking it replaces in the same transaction.

    Raises NotAllowed, BookingNotFound, StalePage, TransitionNotAllowed, RoomAlreadyBooked,
    BufferClash, HouseFull or WishBreaksRules with the reasons.
    """
    with transaction.atomic():
        house, booking, slots = _open(booking_id, Verb.APPROVE, actor, can_decide, slot_ids, version)
        if booking.replaces is not None:
            _release(booking.replaces, actor, booking.reference, now)
        moved = [slot for slot in slots if buffers and slot.pk in buffers]
        for slot in moved:
            setup, teardown = (buffers or {})[slot.pk]
            slot.gross_starts_at = slot.starts_at - timedelta(minutes=max(setup, 0))
            slot.gross_ends_at = slot.ends_at + timedelta(minutes=max(teardown, 0))
        _refuse_broken_plan(house, booking, slots, override=override)
        for slot in moved:
            store_gross_time(slot)
        _apply(booking, slots, Verb.APPROVE, actor, note, now)
    return booking


def reject_booking(
    *,
    booking_id: int,
    actor: Actor,
    now: datetime,
    reason: str,
    slot_ids: Collection[int] | None = None,
    version: int | None = None,
) -> Booking:
    """Reject pending dates with a reason that the applicant is told.

    Raises NotAllowed, BookingNotFound, StalePage, TransitionNotAllowed or ReasonRequired.
    """
    return _decide(booking_id, Verb.REJECT, actor, can_decide, now, reason, slot_ids, version)


def withdraw_booking(
    *,
    booking_id: int,
    actor: Actor,
    now: datetime,
    note: str = "",
    slot_ids: Collection[int] | None = None,
    version: int | None = None,
) -> Booking:
    """The applicant takes pending dates back. Raises what the other verbs raise."""
    return _decide(booking_id, Verb.WITHDRAW, actor, can_act_for_applicant, now, note, slot_ids, version)


def cancel_booking(
    *,
    booking_id: int,
    actor: Actor,
    now: datetime,
    note: str = "",
    slot_ids: Collection[int] | None = None,
    version: int | None = None,
) -> Booking:
    """The applicant, or staff on the applicant's word, gives approved dates back; the rooms are free at once.

    Dates that are over stay as they were. Raises what the other verbs raise.
    """
    return _decide(booking_id, Verb.CANCEL, actor, can_give_up, now, note, slot_ids, version)


def revoke_booking(
    *,
    booking_id: int,
    actor: Actor,
    now: datetime,
    reason: str,
    slot_ids: Collection[int] | None = None,
    version: int | None = None,
) -> Booking:
    """The house takes approved dates back, with a reason; dates that are over stay as they were.

    Raises what the other verbs raise.
    """
    return _decide(booking_id, Verb.REVOKE, actor, can_decide, now, reason, slot_ids, version)


Permission = Callable[[Actor, Booking], bool]


def _decide(
    booking_id: int,
    verb: Verb,
    actor: Actor,
    may: Permission,
    now: datetime,
    note: str,
    slot_ids: Collection[int] | None,
    version: int | None,
) -> Booking:
    if TRANSITIONS[verb].needs_reason and not note.strip():
        raise ReasonRequired(field="reason")
    with transaction.atomic():
        _house, booking, slots = _open(booking_id, verb, actor, may, slot_ids, version)
        if TRANSITIONS[verb].source == SlotStatus.APPROVED:
            slots = [slot for slot in slots if slot.ends_at > now]
            if not slots:
                raise TransitionNotAllowed(_("This date is over."))
        _apply(booking, slots, verb, actor, note, now)
    return booking


def _open(
    booking_id: int,
    verb: Verb,
    actor: Actor,
    may: Permission,
    slot_ids: Collection[int] | None,
    version: int | None,
) -> tuple[House, Booking, list[Slot]]:
    """Lock the house, read the booking under the lock and return the slots the verb applies to."""
    house_id = Booking.objects.filter(pk=booking_id).values_list("house_id", flat=True).first()
    if house_id is None:
        raise BookingNotFound
    house = lock_house(house_id)
    booking = Booking.objects.select_related("association", "replaces__association").get(pk=booking_id)
    booking.house = house
    if not may(actor, booking):
        raise NotAllowed if can_read(actor, booking) else BookingNotFound
    slots = list(booking.slots.order_by("starts_at", "pk"))
    source = TRANSITIONS[verb].source
    wanted = [slot for slot in slots if slot.status == source and (slot_ids is None or slot.pk in slot_ids)]
    if slot_ids is not None and len(wanted) != len(set(slot_ids)):
        raise StalePage if version is not None and version != booking.version else TransitionNotAllowed
    if version is not None and version != booking.version:
        raise StalePage
    if not wanted:
        raise TransitionNotAllowed
    if not reaches(actor, [slot.pk for slot in wanted]):
        raise NotAllowed
    return house, booking, wanted


def _apply(
    booking: Booking, slots: Sequence[Slot], verb: Verb, actor: Actor, note: str, now: datetime
) -> None:
    """Write the new status of the slots with everything that follows from it, and announce it."""
    source, target = TRANSITIONS[verb].source, TRANSITIONS[verb].target
    old_statuses = {slot.pk: slot.status for slot in slots}
    changes: dict[str, Any] = {"status": target}
    if target not in {SlotStatus.APPROVED, SlotStatus.WITHDRAWN}:
        changes["reason"] = note[:500]
    for slot in slots:
        slot.status, slot.reason = target, changes.get("reason", slot.reason)
        # Calendars that know the date as it was are told that it has changed.
        slot.sequence += source == SlotStatus.APPROVED
    if source == SlotStatus.APPROVED:
        changes["sequence"] = F("sequence") + 1
    Slot.objects.filter(pk__in=list(old_statuses)).update(**changes)
    set_blocking(slots, is_blocking=target == SlotStatus.APPROVED)
    record(booking, verb=verb, slots=slots, old_statuses=old_statuses, actor=actor, note=note, now=now)
    booking_changed.send(
        sender=Booking, booking=booking, verb=verb, slots=list(slots), actor=actor, note=note, now=now
    )


def _release(replaced: Booking, actor: Actor, reference: str, now: datetime) -> None:
    """Cancel what the replacement of that reference replaces, unless it is gone already."""
    slots = list(replaced.slots.filter(status=TRANSITIONS[Verb.REPLACE].source).order_by("starts_at", "pk"))
    if slots:
        _apply(replaced, slots, Verb.REPLACE, actor, reference, now)


def _refuse_broken_plan(house: House, booking: Booking, slots: Sequence[Slot], *, override: bool) -> None:
    """Raise what speaks against approving: clashes, the house's limit, and rules not overridden."""
    room_ids: dict[int, list[int]] = {}
    for slot_id, room_id in Slot.rooms.through.objects.filter(slot__in=slots).values_list(
        "slot_id", "room_id"
    ):
        room_ids.setdefault(slot_id, []).append(room_id)
    wishes = [
        Wish(tuple(room_ids[slot.pk]), slot.net, slot.gross, booking.persons, booking.layout)
        for slot in slots
    ]
    hull = Interval(min(wish.gross.start for wish in wishes), max(wish.gross.end for wish in wishes))
    plan = load_plan(house, hull)
    stopping = {Severity.NOBODY} if override else {Severity.NOBODY, Severity.STAFF}
    for slot, wish in zip(slots, wishes, strict=True):
        reasons = rules_broken_by_plan(wish, plan)
        if any(reason.severity in stopping for reason in reasons):
            raise error_for(reasons)
        buffers = [reason for reason in reasons if reason.code == "buffer_clash"]
        if buffers:
            raise BufferClash(reasons=buffers)
        # The dates of one booking count for each other as well.
        plan = replace(plan, taken=[*plan.taken, _as_taken(slot, wish, booking, plan.facts)])


def _as_taken(slot: Slot, wish: Wish, booking: Booking, facts: HouseFacts) -> Taken:
    """Return what the date takes of the house once it is approved."""
    return Taken(
        slot_id=slot.pk,
        booking_id=booking.pk,
        reference=booking.reference,
        title=booking.public_title,
        net=wish.net,
        gross=wish.gross,
        persons=wish.persons,
        is_approved=True,
        part_ids=facts.parts_of(wish.room_ids),
    )
