"""Dates that move again and again become one mail, which tells where they were at first."""

import icalendar
import pytest

from bookings.services import (
    approve_booking,
    give_dates_back,
)
from notifications.models import Message
from notifications.wording.rendering import render
from tests.notifications.outbox.decisions import decide, move, moves_in, outbox
from tests.notifications.scenes import message_about

pytestmark = pytest.mark.django_db


def test_moves_in_quick_succession_are_one_mail_with_the_first_before(approved_of_three, scene):
    move(approved_of_three, scene, 20, to="19:00", seconds=0)
    move(approved_of_three, scene, 21, to="18:00", seconds=10)
    move(approved_of_three, scene, 20, to="20:00", seconds=20)
    assert outbox(approved_of_three) == [
        ("moved", "bundled", [20]),
        ("moved", "bundled", [20, 21]),
        ("moved", "pending", [20, 21]),
    ]
    standing = Message.objects.get(kind="moved", state="pending")
    assert moves_in(standing) == [(16, 20), (16, 18)]
    events = icalendar.Calendar.from_ical(render(standing).calendar.content).walk("VEVENT")
    assert [event["SEQUENCE"] for event in events] == [2, 1]


def test_a_move_that_is_over_is_not_told_whatever_its_note(approved_of_three, scene):
    move(approved_of_three, scene, 20, to="19:00", seconds=0, note="Wahl.")
    move(approved_of_three, scene, 20, to="20:00", seconds=10, note="Später.")
    assert outbox(approved_of_three) == [("moved", "bundled", [20]), ("moved", "pending", [20])]
    assert moves_in(Message.objects.get(kind="moved", state="pending")) == [(16, 20)]


def test_there_and_back_is_not_told(approved_of_three, scene):
    move(approved_of_three, scene, 20, to="19:00", seconds=0)
    move(approved_of_three, scene, 20, to="16:00", seconds=10)
    assert outbox(approved_of_three) == [("moved", "bundled", [20]), ("moved", "dropped", [])]
    assert Message.objects.get(state="dropped").fault == "outdated"


def test_there_and_back_is_told_where_the_first_move_may_be_known(approved_of_three, scene):
    move(approved_of_three, scene, 20, to="19:00", seconds=0)
    Message.objects.filter(kind="moved").update(takeovers=1)
    move(approved_of_three, scene, 20, to="16:00", seconds=10)
    assert moves_in(Message.objects.get(kind="moved", state="pending")) == [(19, 16)]


def test_an_approval_stays_one_where_the_date_moves_and_tells_the_new_time(request_of_three, scene):
    decide(approve_booking, request_of_three, scene, seconds=0)
    move(request_of_three, scene, 20, seconds=10)
    assert outbox(request_of_three) == [("approval", "pending", [20, 21, 22]), ("moved", "pending", [20])]
    assert "19:00" in render(message_about(request_of_three, "approval")).text


def test_a_move_of_a_date_that_is_given_back_is_not_told(approved_of_three, scene):
    move(approved_of_three, scene, 20, seconds=0)
    decide(give_dates_back, approved_of_three, scene, 20, seconds=10)
    assert outbox(approved_of_three) == [("moved", "bundled", [20]), ("cancellation", "pending", [20])]
