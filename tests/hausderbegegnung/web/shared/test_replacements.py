"""What a change is to replace, as its pages and lists say it."""

import re

from django.test import Client
from django.utils.html import strip_tags

from bookings.enums import SlotStatus
from bookings.models import Booking, Slot
from bookings.services import approve_booking, reject_booking
from rooms.models import Room
from tests.factories import NOW, make_booking_on, make_staff
from tests.hausderbegegnung.web.bookings import slots


def test_a_change_says_how_many_dates_it_is_about(
    as_applicant: Client, as_staff: Client, series: Booking, room: Room
) -> None:
    """Of one date also which; “the booking” only where nothing of it stands beside the change."""
    every, old, everywhere = slots(series), series.reference, ["status", "list", "staff"]

    def said(change: Booking, sentence: str) -> list[str]:
        return pages_that_say(as_applicant, as_staff, change, sentence)

    one = make_change(series, [every[1]])
    asked = f"Diese Anfrage soll 1 Termin der Buchung {old} ersetzen: Di., 27.04.2027, 16:00–18:00 Uhr."
    assert said(one, asked) == everywhere
    approve_booking(booking_id=one.pk, actor=make_staff(), now=NOW)
    done = f"Diese Buchung hat 1 Termin der Buchung {old} ersetzt: Di., 27.04.2027, 16:00–18:00 Uhr."
    assert (said(one, done), said(one, asked)) == (everywhere, [])
    two = make_change(series, every[2:])
    assert said(two, f"Diese Anfrage soll 2 Termine der Buchung {old} ersetzen.") == everywhere
    reject_booking(booking_id=two.pk, actor=make_staff(), now=NOW, reason="Wahl")
    assert said(two, f"Diese Anfrage sollte 2 Termine der Buchung {old} ersetzen; an ihnen") == everywhere
    rest = make_change(series, [every[0], *every[2:]])
    assert said(rest, f"Diese Anfrage soll die Buchung {old} ersetzen.") == everywhere
    approve_booking(booking_id=rest.pk, actor=make_staff(), now=NOW)
    assert said(rest, f"Diese Buchung hat die Buchung {old} ersetzt.") == everywhere


def make_change(series: Booking, old: list[Slot]) -> Booking:
    """A request for the evening of the days of these dates."""
    change = make_booking_on(
        list(old[0].rooms.all()),
        [slot.starts_at.date() for slot in old],
        "19:00",
        "21:00",
        status=SlotStatus.REQUESTED,
        applicant=series.applicant,
        association=series.association,
    )
    Booking.objects.filter(pk=change.pk).update(replaces=series)
    change.replaced_slots.set(old)
    for new, replaced in zip(slots(change), old, strict=True):
        Slot.objects.filter(pk=new.pk).update(replaces=replaced)
    return change


def pages_that_say(as_applicant: Client, as_staff: Client, change: Booking, sentence: str) -> list[str]:
    """On which pages of a change a sentence stands, as it is seen."""
    pages = {
        "status": as_applicant.get(f"/anfragen/{change.reference}/"),
        "list": as_applicant.get("/meine-anfragen/"),
        "staff": as_staff.get(f"/eingang/{change.reference}/"),
    }
    said = []
    for name, page in pages.items():
        seen = re.sub(r'<span class="visually-hidden">[^<]*</span>', "", page.content.decode())
        if sentence in " ".join(strip_tags(seen).replace("\N{NO-BREAK SPACE}", " ").split()):
            said.append(name)
    return said
