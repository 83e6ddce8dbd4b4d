"""When something is due by the clocks of the house, and whom it has reached already."""

from datetime import date, datetime, timedelta

from bookings.models import Slot
from rooms.clock import instant
from rooms.models import House


def due_at(house: House, day: date, *, days_before: int = 0) -> datetime:
    """Return the instant on that day, or days before it, at which the house sends planned mails."""
    return instant(day - timedelta(days=days_before), house.mails_from, house.zone)


def heard_since(slot: Slot, due: datetime) -> bool:
    """Whether its applicant heard of the booking after `due`: who was told today needs no reminder.

    Without it a date that is approved three days ahead would be followed by the reminder of seven
    days before, and an imported plan by hundreds of them. The slot is one of `dates_to_come`.
    """
    return slot.last_news_at is not None and slot.last_news_at > due  # type: ignore[attr-defined]


def planned_mail_key(kind: str, subject: object, day: date) -> str:
    """Return what a planned mail is known by, so that each person gets it once."""
    return f"{kind}:{subject}:{day}"
