"""Everything that changes a booking: one verb, one function, called by pages, API, admin and tasks."""

from bookings.availability.wishes import WantedDate
from bookings.services._entries import RequestData
from bookings.services.closures import close_rooms, open_rooms
from bookings.services.confirmation import confirm_date
from bookings.services.contact import correct_address, note_call, renew_links
from bookings.services.decisions import (
    approve_booking,
    decide_booking,
    give_dates_back,
    reject_booking,
    revoke_booking,
)
from bookings.services.imports import import_booking, update_booking
from bookings.services.moves import Move, add_dates, move_dates
from bookings.services.requests import request_booking, request_change
from bookings.services.settlement import Decisions, Settled, settle_change
from bookings.services.submissions import find_submission

__all__ = [
    "Decisions",
    "Move",
    "RequestData",
    "Settled",
    "WantedDate",
    "add_dates",
    "approve_booking",
    "close_rooms",
    "confirm_date",
    "correct_address",
    "decide_booking",
    "find_submission",
    "give_dates_back",
    "import_booking",
    "move_dates",
    "note_call",
    "open_rooms",
    "reject_booking",
    "renew_links",
    "request_booking",
    "request_change",
    "revoke_booking",
    "settle_change",
    "update_booking",
]
