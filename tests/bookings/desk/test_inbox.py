"""What staff are told about pending requests."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bookings.access.lookups import get_booking
from bookings.desk.inbox import approvable_ids, compared_dates, inbox_entry, list_inbox, neighbours_of
from bookings.enums import SlotStatus
from bookings.errors import RoomAlreadyBooked
from bookings.models import Booking
from bookings.services import WantedDate, add_dates, approve_booking, reject_booking, request_change
from rooms.models import Closure, House, Room
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_association,
    make_booking,
    make_booking_on,
    make_house,
    make_request_data,
    make_room,
    make_staff,
    weekly,
)


def pending(room: Room, starts: str, ends: str, days: int = 0, **fields):
    day = DAY + timedelta(days=days)
    return make_booking([room], berlin(day, starts), berlin(day, ends), status=SlotStatus.REQUESTED, **fields)


def fresh(house: House) -> House:
    return House.objects.get(pk=house.pk)


def test_pending_requests_come_oldest_first(house: House, room: Room) -> None:
    second = pending(room, "10:00", "12:00", now=NOW + timedelta(hours=1))
    first = pending(room, "12:00", "14:00", now=NOW)
    make_booking([room], berlin(DAY, "15:00"))
    make_booking([room], berlin(DAY, "19:00"), status=SlotStatus.REJECTED)
    pending(make_room(make_house(reference_prefix="BH")), "10:00", "12:00")
    assert [entry.booking for entry in list_inbox(fresh(house), now=NOW)] == [first, second]


def test_what_somebody_decides_while_it_is_read_is_left_out(house: House, room: Room) -> None:
    """The bookings are read first, their dates after; in between a colleague may have answered."""
    pending(room, "10:00", "12:00").slots.update(status=SlotStatus.APPROVED)
    still = pending(room, "12:00", "14:00")
    assert [entry.booking for entry in list_inbox(fresh(house), now=NOW)] == [still]


def test_the_rooms_of_most_dates_are_named_first(house: House, room: Room) -> None:
    kitchen, hall = make_room(house, "Küche"), make_room(house, "Saal B")
    booking = make_booking_on([hall, kitchen], weekly(DAY, 3), status=SlotStatus.REQUESTED)
    booking.slots.order_by("starts_at")[0].rooms.set([room, kitchen])
    (entry,) = list_inbox(fresh(house), now=NOW)
    assert entry.rooms == "Küche, Saal B, Saal A"


def test_waiting_is_counted_in_days_and_late_after_the_promise(house: House, room: Room) -> None:
    pending(room, "10:00", "12:00")
    seen = {
        days: (entry.waiting_days, entry.is_late)
        for days in [0, 3, 4]
        for entry in list_inbox(fresh(house), now=NOW + timedelta(days=days))
    }
    assert seen == {0: (0, False), 3: (3, False), 4: (4, True)}


def test_hard_clash_buffer_clash_and_rival_are_told_apart(house: House, room: Room) -> None:
    make_booking([room], berlin(DAY, "09:00"), berlin(DAY, "10:00"))
    make_booking([room], berlin(DAY, "13:00"), berlin(DAY, "15:00"), teardown_minutes=60)
    hard = pending(room, "14:00", "15:00")
    buffer = pending(room, "15:30", "17:00")
    rival = pending(room, "16:30", "18:00", now=NOW + timedelta(minutes=1))
    touching = pending(room, "10:00", "11:00")
    entries = {entry.booking: entry for entry in list_inbox(fresh(house), now=NOW)}
    assert {
        booking: (
            [reason.code for reason in entry.clashes],
            entry.rivals,
            entry.is_ready,
            entry.is_impossible,
        )
        for booking, entry in entries.items()
    } == {
        hard: (["clash"], [], False, True),
        buffer: (["buffer_clash"], [rival], False, False),
        rival: ([], [buffer], False, False),
        touching: ([], [], True, False),
    }


def test_a_hall_and_its_part_are_rivals_and_a_neighbouring_room_is_not(house: House, room: Room) -> None:
    other = make_room(house, "Saal B")
    hall = make_room(house, "Saal (A + B)", parts=[room, other])
    whole, part = pending(hall, "10:00", "12:00"), pending(other, "11:00", "13:00")
    alone = pending(room, "12:00", "14:00")
    entries = {entry.booking: entry.rivals for entry in list_inbox(fresh(house), now=NOW)}
    assert entries == {whole: [part], part: [whole], alone: []}


def test_rules_say_who_may_override_them(house: House, room: Room) -> None:
    Closure.objects.create(
        house=house, starts_at=berlin(DAY, "18:00"), ends_at=berlin(DAY, "23:00"), reason="Putztag"
    )
    pending(room, "18:00", "20:00", persons=99)
    entry = list_inbox(fresh(house), now=NOW)[0]
    assert {reason.code: str(reason.severity) for reason in entry.broken} == {
        "closed": "staff",
        "too_many_persons": "nobody",
    }
    assert (entry.needs_override, entry.is_impossible) == (True, True)


def test_a_full_house_is_a_clash(house: House, room: Room) -> None:
    make_booking([make_room(house, "Saal B", capacity=200)], berlin(DAY, "10:00"), persons=145)
    pending(room, "10:00", "12:00", persons=10)
    assert [reason.code for reason in list_inbox(fresh(house), now=NOW)[0].clashes] == ["house_full"]


def test_a_change_does_not_clash_with_what_it_replaces(house: House, room: Room) -> None:
    old = make_booking([room], berlin(DAY, "10:00"))
    request_change(
        booking_id=old.pk,
        data=make_request_data(
            [room], berlin(DAY, "11:00"), berlin(DAY, "13:00"), association_id=old.association_id
        ),
        actor=make_staff(),
        now=NOW,
    )
    assert list_inbox(fresh(house), now=NOW)[0].is_ready


def test_a_date_that_has_passed_is_told(house: House, room: Room) -> None:
    pending(room, "10:00", "12:00")
    entry = list_inbox(fresh(house), now=berlin(DAY, "11:00"))[0]
    assert [reason.code for reason in entry.broken] == ["in_past"]


def test_one_entry_knows_its_rivals_too(house: House, room: Room) -> None:
    first = pending(room, "10:00", "12:00", association=make_association(name="Chor"))
    second = pending(room, "11:00", "13:00")
    entry = inbox_entry(get_booking(second.reference, actor=make_staff()), now=NOW)
    assert (entry.booking, entry.rivals) == (second, [first])


def test_an_empty_inbox_is_empty(house: House) -> None:
    assert list_inbox(house, now=NOW) == []


@pytest.mark.parametrize("number", [1, 12])
def test_the_number_of_queries_is_fixed(
    house: House, room: Room, number: int, django_assert_num_queries
) -> None:
    for day in range(number):
        pending(room, "10:00", "12:00", day)
        pending(room, "11:00", "13:00", day)
        make_booking([room], berlin(DAY + timedelta(days=day), "12:00"))
    house = fresh(house)
    with django_assert_num_queries(7):
        entries = list_inbox(house, now=NOW)
        assert [len(entry.rivals) for entry in entries] == [1] * number * 2


def test_neighbours_are_what_is_on_in_the_same_rooms_that_day(house: House, room: Room) -> None:
    hall = make_room(house, "Saal (A + B)", parts=[room])
    booking = pending(room, "10:00", "12:00")
    same_day = [make_booking([hall], berlin(DAY, "18:00")), pending(room, "20:00", "21:00")]
    make_booking([room], berlin(DAY + timedelta(days=1), "10:00"))
    make_booking([make_room(house, "Küche")], berlin(DAY, "10:00"))
    make_booking([room], berlin(DAY, "14:00"), status=SlotStatus.CANCELLED)
    read = get_booking(booking.reference, actor=make_staff())
    found = neighbours_of(read, list(read.slots.all()))
    assert [slot.booking for slot in found] == same_day


# Several dates ----------------------------------------------------------------------------------


def test_each_date_of_several_is_judged_for_itself(house: House, room: Room) -> None:
    make_booking([room], berlin(DAY, "17:00"), berlin(DAY, "19:00"))
    make_booking([room], berlin(DAY + timedelta(weeks=1), "18:00"), setup_minutes=30)
    Closure.objects.create(
        house=house,
        starts_at=berlin(DAY + timedelta(weeks=2), "00:00"),
        ends_at=berlin(DAY + timedelta(weeks=2), "20:00"),
        reason="Putztag",
    )
    rival = pending(room, "17:00", "19:00", days=21)
    booking = make_booking_on([room], weekly(DAY, 5), status=SlotStatus.REQUESTED)
    entry = inbox_entry(get_booking(booking.reference, actor=make_staff()), now=NOW)
    assert [(date.is_possible, date.is_ready) for date in entry.dates] == [
        (False, False),
        (False, False),
        (False, False),
        (True, False),
        (True, True),
    ]
    assert [date.rivals for date in entry.dates][3] == (rival,)
    assert (entry.ready_count, entry.kinds_of_obstacles) == (
        1,
        [("impossible", 1), ("buffer", 1), ("rule", 1), ("rival", 1)],
    )


def test_only_contested_dates_are_compared(house: House, room: Room) -> None:
    series = make_booking_on([room], weekly(DAY, 3), status=SlotStatus.REQUESTED)
    other = make_booking_on(
        [room], weekly(DAY + timedelta(weeks=2), 3), status=SlotStatus.REQUESTED, now=NOW - timedelta(hours=1)
    )
    pending(make_room(house, "Küche"), "16:00", "18:00", days=14)
    entry = inbox_entry(get_booking(series.reference, actor=make_staff()), now=NOW)
    third = berlin(DAY + timedelta(weeks=2), "16:00")
    assert [(compared.slot.booking, compared.slot.starts_at) for compared in compared_dates(entry)] == [
        (other, third),
        (series, third),
    ]


def test_a_date_that_was_added_waits_since_it_was_added(house: House, room: Room) -> None:
    booking = make_booking([room], berlin(DAY, "10:00"))
    rival = pending(room, "10:00", "12:00", days=7, now=NOW + timedelta(days=19))
    later = NOW + timedelta(days=20)
    day = DAY + timedelta(weeks=1)
    dates = [WantedDate(berlin(day, "10:00"), berlin(day, "12:00"), (room.pk,))]
    add_dates(booking_id=booking.pk, actor=make_staff(), now=later, dates=dates)
    first, second = list_inbox(fresh(house), now=later)
    assert (first.booking, first.waiting_since, first.is_late) == (booking, later, False)
    assert [compared.slot.booking for compared in compared_dates(second)] == [rival, booking]


# Changes ----------------------------------------------------------------------------------------


@pytest.fixture
def moving_up(room: Room) -> Booking:
    """Dates at 10, 12 and 14 o'clock of one day, each to move by two hours to where the next one is."""
    dates = [
        tuple(
            WantedDate(berlin(DAY, f"{hour}:00"), berlin(DAY, f"{hour + 2}:00"), (room.pk,)) for hour in hours
        )
        for hours in ([10, 12, 14], [12, 14, 16])
    ]
    booking = make_booking([room], berlin(DAY, "10:00"), dates=dates[0])
    data = make_request_data([room], berlin(DAY, "12:00"), berlin(DAY, "14:00"))
    return request_change(
        booking_id=booking.pk, data=replace(data, dates=dates[1]), actor=make_staff(), now=NOW
    )


