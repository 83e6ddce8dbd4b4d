"""Asking for a room, and asking for a change of what is approved."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.db import transaction
from django.utils.translation import gettext as _

from bookings.actors import Actor, can_act_for_applicant
from bookings.availability import broken_rules, explain, wish_for
from bookings.enums import (
    AssociationKind,
    BookingKind,
    BookingStatus,
    MemberRole,
    SlotStatus,
    Verb,
    Visibility,
    activity_of,
)
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
from bookings.links import hash_token, status_token
from bookings.models import Association, Booking, Membership
from bookings.patterns import Pattern
from bookings.plan import load_plan
from bookings.recurrence import create_event
from bookings.services.locking import lock_house
from bookings.services.records import create_slots, draw_reference, record
from bookings.signals import booking_changed
from rooms.clock import day_of
from rooms.enums import Layout, Severity
from rooms.errors import DomainError, Reason
from rooms.facts import HouseFacts, house_facts
from rooms.intervals import Interval
from rooms.models import Equipment, House, HouseRules
from rooms.rules import Wish
from rooms.selectors import house_rules_on


@dataclass(frozen=True, slots=True)
class WantedDate:
    """One date that is asked for; instants are aware, buffers in minutes, None for the rooms' own."""

    starts_at: datetime
    ends_at: datetime
    room_ids: tuple[int, ...]
    setup_minutes: int | None = None
    teardown_minutes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestData:
    """A request as the form, the API or an import gives it.

    Either an association of the applicant is named, or a new one by name and kind. An empty
    visibility means the default of the kind. `submission_key` makes sending twice one request.
    `pattern` says how the dates came about, where they are a series.
    """

    house_id: int
    dates: tuple[WantedDate, ...]
    association_id: int | None = None
    new_association_name: str = ""
    new_association_kind: str = ""
    contact_name: str
    contact_email: str = ""
    contact_phone: str = ""
    language: str = "de"
    kind: str
    title: str
    display_title: str = ""
    visibility: str = ""
    purpose: str = ""
    persons: int
    persons_total: int | None = None
    layout: str = ""
    equipment_ids: tuple[int, ...] = ()
    remarks: str = ""
    house_rules_id: int | None = None
    submission_key: uuid.UUID
    pattern: Pattern | None = None


def request_booking(*, data: RequestData, actor: Actor, now: datetime, override: bool = False) -> Booking:
    """Store a request and announce it; the same submission key again gives the same booking.

    Staff may enter a request for somebody else, and with `override` one that breaks rules
    staff may override. Pending requests block nothing.

    Raises NotAllowed, AssociationBlocked, InvalidRequest for what was entered, and
    WishBreaksRules, RoomAlreadyBooked or HouseFull with every broken rule for the date.
    """
    return _store_request(data=data, actor=actor, now=now, override=override, replaced=None)


def request_change(
    *, booking_id: int, data: RequestData, actor: Actor, now: datetime, override: bool = False
) -> Booking:
    """Store a request that is to replace an approved booking, which stands until staff decide.

    Raises what `request_booking` raises, and TransitionNotAllowed where the booking is not
    approved or a change is pending already.
    """
    replaced = Booking.objects.filter(pk=booking_id).first()
    if replaced is None or not (actor.is_staff or can_act_for_applicant(actor, replaced)):
        raise BookingNotFound
    return _store_request(data=data, actor=actor, now=now, override=override, replaced=replaced)


def _store_request(
    *, data: RequestData, actor: Actor, now: datetime, override: bool, replaced: Booking | None
) -> Booking:
    if not (actor.is_authenticated or actor.is_staff or replaced is not None):
        raise NotAllowed
    check_entries(data)
    if replaced is not None and replaced.house_id != data.house_id:
        raise InvalidRequest(_("Please choose a room of the house."), field="rooms")
    with transaction.atomic():
        house = lock_house(data.house_id, plan_changes=False)
        earlier = Booking.objects.filter(submission_key=data.submission_key).first()
        if earlier is not None:
            return _same_request(earlier, actor, replaced)
        if replaced is not None:
            replaced = _replaceable(replaced.pk, now)
        _require_house_rules(house, data, actor, now)
        association = _association(data, actor, replaced, now)
        facts = house_facts(house)
        wishes = [_wish(house, date, data, facts) for date in data.dates]
        refuse_broken(
            house=house,
            facts=facts,
            wishes=wishes,
            now=now,
            override=override and actor.is_staff,
            ignore_booking_ids=[replaced.pk] if replaced else [],
        )
        booking = create_booking(
            house=house,
            data=data,
            association=association,
            actor=actor,
            now=now,
            first=wishes[0].net,
            replaces=replaced,
        )
        slots = create_slots(booking, wishes, [(SlotStatus.REQUESTED, "")] * len(wishes), facts)
        record(booking, verb=Verb.REQUEST, slots=slots, old_statuses={}, actor=actor, note="", now=now)
        booking_changed.send(
            sender=Booking, booking=booking, verb=Verb.REQUEST, slots=slots, actor=actor, note="", now=now
        )
    return booking


