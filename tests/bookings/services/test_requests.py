"""Asking for a room: what is stored, what is refused, and that sending twice is one request."""

import uuid
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from bookings.date_facts import Before, Skip
from bookings.enums import BookingStatus, MemberRole, SkippedBecause, SlotStatus, Verb, Visibility
from bookings.errors import (
    AssociationBlocked,
    BookingNotFound,
    HouseFull,
    InvalidRequest,
    NotAllowed,
    RoomAlreadyBooked,
    TransitionNotAllowed,
    WishBreaksRules,
)
from bookings.models import Association, Booking, Occupancy, Slot, Transition
from bookings.series.dates import Series
from bookings.series.pattern import pattern_from_rrule
from bookings.services import (
    WantedDate,
    approve_booking,
    give_dates_back,
    reject_booking,
    request_booking,
    request_change,
)
from rooms.intervals import Interval
from rooms.models import House
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_association,
    make_booking,
    make_house,
    make_house_rules,
    make_request_data,
    make_room,
    make_staff,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(house):
    return make_room(house, setup_minutes=15, teardown_minutes=30)


def test_a_request_is_stored_with_its_date_and_blocks_nothing(ask, room, owner, association):
    rules = make_house_rules(room.house)
    booking = ask(house_rules_id=rules.pk)
    assert (
        booking.reference,
        booking.status,
        booking.applicant,
        booking.association,
        booking.received_at,
    ) == (
        "HdB-2027-0001",
        BookingStatus.REQUESTED,
        owner,
        association,
        NOW,
    )
    assert booking.house_rules == rules
    slot = booking.slots.get()
    assert (slot.status, slot.gross_starts_at, slot.gross_ends_at) == (
        SlotStatus.REQUESTED,
        berlin(DAY, "15:45"),
        berlin(DAY, "18:30"),
    )
    assert list(slot.rooms.all()) == [room]
    assert list(Occupancy.objects.values_list("part", "starts_at", "ends_at", "is_blocking")) == [
        (room.pk, berlin(DAY, "15:45"), berlin(DAY, "18:30"), False)
    ]
    assert list(
        Transition.objects.values_list("verb", "from_status", "to_status", "actor", "actor_kind")
    ) == [(Verb.REQUEST, "", "requested", owner.pk, "applicant")]


def test_a_combination_occupies_each_of_its_parts(house, ask):
    left, right = make_room(house, "Saal A"), make_room(house, "Saal B")
    hall = make_room(house, "Saal", parts=[left, right])
    booking = ask(rooms=[hall])
    assert set(Occupancy.objects.filter(slot__booking=booking).values_list("part_id", flat=True)) == {
        left.pk,
        right.pk,
    }


def test_the_pattern_is_kept_in_the_calendar_of_the_house_without_personal_data(ask, house):
    first = berlin(DAY, "16:00")
    rule = pattern_from_rrule("FREQ=WEEKLY;COUNT=9", first_day=DAY, starts=time(16), ends=time(18))
    series = Series(
        starts=datetime.combine(DAY, time(16)), ends=datetime.combine(DAY, time(18)), pattern=rule
    )
    booking = ask(title="Selbsthilfegruppe", series=series)
    assert booking.event.calendar == House.objects.get(pk=house.pk).calendar
    assert (booking.event.title, booking.event.description, booking.event.start) == (
        booking.reference,
        "",
        first,
    )


def test_dates_without_a_pattern_have_no_event(ask, house):
    single = ask()
    by_hand = ask(series=Series(starts=datetime.combine(DAY, time(16)), ends=datetime.combine(DAY, time(18))))
    assert (single.event, by_hand.event, House.objects.get(pk=house.pk).calendar) == (None, None, None)


def test_numbers_rise_and_start_anew_with_the_local_year(ask):
    last_minute = berlin(DAY.replace(month=12, day=31), "23:59")
    references = [
        ask().reference,
        ask().reference,
        ask(now=last_minute - timedelta(days=365)).reference,
    ]
    assert references == ["HdB-2027-0001", "HdB-2027-0002", "HdB-2026-0001"]


def test_sending_twice_is_one_request(ask):
    key = uuid.uuid4()
    assert ask(submission_key=key) == ask(submission_key=key)
    assert Booking.objects.count() == 1


