"""What the public plan says of days and weeks, and what it never says."""

from datetime import date, datetime, timedelta

import pytest

from bookings.access.actors import System
from bookings.agenda.public import (
    DaySchedule,
    EntryState,
    day_schedule,
    next_day_with_entries,
    room_week,
    week_schedule,
)
from bookings.enums import AssociationKind, SlotStatus, Visibility
from bookings.models import Booking
from bookings.services import approve_booking, give_dates_back, request_change, revoke_booking
from rooms.clock import whole_day
from rooms.intervals import Interval
from rooms.models import Closure, House, OpeningHours, Room
from tests.factories import (
    BERLIN,
    DAY,
    NOW,
    berlin,
    make_association,
    make_booking,
    make_house,
    make_request_data,
    make_room,
    make_series,
    weekly,
)

pytestmark = pytest.mark.django_db
NEXT_DAY = DAY + timedelta(days=1)


def titles(schedule: DaySchedule) -> list[str]:
    return [entry.title for entry in schedule.entries]


# What is on -------------------------------------------------------------------------------------


def test_the_wall_on_20_april_2027(house: House) -> None:
    """Story: Sprechstunde, a self-help group that is only shown as occupied, a parents' evening."""
    office, seminar, hall = (make_room(house, name) for name in ("Büro", "Seminarraum", "Saal B"))
    make_booking(
        [hall],
        berlin(DAY, "19:30"),
        berlin(DAY, "21:30"),
        title="Elternabend Kita Regenbogenwiese",
        display_title="Elternabend Kita",
        visibility=Visibility.PUBLIC,
    )
    make_booking(
        [seminar],
        berlin(DAY, "18:30"),
        berlin(DAY, "20:30"),
        title="Gruppe nach Trauma",
        visibility=Visibility.BUSY,
    )
    make_booking(
        [office],
        berlin(DAY, "16:00"),
        berlin(DAY, "18:00"),
        title="Offene Sprechstunde",
        visibility=Visibility.PUBLIC,
    )
    entries = day_schedule(house, DAY).entries
    assert [
        (f"{entry.net.start.astimezone(BERLIN):%H:%M}", entry.title, [shown.name for shown in entry.rooms])
        for entry in entries
    ] == [
        ("16:00", "Offene Sprechstunde", ["Büro"]),
        ("18:30", "Belegt", ["Seminarraum"]),
        ("19:30", "Elternabend Kita", ["Saal B"]),
    ]


def test_rooms_stand_in_the_order_of_the_house(house: House) -> None:
    kitchen = make_room(house, "Küche", position=9)
    hall = make_room(house, "Saal A", position=1)
    make_booking([kitchen, hall], berlin(DAY, "10:00"), visibility=Visibility.PUBLIC)
    (entry,) = day_schedule(house, DAY).entries
    assert [shown.name for shown in entry.rooms] == ["Saal A", "Küche"]


@pytest.mark.parametrize(
    "status",
    [SlotStatus.REQUESTED, SlotStatus.REJECTED, SlotStatus.WITHDRAWN, SlotStatus.SKIPPED],
)
def test_only_approved_dates_are_on_the_plan(house: House, room: Room, status: SlotStatus) -> None:
    make_booking([room], berlin(DAY, "10:00"), status=status, visibility=Visibility.PUBLIC)
    assert day_schedule(house, DAY).entries == ()


def test_a_hidden_date_is_not_listed(house: House, room: Room) -> None:
    make_booking([room], berlin(DAY, "10:00"), visibility=Visibility.HIDDEN)
    assert day_schedule(house, DAY).entries == ()


def test_the_plan_of_a_house_is_its_own(house: House) -> None:
    elsewhere = make_room(make_house())
    make_booking([elsewhere], berlin(DAY, "10:00"), visibility=Visibility.PUBLIC)
    assert day_schedule(house, DAY).entries == ()


@pytest.mark.parametrize(
    ("kind", "visibility", "organiser"),
    [
        (AssociationKind.REGISTERED_ASSOCIATION, Visibility.PUBLIC, "Chor Kaster"),
        (AssociationKind.PRIVATE_PERSON, Visibility.PUBLIC, ""),
        (AssociationKind.SELF_HELP_GROUP, Visibility.BUSY, ""),
    ],
)
def test_who_is_named_as_organiser(
    house: House, room: Room, kind: AssociationKind, visibility: Visibility, organiser: str
) -> None:
    association = make_association(name="Chor Kaster", kind=kind)
    make_booking([room], berlin(DAY, "10:00"), association=association, visibility=visibility)
    (entry,) = day_schedule(house, DAY).entries
    assert entry.organiser == organiser


