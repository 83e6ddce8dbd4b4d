"""An exception from a rule of the house is kept, with the rules it sets aside and why staff made it."""

from datetime import date

import pytest
from django.utils.translation import override as language

from bookings.enums import SlotStatus
from bookings.errors import OverrideReasonRequired, RoomAlreadyBooked, WishBreaksRules
from bookings.models import Booking, Transition
from bookings.overrides import override_in_words
from bookings.services import (
    Move,
    WantedDate,
    add_dates,
    approve_booking,
    decide_booking,
    move_dates,
    request_booking,
)
from hausderbegegnung.models import User
from rooms.models import Closure, Room
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
    weekly,
)

WHY = "Der Bürgermeister kommt."


@pytest.fixture
def room(db) -> Room:
    return make_room(make_house())


def close(room: Room, day: date) -> None:
    Closure.objects.create(
        house=room.house, starts_at=berlin(day, "00:00"), ends_at=berlin(day, "23:59"), reason="Boden"
    )


def approve(booking: Booking, staff: User, **options) -> None:
    approve_booking(booking_id=booking.pk, actor=staff, now=NOW, **options)


def decide(booking: Booking, staff: User, **options) -> None:
    first, second = booking.slots.order_by("starts_at").values_list("pk", flat=True)
    decide_booking(
        booking_id=booking.pk,
        actor=staff,
        now=NOW,
        approve=[first],
        reject=[second],
        reason="Wahl",
        **options,
    )


def move(booking: Booking, staff: User, **options) -> None:
    slot = booking.slots.order_by("starts_at")[0]
    rooms = tuple(slot.rooms.values_list("pk", flat=True))
    goal = Move(slot.pk, berlin(DAY, "10:00"), berlin(DAY, "12:00"), rooms)
    move_dates(booking_id=booking.pk, actor=staff, now=NOW, moves=[goal], **options)


def add(booking: Booking, staff: User, **options) -> None:
    room = booking.slots.order_by("starts_at")[0].rooms.get()
    wanted = WantedDate(berlin(DAY, "10:00"), berlin(DAY, "12:00"), (room.pk,))
    add_dates(booking_id=booking.pk, actor=staff, now=NOW, dates=[wanted], **options)


def ask(booking: Booking, staff: User, **options) -> None:
    room = booking.slots.order_by("starts_at")[0].rooms.get()
    data = make_request_data(
        [room], berlin(DAY, "10:00"), berlin(DAY, "12:00"), association_id=make_association().pk
    )
    request_booking(data=data, actor=staff, now=NOW, **options)


@pytest.mark.parametrize("verb", [approve, decide, move, add, ask])
def test_without_a_reason_no_rule_is_set_aside(room: Room, staff: User, verb) -> None:
    booking = make_booking_on([room], weekly(DAY, 2), status=SlotStatus.REQUESTED)
    close(room, DAY)
    before = list(Transition.objects.values())
    with pytest.raises(OverrideReasonRequired) as refused:
        verb(booking, staff, override=True, override_reason=" \n")
    assert (refused.value.code, refused.value.field) == ("override_reason_required", "override_reason")
    with pytest.raises(WishBreaksRules):
        verb(booking, staff)
    assert list(Transition.objects.values()) == before


@pytest.mark.parametrize("verb", [approve, decide, move, add, ask])
def test_the_history_keeps_which_rules_were_set_aside_and_why(room: Room, staff: User, verb) -> None:
    booking = make_booking_on([room], weekly(DAY, 2), status=SlotStatus.REQUESTED)
    close(room, DAY)
    verb(booking, staff, override=True, override_reason=f" {WHY} ")
    assert list(
        Transition.objects.exclude(override_reason="").values_list(
            "slot", "overridden_rules", "override_reason"
        )
    ) == [(None, ["closed"], WHY)]


def test_where_no_rule_is_broken_there_is_no_exception(room: Room, staff: User) -> None:
    booking = make_booking_on([room], weekly(DAY, 2), status=SlotStatus.REQUESTED)
    approve(booking, staff, override=True, override_reason=WHY)
    assert list(Transition.objects.exclude(overridden_rules=[])) == []
    assert list(Transition.objects.exclude(override_reason="")) == []


def test_no_reason_sets_a_clash_aside(room: Room, staff: User) -> None:
    booking = make_booking_on([room], weekly(DAY, 2), status=SlotStatus.REQUESTED)
    make_booking([room], berlin(DAY, "17:00"))
    with pytest.raises(RoomAlreadyBooked):
        approve(booking, staff, override=True, override_reason=WHY)


def test_an_exception_is_told_in_the_language_of_the_reader() -> None:
    sentences = {}
    for code in ("de", "en"):
        with language(code):
            sentences[code] = override_in_words(["closed", "too_soon"], WHY)
    assert sentences == {
        "de": f"Ausnahme von: Sperrzeit, Vorlaufzeit – Begründung: {WHY}",
        "en": f"Exception from: closed time, lead time – reason: {WHY}",
    }
