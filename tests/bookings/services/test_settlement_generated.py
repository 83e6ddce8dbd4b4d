"""Whatever is chosen of what is offered can be done, and a series costs no more than a date."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import example, given
from hypothesis import strategies as st

from bookings.enums import SlotStatus
from bookings.impact.errors import ChangeHitsDates
from bookings.impact.hits import fingerprint
from bookings.services import (
    Decisions,
    Move,
    WantedDate,
    close_rooms,
    import_booking,
    settle_change,
)
from notifications.models import Message
from rooms.clock import whole_day
from rooms.intervals import Interval
from tests.bookings.impact import changing_houses
from tests.bookings.impact.changing_houses import Closed, State, Wanted, build, states, wanted_dates, write
from tests.factories import (
    BERLIN,
    DAY,
    NOW,
    berlin,
    make_association,
    make_house,
    make_request_data,
    make_room,
    make_staff,
)
from tests.generated import examples

pytestmark = pytest.mark.django_db


TODAY = whole_day(DAY, BERLIN)


REASON = "Ein Rohr ist gebrochen."


def series(rooms, number, *, step=timedelta(weeks=1), start="09:00", **fields):
    """An approved booking of so many dates, one hour each."""
    first = berlin(DAY, start)
    dates = tuple(
        WantedDate(
            first + number * step, first + number * step + timedelta(hours=1), tuple(r.pk for r in rooms)
        )
        for number in range(number)
    )
    data = make_request_data(rooms, first, first + step, association_id=make_association().pk, **fields)
    return import_booking(
        data=replace(data, dates=dates), status=SlotStatus.APPROVED, actor=make_staff(), now=NOW
    )


@examples(25)
@given(
    before=states,
    after=states,
    wanted=wanted_dates,
    choices=st.lists(st.integers(0, 59), min_size=6, max_size=6),
)
# From two o'clock to two o'clock in the night in which the clocks show that twice.
@example(
    before=State(opens=0, closes=0),
    after=State(opens=0, closes=0, closures=(Closed(("A",), 53, 1),)),
    wanted=[Wanted("A", 52, 2, 0, 10)],
    choices=[0] * 6,
)
def test_whatever_is_chosen_of_what_is_offered_can_be_done(before, after, wanted, choices):
    house, rooms, _stored = build(wanted)
    staff = make_staff()
    write(house, rooms, before)

    def settle(decisions=None):
        return settle_change(
            house_id=house.pk,
            make=lambda: write(house, rooms, after),
            actor=staff,
            now=changing_houses.NOW,
            decisions=decisions,
        )

    try:
        settle()
    except ChangeHitsDates as refused:
        hits = refused.hits
    else:
        return
    moves, revoke, keep = [], set(), set()
    for hit, number in zip(hits, choices, strict=False):
        # That the house is full can be kept only together with what becomes of others.
        may_stay = all(reason.severity == "staff" for reason in hit.reasons)
        offered = [*hit.proposals, "revoke", *(["keep"] if may_stay else [])]
        chosen = offered[number % len(offered)]
        if chosen == "revoke":
            revoke.add(hit.slot.pk)
        elif chosen == "keep":
            keep.add(hit.slot.pk)
        else:
            wish = chosen.wish
            moves.append(Move(hit.slot.pk, wish.net.start, wish.net.end, wish.room_ids))
    settled = settle(Decisions(fingerprint(hits), frozenset(keep), frozenset(revoke), tuple(moves), REASON))
    assert {hit.slot.pk for hit in settled.kept} == keep


def test_a_series_is_settled_in_one_step_with_the_same_number_of_queries(staff):
    few, many = (queries_to_settle_a_series(make_house(), staff, number) for number in (2, 40))
    assert (few, many) == (45, 45)


def queries_to_settle_a_series(house, staff, number):
    """Close a room for a year; half of the dates are revoked, the others go to another room."""
    room, other = make_room(house, "Saal A"), make_room(house, "Saal B")
    booking = series([room], number)

    def settle(decisions=None):
        return close_rooms(
            house_id=house.pk,
            period=Interval(TODAY.start, berlin(DAY + timedelta(weeks=60), "00:00")),
            reason="Umbau",
            room_ids=[room.pk],
            actor=staff,
            now=NOW,
            decisions=decisions,
        )

    with pytest.raises(ChangeHitsDates) as refused:
        settle()
    hits, half = refused.value.hits, number // 2
    decisions = Decisions(
        fingerprint(hits),
        revoke=frozenset(hit.slot.pk for hit in hits[:half]),
        moves=tuple(
            Move(hit.slot.pk, hit.slot.starts_at, hit.slot.ends_at, (other.pk,)) for hit in hits[half:]
        ),
        reason=REASON,
    )
    with CaptureQueriesContext(connection) as queries:
        settle(decisions)
    assert booking.slots.filter(status=SlotStatus.REVOKED).count() == half
    assert booking.slots.filter(rooms=other, status=SlotStatus.APPROVED).count() == number - half
    assert Message.objects.filter(kind="closure", booking=booking).count() == 1
    return len(queries)