def check_entries(data: RequestData) -> None:
    """Refuse what no rule of the plan is needed for; raises InvalidRequest with the field."""
    for field, value in [("title", data.title), ("contact_name", data.contact_name)]:
        if not value.strip():
            raise InvalidRequest(_("Please fill in this field."), field=field)
    if not data.dates:
        raise InvalidRequest(_("Please name a date."), field="date")
    for field, value, words in [
        ("kind", data.kind, BookingKind),
        ("visibility", data.visibility or Visibility.PUBLIC, Visibility),
        ("layout", data.layout or Layout.ROWS, Layout),
        ("new_association_kind", data.new_association_kind or AssociationKind.OTHER, AssociationKind),
    ]:
        if value not in words.values:
            raise InvalidRequest(_("Please choose one of the offered values."), field=field)
    if data.persons < 1:
        raise InvalidRequest(_("Please say how many persons you expect."), field="persons")


def _same_request(earlier: Booking, actor: Actor, replaced: Booking | None) -> Booking:
    """Return the request that was stored under the key before; raises InvalidRequest if it is another's."""
    is_own = replaced is not None or actor.is_staff or earlier.applicant_id == actor.pk
    if not is_own or earlier.replaces_id != (replaced.pk if replaced else None):
        raise InvalidRequest(_("Please open the form again before you send it."))
    return earlier


def _replaceable(booking_id: int, now: datetime) -> Booking:
    """Return the booking to be replaced, read under the lock; raises TransitionNotAllowed."""
    booking = Booking.objects.get(pk=booking_id)
    if booking.status not in {BookingStatus.APPROVED, BookingStatus.PARTLY_APPROVED}:
        raise TransitionNotAllowed(_("Only an approved booking can be changed."))
    approved = list(booking.slots.approved())
    if len(approved) > 1:
        raise TransitionNotAllowed(_("The dates of a series are changed by the house. Please call us."))
    if all(slot.ends_at <= now for slot in approved):
        raise TransitionNotAllowed(_("This date is over."))
    if Booking.objects.filter(replaces=booking).pending().exists():
        raise TransitionNotAllowed(_("A change of this booking is already waiting for a decision."))
    return booking


def _association(data: RequestData, actor: Actor, replaced: Booking | None, now: datetime) -> Association:
    """Return the association the request is for; makes a new one, with the applicant as its manager."""
    if replaced is not None:
        association = replaced.association
    elif data.association_id is not None:
        known = Association.objects.filter(pk=data.association_id).first()
        if known is None or not (actor.is_staff or known.memberships.filter(user_id=actor.pk).exists()):
            raise InvalidRequest(_("Please choose one of your associations."), field="association")
        association = known
    elif data.new_association_name.strip():
        association = Association.objects.create(
            name=data.new_association_name.strip(),
            kind=data.new_association_kind or AssociationKind.OTHER,
            created_at=now,
        )
        if not actor.is_staff:
            Membership.objects.create(association=association, user_id=actor.pk, role=MemberRole.MANAGER)
    else:
        raise InvalidRequest(_("Please say for whom you ask."), field="association")
    if association.is_blocked and not actor.is_staff:
        raise AssociationBlocked(field="association")
    return association


def _wish(house: House, date: WantedDate, data: RequestData, facts: HouseFacts) -> Wish:
    return wish_for(
        house=house,
        room_ids=date.room_ids,
        starts_at=date.starts_at,
        ends_at=date.ends_at,
        setup_minutes=date.setup_minutes,
        teardown_minutes=date.teardown_minutes,
        persons=data.persons,
        layout=data.layout,
        activity=activity_of(data.kind),
        facts=facts,
    )


