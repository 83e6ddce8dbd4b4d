"""Small houses before and after a change, as plain values; what the change hits, by counting half hours."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import strategies as st

from bookings.errors import RoomAlreadyBooked
from bookings.models import Slot
from rooms.models import Closure, Holiday, House, OpeningHours, Room, SeatingLayout, raise_plan_version
from tests.factories import BERLIN, berlin, make_booking, make_house, make_room

# Saturday to Monday, over the night in which summer time ends.
FIRST_DAY = date(2027, 10, 30)
NOW = berlin(date(2027, 10, 29), "12:00")
HALF_HOUR = timedelta(minutes=30)
ROOMS = ("A", "B", "A+B", "C")
PARTS = {"A": {"A"}, "B": {"B"}, "A+B": {"A", "B"}, "C": {"C"}}


@dataclass(frozen=True)
class Closed:
    """Rooms by name (none: the house) from one half hour of the three days to another."""

    rooms: tuple[str, ...]
    start: int
    length: int


@dataclass(frozen=True)
class State:
    """What binds the dates: hours of every day, closed weekdays, closures, a holiday, limits."""

    opens: int = 8
    closes: int = 22
    closed_weekdays: frozenset[int] = frozenset()
    own_hours_of_c: tuple[int, int] | None = None
    closures: tuple[Closed, ...] = ()
    closes_on_holiday: bool = False
    capacity: int = 40
    most: int = 100
    is_a_active: bool = True


@dataclass(frozen=True)
class Wanted:
    room: str
    start: int
    length: int
    setup: int
    persons: int


states = st.builds(
    State,
    opens=st.integers(7, 10),
    closes=st.integers(18, 23),
    closed_weekdays=st.frozensets(st.sampled_from([5, 6]), max_size=1),
    own_hours_of_c=st.sampled_from([None, None, (9, 17)]),
    closures=st.lists(
        st.builds(
            Closed,
            st.sampled_from([(), ("A",), ("A+B",), ("B", "C")]),
            st.integers(0, 140),
            st.integers(1, 60),
        ),
        max_size=2,
        unique_by=lambda closed: closed.start,
    ).map(tuple),
    closes_on_holiday=st.booleans(),
    capacity=st.sampled_from([40, 40, 25]),
    most=st.sampled_from([100, 100, 45]),
    is_a_active=st.sampled_from([True, True, False]),
)
wanted_dates = st.lists(
    st.builds(
        Wanted,
        st.sampled_from(ROOMS),
        st.integers(14, 130),
        st.integers(1, 8),
        st.integers(0, 2),
        st.sampled_from([10, 30]),
    ),
    min_size=1,
    max_size=6,
)


def tick(number: int) -> datetime:
    """The moment so many half hours after the midnight that starts the three days."""
    return berlin(FIRST_DAY, "00:00").astimezone(UTC) + number * HALF_HOUR


def build(wanted: list[Wanted]) -> tuple[House, dict[str, Room], list[tuple[Wanted, Slot]]]:
    """Store a house with its approved dates; those that would overlap are left out."""
    house = make_house()
    rooms = {name: make_room(house, name) for name in ("A", "B", "C")}
    rooms["A+B"] = make_room(house, "A+B", parts=[rooms["A"], rooms["B"]])
    stored = []
    for date_wanted in wanted:
        try:
            booking = make_booking(
                [rooms[date_wanted.room]],
                tick(date_wanted.start),
                tick(date_wanted.start + date_wanted.length),
                setup_minutes=30 * date_wanted.setup,
                teardown_minutes=0,
                persons=date_wanted.persons,
                layout="rows",
                now=NOW,
            )
        except RoomAlreadyBooked:
            continue
        stored.append((date_wanted, booking.slots.get()))
    return house, rooms, stored


def write(house: House, rooms: dict[str, Room], state: State) -> None:
    """Bring the stored house into this state, as forms of staff would."""
    OpeningHours.objects.filter(house=house).delete()
    hours = [
        OpeningHours(house=house, weekday=weekday, opens_at=time(state.opens), closes_at=time(state.closes))
        for weekday in set(range(7)) - state.closed_weekdays
    ]
    if state.own_hours_of_c:
        opens, closes = map(time, state.own_hours_of_c)
        hours += [
            OpeningHours(house=house, room=rooms["C"], weekday=weekday, opens_at=opens, closes_at=closes)
            for weekday in range(7)
        ]
    OpeningHours.objects.bulk_create(hours)
    Closure.objects.filter(house=house).delete()
    for closed in state.closures:
        closure = Closure.objects.create(
            house=house,
            starts_at=tick(closed.start),
            ends_at=tick(closed.start + closed.length),
            reason="Bau",
        )
        closure.rooms.set(rooms[name] for name in closed.rooms)
    Holiday.objects.get_or_create(
        house=house, kind="public", name="Fest", first_date=date(2027, 11, 1), last_date=date(2027, 11, 1)
    )
    House.objects.filter(pk=house.pk).update(
        max_persons=state.most, closed_on_public_holidays=state.closes_on_holiday
    )
    Room.objects.filter(pk=rooms["A"].pk).update(is_active=state.is_a_active)
    SeatingLayout.objects.filter(room__house=house).update(capacity=state.capacity)
    raise_plan_version(house.pk)


def hit_by_counting(before: State, after: State, stored: list[tuple[Wanted, Slot]]) -> set[int]:
    """The ids of the slots that the change hits, knowing nothing but half hours."""
    dates = [wanted for wanted, _slot in stored]
    return {
        slot.pk
        for wanted, slot in stored
        if any(
            now_so > so_far
            for now_so, so_far in zip(
                _troubles(wanted, after, dates), _troubles(wanted, before, dates), strict=True
            )
        )
    }


def _troubles(wanted: Wanted, state: State, dates: list[Wanted]) -> list[int]:
    gross = set(range(wanted.start - wanted.setup, wanted.start + wanted.length))
    net = set(range(wanted.start, wanted.start + wanted.length))
    closures = [
        (set(range(closed.start, closed.start + closed.length)), closed.rooms) for closed in state.closures
    ]
    if state.closes_on_holiday:
        holiday = {number for number in range(-10, 200) if _local(number).date() == date(2027, 11, 1)}
        closures.append((holiday, ()))
    closed = sum(
        bool(times & gross)
        and (not rooms or bool(PARTS[wanted.room] & set().union(*(PARTS[r] for r in rooms))))
        for times, rooms in closures
    )
    outside = sum(not _is_open(wanted.room, number, state) for number in gross)
    crowd = max(
        sum(other.persons for other in dates if other.start <= number < other.start + other.length)
        for number in net
    )
    return [
        closed,
        outside,
        wanted.persons > state.capacity,
        crowd > state.most,
        wanted.room == "A" and not state.is_a_active,
    ]


def _local(number: int) -> datetime:
    return tick(number).astimezone(BERLIN)


def _is_open(room: str, number: int, state: State) -> bool:
    local = _local(number)
    if room == "C" and state.own_hours_of_c:
        opens, closes = state.own_hours_of_c
        return opens <= local.hour < closes
    return local.weekday() not in state.closed_weekdays and state.opens <= local.hour < state.closes