def test_somebody_elses_submission_key_opens_nothing(ask, room):
    key = uuid.uuid4()
    ask(submission_key=key)
    stranger = make_user()
    with pytest.raises(InvalidRequest):
        ask(submission_key=key, actor=stranger, association_id=make_association(stranger).pk)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("meeting", Visibility.PUBLIC), ("self_help", Visibility.BUSY), ("private", Visibility.BUSY)],
)
def test_sensitive_kinds_are_shown_as_occupied_unless_said_otherwise(ask, kind, expected):
    assert ask(kind=kind).visibility == expected
    assert ask(kind=kind, visibility="hidden").visibility == Visibility.HIDDEN


def test_a_new_group_is_entered_with_the_applicant_as_manager(ask, owner):
    booking = ask(association_id=None, new_association_name="Lesekreis", new_association_kind="initiative")
    assert (booking.association.name, booking.association.kind) == ("Lesekreis", "initiative")
    assert list(booking.association.memberships.values_list("user", "role")) == [
        (owner.pk, MemberRole.MANAGER)
    ]


def test_staff_enter_a_request_for_somebody_without_email(ask):
    staff = make_staff()
    booking = ask(actor=staff, contact_email="")
    assert (booking.applicant, booking.entered_by, booking.contact_email) == (None, staff, "")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": "  "}, "title"),
        ({"contact_name": ""}, "contact_name"),
        ({"kind": "unheard"}, "kind"),
        ({"visibility": "secret"}, "visibility"),
        ({"layout": "heap"}, "layout"),
        ({"persons": 0}, "persons"),
        ({"association_id": None}, "association"),
        ({"association_id": 999_999}, "association"),
        ({"house_rules_id": 999_999}, "house_rules"),
    ],
)
def test_what_is_missing_or_unknown_is_told_at_its_field(ask, fields, field):
    with pytest.raises(InvalidRequest) as caught:
        ask(**fields)
    assert caught.value.field == field
    assert (Booking.objects.count(), Slot.objects.count(), Association.objects.count()) == (0, 0, 1)


def test_rules_are_checked_again_on_sending(ask):
    with pytest.raises(WishBreaksRules) as caught:
        ask("21:00", "23:00")
    assert [(reason.code, reason.nearest.start) for reason in caught.value.reasons] == [
        ("outside_hours", berlin(DAY, "19:30"))
    ]
    assert Booking.objects.count() == 0


def test_a_clash_is_refused_with_the_nearest_free_time(ask, room):
    make_booking([room], berlin(DAY, "16:00"), berlin(DAY, "18:00"))
    with pytest.raises(RoomAlreadyBooked) as caught:
        ask("17:00", "19:00")
    (clash,) = caught.value.reasons
    assert (clash.code, clash.nearest.start) == ("clash", berlin(DAY, "18:45"))


def test_buffers_that_meet_do_not_stop_a_request(ask, room):
    make_booking([room], berlin(DAY, "14:00"), berlin(DAY, "16:00"))
    assert ask("16:00", "18:00").status == BookingStatus.REQUESTED


def test_a_full_house_is_refused(ask, house):
    make_booking([make_room(house, capacity=200)], berlin(DAY, "16:00"), persons=145)
    with pytest.raises(HouseFull):
        ask(persons=6)


def test_rivals_may_ask_for_the_same_time(ask):
    assert ask().pk != ask().pk


def test_staff_may_override_what_applicants_may_not(ask, owner):
    staff = make_staff()
    with pytest.raises(WishBreaksRules):
        ask("21:00", "23:00", override=True, override_reason="Absprache")
    with pytest.raises(WishBreaksRules):
        ask("21:00", "23:00", actor=staff)
    assert (
        ask("21:00", "23:00", actor=staff, override=True, override_reason="Absprache").status
        == BookingStatus.REQUESTED
    )


def test_nobody_overrides_a_clash(ask, room):
    make_booking([room], berlin(DAY, "16:00"))
    with pytest.raises(RoomAlreadyBooked):
        ask(actor=make_staff(), override=True, override_reason="Absprache")


