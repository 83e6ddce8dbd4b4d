"""Made-up facts of mails about more than one booking, made of one; see `notifications.wording.examples`."""

from datetime import datetime
from typing import Any

from bookings.enums import SlotStatus

Facts = dict[str, Any]


def _day(booking: Facts) -> str:
    return datetime.fromisoformat(booking["dates"][0]["starts_at"]).date().isoformat()


def _caretaker_date(booking: Facts) -> Facts:
    """Return the date of the booking as caretakers are told of it."""
    (date,) = booking["dates"]
    names = (
        "reference",
        "title",
        "association",
        "persons",
        "layout",
        "remarks",
        "contact_name",
        "contact_phone",
    )
    return {
        **{
            name: date[name] for name in ("starts_at", "ends_at", "gross_starts_at", "gross_ends_at", "rooms")
        },
        **{name: booking[name] for name in names},
        "slot_id": 0,
        "is_called_off": False,
        "equipment": [],
    }


def month_of_series(booking: Facts) -> Facts:
    names = ("reference", "title", "association", "dates", "status_url")
    series = {name: booking[name] for name in names}
    return {
        "house": booking["house"],
        "contact_name": booking["contact_name"],
        "month": _day(booking)[:8] + "01",
        "series": [series | {"booking_id": 0}],
    }


def end_of_series(booking: Facts) -> Facts:
    return booking | {"last_day": _day(booking)}


def asked_date(booking: Facts) -> Facts:
    return booking | {"asked_uid": booking["dates"][0]["uid"]}


def day_of_staff(booking: Facts) -> Facts:
    request = {name: booking[name] for name in ("reference", "title", "association")}
    return {
        "house": booking["house"],
        "day": _day(booking),
        "requests": [request | {"answer_date": _day(booking), "is_late": False}],
        "plan": [_caretaker_date(booking)],
        "number_failed": 0,
        "failed": [],
    }


def day_of_caretaker(booking: Facts) -> Facts:
    return {
        "house": booking["house"],
        "contact_name": booking["contact_name"],
        "day": _day(booking),
        "plan": [_caretaker_date(booking)],
        "room_changes": [],
    }


def changed_day_of_caretaker(booking: Facts) -> Facts:
    change = {"what": "new", "date": _caretaker_date(booking), "before": None}
    return day_of_caretaker(booking) | {"changes": [change]}


def settled_dates(booking: Facts) -> Facts:
    """One date that the house revokes, and one that it moves."""
    of_booking = {name: booking[name] for name in ("reference", "title", "association", "status_url")}
    (date,) = booking["dates"]
    was = {name: date[name] for name in ("starts_at", "ends_at", "rooms")}
    named = date | {name: booking[name] for name in ("reference", "title")}
    return {
        **{name: booking[name] for name in ("house", "contact_name", "note")},
        "bookings": [of_booking],
        "dates": [named | {"status": SlotStatus.REVOKED, "before": None}, named | {"before": was}],
        "replaced": None,
    }
