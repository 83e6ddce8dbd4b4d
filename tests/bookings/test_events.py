"""One event for each call of a service: what changed, and what of the house became free by it."""

from datetime import timedelta

import pytest

from bookings.enums import SlotStatus, Verb
from bookings.events import FreeTime
from bookings.models import Booking
from bookings.services import (
    Move,
    approve_booking,
    decide_booking,
    give_dates_back,
    move_dates,
    reject_booking,
    revoke_booking,
)
from rooms.intervals import Interval
from rooms.models import Room
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_booking_on,
    make_change,
    make_room,
    weekly,
)

pytestmark = pytest.mark.django_db
NEXT = DAY + timedelta(weeks=1)


@pytest.fixture
def hall(house) -> Room:
    """Two rooms with a wall between them that opens."""
    hall = make_room(house, "Großer Saal")
    hall.parts.set([make_room(house, "Saal A"), make_room(house, "Saal B")])
    return hall


def two(room: Room, status: str = SlotStatus.APPROVED) -> Booking:
    return make_booking_on([room], weekly(DAY, 2), status=status, setup_minutes=30, teardown_minutes=15)


def ids(booking: Booking) -> list[int]:
    return list(booking.slots.order_by("starts_at").values_list("pk", flat=True))


def free(room: Room, day, starts: str, ends: str) -> FreeTime:
    parts = room.parts.values_list("pk", flat=True) or [room.pk]
    return FreeTime(room.house_id, frozenset(parts), Interval(berlin(day, starts), berlin(day, ends)))


@pytest.mark.parametrize("verb", [give_dates_back, revoke_booking])
def test_what_is_given_or_taken_back_is_free_with_set_up_and_tear_down(hall, staff, heard, verb) -> None:
    booking = two(hall)
    words = {"reason": "Bau"} if verb is revoke_booking else {}
    verb(booking_id=booking.pk, actor=staff, now=NOW, slot_ids=ids(booking)[:1], **words)
    (event,) = heard
    assert event.freed == (free(hall, DAY, "15:30", "18:15"),)
    assert [
        (date.slot.pk, date.from_status, date.to_status, date.before)
        for change in event.changes
        for date in change.dates
    ] == [(ids(booking)[0], "approved", "revoked" if words else "cancelled", None)]


@pytest.mark.parametrize("verb", [approve_booking, reject_booking, give_dates_back])
def test_what_never_blocked_frees_nothing(hall, staff, heard, verb) -> None:
    booking = two(hall, SlotStatus.REQUESTED)
    Booking.objects.update(applicant=staff)
    words = {"reason": "Bau"} if verb is reject_booking else {}
    verb(booking_id=booking.pk, actor=staff, now=NOW, **words)
    assert [event.freed for event in heard] == [()]


def test_a_date_that_was_approved_and_is_cancelled_is_told_as_such(hall, staff, heard) -> None:
    booking = two(hall, SlotStatus.REQUESTED)
    first, second = ids(booking)
    decide_booking(
        booking_id=booking.pk, actor=staff, now=NOW, approve=[first], reject=[second], reason="Bau"
    )
    give_dates_back(booking_id=booking.pk, actor=staff, now=NOW)
    assert [event.freed for event in heard] == [(), (free(hall, DAY, "15:30", "18:15"),)]


def test_a_move_frees_what_it_does_not_take_again(house, hall, staff, heard) -> None:
    booking = two(hall)
    first, second = ids(booking)
    moves = [
        Move(first, berlin(DAY, "17:00"), berlin(DAY, "19:00"), (hall.pk,)),
        Move(second, berlin(NEXT, "16:00"), berlin(NEXT, "18:00"), (hall.parts.get(name="Saal A").pk,)),
    ]
    move_dates(booking_id=booking.pk, actor=staff, now=NOW, moves=moves)
    (event,) = heard
    assert event.freed == (
        free(hall, DAY, "15:30", "16:30"),
        free(hall.parts.get(name="Saal B"), NEXT, "15:30", "18:15"),
    )


def test_a_pending_date_that_moves_frees_nothing(hall, staff, heard) -> None:
    booking = two(hall, SlotStatus.REQUESTED)
    move = Move(ids(booking)[0], berlin(DAY, "10:00"), berlin(DAY, "12:00"), (hall.pk,))
    move_dates(booking_id=booking.pk, actor=staff, now=NOW, moves=[move])
    assert [event.freed for event in heard] == [()]


def test_a_date_that_is_replaced_frees_what_its_successor_does_not_take(house, staff, heard) -> None:
    booking = make_booking_on([make_room(house)], weekly(DAY, 1))
    room = booking.slots.get().rooms.get()
    change = make_change(booking, [DAY], "17:00", "19:00")
    heard.clear()
    approve_booking(booking_id=change.pk, actor=staff, now=NOW)
    (event,) = heard
    assert [(change.booking, change.verb) for change in event.changes] == [
        (booking, Verb.REPLACE),
        (change, Verb.APPROVE),
    ]
    assert event.freed == (free(room, DAY, "16:00", "17:00"),)


@pytest.mark.parametrize("number", [1, 20])
def test_the_queries_do_not_grow_with_the_dates(house, staff, number, django_assert_max_num_queries) -> None:
    booking = make_booking_on([make_room(house)], weekly(DAY, number))
    with django_assert_max_num_queries(45):
        give_dates_back(booking_id=booking.pk, actor=staff, now=NOW)
