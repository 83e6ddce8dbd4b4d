"""django-scheduler's own API gives the dates of a series as they stand, whatever has become of them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, assume, event, example, given
from hypothesis import strategies as st
from schedule.models import Event, Occurrence  # noqa: TID251 - asked itself

from bookings.access.actors import LinkHolder
from bookings.date_facts import Before, Skip
from bookings.enums import SkippedBecause, SlotStatus
from bookings.models import Booking, Slot
from bookings.series.dates import Series
from bookings.series.pattern import Frequency, Pattern, PatternNotSupported
from bookings.series.scheduler import occurrences_in, occurrences_of, pattern_dates, slot_times
from bookings.services import (
    Move,
    WantedDate,
    add_dates,
    approve_booking,
    give_dates_back,
    move_dates,
    reject_booking,
    request_booking,
    request_change,
    revoke_booking,
)
from rooms.clock import between, day_of, whole_days
from rooms.errors import DomainError
from rooms.intervals import Interval
from rooms.models import House, Room
from tests.factories import BERLIN, NOW, berlin, make_house, make_request_data, make_room, make_staff
from tests.generated import examples

# Shortly before each change of the clocks, and an ordinary time.
FIRST_DAYS = [date(2027, 3, 13), date(2027, 3, 28), date(2027, 5, 4), date(2027, 10, 16), date(2027, 10, 31)]
CLOCKS = [time(0), time(0, 30), time(2), time(2, 30), time(3), time(9), time(16), time(22), time(23, 45)]


@dataclass(frozen=True)
class Step:
    """What happens to the date that is the `number`th of all (round and round), and to others with it."""

    verb: str
    number: int = 0
    days: int = 0
    clock: time = time(16)


patterns = st.builds(
    lambda rhythm, end, **fields: {**rhythm, **end, **fields},
    st.one_of(
        st.just({"frequency": Frequency.DAILY}),
        st.builds(
            lambda weekdays: {"frequency": Frequency.WEEKLY, "weekdays": tuple(weekdays)},
            st.lists(st.integers(0, 6), min_size=1, max_size=3, unique=True),
        ),
        st.builds(
            lambda position, weekday: {
                "frequency": Frequency.MONTHLY,
                "positions": (position,),
                "weekdays": (weekday,),
            },
            st.sampled_from([1, 2, 5, -1]),
            st.integers(0, 6),
        ),
        st.builds(
            lambda day: {"frequency": Frequency.MONTHLY, "month_day": day}, st.sampled_from([1, 15, 28, 31])
        ),
    ),
    st.one_of(
        st.builds(lambda count: {"count": count}, st.integers(2, 8)),
        st.builds(lambda length: {"length": length}, st.integers(9, 40)),
    ),
    first_day=st.sampled_from(FIRST_DAYS),
    starts=st.sampled_from(CLOCKS),
    ends=st.sampled_from(CLOCKS),
    interval=st.integers(1, 3),
)
steps = st.builds(
    Step,
    st.sampled_from(
        ["approve", "reject", "give back", "revoke", "move", "swap", "add", "change", "change from here"]
    ),
    st.integers(0, 7),
    st.integers(-8, 8),
    st.sampled_from(CLOCKS),
)


def pattern_from(fields: dict) -> Pattern:
    fields = dict(fields)
    if "length" in fields:
        fields["until"] = fields["first_day"] + timedelta(days=fields.pop("length"))
    return Pattern(**fields)


def as_series(pattern: Pattern) -> Series:
    starts = datetime.combine(pattern.first_day, pattern.starts)
    last_day = pattern.first_day + timedelta(days=pattern.ends_next_day)
    return Series(starts=starts, ends=datetime.combine(last_day, pattern.ends), pattern=pattern)


histories = st.builds(
    lambda is_approved, steps: [Step("approve", 1)] * is_approved + steps,
    st.booleans(),
    st.lists(steps, min_size=1, max_size=5),
)


@given(fields=patterns, skipped=st.sets(st.integers(1, 7), max_size=3), history=histories)
@examples(60, slow=[HealthCheck.too_slow])
@example(
    # The first of two equal clock times, an hour before the one that django-scheduler takes.
    {"frequency": Frequency.DAILY, "first_day": date(2027, 10, 30), "starts": time(2, 30), "ends": time(9)}
    | {"count": 3},
    set(),
    [],
)
@example(
    # Each other night is an hour shorter than the first one.
    {"frequency": Frequency.DAILY, "first_day": date(2027, 10, 30), "starts": time(22), "ends": time(9)}
    | {"count": 3},
    set(),
    [Step("move", 1, 1, time(16))],
)
@example(
    # All other dates start at half past two.
    {"frequency": Frequency.DAILY, "first_day": date(2027, 3, 28), "starts": time(2, 30), "ends": time(5)}
    | {"count": 3},
    {1},
    [Step("move", 2, 1, time(16))],
)
@example(
    # What stands where another date of the pattern was.
    {"frequency": Frequency.WEEKLY, "weekdays": (1,), "first_day": date(2027, 5, 4), "starts": time(16)}
    | {"ends": time(22), "count": 4},
    {1},
    [Step("swap", 0), Step("give back", 2), Step("add", 2, 0, time(16)), Step("move", 3, -14, time(16))],
)
def test_what_django_scheduler_gives_are_the_dates_that_stand(db, fields, skipped, history):
    try:
        pattern = pattern_from(fields)
    except PatternNotSupported:
        assume(False)
    days = pattern_dates(pattern, most=100)
    assume(days and any(number not in skipped for number in range(len(days))))
    with transaction.atomic():
        house = make_house()
        House.objects.filter(pk=house.pk).update(max_persons=10_000)
        room, staff = make_room(house), make_staff()
        data = request_data(house, room, pattern, days, skipped)
        try:
            with transaction.atomic():
                booking = request_booking(
                    data=data, actor=staff, now=NOW, override=True, override_reason="So vereinbart."
                )
        except DomainError as error:
            event(f"no request: {error.code}")
        else:
            for number, step in enumerate(history, start=1):
                compare(house)
                try:
                    with transaction.atomic():
                        carry_out(step, booking, room, staff, number)
                    event(f"done: {step.verb}")
                except DomainError as error:
                    event(f"refused: {step.verb}, {error.code}")
            compare(house, monthly=True)
        transaction.set_rollback(True)


def request_data(house: House, room: Room, pattern: Pattern, days: list[date], skipped=()):
    dates = tuple(
        WantedDate(
            (net := slot_times(pattern, day, house)).start,
            net.end,
            (room.pk,),
            skipped=Skip(SkippedBecause.CHOSEN) if number in skipped else None,
        )
        for number, day in enumerate(days)
    )
    return make_request_data(
        [room],
        dates[0].starts_at,
        dates[0].ends_at,
        dates=dates,
        series=as_series(pattern),
        new_association_name="Chor",
    )


def carry_out(step: Step, booking: Booking, room: Room, staff, number: int) -> None:
    """Let a step happen to the newest booking; raises DomainError where it cannot."""
    booking = Booking.objects.order_by("-pk").first()
    slots = list(booking.slots.order_by("pk"))
    slot = slots[step.number % len(slots)]
    common = {"booking_id": booking.pk, "actor": staff, "now": NOW + timedelta(minutes=number)}
    override = {"override": True, "override_reason": "So vereinbart."}
    ids = [slot.pk]
    match step.verb:
        case "approve":
            approve_booking(**common, **override, slot_ids=None if step.number else ids)
        case "reject":
            reject_booking(**common, reason="Belegt.", slot_ids=ids)
        case "give back":
            give_dates_back(**common | {"actor": LinkHolder(booking.pk)}, slot_ids=ids)
        case "revoke":
            revoke_booking(**common, reason="Wasserschaden.", slot_ids=ids)
        case "move":
            move_dates(**common, **override, moves=[moved(slot, step, room)])
        case "swap":
            other = slots[(step.number + 1) % len(slots)]
            moves = [
                Move(a.pk, b.starts_at, b.ends_at, (room.pk,)) for a, b in [(slot, other), (other, slot)]
            ]
            move_dates(**common, **override, moves=moves)
        case "add":
            there = moved(slot, step, room)
            add_dates(**common, **override, dates=[WantedDate(there.starts_at, there.ends_at, (room.pk,))])
        case "change":
            there = moved(slot, step, room)
            data = make_request_data([room], there.starts_at, there.ends_at)
            change = request_change(**common, **override, data=data, slot_ids=ids)
            approve_booking(booking_id=change.pk, actor=staff, now=NOW, **override)
        case "change from here":
            from_here = [later.pk for later in slots if later.starts_at >= slot.starts_at]
            first_day = day_of(slot.starts_at, BERLIN)
            pattern = Pattern(
                frequency=Frequency.WEEKLY, first_day=first_day, starts=step.clock, ends=time(12), count=3
            )
            data = request_data(booking.house, room, pattern, pattern_dates(pattern, most=9))
            approved = {later.pk for later in slots if later.status == SlotStatus.APPROVED}
            change = request_change(
                **common, **override, data=data, slot_ids=[pk for pk in from_here if pk in approved]
            )
            approve_booking(booking_id=change.pk, actor=staff, now=NOW, **override)


def moved(slot: Slot, step: Step, room: Room) -> Move:
    """Return where a date goes: some days on, at another time, as long as it was."""
    first = datetime.combine(day_of(slot.starts_at, BERLIN) + timedelta(days=step.days), step.clock)
    net = between(first, first + slot.net.duration, BERLIN)
    return Move(slot.pk, net.start, net.end, (room.pk,))


def compare(house: House, *, monthly: bool = False) -> None:
    """Compare each series, and the house month by month, with what django-scheduler gives."""
    nets = {}
    for booking in Booking.objects.filter(house=house, event__isnull=False).select_related("event"):
        nets[booking.reference] = standing(booking)
        assert occurrences_of(booking.event, BERLIN) == nets[booking.reference]
    # Its calendar came with its first series.
    house = House.objects.get(pk=house.pk)
    for period in months(date(2027, 2, 1), 12) if monthly else ():
        inside = {
            name: [net for net in intervals if net.overlaps(period)] for name, intervals in nets.items()
        }
        assert occurrences_in(house, period) == {
            name: intervals for name, intervals in inside.items() if intervals
        }


def standing(booking: Booking) -> list[Interval]:
    return sorted({slot.net for slot in booking.slots.filter(status__in=SlotStatus.STANDING)})


def months(first: date, number: int) -> Iterator[Interval]:
    for _month in range(number):
        following = (first + timedelta(days=31)).replace(day=1)
        yield whole_days(first, following - timedelta(days=1), BERLIN)
        first = following


# What stands in its tables ------------------------------------------------------------------------
TUESDAY = date(2027, 5, 4)


@pytest.fixture
def series(db) -> Booking:
    """Four Tuesdays, 16:00 to 18:00, of which the second is skipped."""
    house = make_house()
    pattern = Pattern(
        frequency=Frequency.WEEKLY, first_day=TUESDAY, starts=time(16), ends=time(18), weekdays=(1,), count=4
    )
    data = request_data(house, make_room(house), pattern, pattern_dates(pattern, most=9), {1})
    booking = request_booking(data=data, actor=make_staff(), now=NOW)
    return approve_booking(booking_id=booking.pk, actor=make_staff(), now=NOW)


def rows(booking: Booking) -> list[tuple[str, str, bool]]:
    """What is stored of each date that differs: when the rule has it, when it is, whether it is cancelled."""
    return [
        (as_text(row.original_start), as_text(row.start), row.cancelled)
        for row in Occurrence.objects.filter(event=booking.event).order_by("original_start")
    ]


def as_text(moment: datetime) -> str:
    return f"{moment.astimezone(BERLIN):%d.%m. %H:%M}"


def test_a_skipped_date_is_a_cancelled_occurrence_and_all_others_need_no_row(series):
    assert rows(series) == [("11.05. 16:00", "11.05. 16:00", True)]
    assert (series.event.rule.frequency, series.event.rule.params) == (
        "WEEKLY",
        "interval:1;byweekday:TU;count:4",
    )


def test_a_new_series_is_compared_with_its_rule_without_being_read(db):
    house = make_house()
    room = make_room(house)
    pattern = Pattern(frequency=Frequency.WEEKLY, first_day=TUESDAY, starts=time(16), ends=time(18), count=3)
    data = request_data(house, room, pattern, pattern_dates(pattern, most=9))
    # The second was not free, and is on the next day instead.
    first, second, third = data.dates
    day = timedelta(days=1)
    elsewhere = replace(
        second,
        starts_at=second.starts_at + day,
        ends_at=second.ends_at + day,
        instead_of=Before(Interval(second.starts_at, second.ends_at), (room.name,)),
    )
    with CaptureQueriesContext(connection) as queries:
        booking = request_booking(
            data=replace(data, dates=(first, elsewhere, third)), actor=make_staff(), now=NOW
        )
    read = [query["sql"] for query in queries if query["sql"].startswith("SELECT")]
    assert [sql for sql in read if 'FROM "schedule_' in sql or 'FROM "bookings_slot"' in sql] == []
    assert rows(booking) == [("11.05. 16:00", "12.05. 16:00", False)]


def test_a_moved_date_stays_the_date_of_the_rule_and_an_added_one_is_its_own(series):
    first, _skipped, third, _fourth = series.slots.order_by("starts_at")
    (room,) = first.rooms.all()
    staff = make_staff()
    there = Move(first.pk, berlin(date(2027, 5, 6), "10:00"), berlin(date(2027, 5, 6), "12:00"), (room.pk,))
    move_dates(booking_id=series.pk, actor=staff, now=NOW, moves=[there])
    give_dates_back(booking_id=series.pk, actor=staff, now=NOW, slot_ids=[third.pk])
    added = WantedDate(berlin(date(2027, 6, 9), "10:00"), berlin(date(2027, 6, 9), "12:00"), (room.pk,))
    add_dates(booking_id=series.pk, actor=staff, now=NOW, dates=[added])
    assert rows(series) == [
        ("04.05. 16:00", "06.05. 10:00", False),
        ("11.05. 16:00", "11.05. 16:00", True),
        ("18.05. 16:00", "18.05. 16:00", True),
        ("09.06. 10:00", "09.06. 10:00", False),
    ]
    back = Move(first.pk, berlin(TUESDAY, "16:00"), berlin(TUESDAY, "18:00"), (room.pk,))
    move_dates(booking_id=series.pk, actor=staff, now=NOW, moves=[back])
    assert rows(series)[0] == ("11.05. 16:00", "11.05. 16:00", True)


def test_the_dates_of_other_houses_are_not_in_the_calendar_of_this_one(series):
    period = whole_days(date(2027, 5, 1), date(2027, 5, 31), BERLIN)
    assert occurrences_in(make_house(), period) == {}
    assert occurrences_in(series.house, period) == {series.reference: standing(series)}


def test_a_month_is_read_with_two_queries_however_many_series_there_are(series, django_assert_num_queries):
    for _number in range(3):
        pattern = Pattern(frequency=Frequency.DAILY, first_day=TUESDAY, starts=time(8), ends=time(9), count=9)
        room = make_room(series.house)
        data = request_data(series.house, room, pattern, pattern_dates(pattern, most=9), {2})
        request_booking(data=data, actor=make_staff(), now=NOW)
    assert Event.objects.count() == 4
    with django_assert_num_queries(2):
        found = occurrences_in(series.house, whole_days(date(2027, 5, 1), date(2027, 5, 31), BERLIN))
    assert sum(map(len, found.values())) == 3 + 3 * 8
