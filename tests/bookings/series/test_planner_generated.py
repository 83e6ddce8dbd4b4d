"""Whatever the house and the wish: every way out of a series is valid, complete and the cheapest."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from bookings.enums import SlotStatus
from bookings.errors import RoomAlreadyBooked
from bookings.models import Slot
from bookings.series.dates import Series
from bookings.series.pattern import Frequency, Pattern
from bookings.series.planner import Way
from bookings.series.request import SeriesPlan, SeriesWish, choose_dates, plan_series
from bookings.services import approve_booking, request_booking
from rooms.enums import HolidayKind, Layout
from rooms.models import Closure, Equipment, Holiday, HolidayCoverage, House, OpeningHours, Room
from rooms.rules import Wish
from tests.bookings.series.brute_force import Asked, BruteForce, Date
from tests.bookings.series.choices import as_proposed
from tests.factories import (
    BERLIN,
    make_association,
    make_booking,
    make_request_data,
    make_staff,
    make_user,
)
from tests.generated import examples

pytestmark = pytest.mark.django_db

# Mondays: an ordinary week, and those that end with a clock change.
WEEKS = [date(2027, 4, 19), date(2027, 3, 22), date(2027, 10, 25)]
EQUIPMENT = ["Beamer", "Herd"]
# What is published of the weeks in which the dates can lie, for houses that have entered nothing.
PUBLIC_HOLIDAYS = {
    *(date(2027, 3, 26), date(2027, 3, 29), date(2027, 5, 1), date(2027, 5, 6), date(2027, 5, 17)),
    *(date(2027, 5, 27), date(2027, 11, 1)),
}


def rarely(value, usual=None):
    return st.sampled_from([usual] * 5 + [value])


@st.composite
def houses(draw, monday: date) -> House:
    """A small house with some rooms, hours, closures and approved or pending dates in two weeks."""
    around_the_clock = draw(st.booleans())
    house = House.objects.create(
        name="Haus",
        slug=f"haus-{House.objects.count()}",
        reference_prefix=f"P{House.objects.count()}",
        max_persons=draw(st.sampled_from([None, 30, 60])),
        shift_minutes=draw(st.sampled_from([0, 30, 60])),
        grid_minutes=draw(st.sampled_from([15, 30])),
        setup_minutes=draw(st.sampled_from([0, 15])),
        teardown_minutes=0,
        lead_hours=draw(st.sampled_from([0, 24])),
        horizon_days=draw(st.sampled_from([540, 240])),
        closed_on_public_holidays=draw(st.booleans()),
    )
    open_days = set(range(7)) - draw(st.sets(st.integers(0, 6), max_size=2))
    hours = (time(0), time(0)) if around_the_clock else (time(8), time(14))
    for weekday in open_days:
        OpeningHours.objects.create(house=house, weekday=weekday, opens_at=hours[0], closes_at=hours[1])
    rooms = _rooms(draw, house)
    if draw(st.booleans()):
        OpeningHours.objects.create(
            house=house, room=draw(st.sampled_from(rooms)), weekday=2, opens_at=time(8), closes_at=time(12)
        )
    if draw(st.booleans()):
        day = monday + timedelta(days=draw(st.integers(0, 6)))
        Holiday.objects.create(
            house=house, kind=HolidayKind.PUBLIC, name="Feiertag", first_date=day, last_date=day
        )
        HolidayCoverage.objects.create(
            house=house,
            kind=HolidayKind.PUBLIC,
            first_date=date(2027, 1, 1),
            last_date=date(2027, 12, 31),
        )
    for _number in range(draw(st.integers(0, 2))):
        starts = _moment(draw, monday)
        closure = Closure.objects.create(
            house=house,
            starts_at=starts,
            ends_at=starts + draw(st.sampled_from([timedelta(hours=2), timedelta(days=2)])),
            reason="Putzen",
        )
        closure.rooms.set(draw(st.sets(st.sampled_from(rooms), max_size=2)))
    for _number in range(draw(st.integers(2, 10))):
        _booking(draw, house, rooms, monday)
    return House.objects.get(pk=house.pk)


def _rooms(draw, house: House) -> list[Room]:
    equipment = [Equipment.objects.create(house=house, name=name) for name in EQUIPMENT]
    rooms: list[Room] = []
    for name in ["Saal A", "Saal B", "Saal", "Küche", "Büro"]:
        room = Room.objects.create(
            house=house,
            name=name,
            slug=name.lower().replace(" ", "-").replace("ü", "ue"),
            position=len(rooms),
            is_active=draw(rarely(False, True)),
            setup_minutes=draw(st.sampled_from([None, 30])),
            teardown_minutes=draw(rarely(30)),
            grid_minutes=draw(rarely(60)),
            lead_hours=draw(rarely(72)),
            max_minutes=draw(rarely(90)),
            step_free=draw(rarely(True, False)),
            hearing_loop=draw(rarely(True, False)),
            is_outdoors=draw(rarely(True, False)),
        )
        if name == "Saal":
            room.parts.set(rooms[:2])
        room.equipment.set(draw(st.sets(st.sampled_from(equipment))))
        for kind in (Layout.ROWS, Layout.TABLES):
            if seats := draw(st.sampled_from([40, 20, 10, 0])):
                room.layouts.create(kind=kind, capacity=seats)
        rooms.append(room)
    return rooms


def _moment(draw, monday: date) -> datetime:
    quarters = draw(st.integers(0, 14 * 24 * 2)) * 2
    return datetime.combine(monday, time(), tzinfo=BERLIN).astimezone(UTC) + quarters * timedelta(minutes=15)


def _booking(draw, house: House, rooms: Sequence[Room], monday: date) -> None:
    """Book something, unless it is taken already; mostly where the series looks for a place."""
    day = monday + timedelta(days=draw(st.integers(0, 13)))
    starts = datetime.combine(day, time(draw(st.sampled_from([2, 8, 9, 10]))), tzinfo=BERLIN)
    starts = starts.astimezone(UTC)
    try:
        with transaction.atomic():
            make_booking(
                draw(st.lists(st.sampled_from(rooms[:2] + rooms[3:]), min_size=1, max_size=2, unique=True))
                if draw(st.booleans())
                else [rooms[2]],
                starts,
                starts + draw(st.sampled_from([60, 120, 360])) * timedelta(minutes=1),
                status=draw(
                    st.sampled_from([SlotStatus.APPROVED] * 3 + [SlotStatus.REQUESTED, SlotStatus.CANCELLED])
                ),
                persons=draw(st.sampled_from([5, 25])),
                setup_minutes=draw(st.sampled_from([0, 30])),
                teardown_minutes=draw(st.sampled_from([0, 30])),
            )
    except RoomAlreadyBooked:
        pass


@st.composite
def series_wishes(draw, house: House, monday: date) -> SeriesWish:
    rooms = {room.name: room for room in Room.objects.filter(house=house)}
    names = draw(
        st.sampled_from(
            [("Saal A",), ("Saal B",), ("Saal",), ("Büro",), ("Saal A", "Küche"), ("Saal A", "Saal B")]
        )
    )
    first = monday + timedelta(days=draw(st.integers(0, 6)))
    starts = draw(st.sampled_from([time(9), time(10), time(9, 15), time(2, 30)]))
    length = draw(st.sampled_from([60, 90, 120])) * timedelta(minutes=1)
    begin = datetime.combine(first, starts)
    frequency = draw(st.sampled_from([Frequency.DAILY, Frequency.WEEKLY]))
    equipment = list(Equipment.objects.filter(house=house).values_list("pk", flat=True))
    pattern = Pattern(
        frequency=frequency,
        first_day=first,
        starts=starts,
        ends=(begin + length).time(),
        weekdays=()
        if frequency == Frequency.DAILY
        else tuple(sorted(draw(st.sets(st.integers(0, 6), min_size=1, max_size=3)))),
        count=draw(st.integers(1, 5)),
    )
    return SeriesWish(
        series=Series(
            starts=begin,
            ends=begin + length,
            pattern=pattern,
            skipped=tuple(
                draw(st.lists(st.integers(0, 13).map(lambda day: monday + timedelta(days=day)), max_size=2))
            ),
            added=tuple(
                draw(
                    st.lists(
                        st.integers(0, 13).map(
                            lambda day: datetime.combine(monday + timedelta(days=day), time(10))
                        ),
                        max_size=1,
                    )
                )
            ),
            skip_public=draw(st.booleans()),
        ),
        room_ids=tuple(rooms[name].pk for name in names),
        persons=draw(st.sampled_from([5, 10, 15])),
        layout=draw(st.sampled_from(["", Layout.ROWS])),
        setup_minutes=draw(st.sampled_from([None, 0, 15])),
        teardown_minutes=draw(st.sampled_from([None, 0])),
        equipment_ids=frozenset(draw(st.sets(st.sampled_from(equipment)))),
    )


def as_date(wish: Wish) -> Date:
    return Date(
        wish.room_ids,
        wish.net.start,
        wish.net.end,
        wish.setup // timedelta(minutes=1),
        wish.teardown // timedelta(minutes=1),
    )


def wished_by_the_clocks(wish: Wish, series: Series) -> tuple[datetime, datetime]:
    """What nobody's clock shows on the night of the change was wished at half past two."""
    starts = wish.net.start.astimezone(BERLIN).replace(tzinfo=None)
    if starts == datetime.combine(date(2027, 3, 28), time(3, 30)):
        starts -= timedelta(hours=1)
    return starts, starts + (series.ends - series.starts)


