"""Forty clients want the same room at once: first what happens without the guard, then with it.

Real threads on real connections: a database file on SQLite, a server on PostgreSQL.
"""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections

from bookings.enums import SlotStatus
from bookings.errors import HouseFull, RoomAlreadyBooked, StalePage, TooManyDates
from bookings.models import Booking, Occupancy, Slot
from bookings.occupancy.guard import SQLITE_GUARD, install_guard
from bookings.services import Move, WantedDate, add_dates, approve_booking, move_dates, request_booking
from rooms.models import House
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_association,
    make_booking,
    make_house,
    make_request_data,
    make_room,
    make_staff,
    make_user,
)

pytestmark = pytest.mark.django_db(transaction=True)

CLIENTS = 40


def race(work: Callable[[int], Any], count: int) -> Counter[str]:
    """Run `work(number)` in threads that start together; count the kinds of outcomes."""
    outcomes: Counter[str] = Counter()
    start = threading.Barrier(count)

    def client(number: int) -> None:
        try:
            start.wait(timeout=30)
            work(number)
            outcomes["won"] += 1
        except Exception as error:  # noqa: BLE001 - the kind of every failure is what the test asserts
            outcomes[type(error).__name__] += 1
        finally:
            connections.close_all()

    threads = [threading.Thread(target=client, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return outcomes


def approve(booking: Booking, staff: Any) -> None:
    approve_booking(booking_id=booking.pk, actor=staff, now=NOW)


def approved_count() -> int:
    return Slot.objects.filter(status=SlotStatus.APPROVED).count()


@pytest.fixture
def without_database_guard():
    """Take the database's own guard away; the test puts rows in that the guard would refuse."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in SQLITE_GUARD:
                cursor.execute(f"DROP TRIGGER {name}")
        else:
            cursor.execute("ALTER TABLE bookings_occupancy DROP CONSTRAINT occupancy_no_overlap")
    yield
    Occupancy.objects.all().delete()
    if connection.vendor == "sqlite":
        install_guard()
    else:
        from importlib import import_module

        migration = import_module("bookings.migrations.0001_initial")
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE bookings_occupancy DROP CONSTRAINT occupancy_at_most_31_days")
            cursor.execute(migration.ADD)


def test_control_looking_and_then_writing_books_twice(without_database_guard):
    """The control: without lock and constraint the same race lets several book the same hour."""
    room = make_room(make_house())
    bookings = [make_booking([room], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED) for _ in range(8)]
    looked = threading.Barrier(len(bookings))

    def look_then_write(number: int) -> None:
        is_free = not Occupancy.objects.filter(part=room, is_blocking=True).exists()
        looked.wait(timeout=30)
        if is_free:
            Occupancy.objects.filter(slot__booking=bookings[number]).update(is_blocking=True)

    assert race(look_then_write, len(bookings)) == {"won": 8}
    assert Occupancy.objects.filter(is_blocking=True).count() == 8


def test_the_lock_alone_leaves_one(without_database_guard):
    room, staff = make_room(make_house()), make_staff()
    bookings = [make_booking([room], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED) for _ in range(8)]
    outcomes = race(lambda number: approve(bookings[number], staff), 8)
    assert outcomes == {"won": 1, RoomAlreadyBooked.__name__: 7}


def test_the_database_alone_leaves_one():
    room = make_room(make_house())
    bookings = [make_booking([room], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED) for _ in range(8)]

    def write_without_looking(number: int) -> None:
        Occupancy.objects.filter(slot__booking=bookings[number]).update(is_blocking=True)

    outcomes = race(write_without_looking, 8)
    assert outcomes["won"] == 1
    assert Occupancy.objects.filter(is_blocking=True).count() == 1


def test_one_of_forty_approvals_of_the_same_hour_wins():
    room, staff = make_room(make_house()), make_staff()
    bookings = [
        make_booking([room], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED) for _ in range(CLIENTS)
    ]
    outcomes = race(lambda number: approve(bookings[number], staff), CLIENTS)
    assert outcomes == {"won": 1, RoomAlreadyBooked.__name__: CLIENTS - 1}
    assert approved_count() == 1


def test_one_of_forty_approvals_of_overlapping_but_unequal_hours_wins():
    room, staff = make_room(make_house()), make_staff()
    noon = berlin(DAY, "12:00")
    # All of them hold the time from 13:45 to 14:00; no two are equal.
    bookings = [
        make_booking(
            [room],
            noon + timedelta(minutes=number % 8 * 15),
            noon + timedelta(minutes=120 + number * 5),
            status=SlotStatus.REQUESTED,
        )
        for number in range(CLIENTS)
    ]
    outcomes = race(lambda number: approve(bookings[number], staff), CLIENTS)
    assert outcomes == {"won": 1, RoomAlreadyBooked.__name__: CLIENTS - 1}
    assert approved_count() == 1


def test_a_combination_against_one_of_its_parts_leaves_one():
    house, staff = make_house(), make_staff()
    left, right = make_room(house, "Saal A"), make_room(house, "Saal B")
    hall = make_room(house, "Saal", parts=[left, right])
    bookings = [
        make_booking([room], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED)
        for room in [hall, left] * (CLIENTS // 2)
    ]
    outcomes = race(lambda number: approve(bookings[number], staff), CLIENTS)
    assert outcomes == {"won": 1, RoomAlreadyBooked.__name__: CLIENTS - 1}
    assert approved_count() == 1


def test_eight_approvals_of_forty_persons_never_exceed_a_house_for_150():
    house, staff = make_house(max_persons=150), make_staff()
    bookings = [
        make_booking(
            [make_room(house, f"Raum {n}")], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED, persons=40
        )
        for n in range(8)
    ]
    outcomes = race(lambda number: approve(bookings[number], staff), 8)
    assert outcomes == {"won": 3, HouseFull.__name__: 5}


def test_every_decision_raises_the_plan_version():
    house, staff = make_house(), make_staff()
    bookings = [
        make_booking([make_room(house, f"Raum {n}")], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED)
        for n in range(8)
    ]
    before = House.objects.get(pk=house.pk).plan_version
    assert race(lambda number: approve(bookings[number], staff), 8) == {"won": 8}
    assert House.objects.get(pk=house.pk).plan_version == before + 8


def test_a_double_click_on_approve_decides_once():
    room, staff = make_room(make_house()), make_staff()
    booking = make_booking([room], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED)
    outcomes = race(lambda _: approve(booking, staff), 4)
    assert outcomes == {"won": 1, "TransitionNotAllowed": 3}


def test_the_same_request_sent_by_many_clicks_is_one_booking():
    room, user = make_room(make_house()), make_user()
    association = make_association(user)
    data = make_request_data(
        [room], berlin(DAY, "16:00"), berlin(DAY, "18:00"), association_id=association.pk
    )
    assert race(lambda _: request_booking(data=data, actor=user, now=NOW), 8) == {"won": 8}
    assert Booking.objects.count() == 1


def test_references_drawn_at_once_are_all_different():
    room, user = make_room(make_house()), make_user()
    association = make_association(user)
    data = [
        make_request_data([room], berlin(DAY, "16:00"), berlin(DAY, "18:00"), association_id=association.pk)
        for _ in range(20)
    ]
    assert race(lambda number: request_booking(data=data[number], actor=user, now=NOW), 20) == {"won": 20}
    assert sorted(Booking.objects.values_list("reference", flat=True)) == [
        f"HdB-2027-{number:04d}" for number in range(1, 21)
    ]


def test_a_date_is_moved_where_a_rival_is_approved_and_one_of_them_is_there():
    room, staff = make_room(make_house()), make_staff()
    rivals = [make_booking([room], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED) for _ in range(8)]
    movers = [make_booking([room], berlin(DAY + timedelta(days=day), "10:00")) for day in range(1, 9)]

    def move(booking: Booking) -> None:
        goal = Move(booking.slots.get().pk, berlin(DAY, "17:00"), berlin(DAY, "19:00"), (room.pk,))
        move_dates(
            booking_id=booking.pk,
            actor=staff,
            now=NOW,
            moves=[goal],
            override=True,
            override_reason="Absprache",
        )

    def work(number: int) -> None:
        if number % 2:
            approve(rivals[number // 2], staff)
        else:
            move(movers[number // 2])

    assert race(work, 16) == {"won": 1, RoomAlreadyBooked.__name__: 15}
    there = Occupancy.objects.get(is_blocking=True, starts_at__lt=berlin(DAY, "20:00"))
    is_rival = there.slot.booking_id in {rival.pk for rival in rivals}
    # Who did not get there is where it was.
    assert Occupancy.objects.filter(is_blocking=True).count() == len(movers) + is_rival


def test_of_two_hands_that_move_one_date_the_second_is_told():
    room, staff = make_room(make_house()), make_staff()
    booking = make_booking([room], berlin(DAY, "16:00"))
    slot = booking.slots.get()

    def move(number: int) -> None:
        day = DAY + timedelta(days=1 + number)
        goal = Move(slot.pk, berlin(day, "16:00"), berlin(day, "18:00"), (room.pk,))
        move_dates(booking_id=booking.pk, actor=staff, now=NOW, moves=[goal], version=booking.version)

    assert race(move, 8) == {"won": 1, StalePage.__name__: 7}
    slot.refresh_from_db()
    assert slot.sequence == 1
    assert Occupancy.objects.get().starts_at == slot.starts_at


def test_dates_added_at_once_never_exceed_what_the_house_takes():
    room, staff = make_room(make_house(max_dates=4)), make_staff()
    booking = make_booking([room], berlin(DAY, "16:00"))

    def add(number: int) -> None:
        days = [DAY + timedelta(days=1 + 2 * number + attempt) for attempt in range(2)]
        dates = [WantedDate(berlin(day, "16:00"), berlin(day, "18:00"), (room.pk,)) for day in days]
        add_dates(booking_id=booking.pk, actor=staff, now=NOW, dates=dates)

    assert race(add, 8) == {"won": 1, TooManyDates.__name__: 7}
    assert booking.slots.count() == 3
