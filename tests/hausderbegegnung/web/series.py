"""A series as tests of pages type it into the request form, and read it from what is stored and shown."""

from bookings.models import Booking
from rooms.models import Room
from tests.factories import make_form_values


def series_values(wanted: list[Room], **values) -> dict:
    """What somebody types who wants every Tuesday from 20 April to the end of May, 16:00 to 18:00."""
    return make_form_values(
        wanted,
        **{"repeats": "weekly", "until": "31.05.2027", "skip_public": "on", "school": "ignored", **values},
    )


def stored(booking: Booking) -> list[tuple[str, str, str, str]]:
    """The dates of a booking: local start, rooms, status, reason."""
    zone = booking.house.zone
    return [
        (
            f"{slot.starts_at.astimezone(zone):%d.%m. %H:%M}",
            ", ".join(sorted(room.name for room in slot.rooms.all())),
            slot.status,
            str(slot.skip or slot.instead_of).replace("\N{NO-BREAK SPACE}", " "),
        )
        for slot in booking.slots.order_by("starts_at")
    ]


def states(response) -> list[tuple[str, str]]:
    return [(f"{row.day:%d.%m.}", row.state.value) for row in response.context["series"].rows]