def paused_days(house: House, series: Series) -> frozenset[date]:
    entered = {row.first_date for row in Holiday.objects.filter(house=house)}
    return frozenset((entered or PUBLIC_HOLIDAYS) if series.skip_public else ()).union(series.skipped)


@given(data=st.data(), monday=st.sampled_from(WEEKS))
@examples(50, slow=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_no_proposal_breaks_a_rule_and_no_cheaper_change_was_missed(db, data, monday):
    with transaction.atomic():
        check_a_house(data, monday)
        transaction.set_rollback(True)


def check_a_house(data, monday: date) -> None:
    house = data.draw(houses(monday))
    wish = data.draw(series_wishes(house, monday))
    # Some of the dates are over, too soon, or within the next days.
    now = datetime.combine(monday, time(10), tzinfo=BERLIN) + data.draw(
        st.sampled_from([-60, -3, 0])
    ) * timedelta(days=1)
    plan = plan_series(house=house, wish=wish, now=now)
    brute_force = BruteForce(
        house,
        Asked(
            wish.persons,
            wish.layout,
            wish.equipment_ids,
            wish.setup_minutes is None,
            wish.teardown_minutes is None,
            paused_days(house, wish.series),
            min(as_date(plan_date.wish).day for plan_date in plan.dates),
            frozenset(PUBLIC_HOLIDAYS),
            now,
        ),
    )
    standing: dict[int, set[int]] = {}
    for number, plan_date in enumerate(plan.dates):
        wished = as_date(plan_date.wish)
        meets_own = any(wished.gross & taken for taken in standing.values())
        if not plan_date.skipped:
            assert plan_date.is_possible == (brute_force.can_be_asked_for(wished) and not meets_own)
        if plan_date.is_possible:
            standing[number] = wished.gross
            assert (plan_date.proposals, plan_date.chosen.way, plan_date.chosen.wish) == (
                (),
                Way.KEEP,
                plan_date.wish,
            )
    chosen = standing | {
        number: as_date(plan_date.chosen.wish).gross
        for number, plan_date in enumerate(plan.dates)
        if plan_date.is_open and plan_date.chosen.wish
    }
    for number, plan_date in enumerate(plan.dates):
        if not plan_date.is_open:
            continue
        others = set().union(*(taken for other, taken in chosen.items() if other != number))
        valid = brute_force.changes(
            as_date(plan_date.wish), others, wished_by_the_clocks(plan_date.wish, wish.series)
        )
        proposed = {
            way.value: [as_date(proposal.wish) for proposal in plan_date.proposals if proposal.way == way]
            for way in (Way.ROOM, Way.SHIFT, Way.DAY)
        }
        assert {way: set(dates) for way, dates in proposed.items()} == {
            way: set(dates) for way, dates in valid.items()
        }
        assert [proposal.way for proposal in plan_date.proposals] == [
            *[Way.ROOM] * len(valid["room"]),
            *[Way.SHIFT] * len(valid["shift"]),
            *[Way.DAY] * len(valid["day"]),
            Way.SKIP,
        ]
        shifts = [abs(changed.starts - plan_date.wish.net.start) for changed in proposed["shift"]]
        days = [abs(changed.day - as_date(plan_date.wish).day) for changed in proposed["day"]]
        assert (shifts, days) == (sorted(shifts), sorted(days))
        losses = [
            brute_force.loses_hearing_loop(changed, as_date(plan_date.wish)) for changed in proposed["room"]
        ]
        assert losses == sorted(losses)
        assert losses == [it.loses_hearing_loop for it in plan_date.proposals if it.way == Way.ROOM]
        assert plan_date.chosen == plan_date.proposals[0]
    store_and_approve(plan, now)


def store_and_approve(plan: SeriesPlan, now: datetime) -> None:
    """Send the plan as it is, and approve all of it but what set-up or tear-down of others meets."""
    chosen = choose_dates(plan, as_proposed(plan), may_override=False)
    dates = chosen.dates
    assert chosen.undecided == ()
    assert len(dates) == len(plan.dates)
    if all(wanted.skipped for wanted in dates):
        return
    applicant = make_user()
    room = Room.objects.get(pk=plan.wish.room_ids[0])
    booking = request_booking(
        data=make_request_data(
            [room],
            dates[0].starts_at,
            dates[0].ends_at,
            dates=tuple(dates),
            association_id=make_association(applicant).pk,
            persons=plan.wish.persons,
            layout=plan.wish.layout,
            series=plan.wish.series,
        ),
        actor=applicant,
        now=now,
    )
    slots = list(booking.slots.order_by("pk"))
    wanted = {
        slot.pk
        for slot, plan_date in zip(slots, plan.dates, strict=True)
        if slot.status == SlotStatus.REQUESTED
        and (plan_date.is_open or all(reason.code != "buffer_clash" for reason in plan_date.reasons))
    }
    if wanted:
        approve_booking(booking_id=booking.pk, actor=make_staff(), now=now, slot_ids=wanted)
    assert Slot.objects.filter(booking=booking, status=SlotStatus.APPROVED).count() == len(wanted)