def refuse_broken(
    *,
    house: House,
    facts: HouseFacts,
    wishes: Sequence[Wish],
    now: datetime,
    override: bool,
    ignore_booking_ids: Collection[int] = (),
) -> None:
    """Raise the error that fits when a wish breaks a rule that stops a request; warnings do not.

    With `override` only rules that nobody may override stop it. Dates of one request that
    overlap each other are refused: they would take a room from themselves.
    """
    for earlier, later in pairwise(sorted(wishes, key=lambda wish: wish.gross)):
        if earlier.gross.overlaps(later.gross):
            sentence = _("Two dates of this request overlap each other.")
            raise WishBreaksRules(
                reasons=[Reason("overlaps_itself", sentence, Severity.NOBODY, field="date")]
            )
    hull = Interval(min(wish.gross.start for wish in wishes), max(wish.gross.end for wish in wishes))
    plan = load_plan(house, hull, with_pending=True, ignore_booking_ids=ignore_booking_ids, facts=facts)
    stopping = {Severity.NOBODY} if override else {Severity.NOBODY, Severity.STAFF}
    for wish in wishes:
        if any(reason.severity in stopping for reason in broken_rules(wish, plan, now)):
            raise error_for(
                explain(house=house, wish=wish, plan=plan, now=now, ignore_booking_ids=ignore_booking_ids)
            )


def error_for(reasons: Sequence[Reason]) -> DomainError:
    """Return the error whose code fits the gravest reasons: a clash, a full house, or broken rules."""
    codes = {reason.code for reason in reasons}
    if "clash" in codes:
        return RoomAlreadyBooked(reasons=reasons)
    if "house_full" in codes:
        return HouseFull(reasons=reasons)
    return WishBreaksRules(reasons=reasons)


def create_booking(
    *,
    house: House,
    data: RequestData,
    association: Association,
    actor: Actor,
    now: datetime,
    first: Interval,
    replaces: Booking | None = None,
) -> Booking:
    """Store the booking itself, without its dates; `first` is the net time of its first date."""
    applicant_id = actor.pk if actor.is_authenticated and not actor.is_staff else None
    if replaces is not None and applicant_id is None:
        applicant_id = replaces.applicant_id
    reference = draw_reference(house, now)
    booking = Booking(
        house=house,
        reference=reference,
        association=association,
        applicant_id=applicant_id,
        entered_by_id=actor.pk if actor.is_authenticated and actor.is_staff else None,
        contact_name=data.contact_name.strip(),
        contact_email=data.contact_email.strip(),
        contact_phone=data.contact_phone.strip(),
        language=data.language,
        kind=data.kind,
        title=data.title.strip(),
        display_title=data.display_title.strip(),
        visibility=data.visibility or BookingKind(data.kind).default_visibility,
        purpose=data.purpose.strip(),
        persons=data.persons,
        persons_total=data.persons_total,
        layout=data.layout,
        remarks=data.remarks.strip(),
        house_rules=_house_rules(house, data),
        received_at=now,
        submission_key=data.submission_key,
        replaces=replaces,
        event=create_event(house, reference, first, data.pattern),
    )
    booking.token_hash = hash_token(status_token(booking))
    booking.save(force_insert=True)
    if data.equipment_ids:
        booking.equipment.set(Equipment.objects.filter(house=house, pk__in=data.equipment_ids))
    return booking


def _require_house_rules(house: House, data: RequestData, actor: Actor, now: datetime) -> None:
    """Applicants accept the rules of the house where it has any; staff enter what they were told."""
    if data.house_rules_id is None and not actor.is_staff and house_rules_on(house, day_of(now, house.zone)):
        raise InvalidRequest(_("Please accept the house rules."), field="house_rules")


def _house_rules(house: House, data: RequestData) -> HouseRules | None:
    """Return the accepted version; raises InvalidRequest where the named one is not of this house."""
    if data.house_rules_id is None:
        return None
    rules = HouseRules.objects.filter(house=house, pk=data.house_rules_id).first()
    if rules is None:
        raise InvalidRequest(_("Please accept the house rules."), field="house_rules")
    return rules
