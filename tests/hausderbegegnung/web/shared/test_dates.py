"""The dates of a booking as pages list them: what is the same is said once, the rest is folded."""

from datetime import timedelta

import pytest

from bookings.access.lookups import get_booking
from bookings.enums import SlotStatus
from bookings.models import Booking, Slot
from bookings.services import Move, give_dates_back, move_dates
from hausderbegegnung.web.shared.dates import BookingDates, booking_dates
from rooms.models import Room
from tests.factories import DAY, NOW, berlin, make_booking, make_booking_on, make_room, make_staff, weekly


def listed(booking: Booking, now=NOW) -> BookingDates:
    return booking_dates(get_booking(booking.reference, actor=make_staff()), now=now)


def days_of(lines) -> list[int]:
    return [(line.slot.starts_at - berlin(DAY, "16:00")).days // 7 for line in lines]


def set_status(booking: Booking, number: int, status: str, **columns: str) -> None:
    slot = booking.slots.order_by("starts_at")[number]
    Slot.objects.filter(pk=slot.pk).update(status=status, **columns)


def test_the_next_dates_come_first_and_the_rest_is_folded(room: Room) -> None:
    booking = make_booking_on([room], weekly(DAY, 20))
    set_status(booking, 3, SlotStatus.REJECTED, reason="Wahl")
    set_status(booking, 4, SlotStatus.SKIPPED, skipped_because="clash")
    set_status(booking, 5, SlotStatus.REQUESTED)
    dates = listed(booking, now=berlin(DAY + timedelta(weeks=1), "18:00"))
    assert days_of(dates.over) == [0, 1]
    assert days_of(dates.next) == [2, 5, 6, 7, 8, 9, 10, 11]
    assert days_of(dates.later) == list(range(12, 20))
    assert [(line.slot.status, line.reason) for line in [*dates.gone, *dates.skipped]] == [
        ("rejected", "Wahl"),
        ("skipped", "Ausgelassen: nicht frei"),
    ]
    assert (dates.is_series, dates.is_mixed) == (True, True)
    assert dates.counts.words == "17 genehmigt, 1 angefragt, 1 abgelehnt, 1 fällt aus"


def test_one_or_two_more_are_not_folded(room: Room) -> None:
    dates = listed(make_booking_on([room], weekly(DAY, 10)))
    assert (len(dates.next), list(dates.later)) == (10, [])


def test_what_most_dates_have_in_common_is_said_once(room: Room) -> None:
    other = make_room(room.house, "Saal B")
    booking = make_booking_on([room], weekly(DAY, 3), setup_minutes=30, teardown_minutes=15)
    slot = booking.slots.order_by("starts_at")[1]
    move_dates(
        booking_id=booking.pk,
        actor=make_staff(),
        now=NOW,
        moves=[Move(slot.pk, slot.starts_at, slot.ends_at, (other.pk,), 0, 0)],
    )
    dates = listed(booking)
    assert (dates.usual_rooms, dates.usual_buffers) == ("meist Saal A", (30, 15))
    assert [(line.rooms, line.has_own_buffers, line.note) for line in dates.coming] == [
        ("", False, ""),
        ("Saal B", True, "statt Saal A"),
        ("", False, ""),
    ]


def test_a_date_that_is_instead_of_another_says_its_rooms_although_most_have_them(room: Room) -> None:
    other = make_room(room.house, "Saal B")
    booking = make_booking_on([room], weekly(DAY, 3))
    moved = booking.slots.order_by("starts_at")[:2]
    move_dates(
        booking_id=booking.pk,
        actor=make_staff(),
        now=NOW,
        moves=[Move(slot.pk, slot.starts_at, slot.ends_at, (other.pk,), 0, 0) for slot in moved],
    )
    assert [(line.rooms, line.note) for line in listed(booking).coming] == [
        ("Saal B", "statt Saal A"),
        ("Saal B", "statt Saal A"),
        ("Saal A", ""),
    ]


def test_a_note_is_no_reason(room: Room) -> None:
    booking = make_booking_on([room], weekly(DAY, 2))
    give_dates_back(
        booking_id=booking.pk,
        actor=make_staff(),
        now=NOW,
        slot_ids=[booking.slots.order_by("starts_at")[0].pk],
        note="Ferien",
    )
    dates = listed(booking)
    assert [(line.note, line.reason) for line in dates.gone] == [("", "Ferien")]


def test_a_single_date_is_no_series(room: Room) -> None:
    dates = listed(make_booking([room], berlin(DAY, "16:00")))
    assert (dates.is_series, dates.words, len(dates.next)) == (False, "", 1)


@pytest.mark.parametrize("number", [1, 40])
def test_listing_needs_no_queries(room: Room, number: int, django_assert_num_queries) -> None:
    booking = get_booking(make_booking_on([room], weekly(DAY, number)).reference, actor=make_staff())
    with django_assert_num_queries(0):
        assert len(booking_dates(booking, now=NOW).coming) == number
