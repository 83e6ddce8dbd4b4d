"""Closing while others book: first what happens without the lock, then with it. Real threads."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connections

from bookings.enums import SlotStatus
from bookings.errors import RoomAlreadyBooked, WishBreaksRules
from bookings.impact.errors import ChangeHitsDates
from bookings.impact.hits import find_hits, fingerprint, rules_known
from bookings.models import Occupancy, Slot
from bookings.services import Decisions, Move, approve_booking, close_rooms
from notifications.models import Message
from rooms.clock import whole_day
from rooms.models import Closure, House
from tests.bookings.occupancy.test_races import race
from tests.factories import BERLIN, DAY, NOW, berlin, make_booking, make_house, make_room, make_staff

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = whole_day(DAY, BERLIN)


def close(house, staff, *rooms, decisions=None):
    return close_rooms(
        house_id=house.pk,
        period=TODAY,
        reason="Rohrbruch",
        room_ids=[room.pk for room in rooms],
        actor=staff,
        now=NOW,
        decisions=decisions,
    )


def test_control_looking_and_then_closing_misses_a_date():
    """The control: without the lock a date is approved between looking and closing, and nobody is asked."""
    house, staff = make_house(), make_staff()
    booking = make_booking([make_room(house)], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED)
    before = rules_known(House.objects.get(pk=house.pk), NOW)
    assert find_hits(house, before, before, NOW) == []

    def approve():
        approve_booking(booking_id=booking.pk, actor=staff, now=NOW)
        connections.close_all()

    thread = threading.Thread(target=approve)
    thread.start()
    thread.join(timeout=30)
    Closure.objects.create(house=house, starts_at=TODAY.start, ends_at=TODAY.end, reason="Rohrbruch")
    assert Slot.objects.approved().count() == 1


@pytest.mark.parametrize("_round", range(4))
def test_a_closure_and_approvals_at_once_leave_no_date_undecided(_round):
    house, staff = make_house(), make_staff()
    pending = [
        make_booking([make_room(house, f"Raum {n}")], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED)
        for n in range(7)
    ]

    def work(number):
        if number == len(pending):
            close(house, staff)
        else:
            approve_booking(booking_id=pending[number].pk, actor=staff, now=NOW)

    outcomes = race(work, len(pending) + 1)
    approved = Slot.objects.approved().count()
    if Closure.objects.exists():
        # The closure came before all of them.
        assert outcomes == Counter({"won": 1, WishBreaksRules.__name__: 7})
        assert approved == 0
    else:
        assert outcomes == Counter({"won": 7, ChangeHitsDates.__name__: 1})
        assert approved == 7


@pytest.mark.parametrize("_round", range(4))
def test_a_date_that_moves_and_one_that_is_approved_never_share_a_room(_round):
    house, staff = make_house(), make_staff()
    room, other = make_room(house, "Saal A"), make_room(house, "Saal B")
    slot = make_booking([room], berlin(DAY, "16:00")).slots.get()
    rival = make_booking([other], berlin(DAY, "17:00"), status=SlotStatus.REQUESTED)
    with pytest.raises(ChangeHitsDates) as refused:
        close(house, staff, room)
    decisions = Decisions(
        fingerprint(refused.value.hits),
        moves=(Move(slot.pk, slot.starts_at, slot.ends_at, (other.pk,)),),
        reason="Ein Rohr ist gebrochen.",
    )

    def work(number):
        if number:
            approve_booking(booking_id=rival.pk, actor=staff, now=NOW)
        else:
            close(house, staff, room, decisions=decisions)

    assert race(work, 2) == Counter({"won": 1, RoomAlreadyBooked.__name__: 1})
    assert Occupancy.objects.filter(part=other, is_blocking=True).count() == 1
    moved = list(Slot.objects.get(pk=slot.pk).rooms.all()) == [other]
    assert Closure.objects.exists() is moved
    assert Message.objects.filter(kind="closure").exists() is moved


def test_the_same_closure_sent_twice_settles_each_date_once():
    house, staff = make_house(), make_staff()
    room = make_room(house)
    slots = [
        make_booking([room], berlin(DAY, "10:00") + timedelta(hours=2 * n)).slots.get() for n in range(3)
    ]
    with pytest.raises(ChangeHitsDates) as refused:
        close(house, staff, room)
    decisions = Decisions(
        fingerprint(refused.value.hits), revoke=frozenset(slot.pk for slot in slots), reason="Rohrbruch"
    )
    # Who comes second finds nothing left to decide.
    assert race(lambda _number: close(house, staff, room, decisions=decisions), 2) == Counter({"won": 2})
    assert set(Slot.objects.values_list("status", "sequence")) == {("revoked", 1)}
    assert Message.objects.filter(kind="closure").count() == 1
    assert Closure.objects.count() == 1