def test_three_people_ask_for_an_association(ask, owner):
    """A member and staff may; a stranger may not, nor a visitor without login."""
    assert ask(actor=owner).pk
    assert ask(actor=make_staff()).pk
    with pytest.raises(InvalidRequest):
        ask(actor=make_user())
    with pytest.raises(NotAllowed):
        ask(actor=AnonymousUser())


def test_a_blocked_association_cannot_ask(ask, association):
    Association.objects.filter(pk=association.pk).update(is_blocked=True)
    with pytest.raises(AssociationBlocked):
        ask()
    assert ask(actor=make_staff()).pk


def test_one_announcement_inside_the_transaction(ask, heard):
    booking = ask()
    (event,) = heard
    assert (event.now, [(change.booking, change.verb, len(change.slots)) for change in event.changes]) == (
        NOW,
        [(booking, Verb.REQUEST, 1)],
    )


def change(booking, actor, start="17:00", end="19:00"):
    data = make_request_data([booking.slots.get().rooms.get()], berlin(DAY, start), berlin(DAY, end))
    return request_change(booking_id=booking.pk, data=data, actor=actor, now=NOW)


def test_a_change_waits_while_the_approved_booking_stands(approved, owner):
    replacement = change(approved, owner)
    approved.refresh_from_db()
    assert (approved.status, replacement.status, replacement.replaces) == (
        BookingStatus.APPROVED,
        BookingStatus.REQUESTED,
        approved,
    )
    assert Occupancy.objects.filter(is_blocking=True).get().slot.booking == approved


def test_approving_the_change_gives_the_old_date_back(approved, owner):
    replacement = change(approved, owner)
    approve_booking(booking_id=replacement.pk, actor=make_staff(), now=NOW)
    approved.refresh_from_db()
    replacement.refresh_from_db()
    assert (approved.status, replacement.status) == (BookingStatus.CANCELLED, BookingStatus.APPROVED)
    assert Occupancy.objects.filter(is_blocking=True).get().slot.booking == replacement
    assert list(approved.transitions.values_list("verb", flat=True)) == [Verb.REQUEST, Verb.REPLACE]


def test_rejecting_the_change_leaves_the_old_date(approved, owner):
    replacement = change(approved, owner)
    reject_booking(booking_id=replacement.pk, actor=make_staff(), now=NOW, reason="Geht nicht")
    approved.refresh_from_db()
    assert approved.status == BookingStatus.APPROVED


def test_one_change_at_a_time_and_only_of_what_is_approved(approved, owner):
    change(approved, owner)
    with pytest.raises(TransitionNotAllowed):
        change(approved, owner)
    other = make_booking([make_room(approved.house)], berlin(DAY, "10:00"), association=approved.association)
    give_dates_back(booking_id=other.pk, actor=owner, now=NOW)
    with pytest.raises(TransitionNotAllowed):
        change(other, owner)


def test_a_stranger_cannot_change_a_booking(approved):
    with pytest.raises(BookingNotFound):
        change(approved, make_user())


def test_the_change_of_one_date_leaves_the_others_to_be_changed(approved, owner):
    extra = make_booking([make_room(approved.house)], berlin(DAY, "10:00"), association=approved.association)
    extra.slots.update(booking=approved)
    earlier, later = approved.slots.order_by("starts_at")

    def change(slot):
        data = make_request_data([earlier.rooms.get()], berlin(DAY, "17:00"), berlin(DAY, "19:00"))
        return request_change(booking_id=approved.pk, data=data, actor=owner, now=NOW, slot_ids=[slot.pk])

    first = change(earlier)
    assert list(first.replaced_slots.all()) == [earlier]
    with pytest.raises(TransitionNotAllowed):
        change(earlier)
    assert list(change(later).replaced_slots.all()) == [later]


def test_what_is_over_is_not_changed(approved, owner):
    slot = approved.slots.get()
    data = make_request_data([slot.rooms.get()], berlin(DAY, "17:00"), berlin(DAY, "19:00"))
    with pytest.raises(TransitionNotAllowed):
        request_change(booking_id=approved.pk, data=data, actor=owner, now=slot.ends_at)


def test_a_change_stays_in_its_house(approved, owner):
    elsewhere = make_room(make_house())
    data = make_request_data([elsewhere], berlin(DAY, "17:00"), berlin(DAY, "19:00"))
    with pytest.raises(InvalidRequest):
        request_change(booking_id=approved.pk, data=data, actor=owner, now=NOW)


