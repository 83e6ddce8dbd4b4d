"""What has to be prepared on a day: the order of set-up, and what the caretaker needs and no more."""

from datetime import timedelta

import pytest

from bookings.access.actors import System
from bookings.agenda.caretaker import DayPlan, Furnishing, day_plan
from bookings.enums import SlotStatus, Visibility
from bookings.services import approve_booking, give_dates_back, request_change, revoke_booking
from rooms.enums import Layout
from rooms.models import Equipment, House, Room
from tests.factories import DAY, NOW, berlin, make_association, make_booking, make_house, make_request_data
from tests.factories import make_room as room_in


@pytest.fixture
def hall(house: House) -> Room:
    return room_in(house, "Saal A")


def plan_of(house: House) -> DayPlan:
    house.refresh_from_db()
    return day_plan(house, DAY)


def titles(plan: DayPlan) -> list[str]:
    return [caretaker_date.title for caretaker_date in plan.dates]


def test_a_date_is_told_with_all_that_is_needed_on_the_day(house: House, hall: Room) -> None:
    kitchen = room_in(house, "Küche")
    projector = Equipment.objects.create(house=house, name="Beamer")
    make_booking(
        [hall, kitchen],
        berlin(DAY, "16:00"),
        association=make_association(name="Nähtreff e. V."),
        title="Nähen",
        persons=12,
        layout=Layout.TABLES,
        equipment_ids=(projector.pk,),
        remarks="Wir bringen Kuchen mit.",
        contact_name="Maria Beispiel",
        contact_phone="02272 000-123",
        setup_minutes=30,
        teardown_minutes=45,
        visibility=Visibility.HIDDEN,
    )
    (caretaker_date,) = plan_of(house).dates
    assert (caretaker_date.gross.start, caretaker_date.net.start) == (
        berlin(DAY, "15:30"),
        berlin(DAY, "16:00"),
    )
    assert (caretaker_date.net.end, caretaker_date.gross.end) == (berlin(DAY, "18:00"), berlin(DAY, "18:45"))
    assert [room.name for room in caretaker_date.rooms] == ["Saal A", "Küche"]
    assert (caretaker_date.title, caretaker_date.association, caretaker_date.persons) == (
        "Nähen",
        "Nähtreff e. V.",
        12,
    )
    assert (caretaker_date.layout, caretaker_date.equipment, caretaker_date.remarks) == (
        "tables",
        ("Beamer",),
        "Wir bringen Kuchen mit.",
    )
    assert (caretaker_date.contact_name, caretaker_date.contact_phone) == ("Maria Beispiel", "02272 000-123")
    assert not caretaker_date.is_called_off


def test_dates_stand_in_the_order_of_their_set_up(house: House, hall: Room) -> None:
    other = room_in(house, "Saal B")
    make_booking([hall], berlin(DAY, "15:00"), title="ohne Aufbau")
    make_booking([other], berlin(DAY, "16:00"), title="zwei Stunden Aufbau", setup_minutes=120)
    assert titles(plan_of(house)) == ["zwei Stunden Aufbau", "ohne Aufbau"]


def test_only_what_was_decided_for_this_house_and_day_is_work(house: House, hall: Room) -> None:
    for status in [SlotStatus.REQUESTED, SlotStatus.REJECTED, SlotStatus.WITHDRAWN]:
        make_booking([hall], berlin(DAY, "10:00"), status=status)
    make_booking([hall], berlin(DAY + timedelta(days=1), "10:00"))
    make_booking([room_in(make_house())], berlin(DAY, "10:00"))
    assert plan_of(house).dates == ()


def test_what_reaches_into_the_day_belongs_to_it(house: House, hall: Room) -> None:
    """Tear-down after midnight and set-up before it are work of that day."""
    make_booking(
        [hall],
        berlin(DAY - timedelta(days=1), "20:00"),
        berlin(DAY - timedelta(days=1), "23:30"),
        title="Abbau nach Mitternacht",
        teardown_minutes=60,
    )
    make_booking(
        [hall],
        berlin(DAY + timedelta(days=1), "00:15"),
        berlin(DAY + timedelta(days=1), "02:00"),
        title="Aufbau vor Mitternacht",
        setup_minutes=30,
    )
    assert titles(plan_of(house)) == ["Abbau nach Mitternacht", "Aufbau vor Mitternacht"]


