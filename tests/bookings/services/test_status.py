from hypothesis import given
from hypothesis import strategies as st

from bookings.enums import BookingStatus, SlotStatus
from bookings.services._status import derive_status

statuses = st.lists(st.sampled_from(SlotStatus.values), min_size=1, max_size=6)


@given(statuses)
def test_a_pending_date_makes_the_booking_pending(drawn):
    assert (derive_status(drawn) == BookingStatus.REQUESTED) == (SlotStatus.REQUESTED in drawn)


@given(statuses)
def test_order_and_number_of_dates_do_not_matter(drawn):
    assert derive_status(drawn) == derive_status(sorted(set(drawn)))


@given(statuses)
def test_skipped_dates_do_not_count_beside_others(drawn):
    others = [status for status in drawn if status != SlotStatus.SKIPPED]
    if others:
        assert derive_status(drawn) == derive_status(others)


@given(statuses)
def test_a_booking_with_an_approved_date_stands(drawn):
    decided = [status for status in drawn if status != SlotStatus.REQUESTED]
    stands = derive_status(decided) in {BookingStatus.APPROVED, BookingStatus.PARTLY_APPROVED}
    assert stands == (SlotStatus.APPROVED in decided)


def test_one_rejected_beside_approved_dates_is_partly_approved():
    assert derive_status(["approved", "rejected", "cancelled"]) == BookingStatus.PARTLY_APPROVED
    assert derive_status(["approved", "cancelled"]) == BookingStatus.APPROVED
    assert derive_status(["skipped"]) == BookingStatus.REJECTED
