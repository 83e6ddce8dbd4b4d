from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings.enums import SlotStatus
from bookings.services import approve_booking, reject_booking
from hausderbegegnung.models import User
from rooms.models import Room
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_association,
    make_booking,
    make_booking_on,
    make_staff,
    weekly,
)

URL = "/meine-anfragen/"


def test_bookings_are_upcoming_pending_or_past(as_applicant: Client, applicant: User, room: Room) -> None:
    own = make_association(applicant)

    def booking(days: int, status: str):
        return make_booking(
            [room], berlin(DAY + timedelta(days=days), "16:00"), status=status, association=own
        )

    later, sooner = booking(2, SlotStatus.APPROVED), booking(1, SlotStatus.APPROVED)
    waiting = booking(3, SlotStatus.REQUESTED)
    rejected = booking(4, SlotStatus.REJECTED)
    over = make_booking([room], NOW - timedelta(days=9), association=own)
    unanswered = make_booking([room], NOW - timedelta(days=8), status=SlotStatus.REQUESTED, association=own)
    make_booking([room], berlin(DAY, "20:00"), title="Fremde Probe")
    context = as_applicant.get(URL).context
    assert {name: [line.booking for line in context[name]] for name in ["upcoming", "pending", "past"]} == {
        "upcoming": [sooner, later],
        "pending": [waiting],
        "past": [rejected, unanswered, over],
    }


def listed_dates(client: Client, applicant: User) -> dict[str, list[tuple[int, bool, str]]]:
    """Of each list the dates that are shown, by their weeks, whether they wait, and how many there are."""
    # The weeks that pass end every session.
    client.force_login(applicant)
    context = client.get(URL).context
    return {
        name: [
            ((line.slot.starts_at - berlin(DAY, "16:00")).days // 7, line.is_waiting, line.counts.words)
            for line in context[name]
        ]
        for name in ["upcoming", "pending", "past"]
        if context[name]
    }


def test_of_a_series_the_next_open_date_is_shown_then_the_next_one(
    client: Client, applicant: User, room: Room, time_machine: Any
) -> None:
    time_machine.move_to(NOW)
    series = make_booking_on([room], weekly(DAY, 5), status=SlotStatus.REQUESTED, applicant=applicant)
    first, second, *_rest = (slot.pk for slot in series.slots.order_by("starts_at"))
    staff = make_staff()
    assert listed_dates(client, applicant) == {"pending": [(0, True, "5 angefragt")]}
    approve_booking(booking_id=series.pk, actor=staff, now=NOW, slot_ids=[first])
    reject_booking(booking_id=series.pk, actor=staff, now=NOW, slot_ids=[second], reason="Wahl")
    assert listed_dates(client, applicant) == {
        "pending": [(2, True, "1 genehmigt, 3 angefragt, 1 abgelehnt")]
    }
    time_machine.move_to(berlin(DAY + timedelta(weeks=3), "19:00"))
    assert listed_dates(client, applicant) == {
        "pending": [(4, True, "1 genehmigt, 3 angefragt, 1 abgelehnt")]
    }
    approve_booking(booking_id=series.pk, actor=staff, now=NOW, override=True, override_reason="Absprache")
    assert listed_dates(client, applicant) == {"upcoming": [(4, False, "4 genehmigt, 1 abgelehnt")]}
    time_machine.move_to(berlin(DAY + timedelta(weeks=4), "19:00"))
    assert listed_dates(client, applicant) == {"past": [(0, False, "4 genehmigt, 1 abgelehnt")]}


def test_what_comes_next_stands_first(client: Client, applicant: User, room: Room, time_machine: Any) -> None:
    make_booking_on([room], [DAY, DAY + timedelta(weeks=3)], applicant=applicant)
    make_booking([room], berlin(DAY + timedelta(weeks=2), "16:00"), applicant=applicant)
    time_machine.move_to(berlin(DAY + timedelta(weeks=1), "12:00"))
    assert listed_dates(client, applicant) == {
        "upcoming": [(2, False, "1 genehmigt"), (3, False, "2 genehmigt")]
    }


def test_visitors_log_in_first(client: Client, room: Room) -> None:
    assert client.get(URL).status_code == 302


def test_nothing_yet_is_said_kindly(as_applicant: Client, room: Room) -> None:
    assert "empty" in as_applicant.get(URL).content.decode()


def test_the_number_of_queries_does_not_depend_on_the_number_of_bookings(
    as_applicant: Client, applicant: User, room: Room
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            as_applicant.get(URL)
        return len(captured)

    make_booking([room], berlin(DAY, "16:00"), applicant=applicant)
    one = queries()
    for day in range(1, 6):
        make_booking([room], berlin(DAY + timedelta(days=day), "16:00"), applicant=applicant)
    assert queries() == one