def test_the_key_of_another_request_opens_nothing_through_a_change(approved, owner, ask):
    other = ask("10:00", "12:00")
    data = make_request_data(
        [approved.slots.get().rooms.get()],
        berlin(DAY, "17:00"),
        berlin(DAY, "19:00"),
        submission_key=other.submission_key,
    )
    with pytest.raises(InvalidRequest):
        request_change(booking_id=approved.pk, data=data, actor=owner, now=NOW)


def test_dates_of_one_request_that_overlap_are_refused(house, room, owner, association):
    other = make_room(house, "Saal B")
    data = make_request_data(
        [room], berlin(DAY, "16:00"), berlin(DAY, "18:00"), association_id=association.pk
    )
    second = WantedDate(berlin(DAY, "17:00"), berlin(DAY, "19:00"), (other.pk,))
    with pytest.raises(WishBreaksRules) as caught:
        request_booking(data=replace(data, dates=(*data.dates, second)), actor=owner, now=NOW)
    assert [reason.code for reason in caught.value.reasons] == ["overlaps_itself"]


def test_applicants_accept_the_rules_where_the_house_has_any(ask, house):
    rules = make_house_rules(house)
    with pytest.raises(InvalidRequest) as caught:
        ask()
    assert caught.value.field == "house_rules"
    assert ask(house_rules_id=rules.pk).house_rules == rules
    assert ask(actor=make_staff()).house_rules is None


def test_a_date_out_of_reach_still_breaks_what_nobody_overrides(room, ask):
    """Staff may enter what is over, but neither a clash nor too many persons."""
    make_booking([room], berlin(DAY, "16:00"))
    late = berlin(DAY, "23:00")
    staff = make_staff()
    with pytest.raises(WishBreaksRules) as caught:
        ask("10:00", "12:00", actor=staff, override=True, override_reason="Absprache", now=late, persons=41)
    assert [reason.code for reason in caught.value.reasons] == ["too_many_persons", "in_past"]
    with pytest.raises(RoomAlreadyBooked):
        ask("16:00", "18:00", actor=staff, override=True, override_reason="Absprache", now=late)
    assert (
        ask("10:00", "12:00", actor=staff, override=True, override_reason="Absprache", now=late).status
        == BookingStatus.REQUESTED
    )


def test_the_dates_of_a_new_booking_are_those_that_are_stored(house, room, owner, association):
    """In their order, whatever the order they were asked for in, and with the rooms in that of the house."""
    kitchen = make_room(house, "Küche", position=0)
    later = WantedDate(berlin(DAY, "16:00"), berlin(DAY, "18:00"), (room.pk, kitchen.pk))
    elsewhere = Before(Interval(berlin(DAY, "10:00"), berlin(DAY, "12:00")), ("Saal B",))
    earlier = WantedDate(elsewhere.net.start, elsewhere.net.end, (room.pk,), 5, 10, instead_of=elsewhere)
    holiday = Skip(SkippedBecause.PUBLIC_HOLIDAY, "Fronleichnam")
    skipped = WantedDate(berlin(DAY, "12:00"), berlin(DAY, "14:00"), (room.pk,), skipped=holiday)
    data = make_request_data([room], later.starts_at, later.ends_at, association_id=association.pk)
    booking = request_booking(data=replace(data, dates=(later, earlier, skipped)), actor=owner, now=NOW)
    assert booking.dates == Booking.objects.get(pk=booking.pk).dates
    assert [
        (date.starts_at, date.status, date.skip, [name for _slug, name in date.rooms])
        for date in booking.dates
    ] == [
        (berlin(DAY, "10:00"), "requested", None, ["Saal A"]),
        (berlin(DAY, "12:00"), "skipped", holiday, ["Saal A"]),
        (berlin(DAY, "16:00"), "requested", None, ["Küche", "Saal A"]),
    ]
    assert {slot.reason for slot in booking.slots.all()} == {""}
    lines = booking.transitions.order_by("pk")
    assert [(line.verb, line.slot and line.slot.starts_at, line.before) for line in lines] == [
        ("request", None, None),
        ("request", earlier.starts_at, elsewhere),
    ]
