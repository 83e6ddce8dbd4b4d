"""What tests of pages share that are about a booking and its dates."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings.access.tokens import status_path
from bookings.models import Booking, Slot


def link(booking: Booking, action: str = "") -> str:
    return status_path(booking) + (f"{action}/" if action else "")


def slots(booking: Booking) -> list[Slot]:
    return list(booking.slots.order_by("starts_at", "pk"))


def statuses(booking: Booking) -> list[str]:
    return [slot.status for slot in slots(booking)]


def page_of(booking: Booking, action: str = "") -> str:
    return f"/eingang/{booking.reference}/" + (f"{action}/" if action else "")


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)
