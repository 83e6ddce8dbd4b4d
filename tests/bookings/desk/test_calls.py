"""Whom staff have to phone, until they say that it is done."""

from datetime import timedelta

import pytest

from bookings.desk.calls import CallReason, call_about, list_calls
from bookings.enums import Verb
from bookings.errors import BookingNotFound, NotAllowed
from bookings.models import Booking, Transition
from bookings.services import approve_booking, give_dates_back, note_call, reject_booking, revoke_booking
from rooms.models import House, Room
from tests.factories import DAY, NOW, berlin, make_booking, make_booking_on, make_staff, make_user, weekly

SOON = berlin(DAY, "16:00") - timedelta(hours=47)
EARLY = berlin(DAY, "16:00") - timedelta(hours=49)


def reasons(house: House, now=NOW, **options) -> list[tuple[str, CallReason]]:
    return [(call.booking.reference, call.reason) for call in list_calls(house, now=now, **options)]


@pytest.fixture
def booking(room: Room) -> Booking:
    return make_booking([room], berlin(DAY, "16:00"), status="requested", contact_email="")


def test_who_has_no_address_is_phoned_once_something_is_decided(house: House, booking: Booking) -> None:
    assert reasons(house) == []
    approve_booking(booking_id=booking.pk, actor=make_staff(), now=NOW)
    assert reasons(house) == [(booking.reference, CallReason.NO_ADDRESS)]
    assert reasons(house, berlin(DAY, "18:00")) == []


def test_a_call_is_due_until_it_is_noted_and_again_after_the_next_decision(
    house: House, booking: Booking, staff
) -> None:
    approve_booking(booking_id=booking.pk, actor=staff, now=NOW)
    later = NOW + timedelta(hours=1)
    for _click in range(2):
        note_call(booking_id=booking.pk, actor=staff, now=later)
    lines = Transition.objects.filter(verb=Verb.PHONE)
    assert [(line.actor, line.at, line.to_status) for line in lines] == [(staff, later, "approved")]
    assert reasons(house, later) == []
    revoke_booking(booking_id=booking.pk, actor=staff, now=later + timedelta(hours=1), reason="Rohrbruch")
    assert reasons(house, later + timedelta(hours=1)) == [(booking.reference, CallReason.NO_ADDRESS)]


def test_what_the_applicant_did_needs_no_call(house: House, booking: Booking, staff) -> None:
    approve_booking(booking_id=booking.pk, actor=staff, now=NOW)
    note_call(booking_id=booking.pk, actor=staff, now=NOW + timedelta(hours=1))
    give_dates_back(booking_id=booking.pk, actor=staff, now=NOW + timedelta(hours=2))
    assert reasons(house, NOW + timedelta(hours=2)) == []


@pytest.mark.parametrize(("hours", "is_due"), [(-1, False), (0, True)])
def test_a_mail_that_failed_counts_if_it_told_of_the_decision(
    house: House, room: Room, hours: int, is_due: bool
) -> None:
    booking = make_booking([room], berlin(DAY, "16:00"), status="requested")
    reject_booking(booking_id=booking.pk, actor=make_staff(), now=NOW, reason="Belegt")
    failed_at = NOW + timedelta(hours=hours)
    expected = [(booking.reference, CallReason.UNDELIVERED)] if is_due else []
    assert reasons(house, undelivered={booking.pk: failed_at}) == expected


@pytest.mark.parametrize(("now", "is_due"), [(SOON, True), (EARLY, False)])
@pytest.mark.parametrize("number", [1, 3])
def test_what_is_revoked_shortly_before_is_phoned(
    house: House, room: Room, now, is_due: bool, number: int
) -> None:
    booking = make_booking_on([room], weekly(DAY, number))
    first = booking.slots.earliest("starts_at")
    revoke_booking(
        booking_id=booking.pk, actor=make_staff(), now=now, reason="Rohrbruch", slot_ids=[first.pk]
    )
    expected = [(booking.reference, CallReason.URGENT)] if is_due else []
    assert reasons(house, now) == expected
    assert reasons(house, berlin(DAY, "16:00")) == []


@pytest.mark.parametrize("number", [1, 3])
def test_calls_need_the_same_queries_for_one_and_many(
    house: House, room: Room, staff, number: int, django_assert_num_queries
) -> None:
    for week in range(number):
        booking = make_booking([room], berlin(DAY + timedelta(weeks=week), "16:00"), contact_email="")
        revoke_booking(booking_id=booking.pk, actor=staff, now=NOW + timedelta(hours=1), reason="Umbau")
    with django_assert_num_queries(3):
        assert len(list_calls(house, now=NOW + timedelta(hours=1))) == number


def test_only_staff_note_a_call(booking: Booking, staff, owner) -> None:
    Booking.objects.update(applicant=owner)
    approve_booking(booking_id=booking.pk, actor=staff, now=NOW)
    for person, refusal in [(owner, NotAllowed), (make_user(), BookingNotFound)]:
        with pytest.raises(refusal):
            note_call(booking_id=booking.pk, actor=person, now=NOW)
    call = call_about(booking, now=NOW)
    assert call is not None
    assert (call.booking, call.reason, call.since) == (booking, CallReason.NO_ADDRESS, NOW)
