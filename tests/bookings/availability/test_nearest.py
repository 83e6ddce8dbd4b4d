"""What a page remembers of the plan to look for times follows the plan."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from bookings.availability.nearest import nearest_free, nearest_of_each
from bookings.availability.snapshot import forget_months
from bookings.availability.wishes import wish_for
from bookings.enums import SlotStatus
from bookings.models import Booking
from rooms.facts import house_facts
from rooms.intervals import Interval
from rooms.models import Closure, House, Room
from rooms.rules import Wish
from tests.factories import NOW, berlin, make_booking, make_house, make_room
from tests.generated import examples

pytestmark = pytest.mark.django_db

# Two weeks before the clocks are put back, so that the search crosses that night.
WISHED = date(2027, 10, 17)
STEPS = st.tuples(
    st.sampled_from(["approved", "requested", "closed", "given back", "hours"]),
    st.integers(-8, 8),
    st.sampled_from([("14:00", "22:00"), ("08:00", "22:00"), ("18:00", "19:30"), ("19:00", "22:00")]),
)


def wish_of(room: Room, house: House) -> Wish:
    return wish_for(
        house=house,
        room_ids=[room.pk],
        starts_at=berlin(WISHED, "19:00"),
        ends_at=berlin(WISHED, "20:30"),
        facts=house_facts(house),
    )


def found_for(*rooms: Room) -> list[Interval | None]:
    house = House.objects.get(pk=rooms[0].house_id)
    wishes = [wish_of(room, house) for room in rooms]
    return nearest_of_each(house=house, wishes=wishes, now=NOW, facts=house_facts(house))


def take(step: tuple[str, int, tuple[str, str]], rooms: list[Room]) -> None:
    kind, day, times = step
    starts_at, ends_at = (berlin(WISHED + timedelta(days=day), time) for time in times)
    room = rooms[day % len(rooms)]
    match kind:
        case "approved" | "requested":
            if not Booking.objects.filter(slots__starts_at__date=starts_at, slots__rooms=room).exists():
                make_booking([room], starts_at, ends_at, status=SlotStatus(kind))
        case "closed":
            Closure.objects.create(house=room.house, starts_at=starts_at, ends_at=ends_at, reason="Putzen")
        case "given back":
            if booking := Booking.objects.first():
                booking.delete()
                room.save()
        case "hours":
            room.setup_minutes = 15 * (day % 4)
            room.save()


@given(steps=st.lists(STEPS, max_size=6))
@examples(30)
def test_after_any_change_it_is_what_one_finds_who_remembers_nothing(
    steps: list[tuple[str, int, tuple[str, str]]],
) -> None:
    house = make_house()
    rooms = [make_room(house), make_room(house)]
    for step in [None, *steps]:
        if step:
            take(step, rooms)
        remembered = found_for(*rooms)
        forget_months()
        assert remembered == found_for(*rooms)
    Booking.objects.all().delete()


def test_it_is_the_nearest_free_time_and_asks_the_plan_once_for_all_rooms() -> None:
    house = make_house()
    rooms = [make_room(house) for _ in range(3)]
    for number, room in enumerate(rooms):
        for week in range(number + 1):
            on = WISHED + timedelta(weeks=week)
            make_booking([room], berlin(on, "14:00"), berlin(on, "22:00"))
    with CaptureQueriesContext(connection) as captured:
        found = [found_for(*rooms) for _ in range(2)]
    days = [WISHED + timedelta(days=days) for days in (7, -7, -7)]
    assert [[net.start for net in nets] for nets in found] == [[berlin(day, "19:00") for day in days]] * 2
    assert sum("bookings_occupancy" in query["sql"] for query in captured) == 1
    house = House.objects.get(pk=house.pk)
    assert found[0] == [nearest_free(house=house, wish=wish_of(room, house), now=NOW) for room in rooms]
