"""What a plan has found a moment ago is not looked up again, and lets nobody take what is taken since."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.errors import (
    RoomAlreadyBooked,
    WishBreaksRules,
)
from bookings.series.dates import Series
from bookings.series.request import Choices, Chosen, SeriesWish, choose_dates, plan_series
from bookings.services import (
    request_booking,
)
from rooms.models import Closure, House
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_booking,
    make_request_data,
    make_room,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(house):
    return make_room(house, setup_minutes=15, teardown_minutes=30)


@pytest.fixture
def planned(house, room):
    """Return a function that plans 16:00 to 18:00 on two days, taken as proposed."""

    def plan(*, now=NOW, ignore_slot_ids=()) -> Chosen:
        series = Series(
            starts=datetime.combine(DAY, time(16)),
            ends=datetime.combine(DAY, time(18)),
            added=(datetime.combine(DAY + timedelta(days=1), time(16)),),
        )
        found = plan_series(
            house=House.objects.get(pk=house.pk),
            wish=SeriesWish(series=series, room_ids=(room.pk,), persons=10, kind="meeting"),
            now=now,
            ignore_slot_ids=ignore_slot_ids,
        )
        return choose_dates(found, Choices({}), may_override=False)

    return plan


@pytest.fixture
def ask_as_planned(ask):
    def send(chosen: Chosen, **fields):
        return ask(dates=chosen.dates, checked=chosen.checked, **fields)

    return send


def looks_at_occupancies(queries) -> int:
    return sum(query["sql"].startswith("SELECT") and "occupancy" in query["sql"] for query in queries)


def test_what_the_plan_has_just_found_is_not_looked_up_again(planned, ask_as_planned):
    chosen = planned()
    with CaptureQueriesContext(connection) as queries:
        booking = ask_as_planned(chosen)
    assert booking.slots.count() == 2
    assert looks_at_occupancies(queries) == 0


def test_a_room_that_was_taken_since_the_plan_was_made_is_refused(planned, ask_as_planned, room):
    chosen = planned()
    make_booking([room], berlin(DAY, "17:00"))
    with pytest.raises(RoomAlreadyBooked):
        ask_as_planned(chosen)


def test_a_closure_since_the_plan_was_made_is_told(planned, ask_as_planned, house):
    chosen = planned()
    Closure.objects.create(
        house=house, reason="Putzen", starts_at=berlin(DAY, "08:00"), ends_at=berlin(DAY, "20:00")
    )
    with pytest.raises(WishBreaksRules) as caught:
        ask_as_planned(chosen)
    assert [reason.code for reason in caught.value.reasons] == ["closed"]


def test_what_a_plan_found_holds_for_its_moment_only(planned, ask_as_planned):
    with pytest.raises(WishBreaksRules) as caught:
        ask_as_planned(planned(), now=berlin(DAY, "15:00"))
    assert [reason.code for reason in caught.value.reasons] == ["too_soon"]


def test_what_the_plan_has_not_looked_at_is_checked(planned, ask_as_planned):
    with pytest.raises(WishBreaksRules) as caught:
        ask_as_planned(planned(), persons=41)
    assert {reason.code for reason in caught.value.reasons} == {"too_many_persons"}


def test_dates_overlap_whatever_a_plan_says_of_each(planned, ask_as_planned):
    chosen = planned()
    twice = replace(chosen, dates=(*chosen.dates, chosen.dates[0]))
    with pytest.raises(WishBreaksRules) as caught:
        ask_as_planned(twice)
    assert [reason.code for reason in caught.value.reasons] == ["overlaps_itself"]


def test_a_plan_without_dates_that_stand_is_no_leave_to_take_them(planned, approved, owner, association):
    """The plan left the approved date out of account, the request does not replace it."""
    chosen = planned(ignore_slot_ids=[slot.pk for slot in approved.slots.all()])
    (slot,) = approved.slots.all()
    data = make_request_data(
        list(slot.rooms.all()),
        slot.starts_at,
        slot.ends_at,
        association_id=association.pk,
    )
    with pytest.raises(RoomAlreadyBooked):
        request_booking(data=replace(data, dates=chosen.dates, checked=chosen.checked), actor=owner, now=NOW)
