"""Mails to staff: an answer that is overdue, and what the day brings."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache, partial
from typing import Any

from django.db.models import Q, QuerySet

from bookings.access.lookups import bookings_with_dates
from bookings.agenda.caretaker import day_plan
from bookings.desk.answer_dates import house_answer_date, waiting_since
from bookings.enums import SlotStatus
from bookings.models import Booking
from notifications.models import Message, MessageState
from notifications.outbox.entry import Draft
from notifications.planning.day_facts import caretaker_date_facts
from notifications.planning.due import due_at, planned_mail_key
from notifications.recipients import staff_of
from notifications.wording.catalogue import KINDS
from notifications.wording.facts import facts_of_dates, letterhead_facts
from rooms.clock import day_of
from rooms.models import House

# An answer that is late for longer is told by the digest, and by no mail of its own.
OVERDUE_GRACE = timedelta(days=7)
# A mail that failed is told in the digests of so many days.
FAILED_FOR = timedelta(days=7)
MOST_FAILED = 10


def plan_overdue(house: House, now: datetime) -> Iterator[Draft]:
    """Tell once, on the morning after the promised day, that a request still waits for its answer."""
    waiting = waiting_since(_pending(house))
    late = {
        booking.pk: since
        for booking, since in waiting.items()
        if timedelta() <= now - due_at(house, house_answer_date(house, since), days_before=-1) < OVERDUE_GRACE
    }
    recipients = list(staff_of(house)) if late else []
    for booking in bookings_with_dates().filter(pk__in=late).order_by("received_at", "pk"):
        since = late[booking.pk]
        for recipient in recipients:
            yield Draft(
                kind="staff_overdue",
                recipient=recipient,
                dedupe_key=planned_mail_key("staff_overdue", booking.pk, house_answer_date(house, since)),
                facts=partial(_overdue_facts, booking, since),
                booking=booking,
            )


def _pending(house: House) -> QuerySet[Booking]:
    """Return the requests that wait for an answer, with their dates, the oldest first."""
    bookings = Booking.objects.filter(house=house).pending().select_related("house", "association")
    return bookings.prefetch_related("slots").order_by("received_at", "pk")


def _overdue_facts(booking: Booking, since: datetime) -> dict[str, Any]:
    """Return what waits for an answer, and from when the answer was promised."""
    pending = [slot for slot in booking.slots.all() if slot.status == SlotStatus.REQUESTED]
    return facts_of_dates(booking, pending) | {"received_at": since.isoformat()}


def plan_digests(house: House, now: datetime) -> Iterator[Draft]:
    """Tell once a day what is open; nothing on a day without anything."""
    today = day_of(now, house.zone)
    if now < due_at(house, today):
        return
    facts = cache(partial(_digest_facts, house, today, now))
    for recipient in staff_of(house):
        yield Draft(
            kind="staff_digest",
            recipient=recipient,
            dedupe_key=planned_mail_key("staff_digest", house.pk, today),
            facts=facts,
        )


def _digest_facts(house: House, today: date, now: datetime) -> dict[str, Any] | None:
    requests = [
        _request(booking, house_answer_date(house, since), today)
        for booking, since in waiting_since(_pending(house)).items()
    ]
    dates = [caretaker_date_facts(slot) for slot in day_plan(house, today).dates if not slot.is_called_off]
    failed = Message.objects.filter(
        Q(booking=None) | Q(booking__house=house),
        state=MessageState.FAILED,
        created_at__gt=now - FAILED_FOR,
        # What holds a secret is of no use any more, and nobody can send it again.
        kind__in=[kind.name for kind in KINDS.values() if not kind.secrets],
    )
    number_failed = failed.count()
    if not (requests or dates or number_failed):
        return None
    latest = failed.order_by("-created_at", "-pk")[:MOST_FAILED]
    return {
        "house": letterhead_facts(house),
        "day": today.isoformat(),
        "requests": requests,
        "plan": dates,
        "number_failed": number_failed,
        "failed": list(latest.values("kind", "recipient", "booking__reference")),
    }


def _request(booking: Booking, answer_date: date, today: date) -> dict[str, Any]:
    return {
        "reference": booking.reference,
        "title": booking.title,
        "association": booking.association.name,
        "answer_date": answer_date.isoformat(),
        "is_late": answer_date < today,
    }
