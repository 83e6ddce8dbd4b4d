"""What is looked up of bookings and their dates besides what they hold themselves."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from bookings.enums import BookingStatus, SchoolHolidays, SlotStatus, Verb
from bookings.models import Booking, Slot, Transition
from bookings.series.dates import Series
from bookings.series.scheduler import pattern_of


def series_of(booking: Booking) -> Series | None:
    """Return how the dates of a booking repeat, with its pauses; None where they follow no pattern.

    What was left out or added by hand is not in it: that stands in the dates themselves.
    """
    pattern = pattern_of(booking.event, booking.house.zone)
    if pattern is None:
        return None
    last_day = pattern.first_day + timedelta(days=pattern.ends_next_day)
    return Series(
        starts=datetime.combine(pattern.first_day, pattern.starts),
        ends=datetime.combine(last_day, pattern.ends),
        pattern=pattern,
        skip_public=booking.skips_public_holidays,
        school=SchoolHolidays(booking.school_holidays),
    )


def asked_at(slots: Iterable[Slot]) -> dict[int, datetime]:
    """Return by slot id when each date was asked for, in one query.

    That is the receipt of its booking, but for dates that were added later. The slots come with
    their bookings.
    """
    received = {slot.pk: slot.booking.received_at for slot in slots}
    added = Transition.objects.filter(slot__in=received, verb=Verb.ADD)
    return received | dict(added.values_list("slot_id", "at"))


def pending_changes(slots: Iterable[Slot]) -> dict[int, Booking]:
    """Return by slot id the change that waits to take the place of each of these dates, in one query.

    A date without a successor waits as long as anything of the change is open; any other one only
    for the answer to its own successor.
    """
    successors = Slot.objects.filter(booking=OuterRef("booking"), replaces=OuterRef("slot"))
    rows = (
        Booking.replaced_slots.through.objects.filter(
            slot__in=[slot.pk for slot in slots], booking__status=BookingStatus.REQUESTED
        )
        .exclude(Exists(successors.exclude(status=SlotStatus.REQUESTED)))
        .select_related("booking")
    )
    return {row.slot_id: row.booking for row in rows}


def dates_without_successor(booking: Booking) -> list[Slot]:
    """Return the dates a change is about that no date of it takes the place of: it gives them up."""
    if booking.replaces_id is None:
        return []
    paired = {slot.replaces_id for slot in booking.slots.all()}
    concerned = booking.replaced_slots.order_by("starts_at", "pk").prefetch_related("rooms")
    return [slot for slot in concerned if slot.pk not in paired]
