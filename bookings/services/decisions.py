"""What becomes of a booking: approve, reject, decide date by date, give back, revoke.

Every verb does the same in one transaction: lock the house, read the booking under the lock,
compare the version, ask the transition table, write, append the history, announce once.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from bookings.access.actors import Actor
from bookings.access.permissions import (
    can_act_for_applicant,
    can_decide_on,
    can_give_up,
    can_override,
    can_read,
    reaches,
)
from bookings.enums import TRANSITIONS, SlotStatus, Verb
from bookings.errors import (
    BookingNotFound,
    InvalidRequest,
    NotAllowed,
    ReasonRequired,
    StalePage,
    TransitionNotAllowed,
)
from bookings.events import Change, announce
from bookings.models import Booking, Slot
from bookings.overrides import require_override_reason
from bookings.services._lock import lock_house_of
from bookings.services._records import as_booked, record, set_blocking, store_gross_time
from bookings.services._refusals import refuse_broken_plan, wishes_of
from rooms.facts import house_facts
from rooms.models import House


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
    override_reason: str = "",
) -> Booking:
    """Approve pending dates (None: all of them); from then on they block their rooms.

    `buffers` are new set-up and tear-down minutes by slot id. `override` accepts broken rules
    that staff may override, for a reason that the history keeps; nothing overrides a clash or the
    house's limit. A date of a change cancels the date it replaces in the same transaction; the others
    stand until theirs is approved.

    Raises NotAllowed, BookingNotFound, StalePage, TransitionNotAllowed, OverrideReasonRequired,
    RoomAlreadyBooked, BufferClash, HouseFull or WishBreaksRules with the reasons.
    """
    why = require_override_reason(override_reason, override=override)
    with transaction.atomic():
        house, booking = lock_booking(booking_id, actor, can_decide_on, version)
        slots = slots_in(booking, {SlotStatus.REQUESTED}, slot_ids)
        way = _make_way(booking, approved=slots, answered=slots, actor=actor, now=now)
        overridden = _fit(
            house, booking, slots, buffers=buffers or {}, override=override and can_override(actor, house)
        )
        parts = {Verb.APPROVE: (slots, note)}
        change = _settle(
            booking, parts, Verb.APPROVE, actor, note, now, overridden=overridden, override_reason=why
        )
        _announce(house, booking, [*way, change], actor, now)
    return booking


def decide_booking(
    *,
    booking_id: int,
    actor: Actor,
    now: datetime,
    approve: Collection[int],
    reject: Collection[int],
    reason: str,
    note: str = "",
    version: int | None = None,
    buffers: Mapping[int, tuple[int, int]] | None = None,
    override: bool = False,
    override_reason: str = "",
) -> Booking:
    """Approve some pending dates and reject others, by slot id, in one step and with one announcement.

    Whatever is in neither stays pending. With only one of the two it is the plain verb. `reason`
    is why dates are rejected; the other arguments are those of `approve_booking`.

    Raises what `approve_booking` and `reject_booking` raise, and InvalidRequest for a date in both.
    """
    if set(approve) & set(reject):
        raise InvalidRequest(_("A date is either approved or rejected."), field="reject")
    if not reject:
        return approve_booking(
            booking_id=booking_id,
            actor=actor,
            now=now,
            slot_ids=approve,
            note=note,
            version=version,
            buffers=buffers,
            override=override,
            override_reason=override_reason,
        )
    if not approve:
        # Nobody is approved anything that the note could go with, so it is told with the reason.
        explanation = f"{reason.strip()}\n{note.strip()}".strip() if reason.strip() else ""
        return reject_booking(
            booking_id=booking_id, actor=actor, now=now, reason=explanation, slot_ids=reject, version=version
        )
    if not reason.strip():
        raise ReasonRequired(field="reason")
    why = require_override_reason(override_reason, override=override)
    with transaction.atomic():
        house, booking = lock_booking(booking_id, actor, can_decide_on, version)
        slots = slots_in(booking, {SlotStatus.REQUESTED}, {*approve, *reject})
        approved = [slot for slot in slots if slot.pk in approve]
        rejected = [slot for slot in slots if slot.pk not in approve]
        way = _make_way(booking, approved=approved, answered=slots, actor=actor, now=now)
        overridden = _fit(
            house, booking, approved, buffers=buffers or {}, override=override and can_override(actor, house)
        )
        parts = {Verb.APPROVE: (approved, note), Verb.REJECT: (rejected, reason)}
        change = _settle(
            booking, parts, Verb.DECIDE, actor, note, now, overridden=overridden, override_reason=why
        )
        _announce(house, booking, [*way, change], actor, now)
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
    return _decide(booking_id, Verb.REJECT, actor, now, reason, slot_ids, version)


def give_dates_back(
    *,
    booking_id: int,
    actor: Actor,
    now: datetime,
    slot_ids: Collection[int] | None = None,
    note: str = "",
    version: int | None = None,
) -> Booking:
    """The applicant, or staff on the applicant's word, gives dates back (None: all), approved or pending.

    Approved ones are cancelled and their rooms free at once, pending ones withdrawn, in one step and
    with one announcement: of a cancellation where there is one among them. Pending dates alone are the
    applicant's to withdraw; staff answer them. Dates that are over stay as they were. Where no pending
    date to come is left, those that were never answered go along: nobody waits for them any more.

    Raises NotAllowed, BookingNotFound, StalePage, or TransitionNotAllowed where all dates are over, or
    one is neither approved nor pending.
    """
    with transaction.atomic():
        house, booking = lock_booking(booking_id, actor, can_give_up, version)
        slots = slots_in(booking, SlotStatus.STANDING, slot_ids)
        if not reaches(actor, [slot.pk for slot in slots]):
            raise NotAllowed
        slots = not_over(slots, now)
        if all(slot.status == SlotStatus.REQUESTED for slot in slots):
            _require(actor, booking, can_act_for_applicant)
        slots = _with_unanswered(booking, slots, now)
        way = _make_way(booking, approved=(), answered=slots, actor=actor, now=now)
        _announce(house, booking, [*way, give_back(booking, slots, actor, note, now)], actor, now)
    return booking


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
    return _decide(booking_id, Verb.REVOKE, actor, now, reason, slot_ids, version)


def _decide(
    booking_id: int,
    verb: Verb,
    actor: Actor,
    now: datetime,
    reason: str,
    slot_ids: Collection[int] | None,
    version: int | None,
) -> Booking:
    if not reason.strip():
        raise ReasonRequired(field="reason")
    with transaction.atomic():
        house, booking = lock_booking(booking_id, actor, can_decide_on, version)
        slots = slots_in(booking, {TRANSITIONS[verb].source}, slot_ids)
        if TRANSITIONS[verb].source == SlotStatus.APPROVED:
            slots = not_over(slots, now)
        way = _make_way(booking, approved=(), answered=slots, actor=actor, now=now)
        change = change_status(booking, slots, verb, actor, reason, now)
        _announce(house, booking, [*way, change], actor, now)
    return booking


def _announce(house: House, booking: Booking, changes: Sequence[Change], actor: Actor, now: datetime) -> None:
    """Announce what is written by now, with the dates of the booking as they are in memory."""
    booking.dates = as_booked(booking.all_slots, house_facts(house))
    announce(changes, actor=actor, now=now)


def not_over(slots: Sequence[Slot], now: datetime) -> list[Slot]:
    """Return the dates that are not over yet; raises TransitionNotAllowed where all of them are."""
    coming = [slot for slot in slots if slot.ends_at > now]
    if not coming:
        raise TransitionNotAllowed(_("This date is over."))
    return coming


def _with_unanswered(booking: Booking, slots: list[Slot], now: datetime) -> list[Slot]:
    """Return the dates, with those that are over and unanswered where nothing else stays pending."""
    if not any(slot.status == SlotStatus.REQUESTED for slot in slots):
        return slots
    waiting = [
        slot for slot in booking.all_slots if slot.status == SlotStatus.REQUESTED and slot not in slots
    ]
    return slots if any(slot.ends_at > now for slot in waiting) else [*slots, *waiting]


Permission = Callable[[Actor, Booking], bool]


def lock_booking(
    booking_id: int, actor: Actor, may: Permission, version: int | None
) -> tuple[House, Booking]:
    """Lock the house and read the booking under the lock.

    Raises BookingNotFound, NotAllowed, or StalePage where the booking has another version by now.
    """
    house = lock_house_of(booking_id)
    booking = Booking.objects.select_related("association").get(pk=booking_id)
    booking.house = house
    _require(actor, booking, may)
    if version is not None and version != booking.version:
        raise StalePage
    return house, booking


def _require(actor: Actor, booking: Booking, may: Permission) -> None:
    if not may(actor, booking):
        raise NotAllowed if can_read(actor, booking) else BookingNotFound


def slots_in(booking: Booking, statuses: Collection[str], slot_ids: Collection[int] | None) -> list[Slot]:
    """Return the dates of the booking in one of these statuses, of `slot_ids` where they are named.

    Raises TransitionNotAllowed where there is none, or a named one has another status.
    """
    slots = [
        slot
        for slot in booking.all_slots
        if slot.status in statuses and (slot_ids is None or slot.pk in slot_ids)
    ]
    if not slots or (slot_ids is not None and len(slots) != len(set(slot_ids))):
        raise TransitionNotAllowed
    return slots


def _fit(
    house: House,
    booking: Booking,
    slots: Sequence[Slot],
    *,
    buffers: Mapping[int, tuple[int, int]],
    override: bool,
) -> set[str]:
    """Make the dates fit to block: set their buffers, look at the plan; return what is overridden."""
    moved = [slot for slot in slots if slot.pk in buffers]
    for slot in moved:
        setup, teardown = buffers[slot.pk]
        slot.gross_starts_at = slot.starts_at - timedelta(minutes=max(setup, 0))
        slot.gross_ends_at = slot.ends_at + timedelta(minutes=max(teardown, 0))
    overridden = refuse_broken_plan(house, booking, wishes_of(booking, slots), override=override)
    for slot in moved:
        store_gross_time(slot)
    return overridden


def change_status(
    booking: Booking, slots: Sequence[Slot], verb: Verb, actor: Actor, note: str, now: datetime
) -> Change:
    """Write the new status of the slots with everything that follows from it; return what to announce.

    Call under the house lock with slots read under it.
    """
    return _settle(booking, {verb: (slots, note)}, verb, actor, note, now)


def give_back(booking: Booking, slots: Sequence[Slot], actor: Actor, note: str, now: datetime) -> Change:
    """Cancel the approved ones of the slots and withdraw the pending ones, as `change_status` writes it."""
    by_verb = {
        verb: [slot for slot in slots if slot.status == TRANSITIONS[verb].source]
        for verb in (Verb.CANCEL, Verb.WITHDRAW)
    }
    parts = {verb: (chosen, note) for verb, chosen in by_verb.items() if chosen}
    return _settle(booking, parts, next(iter(parts)), actor, note, now)


def _settle(
    booking: Booking,
    parts: Mapping[Verb, tuple[Sequence[Slot], str]],
    verb: Verb,
    actor: Actor,
    note: str,
    now: datetime,
    replaced_by: Booking | None = None,
    overridden: Collection[str] = (),
    override_reason: str = "",
) -> Change:
    """Write what each verb does to its slots, and one history under `verb`."""
    slots = [slot for part, _note in parts.values() for slot in part]
    old_statuses = {slot.pk: slot.status for slot in slots}
    for part_verb, (part, part_note) in parts.items():
        _write_status(part, part_verb, part_note, replaced_by)
    record(
        booking,
        verb=verb,
        slots=slots,
        old_statuses=old_statuses,
        actor=actor,
        note=note,
        now=now,
        by_slot={
            slot.pk: (part_verb, part_note) for part_verb, (part, part_note) in parts.items() for slot in part
        }
        if len(parts) > 1
        else None,
        overridden=overridden,
        override_reason=override_reason,
    )
    slots.sort(key=lambda slot: (slot.starts_at, slot.pk))
    return Change(booking, verb, slots, note, old_statuses=old_statuses)


def _write_status(slots: Sequence[Slot], verb: Verb, note: str, replaced_by: Booking | None) -> None:
    source, target = TRANSITIONS[verb].source, TRANSITIONS[verb].target
    changes: dict[str, Any] = {"status": target}
    if replaced_by is not None:
        changes["replaced_by"] = replaced_by
    if target not in {SlotStatus.APPROVED, SlotStatus.WITHDRAWN}:
        changes["reason"] = note[:500]
    for slot in slots:
        for name, value in changes.items():
            setattr(slot, name, value)
        # Calendars that know the date as it was are told that it has changed.
        slot.sequence += source == SlotStatus.APPROVED
    if source == SlotStatus.APPROVED:
        changes["sequence"] = F("sequence") + 1
    Slot.objects.filter(pk__in=[slot.pk for slot in slots]).update(**changes)
    set_blocking(slots, is_blocking=target == SlotStatus.APPROVED)


def _make_way(
    booking: Booking, *, approved: Collection[Slot], answered: Collection[Slot], actor: Actor, now: datetime
) -> list[Change]:
    """Cancel the old dates of a change whose place is taken, unless they are over or gone already.

    That is the old date of each one that is approved now. Old dates without a successor go when
    nothing of the change is open any more and some of it stands; call before it is written.
    """
    replaced = booking.replaces
    if replaced is None:
        return []
    slots = booking.all_slots
    others = {slot.status for slot in slots if slot.pk not in {answer.pk for answer in answered}}
    is_settled = SlotStatus.REQUESTED not in others and (approved or SlotStatus.APPROVED in others)
    taken = {slot.replaces_id for slot in approved}
    paired = {slot.replaces_id for slot in slots}
    standing = booking.replaced_slots.filter(status=TRANSITIONS[Verb.REPLACE].source, ends_at__gt=now)
    going = [
        slot
        for slot in standing.order_by("starts_at", "pk")
        if slot.pk in taken or (is_settled and slot.pk not in paired)
    ]
    if not going:
        return []
    parts = {Verb.REPLACE: (going, "")}
    return [_settle(replaced, parts, Verb.REPLACE, actor, "", now, replaced_by=booking)]
