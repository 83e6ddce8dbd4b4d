"""What is carried into rooms: who asks for more of it than the house has at that time is warned."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings.access.lookups import get_booking
from bookings.availability.nearest import check_wish
from bookings.availability.wishes import wish_for
from bookings.desk.inbox import inbox_entry, list_inbox
from bookings.enums import SlotStatus
from bookings.series.dates import Series
from bookings.series.pattern import Frequency, Pattern
from bookings.series.request import SeriesWish, plan_series
from bookings.services import approve_booking
from rooms.models import Equipment, House, Room
from tests.factories import DAY, NOW, berlin, make_booking, make_room, make_staff

TAKEN = "„Beamer mobil“ ist zu dieser Zeit in einer anderen Buchung (vorhanden: 1). Bitte fragen Sie im Haus."


@pytest.fixture
def projector(house: House) -> Equipment:
    return Equipment.objects.create(house=house, name="Beamer mobil", mobile_count=1)


@pytest.fixture
def hall(house: House) -> Room:
    return make_room(house)


@pytest.fixture
def other(house: House) -> Room:
    return make_room(house, "Saal B")


def warnings_of(room: Room, equipment: Equipment, start: str = "16:00", end: str = "18:00", **options):
    """What is said of the equipment to who asks for the room with it."""
    house = House.objects.get(pk=room.house_id)
    wish = wish_for(
        house=house,
        room_ids=[room.pk],
        starts_at=berlin(DAY, start),
        ends_at=berlin(DAY, end),
        equipment_ids=[equipment.pk],
    )
    return [
        (reason.severity, reason.field, reason.message)
        for reason in check_wish(house=house, wish=wish, now=NOW, **options)
        if reason.code == "equipment_taken"
    ]


def with_equipment(room: Room, equipment: Equipment, start: str = "16:00", end: str = "18:00", **fields):
    return make_booking([room], berlin(DAY, start), berlin(DAY, end), equipment_ids=(equipment.pk,), **fields)


def test_two_rooms_one_projector_and_the_same_hour(hall: Room, other: Room, projector: Equipment) -> None:
    assert warnings_of(other, projector) == []
    with_equipment(hall, projector)
    assert warnings_of(other, projector) == [("warning", "equipment", TAKEN)]


@pytest.mark.parametrize(
    ("start", "end", "is_taken"),
    [("14:00", "15:30", False), ("14:00", "15:45", True), ("18:00", "19:00", False)],
)
def test_it_is_taken_with_set_up_and_tear_down(
    hall: Room, other: Room, projector: Equipment, start: str, end: str, is_taken: bool
) -> None:
    with_equipment(hall, projector, setup_minutes=30)
    assert bool(warnings_of(other, projector, start, end)) is is_taken


def test_only_approved_dates_take_it(hall: Room, other: Room, projector: Equipment) -> None:
    for status in (SlotStatus.REQUESTED, SlotStatus.CANCELLED):
        with_equipment(hall, projector, status=status)
    assert warnings_of(other, projector) == []


def test_who_changes_a_date_is_not_warned_of_its_own(hall: Room, other: Room, projector: Equipment) -> None:
    slot = with_equipment(hall, projector).slots.get()
    assert warnings_of(other, projector, ignore_slot_ids=[slot.pk]) == []


def test_of_several_it_is_how_many_are_out_at_once(house: House, projector: Equipment) -> None:
    Equipment.objects.filter(pk=projector.pk).update(mobile_count=2)
    rooms = [make_room(house) for _number in range(3)]
    with_equipment(rooms[0], projector, "16:00", "17:00")
    with_equipment(rooms[0], projector, "17:00", "18:00")
    assert warnings_of(rooms[2], projector) == []
    with_equipment(rooms[1], projector, "16:30", "17:30")
    ((_severity, _field, sentence),) = warnings_of(rooms[2], projector)
    assert sentence == (
        "„Beamer mobil“ sind zu dieser Zeit in anderen Buchungen (vorhanden: 2). Bitte fragen Sie im Haus."
    )


def test_what_belongs_to_its_rooms_is_nobody_elses(hall: Room, other: Room, projector: Equipment) -> None:
    Equipment.objects.filter(pk=projector.pk).update(mobile_count=None)
    with_equipment(hall, projector)
    assert warnings_of(other, projector) == []


def test_a_room_that_has_its_own_takes_none_and_needs_none(
    hall: Room, other: Room, projector: Equipment
) -> None:
    hall.equipment.add(projector)
    with_equipment(hall, projector)
    assert warnings_of(other, projector) == []
    with_equipment(other, projector)
    assert warnings_of(hall, projector, "18:00", "19:00") == []


def test_staff_see_it_when_they_decide(hall: Room, other: Room, projector: Equipment) -> None:
    first, second = (with_equipment(room, projector, status=SlotStatus.REQUESTED) for room in (hall, other))
    staff = make_staff()

    def obstacles(booking):
        read = get_booking(booking.reference, actor=staff)
        return [reason.code for reason in inbox_entry(read, now=NOW).broken]

    assert (obstacles(first), obstacles(second)) == ([], [])
    approve_booking(booking_id=first.pk, actor=staff, now=NOW)
    assert obstacles(second) == ["equipment_taken"]
    approve_booking(booking_id=second.pk, actor=staff, now=NOW)
    assert second.slots.get().status == SlotStatus.APPROVED


def test_a_series_is_told_on_which_dates(house: House, hall: Room, other: Room, projector: Equipment) -> None:
    with_equipment(hall, projector)
    starts = berlin(DAY - timedelta(weeks=1), "16:00").replace(tzinfo=None)
    pattern = Pattern(
        frequency=Frequency.WEEKLY,
        first_day=starts.date(),
        starts=starts.time(),
        ends=(starts + timedelta(hours=2)).time(),
        weekdays=(starts.weekday(),),
        count=3,
    )
    wish = SeriesWish(
        series=Series(starts=starts, ends=starts + timedelta(hours=2), pattern=pattern),
        room_ids=(other.pk,),
        persons=5,
        equipment_ids=frozenset({projector.pk}),
    )
    plan = plan_series(house=House.objects.get(pk=house.pk), wish=wish, now=NOW)
    codes: list[tuple[date, list[str]]] = [
        (plan_date.wish.net.start.date(), [reason.code for reason in plan_date.reasons])
        for plan_date in plan.dates
    ]
    assert codes == [
        (DAY - timedelta(weeks=1), []),
        (DAY, ["equipment_taken"]),
        (DAY + timedelta(weeks=1), []),
    ]


@pytest.mark.parametrize("number", [1, 6])
def test_it_costs_one_query_and_only_who_asks_for_it(house: House, projector: Equipment, number: int) -> None:
    rooms = [make_room(house) for _number in range(number + 1)]
    for room in rooms[:number]:
        with_equipment(room, projector)
    house = House.objects.get(pk=house.pk)

    def queries(equipment_ids):
        wish = wish_for(
            house=house,
            room_ids=[rooms[-1].pk],
            starts_at=berlin(DAY, "16:00"),
            ends_at=berlin(DAY, "18:00"),
            equipment_ids=equipment_ids,
        )
        with CaptureQueriesContext(connection) as captured:
            check_wish(house=house, wish=wish, now=NOW)
        return len(captured)

    without = queries([])
    assert queries([projector.pk]) == without + 1


@pytest.mark.parametrize("number", [1, 6])
def test_the_inbox_asks_once_for_all(house: House, projector: Equipment, number: int) -> None:
    hall, other = make_room(house), make_room(house)
    with_equipment(hall, projector)
    for _request in range(number):
        with_equipment(other, projector, status=SlotStatus.REQUESTED)
    house = House.objects.get(pk=house.pk)
    with CaptureQueriesContext(connection) as captured:
        entries = list_inbox(house, now=NOW)
    assert [[reason.code for reason in entry.broken] for entry in entries] == [["equipment_taken"]] * number
    # What is asked for, and what others have.
    assert sum("mobile_count" in query["sql"] for query in captured) == 2


def test_the_program_interface_says_it(client: Client, hall: Room, other: Room, projector: Equipment) -> None:
    with_equipment(hall, projector)
    asked = {"rooms": other.slug, "starts_at": "2027-04-20T16:00+02:00", "ends_at": "2027-04-20T18:00+02:00"}
    answer = client.get("/api/v1/availability/check/", {**asked, "equipment": "Beamer mobil"})
    assert answer.status_code == 200
    assert "equipment_taken" in [reason["code"] for reason in answer.json()["reasons"]]
    unknown = client.get("/api/v1/availability/check/", {**asked, "equipment": "Orgel"})
    assert unknown.status_code == 400


def test_the_form_says_it(client: Client, hall: Room, other: Room, projector: Equipment) -> None:
    with_equipment(hall, projector)
    typed = {"rooms": other.slug, "day": "20.04.2027", "starts": "16:00", "ends": "18:00"}
    with time_machine.travel(NOW, tick=False):
        without, taken, strange = (
            client.get("/anfrage/pruefen/", {**typed, "equipment": equipment}).content.decode()
            for equipment in ("", str(projector.pk), "9" * 30)
        )
    assert [TAKEN in page for page in (without, taken, strange)] == [False, True, False]


def test_no_room_lacks_what_can_be_carried_into_it(client: Client, hall: Room, projector: Equipment) -> None:
    piano = Equipment.objects.create(house=hall.house, name="Klavier")
    sought = {"datum": "20.04.2027", "von": "16:00", "dauer": "120"}
    with time_machine.travel(NOW, tick=False):
        rooms = [
            [
                free_room.room.id
                for free_room in client.get("/finden/", {**sought, "ausstattung": equipment.pk}).context[
                    "free"
                ]
            ]
            for equipment in (projector, piano)
        ]
    assert rooms == [[hall.pk], []]
