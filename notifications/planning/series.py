"""Mails about series: a month in one mail in place of many reminders, and the end that comes near."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any

from bookings.agenda.upcoming import SERIES_FROM, dates_to_come, last_dates
from bookings.models import Slot
from notifications.models import Message
from notifications.outbox.entry import Draft
from notifications.planning.due import due_at, heard_since, planned_mail_key
from notifications.recipients import Recipient, applicant_of
from notifications.wording.facts import facts_of_dates, letterhead_facts, slot_facts
from rooms.clock import day_of, whole_days
from rooms.intervals import Interval
from rooms.models import House

# For so long after it was due an overview of the month, or the notice of an end, still makes sense.
OVERVIEW_GRACE = timedelta(days=7)
ENDING_GRACE = timedelta(days=14)


def plan_overviews(house: House, now: datetime) -> Iterator[Draft]:
    """Tell each person the dates of all their series in the coming month, in one mail."""
    if house.overview_days is None:
        return
    this_month = day_of(now, house.zone).replace(day=1)
    for first in (this_month, next_month(this_month)):
        due = due_at(house, first, days_before=house.overview_days)
        if not due <= now < due + OVERVIEW_GRACE:
            continue
        month = whole_days(first, next_month(first) - timedelta(days=1), house.zone)
        by_person: dict[str, list[Slot]] = defaultdict(list)
        left = Interval(max(month.start, now), month.end)
        for slot in dates_to_come(house, left, least=SERIES_FROM):
            if not heard_since(slot, due):
                by_person[slot.booking.contact_email.lower()].append(slot)
        for of_person in by_person.values():
            yield from _overview(house, first, of_person)


def _overview(house: House, first: date, slots: Sequence[Slot]) -> Iterator[Draft]:
    booking = slots[0].booking
    is_one_booking = {slot.booking_id for slot in slots} == {booking.pk}
    for recipient in applicant_of(booking):
        yield Draft(
            kind="monthly_overview",
            recipient=recipient,
            dedupe_key=planned_mail_key("monthly_overview", house.pk, first),
            facts=partial(_overview_facts, house, first, slots, recipient),
            booking=booking if is_one_booking else None,
        )


def _overview_facts(house: House, first: date, slots: Sequence[Slot], recipient: Recipient) -> dict[str, Any]:
    ordered = sorted(slots, key=lambda slot: (slot.booking.reference, slot.starts_at, slot.pk))
    return {
        "house": letterhead_facts(house),
        "contact_name": recipient.name,
        "month": first.isoformat(),
        "series": [
            {
                "booking_id": booking.pk,
                "reference": booking.reference,
                "title": booking.title,
                "association": booking.association.name,
                "dates": [slot_facts(slot, is_changed=True) for slot in dates],
            }
            for booking, dates in groupby(ordered, key=lambda slot: slot.booking)
        ],
    }


def plan_series_endings(house: House, now: datetime) -> Iterator[Draft]:
    """Say in time that a series ends; once, unless it was prolonged since.

    Not of a series so short that the notice would be due before it begins, or before it was
    approved: that such a course ends soon everybody knows.
    """
    if house.series_end_weeks is None:
        return
    days = 7 * house.series_end_weeks
    last_day = day_of(now, house.zone) + timedelta(days=days)
    period = whole_days(last_day - ENDING_GRACE, last_day, house.zone)
    period = Interval(max(period.start, now), period.end)
    slots = list(last_dates(house, period, least=SERIES_FROM))
    latest_ends = _latest_ends(slots)
    for slot in slots:
        booking, day = slot.booking, day_of(slot.starts_at, house.zone)
        due = due_at(house, day, days_before=days)
        known_since = max(booking.decided_at or booking.received_at, slot.began_at)  # type: ignore[attr-defined]
        if due > now or known_since > due or latest_ends.get(booking.pk, date.min) >= day:
            continue
        for recipient in applicant_of(booking):
            yield Draft(
                kind="series_ending",
                recipient=recipient,
                dedupe_key=planned_mail_key("series_ending", booking.pk, day),
                facts=partial(_ending_facts, slot, day),
                booking=booking,
            )


def _ending_facts(slot: Slot, day: date) -> dict[str, Any]:
    return facts_of_dates(slot.booking, [slot]) | {"last_day": day.isoformat()}


def _latest_ends(slots: Sequence[Slot]) -> dict[int, date]:
    """Return the latest end that was told of each booking: to end before that is no news."""
    ends: dict[int, date] = {}
    messages = Message.objects.filter(kind="series_ending", booking__in={slot.booking_id for slot in slots})
    for booking_id, day in messages.values_list("booking_id", "facts__last_day"):
        ends[booking_id] = max(ends.get(booking_id, date.min), date.fromisoformat(day))
    return ends


def next_month(first: date) -> date:
    """Return the first day of the month after that of `first`."""
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)