def test_a_date_that_is_called_off_stays_without_its_contact(house: House, hall: Room) -> None:
    cancelled = make_booking(
        [hall], berlin(DAY, "10:00"), title="storniert", contact_phone="02272 000-1", remarks="Kuchen"
    )
    revoked = make_booking([hall], berlin(DAY, "13:00"), title="widerrufen")
    give_dates_back(booking_id=cancelled.pk, actor=System(), now=NOW)
    revoke_booking(booking_id=revoked.pk, actor=System(), now=NOW, reason="Wasserschaden")
    plan = plan_of(house)
    assert [(caretaker_date.title, caretaker_date.is_called_off) for caretaker_date in plan.dates] == [
        ("storniert", True),
        ("widerrufen", True),
    ]
    assert {
        (caretaker_date.contact_name, caretaker_date.contact_phone, caretaker_date.remarks)
        for caretaker_date in plan.dates
    } == {("", "", "")}
    assert plan.standing == 0


@pytest.mark.parametrize(("new_day", "shown"), [(DAY, ["neu"]), (DAY + timedelta(days=1), ["alt"])])
def test_a_date_that_moved_within_the_day_is_not_called_off(
    house: House, hall: Room, new_day, shown: list[str]
) -> None:
    old = make_booking([hall], berlin(DAY, "10:00"), title="alt")
    data = make_request_data(
        [hall],
        berlin(new_day, "16:00"),
        berlin(new_day, "18:00"),
        association_id=old.association_id,
        title="neu",
    )
    change = request_change(booking_id=old.pk, data=data, actor=System(), now=NOW)
    approve_booking(booking_id=change.pk, actor=System(), now=NOW)
    assert titles(plan_of(house)) == shown


# Room changes ------------------------------------------------------------------------------------


def changes_of(house: House) -> list[tuple[str, str, Furnishing, Furnishing]]:
    return [
        (f"{change.starts_at:%H:%M}", f"{change.ends_at:%H:%M}", change.before, change.after)
        for change in plan_of(house).changes
    ]


def test_another_seating_is_a_room_change(house: House, hall: Room) -> None:
    make_booking([hall], berlin(DAY, "10:00"), layout=Layout.ROWS, teardown_minutes=15)
    make_booking([hall], berlin(DAY, "13:00"), layout=Layout.TABLES, setup_minutes=30)
    # 10:00 in Berlin is 8:00 UTC in April.
    assert changes_of(house) == [
        ("10:15", "10:30", Furnishing(("Saal A",), "rows"), Furnishing(("Saal A",), "tables"))
    ]


def test_a_wall_that_opens_or_closes_is_a_room_change(house: House, hall: Room) -> None:
    other = room_in(house, "Saal B")
    whole = room_in(house, "Saal", parts=[hall, other])
    make_booking([whole], berlin(DAY, "10:00"), layout=Layout.ROWS)
    make_booking([hall], berlin(DAY, "12:00"), layout=Layout.ROWS)
    assert changes_of(house) == [
        ("10:00", "10:00", Furnishing(("Saal",), "rows"), Furnishing(("Saal A",), "rows"))
    ]


@pytest.mark.parametrize("after", [Layout.ROWS, ""])
def test_a_room_that_may_stay_as_it_is_is_none(house: House, hall: Room, after: str) -> None:
    """Neither is one between dates in different rooms, nor in a kitchen where nobody sits."""
    kitchen = room_in(house, "Küche")
    kitchen.layouts.all().delete()
    make_booking([hall, kitchen], berlin(DAY, "10:00"), layout=Layout.ROWS)
    make_booking([hall], berlin(DAY, "13:00"), layout=after)
    make_booking([kitchen, room_in(house, "Saal B")], berlin(DAY, "16:00"), layout=Layout.TABLES)
    assert changes_of(house) == []


def test_nobody_sets_up_for_what_is_called_off(house: House, hall: Room) -> None:
    make_booking([hall], berlin(DAY, "10:00"), layout=Layout.ROWS)
    off = make_booking([hall], berlin(DAY, "13:00"), layout=Layout.TABLES)
    make_booking([hall], berlin(DAY, "16:00"), layout=Layout.ROWS)
    give_dates_back(booking_id=off.pk, actor=System(), now=NOW)
    assert changes_of(house) == []
