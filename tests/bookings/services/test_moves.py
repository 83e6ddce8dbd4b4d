"""Moving single dates and adding further ones: what stays, what follows, what is refused."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from bookings.access.actors import LinkHolder
from bookings.date_facts import Before
from bookings.enums import BookingStatus, SlotStatus, Verb
from bookings.errors import (
    BookingNotFound,
    BufferClash,
    HouseFull,
    InvalidRequest,
    NotAllowed,
    NothingToChange,
    RoomAlreadyBooked,
    StalePage,
    TransitionNotAllowed,
    WishBreaksRules,
)
from bookings.models import Booking, Occupancy, Slot
from bookings.services import Move, WantedDate, add_dates, approve_booking, give_dates_back, move_dates
from notifications.models import Message
from rooms.clock import whole_day
from rooms.intervals import Interval
from rooms.models import Closure, House
from tests.factories import (
    BERLIN,
    DAY,
    NOW,
    berlin,
    make_association,
    make_booking,
    make_booking_on,
    make_change,
    make_room,
    make_staff,
    make_user,
    weekly,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(house):
    return make_room(house, "Saal B")


@pytest.fixture
def series(room, owner):
    """Three approved Tuesdays from 16:00 to 18:00."""
    return make_booking_on([room], weekly(DAY, 3), applicant=owner, association=make_association(owner))


def slots_of(booking: Booking) -> list[Slot]:
    return list(booking.slots.order_by("starts_at", "pk"))


def to(slot: Slot, starts: str, ends: str, day=None, rooms=None, **buffers) -> Move:
    day = day or slot.starts_at.astimezone(BERLIN).date()
    room_ids = tuple(room.pk for room in rooms or slot.rooms.all())
    return Move(slot.pk, berlin(day, starts), berlin(day, ends), room_ids, **buffers)


def move(booking: Booking, staff, *moves: Move, **options) -> Booking:
    return move_dates(booking_id=booking.pk, actor=staff, now=NOW, moves=moves, **options)


def taken(booking: Booking) -> list[tuple]:
    """What the dates of a booking take: part, gross time, whether it blocks."""
    rows = Occupancy.objects.filter(slot__booking=booking).order_by("starts_at", "part__position")
    return [(row.part.name, row.starts_at, row.ends_at, row.is_blocking) for row in rows]


# Moving ----------------------------------------------------------------------------------------


def test_a_moved_date_keeps_its_uid_and_raises_its_sequence_once(series, staff, other):
    first, second, third = slots_of(series)
    move(series, staff, to(first, "18:00", "20:00", DAY + timedelta(days=1), [other], setup_minutes=30))
    moved = Slot.objects.get(pk=first.pk)
    assert (moved.uid, moved.sequence, moved.status) == (first.uid, 1, SlotStatus.APPROVED)
    assert [(slot.sequence, slot.starts_at) for slot in slots_of(series)[1:]] == [
        (0, second.starts_at),
        (0, third.starts_at),
    ]
    wednesday = DAY + timedelta(days=1)
    assert moved.net == Interval(berlin(wednesday, "18:00"), berlin(wednesday, "20:00"))
    assert taken(series) == [
        ("Saal B", berlin(wednesday, "17:30"), berlin(wednesday, "20:00"), True),
        ("Saal A", second.starts_at, second.ends_at, True),
        ("Saal A", third.starts_at, third.ends_at, True),
    ]


def test_what_was_before_is_told_kept_and_noted(series, staff, other, heard):
    first = slots_of(series)[0]
    move(series, staff, to(first, "18:00", "20:00", rooms=[other]), note="Im Saal A ist Wahl.")
    (event,) = heard
    assert [
        (change.verb, [slot.pk for slot in change.slots], change.before, change.note)
        for change in event.changes
    ] == [(Verb.MOVE, [first.pk], {first.pk: Before(first.net, ("Saal A",))}, "Im Saal A ist Wahl.")]
    assert [
        (line.slot_id, line.verb, line.note, line.before, line.to_status)
        for line in series.transitions.order_by("pk")[1:]
    ] == [
        (None, "move", "Im Saal A ist Wahl.", None, "approved"),
        (first.pk, "move", "Im Saal A ist Wahl.", Before(first.net, ("Saal A",)), "approved"),
    ]
    first.refresh_from_db()
    assert first.reason == ""


def test_only_what_changed_is_noted(series, staff, other):
    first, second, third = slots_of(series)
    move(
        series,
        staff,
        to(first, "16:00", "18:00", rooms=[other]),
        to(second, "16:00", "17:00"),
        to(third, "16:00", "18:00", setup_minutes=30),
    )
    assert [slot.instead_of.replace("\N{NO-BREAK SPACE}", " ") for slot in slots_of(series)] == [
        "statt Saal A",
        "statt Di., 27.04.2027, 16:00–18:00 Uhr",
        "",
    ]
    with override("en"):
        assert [slot.instead_of for slot in slots_of(series)] == [
            "instead of Saal A",
            "instead of Tue 27 Apr 2027, 16:00–18:00",
            "",
        ]


def test_a_move_to_the_same_place_and_time_changes_nothing(series, staff):
    first, second, _third = slots_of(series)
    before = (list(Slot.objects.values()), series.transitions.count(), Message.objects.count())
    stay = to(first, "16:00", "18:00")
    with pytest.raises(NothingToChange) as refused:
        move(series, staff, stay)
    assert refused.value.code == "nothing_to_change"
    assert (list(Slot.objects.values()), series.transitions.count(), Message.objects.count()) == before
    series.refresh_from_db()
    assert series.version == 1
    move(series, staff, stay, to(second, "16:00", "18:30", DAY + timedelta(weeks=1)))
    assert [slot.sequence for slot in slots_of(series)] == [0, 1, 0]
    assert list(series.transitions.filter(slot__isnull=False).values_list("slot", flat=True)) == [second.pk]


def test_buffers_stay_as_they_are_unless_others_are_given(room, staff):
    booking = make_booking_on([room], weekly(DAY, 2), setup_minutes=45, teardown_minutes=15)
    first, second = slots_of(booking)
    move(booking, staff, to(first, "10:00", "12:00"), to(second, "10:00", "12:00", teardown_minutes=0))
    assert [(slot.setup_minutes, slot.teardown_minutes) for slot in slots_of(booking)] == [(45, 15), (45, 0)]


def test_two_dates_change_places(series, staff):
    first, second, _third = slots_of(series)
    next_week = DAY + timedelta(weeks=1)
    move(series, staff, to(first, "16:00", "18:00", next_week), to(second, "16:00", "18:00", DAY))
    assert [slot.pk for slot in slots_of(series)][:2] == [second.pk, first.pk]
    assert [(slot.sequence, slot.status) for slot in slots_of(series)] == [
        (1, "approved"),
        (1, "approved"),
        (0, "approved"),
    ]


def test_a_pending_date_stays_pending_and_blocks_nothing(room, staff):
    booking = make_booking_on([room], weekly(DAY, 2), status=SlotStatus.REQUESTED)
    first, second = slots_of(booking)
    assert move(booking, staff, to(first, "10:00", "12:00")).status == BookingStatus.REQUESTED
    moved = Slot.objects.get(pk=first.pk)
    assert (moved.status, moved.sequence) == (SlotStatus.REQUESTED, 0)
    assert taken(booking) == [
        ("Saal A", berlin(DAY, "10:00"), berlin(DAY, "12:00"), False),
        ("Saal A", second.starts_at, second.ends_at, False),
    ]


def test_a_clash_is_refused_with_the_date_named_and_nothing_is_half_done(series, room, staff):
    first, second, _third = slots_of(series)
    make_booking([room], berlin(DAY + timedelta(weeks=1), "11:00"), title="Chorprobe")
    before, plan_version = taken(series), House.objects.get().plan_version
    with pytest.raises(RoomAlreadyBooked) as caught:
        move(
            series,
            staff,
            to(first, "10:00", "12:00"),
            to(second, "10:00", "12:00"),
            override=True,
            override_reason="Absprache",
        )
    [reason] = caught.value.reasons
    assert reason.code == "clash"
    assert "27.04.2027" in str(reason.message)
    fresh = Booking.objects.get(pk=series.pk)
    assert (fresh.version, fresh.transitions.count(), taken(fresh)) == (1, 1, before)
    assert [slot.sequence for slot in slots_of(fresh)] == [0, 0, 0]
    assert House.objects.get().plan_version == plan_version


def test_dates_of_one_booking_do_not_meet_each_other(series, staff):
    first, second, _third = slots_of(series)
    with pytest.raises(RoomAlreadyBooked):
        move(series, staff, to(first, "16:00", "18:00", DAY + timedelta(weeks=1)))
    with pytest.raises(RoomAlreadyBooked):
        move(series, staff, to(first, "10:00", "12:00"), to(second, "11:00", "13:00", DAY))


def test_meeting_a_buffer_is_refused_and_mended_by_shorter_ones(series, room, staff):
    make_booking([room], berlin(DAY, "10:00"), berlin(DAY, "12:00"), teardown_minutes=30)
    first = slots_of(series)[0]
    with pytest.raises(BufferClash):
        move(series, staff, to(first, "13:00", "15:00", setup_minutes=60))
    move(series, staff, to(first, "13:00", "15:00", setup_minutes=30))


def test_the_house_is_never_overfull(series, house, other, staff):
    make_booking([other], berlin(DAY, "10:00"), persons=145)
    with pytest.raises(HouseFull):
        move(
            series,
            staff,
            to(slots_of(series)[0], "10:00", "12:00"),
            override=True,
            override_reason="Absprache",
        )


def test_a_rule_is_overridden_only_when_it_is_said_so(series, house, staff):
    day = whole_day(DAY, BERLIN)
    first = slots_of(series)[0]
    Closure.objects.create(house=house, starts_at=day.start, ends_at=day.end, reason="Wartung")
    with pytest.raises(WishBreaksRules) as caught:
        move(series, staff, to(first, "18:00", "20:00"))
    assert [reason.code for reason in caught.value.reasons] == ["closed"]
    move(series, staff, to(first, "18:00", "20:00"), override=True, override_reason="Absprache")
    assert Slot.objects.get(pk=first.pk).starts_at == berlin(DAY, "18:00")


def test_a_time_that_has_passed_is_a_rule_to_override_and_a_date_that_is_on_may_change_its_room(
    series, staff, other
):
    first = slots_of(series)[0]
    during = berlin(DAY, "17:00")
    move_dates(
        booking_id=series.pk,
        actor=staff,
        now=during,
        moves=[to(first, "16:00", "18:00", rooms=[other])],
    )
    past = to(slots_of(series)[1], "10:00", "12:00", DAY)
    with pytest.raises(WishBreaksRules) as caught:
        move_dates(booking_id=series.pk, actor=staff, now=during, moves=[past])
    assert [reason.code for reason in caught.value.reasons] == ["in_past"]
    move_dates(
        booking_id=series.pk,
        actor=staff,
        now=during,
        moves=[past],
        override=True,
        override_reason="Absprache",
    )


@pytest.mark.parametrize("status", sorted(set(SlotStatus.values) - {"requested", "approved"}))
def test_what_no_longer_stands_does_not_move(room, staff, status):
    booking = make_booking_on([room], weekly(DAY, 2), status=status)
    with pytest.raises(TransitionNotAllowed):
        move(booking, staff, to(slots_of(booking)[0], "10:00", "12:00"))


def test_what_is_over_does_not_move(series, staff):
    first, second, _third = slots_of(series)
    moves = [to(first, "20:00", "21:00"), to(second, "20:00", "21:00")]
    with pytest.raises(TransitionNotAllowed):
        move_dates(booking_id=series.pk, actor=staff, now=first.ends_at, moves=moves)
    assert Slot.objects.get(pk=second.pk).starts_at == second.starts_at


def test_moving_never_brings_cancelled_dates_back(series, owner, staff):
    first, second, third = slots_of(series)
    give_dates_back(booking_id=series.pk, actor=owner, now=NOW, slot_ids=[second.pk])
    move(series, staff, to(first, "10:00", "12:00"), to(third, "10:00", "12:00"))
    give_dates_back(booking_id=series.pk, actor=owner, now=NOW, slot_ids=[third.pk])
    assert [slot.status for slot in slots_of(series)] == ["approved", "cancelled", "cancelled"]
    assert [row[3] for row in taken(series)] == [True, False, False]


def test_a_date_of_another_booking_does_not_move(series, room, staff):
    foreign = make_booking([room], berlin(DAY, "20:00"))
    with pytest.raises(TransitionNotAllowed):
        move(series, staff, to(foreign.slots.get(), "10:00", "12:00"))


def test_a_stale_page_moves_nothing(series, staff):
    first = slots_of(series)[0]
    move(series, staff, to(first, "10:00", "12:00"), version=1)
    with pytest.raises(StalePage):
        move(series, staff, to(first, "12:00", "14:00"), version=1)


@pytest.mark.parametrize(
    ("person", "error"),
    [
        ("owner", NotAllowed),
        ("link", NotAllowed),
        ("stranger", BookingNotFound),
        ("visitor", BookingNotFound),
    ],
)
def test_only_staff_move(series, owner, person, error):
    actor = {
        "owner": owner,
        "link": LinkHolder(series.pk),
        "stranger": make_user(),
        "visitor": AnonymousUser(),
    }[person]
    with pytest.raises(error):
        move(series, actor, to(slots_of(series)[0], "10:00", "12:00"))


def test_a_combination_takes_its_parts(house, room, other, staff):
    hall = make_room(house, "Saal", parts=[room, other])
    booking = make_booking([room], berlin(DAY, "16:00"))
    move(booking, staff, to(booking.slots.get(), "16:00", "18:00", rooms=[hall]))
    assert [(name, blocking) for name, _start, _end, blocking in taken(booking)] == [
        ("Saal A", True),
        ("Saal B", True),
    ]
    late = make_booking([other], berlin(DAY, "17:00"), status=SlotStatus.REQUESTED)
    with pytest.raises(RoomAlreadyBooked):
        approve_booking(booking_id=late.pk, actor=staff, now=NOW)


# Adding ----------------------------------------------------------------------------------------


def wanted(day, room, starts="16:00", ends="18:00", **more) -> WantedDate:
    return WantedDate(berlin(day, starts), berlin(day, ends), (room.pk,), **more)


def add(booking: Booking, actor, *dates: WantedDate, **options) -> Booking:
    return add_dates(booking_id=booking.pk, actor=actor, now=NOW, dates=dates, **options)


LATER = DAY + timedelta(weeks=3)


def test_added_dates_wait_while_the_others_stand(series, owner, room):
    booking = add(series, owner, wanted(LATER, room))
    assert (booking.status, booking.version) == (BookingStatus.REQUESTED, 2)
    assert [slot.status for slot in slots_of(series)] == ["approved", "approved", "approved", "requested"]
    assert [row[3] for row in taken(series)] == [True, True, True, False]
    lines = series.transitions.filter(verb=Verb.ADD).order_by("pk")
    assert [(line.slot_id, line.from_status, line.to_status) for line in lines] == [
        (None, "approved", "requested"),
        (slots_of(series)[-1].pk, "", "requested"),
    ]


@pytest.mark.parametrize("person", ["owner", "link", "staff"])
def test_the_applicant_the_link_and_staff_add(series, owner, staff, room, person):
    actor = {"owner": owner, "link": LinkHolder(series.pk), "staff": staff}[person]
    assert add(series, actor, wanted(LATER, room)).slots.count() == 4


def test_strangers_add_nothing(series, room):
    for actor in [make_user(), AnonymousUser()]:
        with pytest.raises(BookingNotFound):
            add(series, actor, wanted(LATER, room))


def test_an_added_date_keeps_the_rules_of_a_request(series, owner, staff, room):
    early = wanted(LATER, room, "05:00", "07:00")
    with pytest.raises(WishBreaksRules) as caught:
        add(
            series,
            owner,
            early,
            wanted(LATER + timedelta(weeks=1), room),
            override=True,
            override_reason="Absprache",
        )
    assert [reason.code for reason in caught.value.reasons] == ["outside_hours"]
    assert series.slots.count() == 3
    assert add(series, staff, early, override=True, override_reason="Absprache").slots.count() == 4


@pytest.mark.parametrize("status", ["approved", "requested"])
def test_a_group_is_not_in_the_house_twice(room, other, staff, status):
    booking = make_booking_on([room], weekly(DAY, 2), status=status)
    with pytest.raises(WishBreaksRules) as caught:
        add(booking, staff, wanted(DAY, other, "17:00", "19:00"), override=True, override_reason="Absprache")
    assert [reason.code for reason in caught.value.reasons] == ["overlaps_itself"]


def test_no_more_dates_than_the_house_takes(series, owner, house, room):
    House.objects.filter(pk=house.pk).update(max_dates=4)
    with pytest.raises(InvalidRequest) as caught:
        add(series, owner, wanted(LATER, room), wanted(LATER + timedelta(weeks=1), room))
    assert "5" in str(caught.value)
    assert "4" in str(caught.value)


def test_nothing_is_added_to_nothing(series, owner, room):
    with pytest.raises(InvalidRequest):
        add(series, owner)
    for status in ["rejected", "withdrawn", "cancelled", "revoked"]:
        gone = make_booking([room], berlin(DAY, "10:00"), status=status)
        with pytest.raises(TransitionNotAllowed):
            add(gone, make_staff(), wanted(LATER, room))


# Speed -----------------------------------------------------------------------------------------


def queries(action) -> int:
    with CaptureQueriesContext(connection) as captured:
        action()
    return len(captured)


def test_moving_many_dates_costs_as_many_queries_as_moving_two(room, staff):
    counted = {}
    for number in [2, 52]:
        booking = make_booking_on([room], weekly(DAY, number))
        moves = [to(slot, "10:00", "12:00") for slot in slots_of(booking)]
        counted[number] = queries(lambda booking=booking, moves=moves: move(booking, staff, *moves))
        booking.slots.all().delete()
    assert counted[2] == counted[52]


def test_adding_many_dates_costs_as_many_queries_as_adding_two(house, room, staff):
    House.objects.filter(pk=house.pk).update(horizon_days=2000)
    counted = {}
    for number in [2, 52]:
        booking = make_booking([room], berlin(DAY, "10:00"))
        dates = [wanted(day, room) for day in weekly(DAY, number)]
        counted[number] = queries(lambda booking=booking, dates=dates: add(booking, staff, *dates))
        booking.slots.all().delete()
    assert counted[2] == counted[52]


def test_a_pending_date_of_a_change_may_move_onto_the_one_it_replaces(series, staff):
    change = make_change(series, [slot.starts_at.date() for slot in slots_of(series)], "18:00", "20:00")
    first, second = slots_of(change)[:2]
    to_own = Move(first.pk, berlin(DAY, "17:00"), berlin(DAY, "19:00"), (first.rooms.get().pk,))
    move_dates(booking_id=change.pk, actor=staff, now=NOW, moves=[to_own])
    assert slots_of(change)[0].starts_at == berlin(DAY, "17:00")
    to_other = Move(second.pk, berlin(DAY, "15:00"), berlin(DAY, "17:00"), (first.rooms.get().pk,))
    with pytest.raises(RoomAlreadyBooked):
        move_dates(booking_id=change.pk, actor=staff, now=NOW, moves=[to_other])
