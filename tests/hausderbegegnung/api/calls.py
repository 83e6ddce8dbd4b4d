"""What tests of the API send about bookings, and read from answers."""

import pytest

from bookings.models import Booking

pytestmark = pytest.mark.django_db


LIST = "/api/v1/bookings/"


def address(booking: Booking, verb: str = "") -> str:
    return f"{LIST}{booking.reference}/{verb + '/' if verb else ''}"


def a_request(**fields) -> dict:
    return {
        "dates": [
            {
                "rooms": ["saal-a"],
                "starts_at": "2027-04-20T19:30:00+02:00",
                "ends_at": "2027-04-20T21:30:00+02:00",
            }
        ],
        "association": "Kita Regenbogenwiese",
        "association_kind": "school",
        "contact_name": "Maria Beispiel",
        "kind": "meeting",
        "title": "Elternabend",
        "persons": 24,
        **fields,
    }


def a_date(starts_at: str, ends_at: str) -> dict:
    return {"rooms": ["saal-a"], "starts_at": starts_at, "ends_at": ends_at}


def codes(response) -> list[tuple[str, str | None]]:
    return [(reason["code"], reason["field"]) for reason in response.json()["reasons"]]
