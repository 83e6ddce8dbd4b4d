from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings.enums import SlotStatus
from hausderbegegnung.models import User
from rooms.models import Room
from tests.factories import DAY, NOW, berlin, make_association, make_booking

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
    assert {name: context[name] for name in ["upcoming", "pending", "past"]} == {
        "upcoming": [sooner, later],
        "pending": [waiting],
        "past": [rejected, unanswered, over],
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
