"""Moving single dates of a booking, and adding further ones: the other dates stay as they are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bookings.access.actors import Actor
from bookings.access.permissions import can_change, can_decide_on, can_override
from bookings.changes import Before, Change, announce
from bookings.enums import BookingStatus, SlotStatus, Verb
from bookings.errors import InvalidRequest, TransitionNotAllowed, WishBreaksRules
from bookings.models import Booking, Occupancy, Slot
from bookings.services.decisions import lock_booking, not_over, slots_in
from bookings.services.entries import WantedDate, check_number_of_dates, status_of, wish_of
from bookings.services.records import create_slots, occupy, record
from bookings.services.refusing import (
    refuse_broken,
    refuse_broken_plan,
    refuse_overlapping_itself,
    room_ids_of,
)
from rooms.facts import HouseFacts, house_facts
from rooms.formats import format_date_span
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
) -> Booking:
    """Staff move dates, pending or approved, to other times or rooms; all of them or none.

    Each date keeps its status and its calendar UID, so that calendars move the entry they have.
    `override` accepts broken rules that staff may override; nothing overrides a clash.

    Raises what `approve_booking` raises, and TransitionNotAllowed where a date is over or neither
    pending nor approved; a time that has passed already is a rule that staff may override.
    """
    with transaction.atomic():
        house, booking = lock_booking(booking_id, actor, can_decide_on, version)
        slots = slots_in(booking, SlotStatus.STANDING, {move.slot_id for move in moves})
        if len(not_over(slots, now)) != len(slots):
            raise TransitionNotAllowed(_("This date is over."))
        change = move_slots(house, booking, slots, moves, actor, note, now, override=override)
        announce(change, actor=actor, now=now)
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
    override: bool,
    facts: HouseFacts | None = None,
) -> Change:
    """Write the moves with everything that follows; return what to announce.

    Call under the house lock with slots read under it. `facts` are given where the caller has them
    already. Raises what `move_dates` raises.
    """
    facts = facts or house_facts(house)
    by_id = {move.slot_id: move for move in moves}
    room_ids = room_ids_of(slots)
    before = {slot.pk: Before(slot.net, _names(room_ids[slot.pk], facts)) for slot in slots}
    wishes = [_wish(house, booking, slot, by_id[slot.pk], facts) for slot in slots]
    if not override:
        _refuse_past(slots, wishes, facts, now)
    refuse_broken_plan(house, booking, list(zip(slots, wishes, strict=True)), override=override, facts=facts)
    for slot, wish in zip(slots, wishes, strict=True):
        slot.starts_at, slot.ends_at = wish.net.start, wish.net.end
        slot.gross_starts_at, slot.gross_ends_at = wish.gross.start, wish.gross.end
        slot.reason = _instead(before[slot.pk], wish, facts)[:500] or slot.reason
        # Calendars that know the date as it was are told that it has changed.
        slot.sequence += slot.status == SlotStatus.APPROVED
    fields = ["starts_at", "ends_at", "gross_starts_at", "gross_ends_at", "sequence", "reason"]
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
        told={
            slot.pk: (Verb.MOVE, _("Before: %(before)s") % {"before": _told(before[slot.pk], house)})
            for slot in slots
        },
    )
    return Change(booking, Verb.MOVE, slots, note, before)


def add_dates(
    *,
    booking_id: int,
    actor: Actor,
    now: datetime,
    dates: Sequence[WantedDate],
    version: int | None = None,
    override: bool = False,
) -> Booking:
    """Ask for further dates of a booking; they are pending until staff decide, the others stay.

    Raises BookingNotFound, StalePage, InvalidRequest for more dates than the house takes, and
    what `request_booking` raises for broken rules.
    """
    with transaction.atomic():
        house, booking = lock_booking(booking_id, actor, can_change, version)
        if booking.status not in BookingStatus.GOING_ON:
            raise TransitionNotAllowed
        if not dates:
            raise InvalidRequest(_("Please name a date."), field="date")
        check_number_of_dates(booking.slots.count() + len(dates), house)
        facts = house_facts(house)
        wishes = [wish_of(house, one, booking.persons, booking.layout, booking.kind, facts) for one in dates]
        own = [slot.gross for slot in booking.slots.filter(status__in=SlotStatus.STANDING)]
        refuse_overlapping_itself(wishes, facts, own)
        refuse_broken(
            house=house,
            facts=facts,
            wishes=wishes,
            now=now,
            override=override and can_override(actor, house),
            asker=actor,
        )
        slots = create_slots(booking, wishes, [status_of(one, SlotStatus.REQUESTED) for one in dates], facts)
        record(
            booking,
            verb=Verb.ADD,
            slots=slots,
            old_statuses=dict.fromkeys((slot.pk for slot in slots), ""),
            actor=actor,
            note="",
            now=now,
        )
        announce(Change(booking, Verb.ADD, slots), actor=actor, now=now)
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


def _refuse_past(slots: Sequence[Slot], wishes: Sequence[Wish], facts: HouseFacts, now: datetime) -> None:
    """A date that is on may change its room; no other one starts before now."""
    past = [
        reason
        for slot, wish in zip(slots, wishes, strict=True)
        if wish.net.start != slot.starts_at
        for reason in check_not_past(wish, facts, now)
    ]
    if past:
        raise WishBreaksRules(reasons=past)


def _names(room_ids: Collection[int], facts: HouseFacts) -> tuple[str, ...]:
    return tuple(room.name for room in facts.rooms.values() if room.id in room_ids)


def _instead(before: Before, wish: Wish, facts: HouseFacts) -> str:
    """Return what is told beside the date: instead of which time, which rooms; empty for other buffers."""
    what = []
    if wish.net != before.net:
        what.append(format_date_span(before.net.start, before.net.end, zone=facts.zone))
    if _names(wish.room_ids, facts) != before.rooms:
        what.append(" + ".join(before.rooms))
    return _("instead of %(what)s") % {"what": ", ".join(what)} if what else ""


def _told(before: Before, house: House) -> str:
    """Return when and where a date was, for the history."""
    time = format_date_span(before.net.start, before.net.end, zone=house.zone)
    return f"{time}, {' + '.join(before.rooms)}"
