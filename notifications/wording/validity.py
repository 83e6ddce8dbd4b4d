"""Whether what a planned mail says is still so when it goes out, which may be a day after it was entered.

A mail server may be away for a day; meanwhile dates move, end, or are cancelled. What is no longer so
is dropped, and planned anew where something is left to tell.
"""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bookings.enums import BookingStatus
from bookings.models import Slot
from notifications.models import Message
from rooms.clock import day_of, whole_day


def dates_stand(message: Message, now: datetime) -> bool:
    """Whether all dates it names are approved as they were, and lie ahead."""
    named = {date["uid"]: (date["sequence"], date["starts_at"]) for date in _dates(message.facts)}
    slots = Slot.objects.approved().filter(uid__in=named, starts_at__gt=now)
    standing = {str(slot.uid): (slot.sequence, slot.starts_at) for slot in slots}
    return standing == {
        uid: (sequence, datetime.fromisoformat(starts_at)) for uid, (sequence, starts_at) in named.items()
    }


def series_ends_then(message: Message, now: datetime) -> bool:
    """Whether the last date of the series is still the one it names."""
    last = Slot.objects.approved().filter(booking=message.booking_id).order_by("starts_at").last()
    return last is not None and str(last.uid) == message.facts["dates"][-1]["uid"] and last.starts_at > now


def answer_is_awaited(message: Message, now: datetime) -> bool:
    """Whether nobody has decided on the request yet."""
    return message.booking is not None and message.booking.status == BookingStatus.REQUESTED


def is_the_day(message: Message, now: datetime) -> bool:
    """Whether it is still the day it was written for."""
    return day_of(now, _zone(message)) == date.fromisoformat(message.facts["day"])


def day_is_not_over(message: Message, now: datetime) -> bool:
    """Whether the day it tells of has not ended."""
    return now < whole_day(date.fromisoformat(message.facts["day"]), _zone(message)).end


def _dates(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the dates of a mail about one booking, or about several series."""
    return [date for series in facts.get("series", [facts]) for date in series["dates"]]


def _zone(message: Message) -> ZoneInfo:
    return ZoneInfo(message.facts["house"]["zone"])