def judged(change: Booking) -> list[tuple[list[str], list[str]]]:
    """Of each pending date of the change the clashes, and what else is told."""
    dates = inbox_entry(get_booking(change.reference, actor=make_staff()), now=NOW).dates
    return [
        (
            [reason.code for reason in date.clashes],
            [reason.message.replace("\xa0", " ") for reason in date.broken],
        )
        for date in dates
    ]


def approvable(change: Booking) -> list[int]:
    """The numbers of the dates that can be approved in one step, as they stand."""
    dates = inbox_entry(get_booking(change.reference, actor=make_staff()), now=NOW).dates
    ids = approvable_ids(dates)
    return [number for number, date in enumerate(dates) if date.slot.pk in ids]


def test_a_date_in_the_way_of_another_is_told_with_what_moves_it(moving_up: Booking) -> None:
    sentence = "Er trifft auf den alten Termin {}: nur zusammen mit dessen neuem Termin {} möglich."
    day = "Di., 20.04.2027, "
    assert judged(moving_up) == [
        ([], [sentence.format(f"{day}12:00–14:00 Uhr", f"{day}14:00–16:00 Uhr")]),
        ([], [sentence.format(f"{day}14:00–16:00 Uhr", f"{day}16:00–18:00 Uhr")]),
        ([], []),
    ]
    assert approvable(moving_up) == [0, 1, 2]
    assert list_inbox(fresh(moving_up.house), now=NOW)[0].kinds_of_obstacles == [("together", 2)]


