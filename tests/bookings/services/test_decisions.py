"""Deciding: the whole table of status and verb, who may, what follows, what is refused."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from bookings.access.actors import LinkHolder
from bookings.enums import BookingStatus, SlotStatus, Verb
from bookings.errors import (
    BookingNotFound,
    BufferClash,
    HouseFull,
    NotAllowed,
    ReasonRequired,
    RoomAlreadyBooked,
    StalePage,
    TransitionNotAllowed,
    WishBreaksRules,
)
from bookings.models import Booking, Occupancy
from bookings.services import (
    approve_booking,
    give_dates_back,
    reject_booking,
    revoke_booking,
)
from rooms.clock import whole_day
from rooms.models import Closure, House
from tests.factories import (
    BERLIN,
    DAY,
    NOW,
    berlin,
    make_booking,
    make_room,
    make_user,
)

pytestmark = pytest.mark.django_db


SERVICES: dict[str, Callable[..., Booking]] = {
    "approve": approve_booking,
    "reject": lambda **kwargs: reject_booking(reason="Leider nicht", **kwargs),
    "give back": give_dates_back,
    "revoke": lambda **kwargs: revoke_booking(reason="Wasserschaden", **kwargs),
}


# What each service makes of each status, and the verb of its history; whatever is not here is refused.
ALLOWED = {
    ("approve", "requested"): ("approved", Verb.APPROVE),
    ("reject", "requested"): ("rejected", Verb.REJECT),
    ("give back", "requested"): ("withdrawn", Verb.WITHDRAW),
    ("give back", "approved"): ("cancelled", Verb.CANCEL),
    ("revoke", "approved"): ("revoked", Verb.REVOKE),
}


@pytest.fixture
def pending(room, owner, association):
    return make_booking(
        [room], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED, association=association, applicant=owner
    )


def actor_for(service, owner, staff):
    return owner if service == "give back" else staff


@pytest.mark.parametrize("status", SlotStatus.values)
@pytest.mark.parametrize("service", SERVICES)
def test_the_whole_table_of_services_and_statuses(service, status, room, owner, association, staff):
    booking = make_booking(
        [room], berlin(DAY, "16:00"), status=status, association=association, applicant=owner
    )
    actor = actor_for(service, owner, staff)
    target, _verb = ALLOWED.get((service, status), (None, None))
    if target is None:
        with pytest.raises(TransitionNotAllowed):
            SERVICES[service](booking_id=booking.pk, actor=actor, now=NOW)
        target = status
    else:
        SERVICES[service](booking_id=booking.pk, actor=actor, now=NOW)
    slot = booking.slots.get()
    assert slot.status == target
    assert Occupancy.objects.get(slot=slot).is_blocking == (target == "approved")


@pytest.mark.parametrize(("service", "before"), ALLOWED)
def test_each_leaves_one_line_of_history_and_one_announcement(
    service, before, room, owner, association, staff, heard
):
    booking = make_booking(
        [room], berlin(DAY, "16:00"), status=before, association=association, applicant=owner
    )
    SERVICES[service](booking_id=booking.pk, actor=actor_for(service, owner, staff), now=NOW)
    after, verb = ALLOWED[service, before]
    (event,) = heard
    assert [
        (change.booking, change.verb, [slot.status for slot in change.slots]) for change in event.changes
    ] == [(booking, verb, [after])]
    line = booking.transitions.latest("pk")
    assert (line.verb, line.from_status, line.to_status, line.at) == (verb, before, after, NOW)


# Who may, of owner, staff and stranger: the errors they get, None where it is done.
WHO_MAY = {
    Verb.APPROVE: (NotAllowed, None, BookingNotFound),
    Verb.REJECT: (NotAllowed, None, BookingNotFound),
    Verb.WITHDRAW: (None, NotAllowed, BookingNotFound),
    Verb.CANCEL: (None, None, BookingNotFound),
    Verb.REVOKE: (NotAllowed, None, BookingNotFound),
}


@pytest.mark.parametrize("person", ["owner", "staff", "stranger", "anonymous"])
@pytest.mark.parametrize(("service", "before"), ALLOWED)
def test_three_people_and_a_visitor(service, before, person, room, owner, association, staff):
    booking = make_booking(
        [room], berlin(DAY, "16:00"), status=before, association=association, applicant=owner
    )
    errors = WHO_MAY[ALLOWED[service, before][1]]
    actor, error = {
        "owner": (owner, errors[0]),
        "staff": (staff, errors[1]),
        "stranger": (make_user(), errors[2]),
        "anonymous": (AnonymousUser(), errors[2]),
    }[person]
    if error is None:
        SERVICES[service](booking_id=booking.pk, actor=actor, now=NOW)
    else:
        with pytest.raises(error):
            SERVICES[service](booking_id=booking.pk, actor=actor, now=NOW)


def test_another_member_of_the_association_may_withdraw(pending, association):
    colleague = make_user()
    association.memberships.create(user=colleague)
    assert give_dates_back(booking_id=pending.pk, actor=colleague, now=NOW).status == BookingStatus.WITHDRAWN


def test_the_link_acts_on_its_own_booking_only(pending, room):
    other = make_booking([room], berlin(DAY, "10:00"), status=SlotStatus.REQUESTED)
    with pytest.raises(BookingNotFound):
        give_dates_back(booking_id=other.pk, actor=LinkHolder(pending.pk), now=NOW)
    give_dates_back(booking_id=pending.pk, actor=LinkHolder(pending.pk), now=NOW)
    assert pending.transitions.latest("pk").actor_kind == "link"


def test_an_unknown_booking_is_not_found(staff):
    with pytest.raises(BookingNotFound):
        approve_booking(booking_id=999_999, actor=staff, now=NOW)


@pytest.mark.parametrize("reason", ["", "   "])
def test_rejecting_and_revoking_need_a_reason(pending, staff, reason):
    for verb in [reject_booking, revoke_booking]:
        with pytest.raises(ReasonRequired):
            verb(booking_id=pending.pk, actor=staff, now=NOW, reason=reason)


def test_the_reason_is_kept_with_the_date(pending, staff):
    reject_booking(booking_id=pending.pk, actor=staff, now=NOW, reason="Leider Wasserschaden")
    assert pending.slots.get().reason == "Leider Wasserschaden"


def test_a_stale_page_decides_nothing(pending, staff):
    seen = pending.version
    approve_booking(booking_id=pending.pk, actor=staff, now=NOW, version=seen)
    with pytest.raises(StalePage):
        revoke_booking(booking_id=pending.pk, actor=staff, now=NOW, version=seen, reason="Irrtum")
    assert Booking.objects.get(pk=pending.pk).status == BookingStatus.APPROVED


def test_approving_blocks_and_cancelling_frees_at_once(pending, room, owner, staff):
    rival = make_booking([room], berlin(DAY, "17:00"), status=SlotStatus.REQUESTED)
    approve_booking(booking_id=pending.pk, actor=staff, now=NOW)
    with pytest.raises(RoomAlreadyBooked) as caught:
        approve_booking(booking_id=rival.pk, actor=staff, now=NOW)
    assert [reason.code for reason in caught.value.reasons] == ["clash"]
    give_dates_back(booking_id=pending.pk, actor=owner, now=NOW)
    assert approve_booking(booking_id=rival.pk, actor=staff, now=NOW).status == BookingStatus.APPROVED


def test_a_buffer_clash_is_mended_by_shortening(room, staff):
    """Story 10: the café tears down until 17:45, the committee sets up from 17:00."""
    make_booking([room], berlin(DAY, "14:30"), berlin(DAY, "17:00"), setup_minutes=45, teardown_minutes=45)
    committee = make_booking(
        [room], berlin(DAY, "18:00"), berlin(DAY, "21:00"), setup_minutes=60, status=SlotStatus.REQUESTED
    )
    slot = committee.slots.get()
    with pytest.raises(BufferClash) as caught:
        approve_booking(booking_id=committee.pk, actor=staff, now=NOW)
    assert [reason.code for reason in caught.value.reasons] == ["buffer_clash"]
    approve_booking(booking_id=committee.pk, actor=staff, now=NOW, buffers={slot.pk: (15, 30)})
    slot.refresh_from_db()
    assert (slot.gross_starts_at, slot.gross_ends_at) == (berlin(DAY, "17:45"), berlin(DAY, "21:30"))
    assert list(Occupancy.objects.filter(slot=slot).values_list("starts_at", "ends_at")) == [
        (berlin(DAY, "17:45"), berlin(DAY, "21:30"))
    ]


def test_approving_looks_at_the_plan_of_now(pending, house, staff):
    day = whole_day(DAY, BERLIN)
    Closure.objects.create(house=house, starts_at=day.start, ends_at=day.end, reason="Wartung")
    with pytest.raises(WishBreaksRules) as caught:
        approve_booking(booking_id=pending.pk, actor=staff, now=NOW)
    assert [reason.code for reason in caught.value.reasons] == ["closed"]
    assert (
        approve_booking(
            booking_id=pending.pk, actor=staff, now=NOW, override=True, override_reason="Absprache"
        ).status
        == "approved"
    )


def test_nothing_overrides_a_clash_or_a_full_house(house, room, staff):
    make_booking([room], berlin(DAY, "16:00"), persons=130)
    clashing = make_booking([room], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED)
    crowding = make_booking([make_room(house)], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED, persons=21)
    with pytest.raises(RoomAlreadyBooked):
        approve_booking(
            booking_id=clashing.pk, actor=staff, now=NOW, override=True, override_reason="Absprache"
        )
    with pytest.raises(HouseFull):
        approve_booking(
            booking_id=crowding.pk, actor=staff, now=NOW, override=True, override_reason="Absprache"
        )


def test_a_late_decision_is_still_possible(pending, staff):
    """Lead time and horizon are asked of the request, not of the decision."""
    late = berlin(DAY, "15:00")
    assert approve_booking(booking_id=pending.pk, actor=staff, now=late).status == BookingStatus.APPROVED


def test_a_refused_decision_leaves_nothing_behind(pending, room, staff):
    make_booking([room], berlin(DAY, "16:00"))
    version = House.objects.get().plan_version
    with pytest.raises(RoomAlreadyBooked):
        approve_booking(booking_id=pending.pk, actor=staff, now=NOW)
    fresh = Booking.objects.get(pk=pending.pk)
    assert (fresh.status, fresh.version, fresh.transitions.count()) == (BookingStatus.REQUESTED, 1, 1)
    assert House.objects.get().plan_version == version


def test_every_decision_raises_the_plan_version_once(pending, staff):
    before = House.objects.get().plan_version
    approve_booking(booking_id=pending.pk, actor=staff, now=NOW)
    assert House.objects.get().plan_version == before + 1


def test_the_calendar_sequence_rises_when_an_approved_date_goes(pending, owner, staff):
    approve_booking(booking_id=pending.pk, actor=staff, now=NOW)
    assert pending.slots.get().sequence == 0
    give_dates_back(booking_id=pending.pk, actor=owner, now=NOW + timedelta(days=1))
    assert pending.slots.get().sequence == 1


@pytest.mark.parametrize("status", SlotStatus.STANDING)
def test_what_is_over_is_neither_given_back_nor_revoked(status, room, owner, association, staff):
    booking = make_booking(
        [room], berlin(DAY, "16:00"), status=status, association=association, applicant=owner
    )
    over = booking.slots.get().ends_at
    with pytest.raises(TransitionNotAllowed):
        give_dates_back(booking_id=booking.pk, actor=owner, now=over)
    with pytest.raises(TransitionNotAllowed):
        revoke_booking(booking_id=booking.pk, actor=staff, now=over, reason="Zu spät")
    assert booking.slots.get().status == status


def test_dates_of_one_booking_count_for_each_other(room, staff):
    """An import may hold two dates of one booking in the same hour; the house is full all the same."""
    house = room.house
    House.objects.filter(pk=house.pk).update(max_persons=60)
    booking = make_booking([room], berlin(DAY, "10:00"), status=SlotStatus.REQUESTED, persons=40)
    other = make_booking(
        [make_room(house, "Saal B")], berlin(DAY, "10:00"), status=SlotStatus.REQUESTED, persons=40
    )
    other.slots.update(booking=booking)
    with pytest.raises(HouseFull):
        approve_booking(booking_id=booking.pk, actor=staff, now=NOW)


def test_shortening_never_lets_dates_of_one_booking_meet(room, staff):
    booking = make_booking([room], berlin(DAY, "10:00"), status=SlotStatus.REQUESTED)
    other = make_booking([room], berlin(DAY, "12:00"), status=SlotStatus.REQUESTED)
    other.slots.update(booking=booking)
    first = booking.slots.order_by("starts_at").first()
    with pytest.raises(BufferClash) as caught:
        approve_booking(booking_id=booking.pk, actor=staff, now=NOW, buffers={first.pk: (0, 30)})
    assert [reason.code for reason in caught.value.reasons] == ["buffer_clash"]