def test_nothing_personal_is_in_the_plan(house: House, room: Room) -> None:
    secrets = {
        "contact_name": "Geheime Kontaktperson",
        "contact_email": "geheim@example.org",
        "contact_phone": "0151 424242",
        "remarks": "Geheime Bemerkung",
        "purpose": "Geheimer Zweck",
    }
    make_booking([room], berlin(DAY, "08:00"), visibility=Visibility.PUBLIC, title="Yoga", **secrets)
    make_booking([room], berlin(DAY, "11:00"), visibility=Visibility.BUSY, title="Geheimer Titel", **secrets)
    make_booking(
        [room], berlin(DAY, "14:00"), visibility=Visibility.HIDDEN, title="Geheimer Titel", **secrets
    )
    make_booking(
        [room],
        berlin(DAY, "17:00"),
        status=SlotStatus.REQUESTED,
        visibility=Visibility.PUBLIC,
        title="Geheimer Titel",
        **secrets,
    )
    shown = repr(day_schedule(house, DAY)).lower()
    assert "yoga" in shown
    assert [secret for secret in ("geheim", "0151") if secret in shown] == []


# Over midnight, and nights of a clock change ------------------------------------------------------


def test_a_date_over_midnight_stands_on_both_days(house: House, room: Room) -> None:
    make_booking([room], berlin(DAY, "20:00"), berlin(NEXT_DAY, "09:00"), title="Lesenacht")
    first, second, third = (day_schedule(house, DAY + timedelta(days=number)) for number in range(3))
    assert [titles(first), titles(second), titles(third)] == [["Lesenacht"], ["Lesenacht"], []]


def test_a_date_that_ends_at_midnight_is_not_on_the_next_day(house: House, room: Room) -> None:
    make_booking([room], berlin(DAY, "20:00"), berlin(NEXT_DAY, "00:00"))
    assert day_schedule(house, NEXT_DAY).entries == ()


def test_the_night_of_the_clock_change_lasts_14_hours(house: House, room: Room) -> None:
    """Edge E14: from 20:00 to 09:00 on the night summer time ends."""
    make_booking([room], berlin(date(2027, 10, 30), "20:00"), berlin(date(2027, 10, 31), "09:00"))
    (entry,) = day_schedule(house, date(2027, 10, 31)).entries
    assert entry.net.duration == timedelta(hours=14)


# Called off ---------------------------------------------------------------------------------------


def approved(room: Room, **fields: object) -> Booking:
    return make_booking(
        [room], berlin(DAY, "16:00"), **{"title": "Chor", "visibility": Visibility.PUBLIC, **fields}
    )


@pytest.mark.parametrize(
    ("called_off_at", "shown"),
    [
        (berlin(DAY, "08:00"), ["Chor"]),
        (berlin(DAY - timedelta(days=1), "00:00"), ["Chor"]),
        (berlin(DAY - timedelta(days=2), "23:59"), []),
    ],
)
def test_a_date_called_off_at_short_notice_stays_on_the_plan(
    house: House, room: Room, called_off_at: datetime, shown: list[str]
) -> None:
    booking = approved(room)
    give_dates_back(booking_id=booking.pk, actor=System(), now=called_off_at)
    schedule = day_schedule(house, DAY)
    assert titles(schedule) == shown
    assert all(entry.is_called_off for entry in schedule.entries)


@pytest.mark.parametrize(
    ("called_off_at", "shown"),
    [
        (berlin(DAY - timedelta(days=7), "00:00"), ["Chor"]),
        (berlin(DAY - timedelta(days=8), "23:59"), []),
    ],
)
def test_a_date_of_a_series_stays_on_the_plan_for_a_week(
    house: House, room: Room, called_off_at: datetime, shown: list[str]
) -> None:
    """People come by habit, and nobody tells them of a single date that is called off."""
    booking = make_series(room, weekly(DAY, 3), title="Chor", visibility=Visibility.PUBLIC)
    first = booking.slots.order_by("starts_at").first()
    give_dates_back(booking_id=booking.pk, slot_ids=[first.pk], actor=System(), now=called_off_at)
    assert titles(day_schedule(house, DAY)) == shown


def test_a_revoked_date_is_called_off_too(house: House, room: Room) -> None:
    booking = approved(room)
    revoke_booking(booking_id=booking.pk, actor=System(), now=berlin(DAY, "08:00"), reason="Wasserschaden")
    (entry,) = day_schedule(house, DAY).entries
    assert entry.is_called_off
    assert "Wasserschaden" not in repr(entry)


