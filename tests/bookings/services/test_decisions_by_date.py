"""Deciding date by date: each gets its own answer, in one step and with one announcement."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.enums import BookingStatus, SlotStatus, Verb
from bookings.errors import (
    BookingNotFound,
    InvalidRequest,
    NotAllowed,
    ReasonRequired,
    RoomAlreadyBooked,
    StalePage,
    TransitionNotAllowed,
)
from bookings.events import Event
from bookings.models import Booking, Occupancy
from bookings.services import (
    decide_booking,
    give_dates_back,
)
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_booking,
    make_booking_on,
    make_user,
    weekly,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def series(room, owner, association):
    """Four pending Tuesdays."""
    return make_booking_on(
        [room], weekly(DAY, 4), status=SlotStatus.REQUESTED, association=association, applicant=owner
    )


def ids(booking: Booking) -> list[int]:
    return list(booking.slots.order_by("starts_at").values_list("pk", flat=True))


def standing(booking: Booking) -> list[tuple[str, str]]:
    return list(booking.slots.order_by("starts_at").values_list("status", "reason"))


def decide(booking: Booking, staff, approve=(), reject=(), reason="Belegt durch die Wahl.", **options):
    return decide_booking(
        booking_id=booking.pk,
        actor=staff,
        now=NOW,
        approve=approve,
        reject=reject,
        reason=reason,
        **options,
    )


def announced(events: list[Event]) -> list[tuple[str, list[str], str]]:
    """What was announced: verb, statuses of its dates, note."""
    return [
        (change.verb, [slot.status for slot in change.slots], change.note)
        for event in events
        for change in event.changes
    ]


def test_each_date_gets_its_own_answer_in_one_step(series, staff, heard):
    first, second, third, _fourth = ids(series)
    decide(series, staff, [first, third], [second], note="Schlüssel im Büro.")
    assert standing(series) == [
        ("approved", ""),
        ("rejected", "Belegt durch die Wahl."),
        ("approved", ""),
        ("requested", ""),
    ]
    assert announced(heard) == [(Verb.DECIDE, ["approved", "rejected", "approved"], "Schlüssel im Büro.")]
    fresh = Booking.objects.get(pk=series.pk)
    assert (fresh.status, fresh.version, fresh.decided_at) == (BookingStatus.REQUESTED, 2, NOW)
    assert [(line.slot_id, line.verb, line.note) for line in fresh.transitions.order_by("pk")[1:]] == [
        (None, "decide", "Schlüssel im Büro."),
        (first, "approve", "Schlüssel im Büro."),
        (third, "approve", "Schlüssel im Büro."),
        (second, "reject", "Belegt durch die Wahl."),
    ]
    assert set(Occupancy.objects.filter(is_blocking=True).values_list("slot_id", flat=True)) == {first, third}


def test_approved_beside_rejected_is_partly_approved(series, staff):
    first, *others = ids(series)
    assert decide(series, staff, others, [first]).status == BookingStatus.PARTLY_APPROVED


@pytest.mark.parametrize(
    ("approve", "reject", "verb"), [([0, 1], [], Verb.APPROVE), ([], [0, 1], Verb.REJECT)]
)
def test_with_one_kind_of_answer_it_is_the_plain_verb(series, staff, approve, reject, verb, heard):
    of = ids(series)
    decide(series, staff, [of[n] for n in approve], [of[n] for n in reject], note="Danke.")
    assert [(made, note) for made, _statuses, note in announced(heard)] == [
        (verb, "Danke." if approve else "Belegt durch die Wahl.\nDanke.")
    ]


def test_dates_are_rejected_with_a_reason_only(series, staff):
    first, second, *_others = ids(series)
    for approve in [[first], []]:
        with pytest.raises(ReasonRequired):
            decide(series, staff, approve, [second], reason=" ", note="Danke.")
    assert {status for status, _reason in standing(series)} == {"requested"}


def test_one_date_that_clashes_refuses_the_whole_decision_and_is_named(series, room, staff):
    first, second, *_others = ids(series)
    make_booking([room], berlin(DAY, "17:00"))
    with pytest.raises(RoomAlreadyBooked) as caught:
        decide(series, staff, [first, second], [])
    [reason] = caught.value.reasons
    assert "20.04.2027" in str(reason.message)
    with pytest.raises(RoomAlreadyBooked):
        decide(series, staff, [first], [second])
    assert {status for status, _reason in standing(series)} == {"requested"}
    assert decide(series, staff, [second], [first]).slots.get(pk=second).status == "approved"


def test_a_date_is_not_approved_and_rejected_at_once(series, staff):
    first, second, *_others = ids(series)
    with pytest.raises(InvalidRequest):
        decide(series, staff, [first, second], [second])


def test_what_is_decided_is_not_decided_again(series, staff):
    first, second, third, _fourth = ids(series)
    decide(series, staff, [first], [second], version=1)
    with pytest.raises(TransitionNotAllowed):
        decide(series, staff, [third], [second])
    with pytest.raises(StalePage):
        decide(series, staff, [third], [], version=1)


@pytest.mark.parametrize(
    ("person", "error"), [("owner", NotAllowed), ("stranger", BookingNotFound), ("visitor", BookingNotFound)]
)
def test_only_staff_decide_date_by_date(series, owner, person, error):
    actor = {"owner": owner, "stranger": make_user(), "visitor": AnonymousUser()}[person]
    first, second, *_others = ids(series)
    with pytest.raises(error):
        decide(series, actor, [first], [second])


@pytest.mark.parametrize("person", ["owner", "staff"])
def test_approved_and_pending_dates_are_given_back_in_one_step(series, owner, staff, person, heard):
    first, second, third, _fourth = ids(series)
    decide(series, staff, [first, second], [])
    actor = {"owner": owner, "staff": staff}[person]
    give_dates_back(booking_id=series.pk, actor=actor, now=NOW, slot_ids=[second, third], note="Ferien")
    assert announced(heard)[1:] == [(Verb.CANCEL, ["cancelled", "withdrawn"], "Ferien")]
    assert standing(series) == [
        ("approved", ""),
        ("cancelled", "Ferien"),
        ("withdrawn", ""),
        ("requested", ""),
    ]
    assert list(Occupancy.objects.filter(is_blocking=True).values_list("slot_id", flat=True)) == [first]


def test_pending_dates_alone_are_withdrawn(series, owner, heard):
    first, *_others = ids(series)
    give_dates_back(booking_id=series.pk, actor=owner, now=NOW, slot_ids=[first])
    assert announced(heard) == [(Verb.WITHDRAW, ["withdrawn"], "")]


def test_dates_that_are_over_are_not_given_back(series, owner, staff):
    first, second, *_others = ids(series)
    decide(series, staff, [first, second], [])
    later = NOW.replace(month=4, day=21)
    give_dates_back(booking_id=series.pk, actor=owner, now=later, slot_ids=[first, second])
    assert [status for status, _reason in standing(series)][:2] == ["approved", "cancelled"]
    with pytest.raises(TransitionNotAllowed):
        give_dates_back(booking_id=series.pk, actor=owner, now=later, slot_ids=[first])


def test_a_request_is_withdrawn_as_a_whole_while_something_of_it_lies_ahead(series, owner, heard):
    """Dates that nobody answered in time go along: nobody waits for them any more."""
    third = NOW.replace(month=5, day=4, hour=12)
    give_dates_back(booking_id=series.pk, actor=owner, now=third)
    assert announced(heard) == [(Verb.WITHDRAW, ["withdrawn"] * 4, "")]
    assert Booking.objects.get(pk=series.pk).status == BookingStatus.WITHDRAWN


def test_dates_over_without_an_answer_stay_while_others_wait(series, owner, staff):
    _first, second, third, fourth = ids(series)
    decide(series, staff, [second], [])
    later = NOW.replace(month=4, day=28)
    states = []
    for slot_id in [third, fourth]:
        give_dates_back(booking_id=series.pk, actor=owner, now=later, slot_ids=[slot_id])
        states.append([status for status, _reason in standing(series)])
    assert states == [
        ["requested", "approved", "withdrawn", "requested"],
        ["withdrawn", "approved", "withdrawn", "withdrawn"],
    ]
    assert Booking.objects.get(pk=series.pk).status == BookingStatus.APPROVED


def test_to_give_back_what_is_approved_leaves_what_was_never_answered(series, owner, staff):
    _first, second, *others = ids(series)
    decide(series, staff, [second], others)
    give_dates_back(booking_id=series.pk, actor=owner, now=berlin(weekly(DAY, 2)[1], "17:00"))
    assert [status for status, _reason in standing(series)][:2] == ["requested", "cancelled"]


def test_strangers_give_nothing_back(series):
    for actor in [make_user(), AnonymousUser()]:
        with pytest.raises(BookingNotFound):
            give_dates_back(booking_id=series.pk, actor=actor, now=NOW, slot_ids=ids(series))


def test_deciding_many_dates_costs_as_many_queries_as_deciding_two(room, staff):
    counted = {}
    for number in [2, 52]:
        booking = make_booking_on([room], weekly(DAY, number), status=SlotStatus.REQUESTED)
        first, *others = ids(booking)
        with CaptureQueriesContext(connection) as captured:
            decide(booking, staff, others, [first])
        counted[number] = len(captured)
        booking.slots.all().delete()
    assert counted[2] == counted[52]
