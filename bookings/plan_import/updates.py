"""What was read from calendars before: loaded for the comparison, and brought up to date by the services."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bookings.access.actors import Actor
from bookings.availability.wishes import WantedDate
from bookings.enums import SlotStatus
from bookings.models import ImportedDate, Slot
from bookings.plan_import.differences import Comparison, Difference, DifferenceKind, KnownDate, ReadDate
from bookings.plan_import.plan import PlanBooking, PlanFile, SourceDate
from bookings.services.imports import DateUpdate, Origin, update_booking
from rooms.errors import DomainError
from rooms.intervals import Interval
from rooms.models import House, Room


def origins_of(booking: PlanBooking, plan: PlanFile) -> list[Origin | None]:
    """Return which dates of its calendar the dates of a booking are, in their order."""
    return [
        None
        if plan_date.skipped or plan_date.source is None
        else Origin(
            uid=booking.uid,
            calendar=plan.calendar,
            original=plan_date.source.original,
            sequence=plan_date.source.sequence,
            title=booking.title,
            status=SlotStatus(booking.status.value),
        )
        for plan_date in booking.dates
    ]


def load_known(house: House, plan: PlanFile) -> list[KnownDate]:
    """Return what was read from calendars into the house before, in three queries."""
    if not plan.events:
        return []
    slugs = dict(Room.objects.filter(house=house).values_list("pk", "slug"))
    rows = ImportedDate.objects.filter(slot__booking__house=house).select_related("slot__booking")
    rooms: dict[int, list[str]] = defaultdict(list)
    for slot_id, room_id in Slot.rooms.through.objects.filter(
        slot__imported__isnull=False, slot__booking__house=house
    ).values_list("slot_id", "room_id"):
        rooms[slot_id].append(slugs[room_id])
    return [
        KnownDate(
            slot_id=row.slot_id,
            booking_id=row.slot.booking_id,
            reference=row.slot.booking.reference,
            uid=row.uid,
            calendar=row.calendar,
            read=ReadDate(
                source=SourceDate(row.original, row.sequence),
                net=Interval(row.starts_at, row.ends_at),
                rooms=tuple(sorted(slugs.get(room_id, "") for room_id in row.room_ids)),
                title=row.title,
                status=row.status,
            ),
            net=row.slot.net,
            rooms=tuple(sorted(rooms[row.slot_id])),
            status=row.slot.status,
            title=row.slot.booking.title,
        )
        for row in rows
    ]


def carry_out(
    comparison: Comparison,
    rooms: Mapping[str, int],
    *,
    actor: Actor,
    now: datetime,
    tell: bool,
) -> Comparison:
    """Bring the bookings up to date, each as a whole, and return the differences with what was done.

    `rooms` are ids by slug. What cannot be, such as a move into a clash, is said and left.
    """
    found = list(comparison.differences)
    same: dict[int, list[DateUpdate]] = defaultdict(list)
    for known, wanted in comparison.same:
        if known.read != wanted:
            same[known.booking_id].append(_same(known, wanted, rooms))
    waiting: dict[int, list[int]] = {booking_id: [] for booking_id in same}
    for number, difference in enumerate(found):
        if difference.is_open:
            waiting.setdefault(difference.booking_id, []).append(number)
    has_changed = True
    # What was in the way may have moved away since.
    while waiting and has_changed:
        has_changed = False
        refused_by_booking: dict[int, list[int]] = {}
        for booking_id, numbers in sorted(waiting.items()):
            title = comparison.titles.get(booking_id)
            refused = _update_booking(
                booking_id,
                [
                    *(_update(found[number], title, rooms) for number in numbers),
                    *same.pop(booking_id, []),
                ],
                title=_new_title([found[number] for number in numbers], title),
                actor=actor,
                now=now,
                tell=tell,
            )
            for place, number in enumerate(numbers):
                found[number] = replace(
                    found[number], is_done=place not in refused, left=refused.get(place, "")
                )
            left = [number for number in numbers if not found[number].is_done]
            has_changed |= len(left) < len(numbers)
            if left:
                refused_by_booking[booking_id] = left
        waiting = refused_by_booking
    return replace(comparison, differences=found)


def _update_booking(
    booking_id: int,
    updates: Sequence[DateUpdate],
    *,
    title: str | None,
    actor: Actor,
    now: datetime,
    tell: bool,
) -> dict[int, str]:
    """Return why updates were refused, by their numbers: all of them, where the booking cannot be changed."""
    try:
        return update_booking(
            booking_id=booking_id, updates=updates, title=title, actor=actor, now=now, tell=tell
        )
    except DomainError as error:
        return dict.fromkeys(range(len(updates)), _sentence(error))


def _sentence(error: DomainError) -> str:
    return " ".join([str(error), *(str(reason.message) for reason in getattr(error, "reasons", ()))])


def _new_title(differences: Iterable[Difference], title: str | None) -> str | None:
    """Return the title that the booking gets; None where it keeps its own."""
    known = [difference.known for difference in differences if difference.known is not None]
    return title if any(known_date.title != title for known_date in known) else None


def _update(difference: Difference, title: str | None, rooms: Mapping[str, int]) -> DateUpdate:
    """Return what becomes of a date; what of it is not carried out is not known as read."""
    known, wanted = difference.known, difference.wanted
    origin = Origin(
        uid=difference.uid,
        calendar=difference.calendar,
        original=difference.original,
        sequence=difference.sequence,
        title=wanted.title if wanted else "",
        status=SlotStatus(wanted.status if wanted else SlotStatus.CANCELLED),
    )
    slot_id = known.slot_id if known else None
    if wanted is None:
        return DateUpdate(origin, None, slot_id)
    if difference.kind == DifferenceKind.ADDED:
        return DateUpdate(origin, _wanted(wanted, rooms), instead_of_id=slot_id)
    if known is not None and wanted.title != title:
        origin = replace(origin, title=known.read.title)
    if known is not None and wanted.status != known.status:
        origin = replace(origin, status=SlotStatus(known.read.status))
    return DateUpdate(origin, _wanted(wanted, rooms), slot_id)


def _same(known: KnownDate, wanted: ReadDate, rooms: Mapping[str, int]) -> DateUpdate:
    """Return the update of a date that is as its calendar wants it: only the version is newer."""
    source = wanted.source
    origin = Origin(
        uid=known.uid,
        calendar=known.calendar,
        original=source.original,
        sequence=source.sequence,
        title=wanted.title,
        status=SlotStatus(wanted.status),
    )
    return DateUpdate(origin, _wanted(wanted, rooms), known.slot_id, is_seen=True)


def _wanted(wanted: ReadDate, rooms: Mapping[str, int]) -> WantedDate:
    return WantedDate(
        starts_at=wanted.net.start,
        ends_at=wanted.net.end,
        room_ids=tuple(rooms[slug] for slug in wanted.rooms),
        setup_minutes=0,
        teardown_minutes=0,
    )
