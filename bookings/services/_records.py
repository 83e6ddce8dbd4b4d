"""What every service writes: slots with occupancies, history, reference. Call inside a transaction."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, connection

from bookings.access.actors import Actor
from bookings.access.permissions import actor_kind
from bookings.availability.wishes import WantedDate
from bookings.date_facts import Before, BookedDate
from bookings.enums import SlotStatus, Verb
from bookings.errors import RoomAlreadyBooked
from bookings.models import Booking, Occupancy, ReferenceCounter, Slot, Transition
from bookings.occupancy.guard import is_overlap
from bookings.series.scheduler import SeriesSlot, store_occurrences
from bookings.services._status import derive_status
from rooms.facts import HouseFacts
from rooms.models import House
from rooms.rules import Wish

# The number of a new request, where none of its key is stored. Both databases write it alike.
_DRAW = (
    'INSERT INTO "bookings_referencecounter" ("house_id", "year", "last_number")'
    ' SELECT %s, %s, 1 WHERE NOT EXISTS (SELECT 1 FROM "bookings_booking" WHERE "submission_key" = %s)'
    ' ON CONFLICT ("house_id", "year")'
    ' DO UPDATE SET "last_number" = "bookings_referencecounter"."last_number" + 1'
    ' RETURNING "id", "last_number"'
)


def draw_reference(house: House, submission_key: uuid.UUID, now: datetime) -> str | None:
    """Return the next reference of the house in the local year, such as HdB-2027-0042, in one statement.

    None where a request with this key is stored already: then nothing is drawn. Call under the house
    lock; numbers have no gaps but those of rolled-back requests.
    """
    year = now.astimezone(house.zone).year
    key = Booking._meta.get_field("submission_key").get_db_prep_value(submission_key, connection)
    for counter in ReferenceCounter.objects.raw(_DRAW, [house.pk, year, key]):
        return f"{house.reference_prefix}-{year}-{counter.last_number:04d}"
    return None


def create_slots(
    booking: Booking,
    dates: Sequence[WantedDate],
    wishes: Sequence[Wish],
    facts: HouseFacts,
    status: SlotStatus = SlotStatus.REQUESTED,
    reason: str = "",
) -> list[Slot]:
    """Store the dates of a booking with their rooms and occupancies; skipped ones with why they are.

    All others have `status`, and `reason` where it needs one.

    Raises RoomAlreadyBooked when the database refuses an approved one.
    """
    slots = Slot.objects.bulk_create(
        Slot(
            booking=booking,
            starts_at=wish.net.start,
            ends_at=wish.net.end,
            gross_starts_at=wish.gross.start,
            gross_ends_at=wish.gross.end,
            status=SlotStatus.SKIPPED if date.skipped else status,
            reason="" if date.skipped else reason,
            skipped_because=date.skipped.because if date.skipped else "",
            skipped_day_name=date.skipped.day_name if date.skipped else "",
        )
        for date, wish in zip(dates, wishes, strict=True)
    )
    occupy(slots, wishes, facts)
    return slots


def former_places(slots: Sequence[Slot], dates: Sequence[WantedDate]) -> dict[int, Before]:
    """Return by slot id when and where the series has the dates that were created elsewhere."""
    return {
        slot.pk: date.instead_of
        for slot, date in zip(slots, dates, strict=True)
        if date.instead_of is not None
    }


def as_booked(slots: Sequence[Slot], facts: HouseFacts) -> list[BookedDate]:
    """Return all dates of a booking, as they were just written, as `Booking.dates` would read them.

    Without a query but for a date that replaces another one, or is replaced.
    """
    return [
        BookedDate(
            slot_id=slot.pk,
            uid=slot.uid,
            status=slot.status,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            gross_starts_at=slot.gross_starts_at,
            gross_ends_at=slot.gross_ends_at,
            reason=slot.reason,
            sequence=slot.sequence,
            rooms=tuple((room.slug, room.name) for room in facts.rooms_in_order(slot.room_ids)),
            replaces=slot.replaces.uid if slot.replaces else None,
            skip=slot.skip,
            replaced_by=slot.replaced_by.reference if slot.replaced_by else "",
        )
        for slot in _in_order(slots)
    ]


def _in_order(slots: Iterable[Slot]) -> list[Slot]:
    return sorted(slots, key=lambda slot: (slot.starts_at, slot.pk))


def occupy(slots: Sequence[Slot], wishes: Sequence[Wish], facts: HouseFacts) -> None:
    """Store which rooms the dates have, and what they take of the house; they have none yet.

    Raises RoomAlreadyBooked when the database refuses an approved one.
    """
    for slot, wish in zip(slots, wishes, strict=True):
        slot.room_ids = wish.room_ids
    Slot.rooms.through.objects.bulk_create(
        Slot.rooms.through(slot_id=slot.pk, room_id=room_id)
        for slot, wish in zip(slots, wishes, strict=True)
        for room_id in wish.room_ids
    )
    occupancies = [
        Occupancy(
            slot_id=slot.pk,
            part_id=part_id,
            starts_at=slot.gross_starts_at,
            ends_at=slot.gross_ends_at,
            is_blocking=slot.status == SlotStatus.APPROVED,
        )
        for slot, wish in zip(slots, wishes, strict=True)
        for part_id in sorted(facts.parts_of(wish.room_ids))
    ]
    try:
        Occupancy.objects.bulk_create(occupancies)
    except IntegrityError as error:
        raise _clash_or(error) from error


def set_blocking(slots: Sequence[Slot], *, is_blocking: bool) -> None:
    """Let the occupancies of the slots block their parts, or block them no more.

    Raises RoomAlreadyBooked when the database refuses one.
    """
    try:
        Occupancy.objects.filter(slot__in=[slot.pk for slot in slots]).update(is_blocking=is_blocking)
    except IntegrityError as error:
        raise _clash_or(error) from error


def store_gross_time(slot: Slot) -> None:
    """Store the gross time of a slot that does not block yet, with its occupancies."""
    slot.save(update_fields=["gross_starts_at", "gross_ends_at"])
    Occupancy.objects.filter(slot=slot).update(starts_at=slot.gross_starts_at, ends_at=slot.gross_ends_at)


def _clash_or(error: IntegrityError) -> Exception:
    """The database has the last word: a refused overlap is a clash, all else stays what it is."""
    return RoomAlreadyBooked() if is_overlap(error) else error


def record_fact(
    booking: Booking,
    verb: Verb,
    *,
    actor: Actor,
    now: datetime,
    slot: Slot | None = None,
    before_email: str = "",
) -> None:
    """Append a line to the history of the booking, or of one of its dates, that changes no status."""
    status = (slot or booking).status
    Transition.objects.create(
        booking=booking,
        slot=slot,
        verb=verb,
        from_status=status,
        to_status=status,
        actor_id=actor.pk if actor.is_authenticated else None,
        actor_kind=actor_kind(actor, booking.house),
        before_email=before_email,
        at=now,
    )


def record(
    booking: Booking,
    *,
    verb: Verb,
    slots: Iterable[Slot],
    old_statuses: dict[int, str],
    actor: Actor,
    note: str,
    now: datetime,
    by_slot: Mapping[int, tuple[Verb, str]] | None = None,
    before: Mapping[int, Before] | None = None,
    overridden: Collection[str] = (),
    override_reason: str = "",
) -> None:
    """Store the booking's status as its slots now have it, raise its version, append its history.

    Where it is a series, its event says what its slots say; approving changes nothing of that.
    `old_statuses` are the statuses of the changed slots before, by slot id; empty for a new
    booking. A booking with several dates gets a line for each changed date as well, a new one only for
    dates that are not as its series has them. By slot id, `by_slot` gives verb and note of a date where
    they differ from those of the booking, `before` when and where it was. `overridden` are the codes of
    the rules that were set aside, for this reason.
    """
    before, slots = before or {}, list(slots)
    known = booking.all_slots if old_statuses else []
    booking.all_slots = _in_order(({slot.pk: slot for slot in [*known, *slots]}).values())
    stored, booking.status = booking.status, derive_status(slot.status for slot in booking.all_slots)
    if verb in {Verb.APPROVE, Verb.REJECT, Verb.DECIDE}:
        booking.decided_at = now
    if old_statuses:
        booking.version += 1
    # A new booking that waits for its decision is stored as such already.
    if old_statuses or booking.status != stored:
        booking.save(update_fields=["status", "version", "decided_at"])
    person_id = actor.pk if actor.is_authenticated else None
    common = {
        "booking": booking,
        "actor_id": person_id,
        "actor_kind": actor_kind(actor, booking.house),
        "at": now,
    }
    lines = [
        Transition(
            **common,
            verb=verb,
            note=note,
            from_status=stored if old_statuses else "",
            to_status=booking.status,
            overridden_rules=sorted(overridden),
            override_reason=override_reason[:500] if overridden else "",
        )
    ]
    has_lines = (len(booking.all_slots) > 1 and old_statuses) or by_slot
    for slot in slots:
        if not (has_lines or slot.pk in before):
            continue
        own_verb, own_note = (by_slot or {}).get(slot.pk, (verb, note))
        was = before.get(slot.pk)
        lines.append(
            Transition(
                **common,
                slot=slot,
                verb=own_verb,
                note=own_note,
                from_status=old_statuses.get(slot.pk, ""),
                to_status=slot.status,
                before_starts_at=was.net.start if was else None,
                before_ends_at=was.net.end if was else None,
                before_rooms=was.rooms if was else (),
            )
        )
    Transition.objects.bulk_create(lines)
    if not old_statuses:
        booking.history = lines
        store_occurrences(booking, [_series_slot(slot, before.get(slot.pk)) for slot in slots])
    elif verb != Verb.APPROVE:
        store_occurrences(booking)


def _series_slot(slot: Slot, before: Before | None) -> SeriesSlot:
    """Return a date that was just created as its series sees it; `before` is where the series has it."""
    return SeriesSlot(
        slot.net, slot.status in SlotStatus.STANDING, before.net.start if before else slot.starts_at
    )
