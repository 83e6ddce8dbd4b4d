"""A calendar that is read again: what is read, and what is told and stored of it."""

from datetime import date

from bookings.models import Slot
from tests.bookings.plan_import.calendars import event
from tests.factories import BERLIN

WITH = ["--room", "saal-a", "--association", "Chor", "--persons", "10"]
CLOCKS = "DTSTART;TZID=Europe/Berlin:"
DAY = date(2027, 4, 20)


def stored(**filters):
    """All dates that stand, by the clocks on the wall, with their rooms."""
    return [
        f"{slot.starts_at.astimezone(BERLIN):%d.%m. %H:%M}–{slot.ends_at.astimezone(BERLIN):%H:%M} "
        + "+".join(sorted(room.slug for room in slot.rooms.all()))
        for slot in Slot.objects.filter(status__in=["approved", "requested"], **filters).order_by("starts_at")
    ]


def changes(report):
    return [
        (change["kind"], change["message"], change["done"], change["left"]) for change in report["changes"]
    ]


def kinds(report):
    return {kind: count for kind, count in report["compared"].items() if count}


SINGLE = event(f"{CLOCKS}20270420T170000", "SEQUENCE:0")


LATER = event(f"{CLOCKS}20270420T190000", "SEQUENCE:1")
