"""Everything that changes a booking: one verb, one function, called by pages, API, admin and tasks."""

from bookings.services.confirming import confirm_date
from bookings.services.decisions import (
    approve_booking,
    cancel_booking,
    reject_booking,
    revoke_booking,
    withdraw_booking,
)
from bookings.services.imports import import_booking
from bookings.services.requests import RequestData, WantedDate, request_booking, request_change

__all__ = [
    "RequestData",
    "WantedDate",
    "approve_booking",
    "cancel_booking",
    "confirm_date",
    "import_booking",
    "reject_booking",
    "request_booking",
    "request_change",
    "revoke_booking",
    "withdraw_booking",
]
