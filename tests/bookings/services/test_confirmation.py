"""A yes is noted and changes nothing; the link to one date reaches no other."""

from datetime import timedelta

import pytest

from bookings.access.actors import DateHolder, LinkHolder
from bookings.enums import SlotStatus, Verb
from bookings.errors import BookingNotFound, NotAllowed, TransitionNotAllowed
from bookings.models import Booking, Slot, Transition
from bookings.services import (
    confirm_date,
    give_dates_back,
    request_change,
    revoke_booking,
)
from bookings.services.confirmation import is_confirmed
from notifications.models import Message
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_association,
    make_booking,
    make_house,
    make_request_data,
    make_room,
    make_series,
    make_staff,
    make_user,
    weekly,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def series() -> Booking:
    return make_series(make_room(make_house()), weekly(DAY, 3))


def slots_of(booking: Booking) -> list[Slot]:
    return list(booking.slots.order_by("starts_at"))


def holder_of(slot: Slot) -> DateHolder:
    return DateHolder(booking_id=slot.booking_id, slot_id=slot.pk)


def test_a_yes_is_one_line_of_the_history_and_nothing_else(series: Booking) -> None:
    first = slots_of(series)[0]
    before = Booking.objects.filter(pk=series.pk).values().get()
    version = series.house.__class__.objects.values_list("plan_version").get(pk=series.house_id)
    for hours in (0, 1):
        confirm_date(slot_id=first.pk, actor=holder_of(first), now=NOW + timedelta(hours=hours))

    line = Transition.objects.get(verb=Verb.CONFIRM)
    assert (line.slot, line.from_status, line.to_status) == (first, "approved", "approved")
    assert (line.actor_kind, line.actor, line.at) == ("link", None, NOW)
    assert Booking.objects.filter(pk=series.pk).values().get() == before
    assert series.house.__class__.objects.values_list("plan_version").get(pk=series.house_id) == version
    assert (is_confirmed(first), is_confirmed(slots_of(series)[1])) == (True, False)
    assert not Message.objects.exists()


def test_a_no_cancels_the_one_date(series: Booking) -> None:
    first, *_others = slots_of(series)
    give_dates_back(booking_id=series.pk, slot_ids=[first.pk], actor=holder_of(first), now=NOW)
    assert [slot.status for slot in slots_of(series)] == ["cancelled", "approved", "approved"]


@pytest.mark.parametrize("which", ["another", "all", "both"])
def test_the_link_to_one_date_reaches_no_other(series: Booking, which: str) -> None:
    first, second, _third = slots_of(series)
    slot_ids = {"another": [second.pk], "all": None, "both": [first.pk, second.pk]}[which]
    with pytest.raises(NotAllowed):
        give_dates_back(booking_id=series.pk, slot_ids=slot_ids, actor=holder_of(first), now=NOW)
    with pytest.raises(NotAllowed):
        confirm_date(slot_id=second.pk, actor=holder_of(first), now=NOW)
    assert {slot.status for slot in slots_of(series)} == {SlotStatus.APPROVED}


def test_the_link_to_one_date_opens_nothing_else(series: Booking) -> None:
    """Neither another booking, nor what else applicants may do with their own."""
    first = slots_of(series)[0]
    room = first.rooms.get()
    other = make_booking([room], berlin(DAY, "10:00"))
    pending = make_booking([room], berlin(DAY, "12:00"), status=SlotStatus.REQUESTED)
    holder = DateHolder(booking_id=series.pk, slot_id=other.slots.get().pk)
    with pytest.raises(BookingNotFound):
        give_dates_back(booking_id=other.pk, actor=holder, now=NOW)
    with pytest.raises(BookingNotFound):
        confirm_date(slot_id=other.slots.get().pk, actor=holder, now=NOW)
    of_pending = DateHolder(booking_id=pending.pk, slot_id=pending.slots.get().pk)
    with pytest.raises(BookingNotFound):
        give_dates_back(booking_id=pending.pk, actor=of_pending, now=NOW)
    data = make_request_data([room], berlin(DAY, "19:00"), berlin(DAY, "20:00"))
    with pytest.raises(BookingNotFound):
        request_change(
            booking_id=other.pk,
            data=data,
            actor=DateHolder(booking_id=other.pk, slot_id=other.slots.get().pk),
            now=NOW,
        )


def test_who_may_act_for_the_booking_may_confirm_its_dates() -> None:
    person, stranger = make_user(), make_user()
    association = make_association(person)
    room = make_room(make_house())
    series = make_series(room, weekly(DAY, 3), association_id=association.pk)
    first, second, third = slots_of(series)
    confirm_date(slot_id=first.pk, actor=person, now=NOW)
    confirm_date(slot_id=second.pk, actor=make_staff(), now=NOW)
    confirm_date(slot_id=third.pk, actor=LinkHolder(series.pk), now=NOW)
    with pytest.raises(BookingNotFound):
        confirm_date(slot_id=first.pk, actor=stranger, now=NOW)
    lines = Transition.objects.filter(verb=Verb.CONFIRM).order_by("pk")
    assert [(line.actor_kind, line.actor) for line in lines] == [
        ("applicant", person),
        ("staff", lines[1].actor),
        ("link", None),
    ]


def test_what_is_gone_or_over_cannot_be_confirmed(series: Booking) -> None:
    first, second, third = slots_of(series)
    give_dates_back(booking_id=series.pk, slot_ids=[first.pk], actor=make_staff(), now=NOW)
    revoke_booking(booking_id=series.pk, slot_ids=[second.pk], actor=make_staff(), now=NOW, reason="Wasser")
    for slot, now in [(first, NOW), (second, NOW), (third, third.ends_at)]:
        with pytest.raises(TransitionNotAllowed):
            confirm_date(slot_id=slot.pk, actor=holder_of(slot), now=now)
    with pytest.raises(BookingNotFound):
        confirm_date(slot_id=0, actor=make_staff(), now=NOW)
    assert not Transition.objects.filter(verb=Verb.CONFIRM).exists()
