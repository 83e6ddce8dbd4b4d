"""A change of the house and what becomes of the dates it hits: all of it in one step, or nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from bookings.access.actors import LinkHolder
from bookings.enums import SlotStatus, Verb
from bookings.errors import (
    HouseFull,
    InvalidRequest,
    NotAllowed,
    ReasonRequired,
    RoomAlreadyBooked,
    WishBreaksRules,
)
from bookings.impact.errors import ChangeHitsDates, OtherDatesHit, TooManyDatesHit
from bookings.impact.hits import fingerprint
from bookings.models import Booking, Occupancy, Slot, Transition
from bookings.services import (
    Decisions,
    Move,
    WantedDate,
    close_rooms,
    give_dates_back,
    import_booking,
    settle_change,
)
from bookings.services import settlement as service
from rooms.clock import whole_day
from rooms.models import Closure, House, Room, SeatingLayout, raise_plan_version
from tests.factories import (
    BERLIN,
    DAY,
    NOW,
    berlin,
    make_association,
    make_booking,
    make_request_data,
    make_room,
    make_staff,
    make_user,
)

pytestmark = pytest.mark.django_db


TODAY = whole_day(DAY, BERLIN)


REASON = "Ein Rohr ist gebrochen."


def close_day(house, staff, decisions=None, *rooms, now=NOW):
    return close_rooms(
        house_id=house.pk,
        period=TODAY,
        reason="Rohrbruch",
        room_ids=[room.pk for room in rooms],
        actor=staff,
        now=now,
        decisions=decisions,
    )


def hits_of(house, staff, *rooms, now=NOW):
    with pytest.raises(ChangeHitsDates) as refused:
        close_day(house, staff, None, *rooms, now=now)
    return refused.value.hits


def slot_of(booking):
    return booking.slots.get()


def to_room(booking, room):
    slot = slot_of(booking)
    return Move(slot.pk, slot.starts_at, slot.ends_at, (room.pk,))


def stored():
    """Everything the change might have touched."""
    return [
        sorted(model.objects.values_list())
        for model in (Closure, House, Booking, Slot, Slot.rooms.through, Occupancy, Transition)
    ]


def test_a_change_that_hits_nothing_is_made(house, staff, heard):
    make_booking([make_room(house)], berlin(DAY + timedelta(days=1), "16:00"))
    settled = close_day(house, staff)
    assert (settled.changes, settled.kept) == ((), ())
    assert list(Closure.objects.all()) == [settled.result]
    assert heard == []


def test_a_change_that_hits_dates_is_told_and_not_made(house, staff, heard):
    booking = make_booking([make_room(house)], berlin(DAY, "16:00"))
    before = stored()
    hits = hits_of(house, staff)
    assert [hit.slot for hit in hits] == [slot_of(booking)]
    assert stored() == before
    assert heard == []


def test_everything_is_done_in_one_step_and_announced_once(house, staff, heard):
    room, other = make_room(house, "Saal A"), make_room(house, "Saal B")
    bookings = {
        name: make_booking([room], berlin(DAY, start), title=name)
        for name, start in [
            ("revoked", "10:00"),
            ("other room", "12:00"),
            ("other day", "14:00"),
            ("kept", "16:00"),
        ]
    }
    versions = {name: booking.version for name, booking in bookings.items()}
    hits = hits_of(house, staff, room)
    plan_version = House.objects.get().plan_version
    slots = {name: slot_of(booking) for name, booking in bookings.items()}
    tomorrow = timedelta(days=1)
    decisions = Decisions(
        seen=fingerprint(hits),
        keep=frozenset({slots["kept"].pk}),
        revoke=frozenset({slots["revoked"].pk}),
        moves=(
            to_room(bookings["other room"], other),
            Move(
                slots["other day"].pk,
                slots["other day"].starts_at + tomorrow,
                slots["other day"].ends_at + tomorrow,
                (room.pk,),
            ),
        ),
        reason=f" {REASON} ",
    )
    settled = close_day(house, staff, decisions, room)

    now = {name: slot_of(booking) for name, booking in bookings.items()}
    assert {name: (slot.status, slot.sequence) for name, slot in now.items()} == {
        "revoked": ("revoked", 1),
        "other room": ("approved", 1),
        "other day": ("approved", 1),
        "kept": ("approved", 0),
    }
    assert now["revoked"].reason == REASON
    assert {name: slot.uid for name, slot in now.items()} == {name: slot.uid for name, slot in slots.items()}
    assert list(now["other room"].rooms.all()) == [other]
    assert now["other day"].starts_at == berlin(DAY + tomorrow, "14:00")
    assert sorted(
        Occupancy.objects.filter(is_blocking=True).values_list(
            "slot__booking__title", "part__name", "starts_at"
        )
    ) == [
        ("kept", "Saal A", now["kept"].starts_at),
        ("other day", "Saal A", now["other day"].starts_at),
        ("other room", "Saal B", now["other room"].starts_at),
    ]
    assert House.objects.get().plan_version > plan_version
    rises = {name: booking.version - versions[name] for name, booking in _fresh(bookings).items()}
    assert rises == {"revoked": 1, "other room": 1, "other day": 1, "kept": 0}
    assert [hit.slot for hit in settled.kept] == [now["kept"]]

    (event,) = heard
    assert event.follows_house
    assert [(change.booking, change.verb, list(change.slots), change.note) for change in event.changes] == [
        (bookings["revoked"], Verb.REVOKE, [now["revoked"]], REASON),
        (bookings["other room"], Verb.MOVE, [now["other room"]], REASON),
        (bookings["other day"], Verb.MOVE, [now["other day"]], REASON),
    ]
    assert event.changes[1].before[now["other room"].pk].rooms == ("Saal A",)
    assert (event.actor, event.now) == (staff, NOW)
    assert event.changes == settled.changes


def _fresh(bookings):
    return {name: Booking.objects.get(pk=booking.pk) for name, booking in bookings.items()}


def test_a_booking_of_which_dates_are_revoked_and_moved_keeps_one_history(house, staff, heard):
    room, other = make_room(house, "Saal A"), make_room(house, "Saal B")
    booking = series([room], 3, step=timedelta(hours=3))
    first, second, third = booking.slots.order_by("starts_at")
    decisions = Decisions(
        seen=fingerprint(hits_of(house, staff, room)),
        keep=frozenset({third.pk}),
        revoke=frozenset({first.pk}),
        moves=(Move(second.pk, second.starts_at, second.ends_at, (other.pk,)),),
        reason=REASON,
    )
    close_day(house, staff, decisions, room)
    booking.refresh_from_db()
    assert (booking.status, booking.version) == ("approved", 3)
    lines = booking.transitions.exclude(slot=None).order_by("pk").values_list("verb", "slot", "to_status")
    assert list(lines) == [("revoke", first.pk, "revoked"), ("move", second.pk, "approved")]


def series(rooms, number, *, step=timedelta(weeks=1), start="09:00", **fields):
    """An approved booking of so many dates, one hour each."""
    first = berlin(DAY, start)
    dates = tuple(
        WantedDate(
            first + number * step, first + number * step + timedelta(hours=1), tuple(r.pk for r in rooms)
        )
        for number in range(number)
    )
    data = make_request_data(rooms, first, first + step, association_id=make_association().pk, **fields)
    return import_booking(
        data=replace(data, dates=dates), status=SlotStatus.APPROVED, actor=make_staff(), now=NOW
    )


def test_a_move_that_fails_takes_the_closure_and_all_else_back(house, staff, heard):
    room, other = make_room(house, "Saal A"), make_room(house, "Saal B")
    revoked, moved = make_booking([room], berlin(DAY, "10:00")), make_booking([room], berlin(DAY, "14:00"))
    make_booking([other], berlin(DAY, "15:00"))
    decisions = Decisions(
        seen=fingerprint(hits_of(house, staff, room)),
        revoke=frozenset({slot_of(revoked).pk}),
        moves=(to_room(moved, other),),
        reason=REASON,
    )
    before = stored()
    with pytest.raises(RoomAlreadyBooked):
        close_day(house, staff, decisions, room)
    assert stored() == before
    assert heard == []


def test_a_date_does_not_move_into_what_is_closed(house, staff):
    booking = make_booking([make_room(house, "Saal A")], berlin(DAY, "10:00"))
    other = make_room(house, "Saal B")
    seen = fingerprint(hits_of(house, staff))
    with pytest.raises(WishBreaksRules) as refused:
        close_day(house, staff, Decisions(seen, moves=(to_room(booking, other),), reason=REASON))
    assert [reason.code for reason in refused.value.reasons] == ["closed"]


def test_dates_may_take_the_place_of_those_that_are_revoked(house, staff):
    room, other = make_room(house, "Saal A"), make_room(house, "Saal B")
    big, small = make_booking([room], berlin(DAY, "10:00")), make_booking([other], berlin(DAY, "10:00"))

    def close_one_and_shrink_the_other():
        Room.objects.filter(pk=room.pk).update(is_active=False)
        SeatingLayout.objects.filter(room=other).update(capacity=5)
        raise_plan_version(house.pk)

    Booking.objects.filter(pk=big.pk).update(persons=4)

    def settle(decisions=None):
        return settle_change(
            house_id=house.pk, make=close_one_and_shrink_the_other, actor=staff, now=NOW, decisions=decisions
        )

    with pytest.raises(ChangeHitsDates) as refused:
        settle()
    seen = fingerprint(refused.value.hits)
    settle(
        Decisions(seen, revoke=frozenset({slot_of(small).pk}), moves=(to_room(big, other),), reason=REASON)
    )
    assert [slot_of(small).status, list(slot_of(big).rooms.all())] == ["revoked", [other]]


# Refusals --------------------------------------------------------------------------------------


def test_who_saw_other_dates_looks_again(house, staff, heard):
    room = make_room(house)
    first = make_booking([room], berlin(DAY, "10:00"))
    seen = fingerprint(hits_of(house, staff))
    late = make_booking([room], berlin(DAY, "14:00"))
    before = stored()
    with pytest.raises(OtherDatesHit) as refused:
        close_day(house, staff, Decisions(seen, revoke=frozenset({slot_of(first).pk}), reason=REASON))
    assert [hit.slot for hit in refused.value.hits] == [slot_of(first), slot_of(late)]
    assert (refused.value.code, refused.value.status) == ("stale", 409)
    assert stored() == before


def test_a_date_that_moved_meanwhile_is_another_one(house, staff):
    booking = make_booking([make_room(house)], berlin(DAY, "10:00"))
    seen = fingerprint(hits_of(house, staff))
    slot_of(booking)
    booking.slots.update(sequence=1)
    with pytest.raises(OtherDatesHit):
        close_day(house, staff, Decisions(seen, revoke=frozenset({slot_of(booking).pk}), reason=REASON))


def test_where_all_was_given_back_meanwhile_nothing_is_left_to_decide(house, staff):
    applicant = make_user()
    booking = make_booking([make_room(house)], berlin(DAY, "10:00"), applicant=applicant)
    seen = fingerprint(hits_of(house, staff))
    slot = slot_of(booking)
    give_dates_back(booking_id=booking.pk, actor=applicant, now=NOW)
    settled = close_day(house, staff, Decisions(seen, revoke=frozenset({slot.pk}), reason=REASON))
    assert settled.changes == ()
    assert (Closure.objects.count(), slot_of(booking).status) == (1, "cancelled")


@pytest.mark.parametrize(
    "decide",
    [
        lambda ids: {},
        lambda ids: {"keep": frozenset(ids[:1])},
        lambda ids: {"keep": frozenset(ids), "revoke": frozenset(ids[:1])},
        lambda ids: {"keep": frozenset([*ids, 12345])},
    ],
    ids=["none", "one of two", "one twice", "another one"],
)
def test_each_date_gets_exactly_one_decision(house, staff, decide):
    room = make_room(house)
    ids = [slot_of(make_booking([room], berlin(DAY, start))).pk for start in ("10:00", "14:00")]
    seen = fingerprint(hits_of(house, staff))
    with pytest.raises(InvalidRequest, match="für jeden Termin"):
        close_day(house, staff, Decisions(seen, reason=REASON, **decide(ids)))
    assert not Closure.objects.exists()


def test_a_reason_is_needed_only_where_somebody_is_told(house, staff, heard):
    slot = slot_of(make_booking([make_room(house)], berlin(DAY, "10:00")))
    seen = fingerprint(hits_of(house, staff))
    with pytest.raises(ReasonRequired):
        close_day(house, staff, Decisions(seen, revoke=frozenset({slot.pk}), reason="  "))
    settled = close_day(house, staff, Decisions(seen, keep=frozenset({slot.pk})))
    assert [hit.slot for hit in settled.kept] == [slot]
    assert heard == []


def test_nobody_keeps_more_persons_than_a_room_holds(house, staff):
    room = make_room(house, capacity=40)
    slot = slot_of(make_booking([room], berlin(DAY, "10:00"), persons=30))
    with pytest.raises(ChangeHitsDates) as refused:
        shrink(house, room, staff)
    (hit,) = refused.value.hits
    assert hit.can_stay is False
    with pytest.raises(WishBreaksRules) as refused:
        shrink(house, room, staff, Decisions(fingerprint([hit]), keep=frozenset({slot.pk})))
    assert [reason.code for reason in refused.value.reasons] == ["too_many_persons"]
    assert room.layouts.get(kind="rows").capacity == 40


def shrink(house, room, staff, decisions=None):
    def make():
        room.layouts.update(capacity=20)
        raise_plan_version(house.pk)

    return settle_change(house_id=house.pk, make=make, actor=staff, now=NOW, decisions=decisions)


def test_of_too_many_at_once_one_may_stay_when_the_other_goes(house, staff):
    first, other = (
        slot_of(make_booking([make_room(house, name)], berlin(DAY, "10:00"), persons=30)) for name in "AB"
    )

    def settle(decisions=None):
        def make():
            house.max_persons = 40
            house.save()

        return settle_change(house_id=house.pk, make=make, actor=staff, now=NOW, decisions=decisions)

    with pytest.raises(ChangeHitsDates) as refused:
        settle()
    hits = refused.value.hits
    assert [hit.slot for hit in hits] == [first, other]
    with pytest.raises(HouseFull):
        settle(Decisions(fingerprint(hits), keep=frozenset({first.pk, other.pk})))
    settled = settle(
        Decisions(fingerprint(hits), keep=frozenset({first.pk}), revoke=frozenset({other.pk}), reason=REASON)
    )
    assert settled.kept == ()
    assert [Slot.objects.get(pk=slot.pk).status for slot in (first, other)] == ["approved", "revoked"]


def test_more_dates_than_anybody_looks_through_are_refused(house, staff, monkeypatch):
    room = make_room(house)
    series([room], 3, step=timedelta(hours=2))
    monkeypatch.setattr(service, "MOST_HITS", 2)
    with pytest.raises(TooManyDatesHit, match="mehr als 2 genehmigte Termine"):
        close_day(house, staff)
    assert not Closure.objects.exists()


@pytest.mark.parametrize("who", ["applicant", "link", "nobody"])
def test_only_staff_change_the_house(house, who):
    applicant = make_user()
    booking = make_booking([make_room(house)], berlin(DAY, "10:00"), applicant=applicant)
    actor = {"applicant": applicant, "link": LinkHolder(booking.pk), "nobody": AnonymousUser()}[who]
    with pytest.raises(NotAllowed):
        close_day(house, actor, Decisions("", revoke=frozenset({slot_of(booking).pk}), reason=REASON))
    assert not Closure.objects.exists()
