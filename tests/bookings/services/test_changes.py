"""A change of several dates: each old date stands until the one that takes its place is approved."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bookings.access.lookups import dates_without_successor
from bookings.enums import SlotStatus, Verb
from bookings.errors import RoomAlreadyBooked, TransitionNotAllowed
from bookings.models import Booking, Occupancy, Slot
from bookings.services import (
    WantedDate,
    approve_booking,
    decide_booking,
    give_dates_back,
    reject_booking,
    request_change,
)
from hausderbegegnung.models import User
from rooms.models import Room
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_association,
    make_booking,
    make_booking_on,
    make_change,
    make_request_data,
    make_user,
    weekly,
)

TUESDAYS = weekly(DAY, 5)
THURSDAYS = [day + timedelta(days=2) for day in TUESDAYS]


@pytest.fixture
def person(db) -> User:
    return make_user()


@pytest.fixture
def series(room: Room, person: User) -> Booking:
    """Five Tuesdays, 16:00 to 18:00, approved."""
    return make_booking_on([room], TUESDAYS, applicant=person, association=make_association(person))


def slots_of(booking: Booking) -> list[Slot]:
    return list(booking.slots.order_by("starts_at"))


def ids(booking: Booking, *numbers: int) -> list[int]:
    slots = slots_of(booking)
    return [slots[number].pk for number in numbers]


def approve(change: Booking, actor: User, *numbers: int) -> Booking:
    return approve_booking(
        booking_id=change.pk, actor=actor, now=NOW, slot_ids=ids(change, *numbers) if numbers else None
    )


def reject(change: Booking, actor: User, *numbers: int) -> Booking:
    return reject_booking(
        booking_id=change.pk,
        actor=actor,
        now=NOW,
        reason="Wahl",
        slot_ids=ids(change, *numbers) if numbers else None,
    )


def withdraw(change: Booking, *numbers: int) -> Booking:
    """Give these dates of the change back, or all that are pending."""
    pending = [slot.pk for slot in slots_of(change) if slot.status == SlotStatus.REQUESTED]
    return give_dates_back(
        booking_id=change.pk,
        actor=change.replaces.applicant,
        now=NOW,
        slot_ids=ids(change, *numbers) if numbers else pending,
    )


def decide(change: Booking, actor: User, yes: Sequence[int], no: Sequence[int]) -> Booking:
    return decide_booking(
        booking_id=change.pk,
        actor=actor,
        now=NOW,
        approve=ids(change, *yes),
        reject=ids(change, *no),
        reason="Wahl",
    )


def standing(booking: Booking) -> list[int]:
    """The numbers of the dates that are approved; what blocks rooms must be the same."""
    slots = slots_of(booking)
    blocking = set(
        Occupancy.objects.filter(slot__booking=booking, is_blocking=True).values_list("slot_id", flat=True)
    )
    approved = [number for number, slot in enumerate(slots) if slot.status == SlotStatus.APPROVED]
    assert {slots[number].pk for number in approved} == blocking
    return approved


def pairs(change: Booking, booking: Booking) -> list[tuple[int, int | None]]:
    """Of each date of the change which date of the booking it replaces, by their numbers."""
    old = [slot.pk for slot in slots_of(booking)]
    return [
        (number, old.index(slot.replaces_id) if slot.replaces_id else None)
        for number, slot in enumerate(slots_of(change))
    ]


# Pairs -------------------------------------------------------------------------------------------


def test_each_new_date_knows_the_old_one_it_replaces(series: Booking) -> None:
    change = make_change(series, [*THURSDAYS[:2], *THURSDAYS[3:], DAY + timedelta(weeks=9)])
    # The fourth week is the old number three; nothing is left in the third week but a date weeks later.
    assert pairs(change, series) == [(0, 0), (1, 1), (2, 3), (3, 4), (4, 2)]


def test_a_date_that_is_skipped_takes_no_place(series: Booking) -> None:
    change = make_change(series, TUESDAYS, "18:00", "20:00", skipped=TUESDAYS[1:2])
    assert pairs(change, series) == [(0, 0), (1, None), (2, 2), (3, 3), (4, 4)]
    assert [slot.starts_at for slot in dates_without_successor(change)] == [berlin(TUESDAYS[1], "16:00")]


def test_a_request_that_changes_nothing_has_no_pairs(series: Booking) -> None:
    assert (pairs(series, series), dates_without_successor(series)) == (
        [(number, None) for number in range(5)],
        [],
    )


# What stands ---------------------------------------------------------------------------------------


def test_an_old_date_stands_until_its_own_successor_is_approved(series: Booking, staff: User) -> None:
    change = make_change(series, THURSDAYS)
    assert (standing(series), standing(change)) == ([0, 1, 2, 3, 4], [])
    decide(change, staff, yes=[0, 1, 3], no=[2, 4])
    assert (standing(series), standing(change)) == ([2, 4], [0, 1, 3])


def test_all_at_once(series: Booking, staff: User) -> None:
    change = make_change(series, THURSDAYS)
    approve(change, staff)
    series.refresh_from_db()
    assert (standing(series), standing(change), series.status) == ([], [0, 1, 2, 3, 4], "cancelled")


def test_one_after_the_other(series: Booking, staff: User) -> None:
    change = make_change(series, THURSDAYS)
    stood = []
    for number in (1, 0, 4):
        approve(change, staff, number)
        stood.append((standing(series), standing(change)))
    approve(change, staff, 2, 3)
    assert [*stood, (standing(series), standing(change))] == [
        ([0, 2, 3, 4], [1]),
        ([2, 3, 4], [0, 1]),
        ([2, 3], [0, 1, 4]),
        ([], [0, 1, 2, 3, 4]),
    ]


def test_what_is_rejected_or_withdrawn_leaves_the_old_date(series: Booking, staff: User) -> None:
    change = make_change(series, THURSDAYS)
    approve(change, staff, 0)
    reject(change, staff, 1)
    withdraw(change, 2)
    withdraw(change)
    assert (standing(series), standing(change)) == ([1, 2, 3, 4], [0])


@pytest.mark.parametrize("is_withdrawn", [False, True])
def test_a_change_of_which_nothing_comes_leaves_everything(
    series: Booking, staff: User, is_withdrawn: bool
) -> None:
    change = make_change(series, THURSDAYS[:3])
    withdraw(change) if is_withdrawn else reject(change, staff)
    assert standing(series) == [0, 1, 2, 3, 4]


def test_the_history_of_the_old_booking_names_what_was_replaced_in_each_step(
    series: Booking, staff: User
) -> None:
    change = make_change(series, THURSDAYS)
    approve(change, staff, 1)
    decide(change, staff, yes=[0], no=[2, 3, 4])
    lines = series.transitions.filter(verb=Verb.REPLACE, slot__isnull=False).order_by("pk")
    assert [(line.slot_id, line.note, line.slot.replaced_by) for line in lines] == [
        (ids(series, 1)[0], "", change),
        (ids(series, 0)[0], "", change),
    ]


def test_a_date_that_is_over_by_then_stays_as_it_was(series: Booking, staff: User) -> None:
    change = make_change(series, THURSDAYS)
    approve_booking(
        booking_id=change.pk,
        actor=staff,
        now=berlin(TUESDAYS[0], "19:00"),
        override=True,
        override_reason="Absprache",
    )
    assert standing(series) == [0]


# Without a partner -------------------------------------------------------------------------------


def test_a_dropped_date_goes_when_the_change_is_settled(series: Booking, staff: User) -> None:
    change = make_change(series, [THURSDAYS[0], THURSDAYS[2], THURSDAYS[4]])
    approve(change, staff, 0)
    before = standing(series)
    approve(change, staff, 1, 2)
    assert (before, standing(series)) == ([1, 2, 3, 4], [])


def test_a_dropped_date_goes_too_when_the_last_answer_is_a_no(series: Booking, staff: User) -> None:
    change = make_change(series, [THURSDAYS[0], THURSDAYS[2]])
    approve(change, staff, 0)
    reject(change, staff, 1)
    assert (standing(series), standing(change)) == ([2], [0])


def test_a_dropped_date_goes_too_when_the_rest_is_withdrawn(series: Booking, staff: User) -> None:
    change = make_change(series, [THURSDAYS[0], THURSDAYS[2]])
    approve(change, staff, 0)
    withdraw(change)
    assert (standing(series), standing(change)) == ([2], [0])


def test_a_dropped_date_stays_where_the_change_is_given_back_as_a_whole(series: Booking, staff: User) -> None:
    change = make_change(series, [THURSDAYS[0], THURSDAYS[2]])
    approve(change, staff, 0)
    give_dates_back(booking_id=change.pk, actor=series.applicant, now=NOW, slot_ids=ids(change, 0, 1))
    assert (standing(series), standing(change)) == ([1, 2, 3, 4], [])


def test_a_further_date_replaces_nothing(room: Room, person: User, staff: User) -> None:
    booking = make_booking_on([room], TUESDAYS[:1], applicant=person, association=make_association(person))
    change = make_change(booking, [*TUESDAYS[:1], THURSDAYS[0]], "18:00", "20:00")
    approve(change, staff, 1)
    assert (pairs(change, booking), standing(booking)) == ([(0, 0), (1, None)], [0])
    approve(change, staff)
    assert (standing(booking), standing(change)) == ([], [0, 1])


# Clashes with what the change itself is about --------------------------------------------------------


def test_a_date_may_overlap_the_one_it_replaces(series: Booking, staff: User) -> None:
    change = make_change(series, TUESDAYS, "16:30", "18:30")
    approve(change, staff, 2)
    assert (standing(series), standing(change)) == ([0, 1, 3, 4], [2])


@pytest.fixture
def moving_up(room: Room, person: User) -> tuple[Booking, Booking]:
    """Two dates of one day, and the change of both by two hours: the first to where the second is."""
    booking = make_booking(
        [room],
        berlin(DAY, "14:00"),
        dates=tuple(
            WantedDate(berlin(DAY, starts), berlin(DAY, ends), (room.pk,))
            for starts, ends in (("14:00", "16:00"), ("16:00", "18:00"))
        ),
        applicant=person,
        association=make_association(person),
    )
    data = make_request_data([room], berlin(DAY, "16:00"), berlin(DAY, "18:00"))
    second = WantedDate(berlin(DAY, "18:00"), berlin(DAY, "20:00"), (room.pk,))
    change = request_change(
        booking_id=booking.pk, data=replace(data, dates=(*data.dates, second)), actor=person, now=NOW
    )
    return booking, change


def test_together_the_dates_stand_in_nobodys_way(moving_up, staff: User) -> None:
    booking, change = moving_up
    approve(change, staff)
    assert (pairs(change, booking), standing(booking), standing(change)) == ([(0, 0), (1, 1)], [], [0, 1])


def test_an_old_date_that_stays_is_a_clash(moving_up, staff: User) -> None:
    booking, change = moving_up
    for answer in (lambda: approve(change, staff, 0), lambda: decide(change, staff, yes=[0], no=[1])):
        with pytest.raises(RoomAlreadyBooked) as caught:
            answer()
        assert [reason.code for reason in caught.value.reasons] == ["clash"]
    assert (standing(booking), standing(change)) == ([0, 1], [])
    approve(change, staff, 1)
    approve(change, staff, 0)
    assert (standing(booking), standing(change)) == ([], [0, 1])


def test_what_was_refused_changed_nothing_and_told_nobody(moving_up, staff: User) -> None:
    booking, change = moving_up
    lines = booking.transitions.count() + change.transitions.count()
    with pytest.raises(RoomAlreadyBooked):
        approve(change, staff, 0)
    assert booking.transitions.count() + change.transitions.count() == lines


# Changing again ----------------------------------------------------------------------------------


def test_a_date_whose_change_was_rejected_can_be_changed_while_the_others_wait(
    series: Booking, staff: User
) -> None:
    change = make_change(series, THURSDAYS)
    reject(change, staff, 2)
    with pytest.raises(TransitionNotAllowed):
        make_change(series, THURSDAYS[1:2], slot_ids=ids(series, 1))
    again = make_change(series, THURSDAYS[2:3], slot_ids=ids(series, 2))
    assert [slot.replaces_id for slot in again.slots.all()] == ids(series, 2)


def test_a_dropped_date_waits_as_long_as_anything_of_the_change(series: Booking, staff: User) -> None:
    change = make_change(series, THURSDAYS[:2])
    reject(change, staff, 0)
    with pytest.raises(TransitionNotAllowed):
        make_change(series, THURSDAYS[4:], slot_ids=ids(series, 4))
    reject(change, staff, 1)
    assert make_change(series, THURSDAYS[4:], slot_ids=ids(series, 4)).pk


def test_an_old_date_that_was_given_back_meanwhile_is_not_missed(series: Booking, staff: User) -> None:
    change = make_change(series, THURSDAYS)
    give_dates_back(booking_id=series.pk, actor=series.applicant, now=NOW, slot_ids=ids(series, 1))
    approve(change, staff, 1)
    assert (standing(series), standing(change)) == ([0, 2, 3, 4], [1])