def test_a_date_shown_as_occupied_just_disappears(house: House, room: Room) -> None:
    booking = approved(room, visibility=Visibility.BUSY)
    give_dates_back(booking_id=booking.pk, actor=System(), now=berlin(DAY, "08:00"))
    assert day_schedule(house, DAY).entries == ()


def test_a_date_that_moved_within_the_day_is_not_called_off(house: House, room: Room) -> None:
    booking = approved(room)
    morning = DAY - timedelta(days=1)
    change = request_change(
        booking_id=booking.pk,
        data=make_request_data(
            [room],
            berlin(DAY, "19:00"),
            berlin(DAY, "20:00"),
            title="Chor",
            association_id=booking.association_id,
        ),
        actor=System(),
        now=berlin(morning, "09:00"),
        override=True,
        override_reason="Absprache",
    )
    approve_booking(
        booking_id=change.pk,
        actor=System(),
        now=berlin(morning, "10:00"),
        override=True,
        override_reason="Absprache",
    )
    schedule = day_schedule(house, DAY)
    assert [(entry.title, entry.is_called_off) for entry in schedule.entries] == [("Chor", False)]


@pytest.mark.parametrize(
    ("clock", "state"),
    [
        ("15:59", EntryState.UPCOMING),
        ("16:00", EntryState.RUNNING),
        ("17:59", EntryState.RUNNING),
        ("18:00", EntryState.OVER),
    ],
)
def test_an_entry_runs_from_its_start_up_to_its_end(
    house: House, room: Room, clock: str, state: EntryState
) -> None:
    approved(room)
    (entry,) = day_schedule(house, DAY).entries
    assert entry.state(berlin(DAY, clock)) == state


def test_an_entry_that_is_called_off_never_runs(house: House, room: Room) -> None:
    give_dates_back(booking_id=approved(room).pk, actor=System(), now=berlin(DAY, "08:00"))
    (entry,) = day_schedule(house, DAY).entries
    assert entry.state(berlin(DAY, "16:30")) == EntryState.UPCOMING


# Open and closed ----------------------------------------------------------------------------------


def test_a_day_is_open_when_any_room_is(house: House, room: Room) -> None:
    OpeningHours.objects.create(
        house=house, room=room, weekday=DAY.weekday(), opens_at="06:00", closes_at="10:00"
    )
    make_room(house, "Saal B")
    assert day_schedule(house, DAY).opening == (Interval(berlin(DAY, "06:00"), berlin(DAY, "22:00")),)


def test_a_day_without_hours_is_closed(house: House, room: Room) -> None:
    OpeningHours.objects.filter(house=house, weekday=DAY.weekday()).delete()
    schedule = day_schedule(house, DAY)
    assert schedule.is_closed
    assert schedule.house_closure is None


def test_a_closure_of_the_house_over_all_hours_closes_the_day(house: House, room: Room) -> None:
    Closure.objects.create(
        house=house, starts_at=berlin(DAY, "00:00"), ends_at=berlin(NEXT_DAY, "00:00"), reason="Himmelfahrt"
    )
    schedule = day_schedule(house, DAY)
    assert schedule.is_closed
    assert schedule.house_closure is not None
    assert schedule.house_closure.reason == "Himmelfahrt"


def test_a_closure_for_some_hours_leaves_the_day_open(house: House, room: Room) -> None:
    Closure.objects.create(
        house=house, starts_at=berlin(DAY, "08:00"), ends_at=berlin(DAY, "12:00"), reason="Putzen"
    )
    schedule = day_schedule(house, DAY)
    assert not schedule.is_closed
    assert [closure.reason for closure in schedule.closures] == ["Putzen"]


def test_a_closure_of_a_room_names_it(house: House, room: Room) -> None:
    closure = Closure.objects.create(
        house=house, starts_at=berlin(DAY, "08:00"), ends_at=berlin(DAY, "22:00"), reason="Boden"
    )
    closure.rooms.add(room)
    schedule = day_schedule(house, DAY)
    assert not schedule.is_closed
    assert [closure.room_names for closure in schedule.closures] == [("Saal A",)]


