"""Moving single dates of a booking, and adding further ones: the other dates stay as they are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bookings.access.actors import Actor
from bookings.access.permissions import can_change, can_decide_on, can_override
from bookings.availability.wishes import WantedDate, check_number_of_dates, wish_of
from bookings.date_facts import Before
from bookings.enums import BookingStatus, SlotStatus, Verb
from bookings.errors import InvalidRequest, NothingToChange, TransitionNotAllowed, WishBreaksRules
from bookings.events import Change, announce
from bookings.models import Booking, Occupancy, Slot
from bookings.overrides import require_override_reason
from bookings.services._records import create_slots, former_places, occupy, record
from bookings.services._refusals import (
    overridden,
    refuse_broken,
    refuse_broken_plan,
    refuse_overlapping_itself,
)
from bookings.services.decisions import lock_booking, not_over, slots_in
from rooms.errors import Reason
from rooms.facts import HouseFacts, house_facts
from rooms.models import House
from rooms.rules import Wish, check_not_past


@dataclass(frozen=True, slots=True)
class Move:
    """Where and when a date is to be instead; buffers in minutes, None for those it has."""

    slot_id: int
    starts_at: datetime
    ends_at: datetime
    room_ids: tuple[int, ...]
    setup_minutes: int | None = None
    teardown_minutes: int | None = None


def move_dates(
    *,
    booking_id: int,
    actor: Actor,
    now: datetime,
    moves: Sequence[Move],
    note: str = "",
    version: int | None = None,
    override: bool = False,
    override_reason: str = "",
) -> Booking:
    """Staff move dates, pending or approved, to other times or rooms; all of them or none.

    Each date keeps its status and its calendar UID, so that calendars move the entry they have.
    `override` accepts broken rules that staff may override, for a reason that the history keeps; nothing
    overrides a clash. A date that is where it is to be stays untouched.

    Raises NothingToChange where that is all of them, OverrideReasonRequired, what `approve_booking`
    raises, and TransitionNotAllowed where a date is over or neither pending nor approved. A time that
    has passed already is a rule that staff may override.
    """
    why = require_override_reason(override_reason, override=override)
    with transaction.atomic():
        house, booking = lock_booking(booking_id, actor, can_decide_on, version)
        slots = slots_in(booking, SlotStatus.STANDING, {move.slot_id for move in moves})
        if len(not_over(slots, now)) != len(slots):
            raise TransitionNotAllowed(_("This date is over."))
        change = move_slots(
            house,
            booking,
            slots,
            moves,
            actor,
            note,
            now,
            override=override and can_override(actor, house),
            override_reason=why,
        )
        announce([change], actor=actor, now=now)
    return booking


def move_slots(
    house: House,
    booking: Booking,
    slots: Sequence[Slot],
    moves: Sequence[Move],
    actor: Actor,
    note: str,
    now: datetime,
    *,
    override: bool = False,
    override_reason: str = "",
    facts: HouseFacts | None = None,
) -> Change:
    """Write the moves with everything that follows; return what to announce.

    Call under the house lock with slots read under it. `facts` are given where the caller has them
    already. Raises what `move_dates` raises.
    """
    facts = facts or house_facts(house)
    by_id = {move.slot_id: move for move in moves}
    room_ids = {slot.pk: slot.room_ids for slot in slots}
    wanted = [(slot, _wish(house, booking, slot, by_id[slot.pk], facts)) for slot in slots]
    moved = [
        (slot, wish)
        for slot, wish in wanted
        if (slot.net, slot.gross, set(room_ids[slot.pk])) != (wish.net, wish.gross, set(wish.room_ids))
    ]
    if not moved:
        raise NothingToChange
    slots, wishes = [slot for slot, _wish in moved], [wish for _slot, wish in moved]
    before = {slot.pk: Before(slot.net, _names(room_ids[slot.pk], facts)) for slot in slots}
    past = _starts_in_past(moved, facts, now)
    if past and not override:
        raise WishBreaksRules(reasons=past)
    set_aside = refuse_broken_plan(house, booking, moved, override=override, facts=facts) | overridden(past)
    released = [
        (part_id, slot.gross)
        for slot in slots
        if slot.status == SlotStatus.APPROVED
        for part_id in sorted(facts.parts_of(room_ids[slot.pk]))
    ]
    for slot, wish in moved:
        slot.starts_at, slot.ends_at = wish.net.start, wish.net.end
        slot.gross_starts_at, slot.gross_ends_at = wish.gross.start, wish.gross.end
        # Calendars that know the date as it was are told that it has changed.
        slot.sequence += slot.status == SlotStatus.APPROVED
    fields = ["starts_at", "ends_at", "gross_starts_at", "gross_ends_at", "sequence"]
    Slot.objects.bulk_update(slots, fields)
    # Removed before they are written anew: dates may change places with each other.
    Occupancy.objects.filter(slot__in=slots).delete()
    Slot.rooms.through.objects.filter(slot__in=slots).delete()
    occupy(slots, wishes, facts)
    record(
        booking,
        verb=Verb.MOVE,
        slots=slots,
        old_statuses={slot.pk: slot.status for slot in slots},
        actor=actor,
        note=note,
        now=now,
        before=before,
        overridden=set_aside,
        override_reason=override_reason,
    )
    return Change(
        booking,
        Verb.MOVE,
        slots,
        note,
        before,
        old_statuses={slot.pk: slot.status for slot in slots},
        released=released,
    )


def add_dates(
    *,
    booking_id: int,
    actor: Actor,
    now: datetime,
    dates: Sequence[WantedDate],
    version: int | None = None,
    override: bool = False,
    override_reason: str = "",
) -> Booking:
    """Ask for further dates of a booking; they are pending until staff decide, the others stay.

    Raises BookingNotFound, StalePage, InvalidRequest for more dates than the house takes, and
    what `request_booking` raises for broken rules.
    """
    with transaction.atomic():
        house, booking = lock_booking(booking_id, actor, can_change, version)
        may_override = override and can_override(actor, house)
        why = require_override_reason(override_reason, override=may_override)
        if booking.status not in BookingStatus.GOING_ON:
            raise TransitionNotAllowed
        if not dates:
            raise InvalidRequest(_("Please name a date."), field="date")
        check_number_of_dates(len(booking.all_slots) + len(dates), house)
        facts = house_facts(house)
        wishes = [
            wish_of(house, wanted, booking.persons, booking.layout, booking.kind, facts) for wanted in dates
        ]
        own_times = [slot.gross for slot in booking.all_slots if slot.status in SlotStatus.STANDING]
        refuse_overlapping_itself(wishes, facts, own_times)
        set_aside = refuse_broken(
            house=house,
            facts=facts,
            wishes=wishes,
            now=now,
            override=may_override,
            asker=actor,
        )
        slots = create_slots(booking, dates, wishes, facts)
        record(
            booking,
            verb=Verb.ADD,
            slots=slots,
            old_statuses=dict.fromkeys((slot.pk for slot in slots), ""),
            actor=actor,
            note="",
            now=now,
            before=former_places(slots, dates),
            overridden=set_aside,
            override_reason=why,
        )
        announce([Change(booking, Verb.ADD, slots)], actor=actor, now=now)
    return booking


def _wish(house: House, booking: Booking, slot: Slot, move: Move, facts: HouseFacts) -> Wish:
    setup, teardown = slot.setup_minutes, slot.teardown_minutes
    there = WantedDate(
        move.starts_at,
        move.ends_at,
        move.room_ids,
        setup if move.setup_minutes is None else move.setup_minutes,
        teardown if move.teardown_minutes is None else move.teardown_minutes,
    )
    return wish_of(house, there, booking.persons, booking.layout, booking.kind, facts)


def _starts_in_past(moved: Sequence[tuple[Slot, Wish]], facts: HouseFacts, now: datetime) -> list[Reason]:
    """A date that is on may change its room; no other one starts before now."""
    return [
        reason
        for slot, wish in moved
        if wish.net.start != slot.starts_at
        for reason in check_not_past(wish, facts, now)
    ]


def _names(room_ids: Collection[int], facts: HouseFacts) -> tuple[str, ...]:
    return tuple(room.name for room in facts.rooms.values() if room.id in room_ids)
