"""Taking over bookings that were decided elsewhere, and what is changed about them there later."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bookings.access.actors import Actor
from bookings.access.permissions import can_decide_on
from bookings.availability.wishes import WantedDate, wish_of
from bookings.enums import SlotStatus, Verb
from bookings.errors import InvalidRequest
from bookings.events import Change, announce
from bookings.models import Association, Booking, ImportedDate, Slot
from bookings.services._entries import RequestData, check_entries
from bookings.services._lock import lock_house
from bookings.services._records import create_slots, draw_reference, record
from bookings.services._refusals import reasons_of_plan, stops_always
from bookings.services.decisions import give_back, lock_booking
from bookings.services.moves import Move, move_slots
from bookings.services.requests import create_booking
from bookings.services.submissions import get_submission
from rooms.facts import HouseFacts, house_facts
from rooms.models import House
from rooms.rules import Wish


@dataclass(frozen=True, slots=True)
class Origin:
    """The date of a calendar that a date was read from; `title` and `status` are what it says there.

    `calendar` is the room whose calendar it is, empty where its events name their rooms; `original`
    the start that the date had before it was moved by itself (RECURRENCE-ID).
    """

    uid: str
    calendar: str
    original: datetime
    sequence: int
    title: str
    status: SlotStatus


@dataclass(frozen=True, slots=True)
class DateUpdate:
    """What a calendar now says of a date: when and where it is, or, without `wanted`, that it is none.

    Without `slot_id` the date is added; `instead_of_id` is the slot that it was read into before,
    which stands no more. With `is_seen` the date stays as it is here, and only what is known of
    its calendar is kept.
    """

    origin: Origin
    wanted: WantedDate | None
    slot_id: int | None = None
    instead_of_id: int | None = None
    is_seen: bool = False


def import_booking(
    *,
    data: RequestData,
    status: SlotStatus,
    actor: Actor,
    now: datetime,
    reason: str = "",
    origins: Sequence[Origin | None] = (),
) -> Booking:
    """Store a booking with the status it has elsewhere; nobody is told.

    `reason` belongs to rejected dates, `origins` to dates of a calendar, in the order of the dates.
    The rules of a request are not asked: an old plan may break them. The same again with its
    submission key gives the stored booking.

    Raises KeyReused for another booking with a known key, and RoomAlreadyBooked when an approved date
    overlaps another; then nothing is stored.
    """
    check_entries(data)
    with transaction.atomic():
        house = lock_house(data.house_id)
        reference = draw_reference(house, data.submission_key, now)
        if reference is None:
            return get_submission(data, actor=actor)
        association = Association.objects.filter(pk=data.association_id or 0).first()
        if association is None:
            raise InvalidRequest(field="association")
        facts = house_facts(house)
        wishes = [wish_of(house, date, data.persons, data.layout, data.kind, facts) for date in data.dates]
        booking = create_booking(
            house=house, reference=reference, data=data, association=association, actor=actor, now=now
        )
        slots = create_slots(booking, data.dates, wishes, facts, status=status, reason=reason)
        ImportedDate.objects.bulk_create(
            _imported(slot.pk, origin, date)
            for slot, origin, date in zip(slots, origins, data.dates, strict=bool(origins))
            if origin is not None
        )
        record(booking, verb=Verb.REQUEST, slots=slots, old_statuses={}, actor=actor, note=reason, now=now)
        announce([Change(booking, Verb.REQUEST, slots, reason)], actor=actor, now=now, is_quiet=True)
    return booking


def update_booking(
    *,
    booking_id: int,
    updates: Sequence[DateUpdate],
    title: str | None = None,
    actor: Actor,
    now: datetime,
    tell: bool = False,
) -> dict[int, str]:
    """Let the dates of an imported booking become what their calendar now says, in one transaction.

    Dates are cancelled, moved and added, in this order, and the booking is called `title` where one
    is given; people are told only with `tell`. As in an import the rules of a request are not
    asked. Returns, by its number in `updates`, why a date could not be moved or added: it stays
    as it was, and so does what is known of its calendar.

    Raises what `approve_booking` raises.
    """
    with transaction.atomic():
        house, booking = lock_booking(booking_id, actor, can_decide_on, None)
        facts = house_facts(house)
        slots = {slot.pk: slot for slot in booking.all_slots}
        gone = [slots[update.slot_id] for update in updates if update.wanted is None and update.slot_id]
        changes = [give_back(booking, gone, actor, "", now)] if gone else []
        moved: dict[int, tuple[Slot, Wish]] = {}
        added: dict[int, tuple[Slot, Wish]] = {}
        for number, update in enumerate(updates):
            if update.wanted is None or update.is_seen:
                continue
            if update.slot_id is None:
                wish = wish_of(house, update.wanted, booking.persons, booking.layout, booking.kind, facts)
                added[number] = Slot(booking=booking, status=update.origin.status), wish
                continue
            slot = slots[update.slot_id]
            wish = _wish_there(house, booking, slot, update.wanted, facts)
            if (slot.net, set(slot.room_ids)) != (wish.net, set(wish.room_ids)):
                moved[number] = slot, wish
        # A request that is added blocks nobody, and is stored beside whatever is there.
        blocking = {
            number: (slot, wish)
            for number, (slot, wish) in added.items()
            if slot.status == SlotStatus.APPROVED
        }
        refused = _refused(house, booking, moved | blocking, facts)
        moved = {number: pair for number, pair in moved.items() if number not in refused}
        added = {number: pair for number, pair in added.items() if number not in refused}
        changes += _move(house, booking, list(moved.values()), actor, now, facts)
        new = _add(booking, list(added.values()), actor, now, facts)
        changes += [Change(booking, Verb.ADD, new)] if new else []
        if title not in {None, booking.title}:
            booking.title = title
            booking.version += 1
            booking.save(update_fields=["title", "version"])
        _know(updates, {number: slot.pk for number, slot in zip(added, new, strict=True)}, refused)
        if changes:
            announce(changes, actor=actor, now=now, is_quiet=not tell)
    return refused


def _wish_there(house: House, booking: Booking, slot: Slot, date: WantedDate, facts: HouseFacts) -> Wish:
    """Return what is wanted of a date that is there already: it keeps its set-up and tear-down."""
    date = replace(date, setup_minutes=slot.setup_minutes, teardown_minutes=slot.teardown_minutes)
    return wish_of(house, date, booking.persons, booking.layout, booking.kind, facts)


def _refused(
    house: House, booking: Booking, dates: dict[int, tuple[Slot, Wish]], facts: HouseFacts
) -> dict[int, str]:
    """Return why dates cannot be where they are wanted, by number.

    What is refused stays where it is, and may be in the way of another one: so it is asked again.
    """
    refused: dict[int, str] = {}
    asked = dict(dates)
    while asked:
        reasons = reasons_of_plan(house, booking, list(asked.values()), facts=facts)
        found = {
            number: " ".join(str(reason.message) for reason in stopping)
            for number, against in zip(list(asked), reasons, strict=True)
            if (stopping := [reason for reason in against if stops_always(reason)])
        }
        if not found:
            break
        refused |= found
        asked = {number: pair for number, pair in asked.items() if number not in found}
    return refused


def _move(
    house: House,
    booking: Booking,
    dates: Sequence[tuple[Slot, Wish]],
    actor: Actor,
    now: datetime,
    facts: HouseFacts,
) -> list[Change]:
    if not dates:
        return []
    moves = [Move(slot.pk, wish.net.start, wish.net.end, wish.room_ids) for slot, wish in dates]
    slots = [slot for slot, _wish in dates]
    # The calendar stands for what was decided elsewhere.
    why = _("As in the calendar that was read.")
    change = move_slots(
        house, booking, slots, moves, actor, "", now, override=True, override_reason=why, facts=facts
    )
    return [change]


def _add(
    booking: Booking, dates: Sequence[tuple[Slot, Wish]], actor: Actor, now: datetime, facts: HouseFacts
) -> list[Slot]:
    if not dates:
        return []
    by_number: dict[int, Slot] = {}
    for status in dict.fromkeys(slot.status for slot, _wish in dates):
        wishes = {number: wish for number, (slot, wish) in enumerate(dates) if slot.status == status}
        wanted = [WantedDate(wish.net.start, wish.net.end, wish.room_ids) for wish in wishes.values()]
        created = create_slots(booking, wanted, list(wishes.values()), facts, status=SlotStatus(status))
        by_number |= zip(wishes, created, strict=True)
    slots = [by_number[number] for number in sorted(by_number)]
    record(
        booking,
        verb=Verb.ADD,
        slots=slots,
        old_statuses=dict.fromkeys((slot.pk for slot in slots), ""),
        actor=actor,
        note="",
        now=now,
    )
    return slots


def _know(updates: Sequence[DateUpdate], added: dict[int, int], refused: dict[int, str]) -> None:
    """Keep what the calendar says of each date that became what it says."""
    done = [
        (added.get(number, update.slot_id), update)
        for number, update in enumerate(updates)
        if number not in refused
    ]
    ImportedDate.objects.filter(
        slot__in=[update.instead_of_id for _slot_id, update in done if update.instead_of_id]
    ).delete()
    by_sequence: dict[int, list[int | None]] = {}
    for slot_id, update in done:
        if update.wanted is None:
            by_sequence.setdefault(update.origin.sequence, []).append(slot_id)
    for sequence, slot_ids in by_sequence.items():
        ImportedDate.objects.filter(slot__in=slot_ids).update(sequence=sequence, status=SlotStatus.CANCELLED)
    standing = [
        (slot_id, update.origin, update.wanted) for slot_id, update in done if slot_id and update.wanted
    ]
    ImportedDate.objects.filter(slot__in=[slot_id for slot_id, _origin, _wanted in standing]).delete()
    ImportedDate.objects.bulk_create(_imported(*row) for row in standing)


def _imported(slot_id: int, origin: Origin, date: WantedDate) -> ImportedDate:
    """Return what is kept of the date of a calendar beside the slot that it was read into."""
    return ImportedDate(
        slot_id=slot_id,
        uid=origin.uid,
        calendar=origin.calendar,
        original=origin.original,
        sequence=origin.sequence,
        starts_at=date.starts_at,
        ends_at=date.ends_at,
        room_ids=sorted(date.room_ids),
        title=origin.title,
        status=origin.status,
    )