def test_what_takes_place_in_spite_of_a_closure_is_marked(house: House, room: Room) -> None:
    other = make_room(house, "Saal B")
    closure = Closure.objects.create(
        house=house, starts_at=berlin(DAY, "12:00"), ends_at=berlin(DAY, "17:00"), reason="Boden"
    )
    closure.rooms.add(room)
    for title, where, start in [
        ("in it", room, "16:00"),
        ("touches it", room, "10:00"),
        ("elsewhere", other, "14:00"),
        ("called off", room, "13:00"),
    ]:
        booking = make_booking([where], berlin(DAY, start), title=title, visibility=Visibility.PUBLIC)
    revoke_booking(booking_id=booking.pk, actor=System(), now=berlin(DAY, "08:00"), reason="Boden")
    assert {entry.title: entry.is_kept for entry in day_schedule(house, DAY).entries} == {
        "in it": True,
        "touches it": False,
        "called off": False,
        "elsewhere": False,
    }
    closure.rooms.clear()
    closure.save()
    house.refresh_from_db()
    assert [entry.title for entry in day_schedule(house, DAY).entries if entry.is_kept] == [
        "elsewhere",
        "in it",
    ]


# Weeks, rooms, and the next day ---------------------------------------------------------------------


def test_a_week_has_seven_days_from_monday(house: House) -> None:
    assert [schedule.day for schedule in week_schedule(house, DAY)] == [
        date(2027, 4, 19) + timedelta(days=number) for number in range(7)
    ]


def test_the_week_of_a_part_shows_bookings_of_the_whole_and_the_other_way_round(house: House) -> None:
    left, right = make_room(house, "Saal A"), make_room(house, "Saal B")
    both = make_room(house, "Saal (A + B)", parts=[left, right])
    make_booking([both], berlin(DAY, "10:00"), title="im ganzen Saal", visibility=Visibility.PUBLIC)
    make_booking([left], berlin(DAY, "14:00"), title="links", visibility=Visibility.PUBLIC)
    make_booking([right], berlin(DAY, "14:00"), title="rechts", visibility=Visibility.PUBLIC)
    assert {
        room.name: [title for schedule in room_week(house, room, DAY) for title in titles(schedule)]
        for room in (left, right, both)
    } == {
        "Saal A": ["im ganzen Saal", "links"],
        "Saal B": ["im ganzen Saal", "rechts"],
        "Saal (A + B)": ["im ganzen Saal", "links", "rechts"],
    }


def test_the_week_of_a_room_has_the_hours_of_the_room(house: House, room: Room) -> None:
    make_room(house, "Saal B")
    OpeningHours.objects.create(
        house=house, room=room, weekday=DAY.weekday(), opens_at="10:00", closes_at="12:00"
    )
    opening = {schedule.day: schedule.opening for schedule in room_week(house, room, DAY)}
    assert opening[DAY] == (Interval(berlin(DAY, "10:00"), berlin(DAY, "12:00")),)
    assert opening[NEXT_DAY] == ()


def test_the_next_day_with_entries_skips_what_nobody_may_see(house: House, room: Room) -> None:
    make_booking([room], berlin(DAY, "10:00"), visibility=Visibility.PUBLIC)
    make_booking([room], berlin(DAY + timedelta(days=1), "10:00"), visibility=Visibility.HIDDEN)
    make_booking([room], berlin(DAY + timedelta(days=2), "10:00"), status=SlotStatus.REQUESTED)
    make_booking([room], berlin(DAY + timedelta(days=3), "00:00"), visibility=Visibility.BUSY)
    assert next_day_with_entries(house, DAY) == DAY + timedelta(days=3)
    assert next_day_with_entries(house, DAY + timedelta(days=3)) is None


@pytest.mark.parametrize("number", [1, 5])
def test_the_number_of_queries_depends_on_nothing(
    house: House, number: int, django_assert_num_queries
) -> None:
    for _ in range(number):
        room = make_room(house)
        for day in range(number):
            make_booking([room], berlin(DAY + timedelta(days=day), "10:00"), visibility=Visibility.PUBLIC)
            cancelled = approved(make_room(house))
            give_dates_back(booking_id=cancelled.pk, actor=System(), now=NOW)
        closure = Closure.objects.create(
            house=house, starts_at=berlin(DAY, "06:00"), ends_at=berlin(DAY, "07:00"), reason="Putzen"
        )
        closure.rooms.add(room)
    # All but two of them load the facts of the house, which are in memory outside a transaction.
    with django_assert_num_queries(9):
        week_schedule(house, DAY)


def test_a_day_of_23_hours_is_whole(house: House, room: Room) -> None:
    spring = date(2027, 3, 28)
    make_booking([room], berlin(spring, "08:00"), berlin(spring, "10:00"))
    assert day_schedule(house, spring).whole == whole_day(spring, BERLIN)
    assert len(day_schedule(house, spring).entries) == 1
