"""Mails before a date: the reminder of a single one, and the question whether one of a series takes place."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any

from bookings.agenda.upcoming import SERIES_FROM, dates_to_come
from bookings.models import Booking, Slot
from notifications.outbox.entry import Draft
from notifications.planning.due import due_at, heard_since, planned_mail_key
from notifications.recipients import applicant_of
from notifications.wording.facts import facts_of_dates
from rooms.clock import day_of, whole_day
from rooms.intervals import Interval
from rooms.models import House


def plan_reminders(house: House, now: datetime) -> Iterator[Draft]:
    """Remind of dates that are no series; of those of one booking and day together.

    Of several reminders the latest that is due counts, so that tomorrow's date is not announced
    a week ahead after a pause; what has begun needs none.
    """
    days_before = house.reminders
    if not days_before:
        return
    today = day_of(now, house.zone)
    last_day = today + timedelta(days=days_before[0])
    slots = dates_to_come(house, _until(house, last_day, now), below=SERIES_FROM)
    by_booking = slots.order_by("booking", "starts_at", "pk")
    for (_booking, day), grouped in groupby(
        by_booking, key=lambda slot: (slot.booking_id, day_of(slot.starts_at, house.zone))
    ):
        of_the_day = list(grouped)
        days = min(number for number in days_before if number >= (day - today).days)
        due = due_at(house, day, days_before=days)
        if due <= now and not heard_since(of_the_day[0], due):
            yield from _drafts("reminder", of_the_day, f"{of_the_day[0].booking_id}:{days}", day)


def plan_questions(house: House, now: datetime) -> Iterator[Draft]:
    """Ask before each date of a long series whether it takes place, where the house wants to know."""
    if house.ask_days is None:
        return
    last_day = day_of(now, house.zone) + timedelta(days=house.ask_days)
    for slot in dates_to_come(house, _until(house, last_day, now), least=house.ask_from_dates):
        day = day_of(slot.starts_at, house.zone)
        due = due_at(house, day, days_before=house.ask_days)
        if due <= now and not heard_since(slot, due):
            yield from _drafts("still_taking_place", [slot], str(slot.pk), day, asked_uid=str(slot.uid))


def _drafts(kind: str, slots: list[Slot], subject: str, day: date, **more: str) -> Iterator[Draft]:
    booking = slots[0].booking
    for recipient in applicant_of(booking):
        yield Draft(
            kind=kind,
            recipient=recipient,
            dedupe_key=planned_mail_key(kind, subject, day),
            facts=partial(_facts, booking, slots, more),
            booking=booking,
        )


def _facts(booking: Booking, slots: list[Slot], more: dict[str, str]) -> dict[str, Any]:
    return facts_of_dates(booking, slots) | more


def _until(house: House, last_day: date, now: datetime) -> Interval:
    """Return the time from now until the end of that day."""
    return Interval(now, whole_day(last_day, house.zone).end)