def test_what_cannot_move_keeps_the_others_from_it(moving_up: Booking, room: Room) -> None:
    make_booking([room], berlin(DAY, "17:00"))
    assert ([clashes for clashes, _told in judged(moving_up)], approvable(moving_up)) == (
        [[], [], ["clash"]],
        [],
    )


def test_an_old_date_whose_successor_was_rejected_is_a_clash(moving_up: Booking) -> None:
    last = moving_up.slots.order_by("starts_at")[2].pk
    reject_booking(booking_id=moving_up.pk, actor=make_staff(), now=NOW, reason="Wahl", slot_ids=[last])
    assert ([clashes for clashes, _told in judged(moving_up)], approvable(moving_up)) == ([[], ["clash"]], [])


def test_an_old_date_without_successor_gives_way_to_all_answers_together(room: Room) -> None:
    """Two dates of a day become one that is nearer to the second, and the week after moves too."""

    def dates(*spans: tuple[int, str, str]) -> tuple[WantedDate, ...]:
        days = [DAY + timedelta(days=day) for day, _starts, _ends in spans]
        return tuple(
            WantedDate(berlin(day, starts), berlin(day, ends), (room.pk,))
            for day, (_day, starts, ends) in zip(days, spans, strict=True)
        )

    old = dates((0, "10:00", "12:00"), (0, "12:00", "14:00"), (7, "10:00", "12:00"))
    booking = make_booking([room], old[0].starts_at, dates=old)
    data = make_request_data([room], old[0].starts_at, old[0].ends_at)
    data = replace(data, dates=dates((0, "11:30", "14:00"), (7, "11:00", "13:00")))
    change = request_change(booking_id=booking.pk, data=data, actor=make_staff(), now=NOW)
    sentence = (
        "Er trifft auf den alten Termin Di., 20.04.2027, 10:00–12:00 Uhr. "
        "Dieser entfällt erst, wenn kein Termin der Änderung mehr offen ist."
    )
    assert (judged(change), approvable(change)) == ([([], [sentence]), ([], [])], [0, 1])
    first = change.slots.order_by("starts_at")[0].pk
    with pytest.raises(RoomAlreadyBooked):
        approve_booking(booking_id=change.pk, actor=make_staff(), now=NOW, slot_ids=[first])
    approve_booking(booking_id=change.pk, actor=make_staff(), now=NOW)
    assert [slot.status for slot in booking.slots.all()] == [SlotStatus.CANCELLED] * 3
