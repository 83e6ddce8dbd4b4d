"""What is no longer so when its turn comes is dropped, and what is left to tell is planned anew."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from bookings.models import Booking
from notifications.models import Message, MessageState
from notifications.outbox.delivery import deliver
from notifications.outbox.entry import can_be_resent, resend
from tests.factories import DAY, berlin
from tests.notifications.scenes import Scene, move

pytestmark = pytest.mark.django_db

EVE = DAY - timedelta(days=1)
MORNING = berlin(EVE, "08:00")
LATER = berlin(EVE, "20:00")


@pytest.fixture
def scene() -> Scene:
    return Scene(ask_days=1)


def planned(scene: Scene, kind: str, now: datetime) -> Message:
    return next(message for message in scene.plan(now) if message.kind == kind)


def sent_at(message: Message, now: datetime) -> str:
    """What becomes of the message if its turn comes at `now`."""
    deliver(message_id=message.pk, now=now)
    message.refresh_from_db()
    return message.state


def single(scene: Scene) -> Booking:
    booking = scene.request()
    scene.approve(booking)
    return booking


def first_of(booking: Booking):
    return booking.slots.order_by("starts_at").first()


def last_of(booking: Booking):
    return booking.slots.order_by("starts_at").last()


def cancel_first(scene: Scene, booking: Booking) -> None:
    scene.cancel(booking, slot_ids=[first_of(booking).pk])


def cancel_last(scene: Scene, booking: Booking) -> None:
    scene.cancel(booking, slot_ids=[last_of(booking).pk])


def move_first(scene: Scene, booking: Booking) -> None:
    move(first_of(booking), berlin(DAY, "19:00"))


def nothing(scene: Scene, booking: Booking) -> None:
    pass


Change = Callable[[Scene, Booking], object]
ENDS = berlin(date(2027, 5, 11), "08:00")
LATE = berlin(date(2027, 3, 5), "08:00")


@pytest.mark.parametrize(
    ("kind", "know", "entered", "change", "turn", "expected"),
    [
        ("reminder", single, MORNING, nothing, LATER, "sent"),
        ("reminder", single, MORNING, cancel_first, LATER, "dropped"),
        ("reminder", single, MORNING, move_first, LATER, "dropped"),
        ("reminder", single, MORNING, nothing, berlin(DAY, "15:59"), "sent"),
        ("reminder", single, MORNING, nothing, berlin(DAY, "16:00"), "dropped"),
        ("still_taking_place", lambda scene: scene.weekly(8), MORNING, nothing, LATER, "sent"),
        ("still_taking_place", lambda scene: scene.weekly(8), MORNING, cancel_first, LATER, "dropped"),
        ("still_taking_place", lambda scene: scene.weekly(8), MORNING, cancel_last, LATER, "sent"),
        ("series_ending", lambda scene: scene.weekly(12), ENDS, nothing, ENDS, "sent"),
        ("series_ending", lambda scene: scene.weekly(12), ENDS, cancel_last, ENDS, "dropped"),
        ("series_ending", lambda scene: scene.weekly(12), ENDS, cancel_first, ENDS, "sent"),
        ("staff_overdue", lambda scene: scene.request(), LATE, nothing, LATE, "sent"),
        ("staff_overdue", lambda scene: scene.request(), LATE, Scene.approve, LATE, "dropped"),
        ("staff_digest", single, berlin(DAY, "08:00"), nothing, berlin(DAY, "23:59"), "sent"),
        (
            "staff_digest",
            single,
            berlin(DAY, "08:00"),
            nothing,
            berlin(DAY + timedelta(1), "00:00"),
            "dropped",
        ),
        ("caretaker_plan", single, berlin(EVE, "16:00"), nothing, berlin(DAY, "23:59"), "sent"),
        (
            "caretaker_plan",
            single,
            berlin(EVE, "16:00"),
            nothing,
            berlin(DAY + timedelta(1), "00:00"),
            "dropped",
        ),
    ],
)
def test_a_mail_goes_out_only_while_it_is_true(
    smtp_server,
    scene: Scene,
    kind: str,
    know: Callable[[Scene], Booking],
    entered: datetime,
    change: Change,
    turn: datetime,
    expected: str,
) -> None:
    booking = know(scene)
    message = planned(scene, kind, entered)
    change(scene, booking)
    assert sent_at(message, turn) == expected
    assert len(smtp_server.envelopes) == (expected == "sent")


def test_an_overview_of_several_series_is_written_anew(smtp_server, scene: Scene) -> None:
    """What is left is told, once; the dropped row says why it did not go out."""
    choir = scene.weekly(8)
    scene.weekly(8, room=scene.kitchen, title="Kochkurs")
    due = berlin(date(2027, 3, 27), "08:00")
    first = planned(scene, "monthly_overview", due)
    cancel_first(scene, choir)
    assert sent_at(first, due + timedelta(hours=1)) == "dropped"
    assert first.fault == "outdated"
    assert not can_be_resent(first)

    again = planned(scene, "monthly_overview", due + timedelta(hours=1))
    assert again.dedupe_key == first.dedupe_key.split(":dropped:")[0]
    assert [
        (series["title"], [each["starts_at"][:10] for each in series["dates"]])
        for series in again.facts["series"]
    ] == [("Chorprobe", ["2027-04-27"]), ("Kochkurs", ["2027-04-20", "2027-04-27"])]
    assert sent_at(again, due + timedelta(hours=1)) == "sent"
    assert len(smtp_server.envelopes) == 1


def test_a_mail_server_away_for_a_day_delays_the_reminder_and_a_moved_date_drops_it(
    smtp_server, scene: Scene
) -> None:
    booking = single(scene)
    reminder = planned(scene, "reminder", berlin(DAY - timedelta(days=7), "08:00"))
    smtp_server.answer = "451 later"
    assert sent_at(reminder, berlin(DAY - timedelta(days=7), "08:00")) == "pending"
    move(first_of(booking), berlin(DAY + timedelta(days=14), "16:00"))
    smtp_server.answer = "250 OK"
    assert sent_at(reminder, berlin(DAY - timedelta(days=6), "08:00")) == "dropped"
    assert sent_at(planned(scene, "reminder", berlin(DAY + timedelta(days=7), "08:00")), DAY_LATER) == "sent"


DAY_LATER = berlin(DAY + timedelta(days=8), "08:00")


def test_what_staff_send_once_more_goes_out_as_it_was(smtp_server, scene: Scene) -> None:
    single(scene)
    message = planned(scene, "reminder", MORNING)
    assert sent_at(message, MORNING) == "sent"
    after = berlin(DAY + timedelta(days=1), "08:00")
    copy = resend(message=message, recipient="office@example.org", now=after)
    assert sent_at(copy, after) == MessageState.SENT
