"""Asking for a room, and asking for a change of what is approved."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bookings.access.actors import Actor
from bookings.access.associations import associations_for, find_association
from bookings.access.lookups import pending_changes
from bookings.access.permissions import can_change, can_enter_for_others, can_override, can_request
from bookings.availability.wishes import check_number_of_dates, wish_of
from bookings.enums import (
    AssociationKind,
    BookingKind,
    MemberRole,
    SchoolHolidays,
    SlotStatus,
    Verb,
)
from bookings.errors import (
    AssociationBlocked,
    BookingNotFound,
    InvalidRequest,
    NotAllowed,
    TransitionNotAllowed,
)
from bookings.events import Change, announce
from bookings.models import Association, Booking, Membership, Slot
from bookings.overrides import require_override_reason
from bookings.series.scheduler import create_event
from bookings.services._entries import RequestData, check_entries, standing_wishes
from bookings.services._lock import lock_house, lock_name
from bookings.services._pairs import pair_dates
from bookings.services._records import as_booked, create_slots, draw_reference, former_places, record
from bookings.services._refusals import refuse_broken, refuse_overlapping_itself
from bookings.services.submissions import find_submission, get_submission, submission_digest
from rooms.clock import day_of
from rooms.facts import HouseFacts, house_facts
from rooms.models import House
from rooms.validators import single_line


def request_booking(
    *,
    data: RequestData,
    actor: Actor,
    now: datetime,
    override: bool = False,
    override_reason: str = "",
) -> Booking:
    """Store a request and announce it; the same again with its submission key gives the same booking.

    Staff may enter a request for somebody else, and with `override` one that breaks rules
    staff may override, for a reason that the history keeps. Pending requests block nothing. Of those sent
    at once the booking of all but the first has `is_sent_again`.

    Raises NotAllowed, OverrideReasonRequired, AssociationBlocked, InvalidRequest for what was entered,
    KeyReused for another request with a known key, and WishBreaksRules, RoomAlreadyBooked or HouseFull
    with every broken rule for the date.
    """
    return _store_request(
        data=data, actor=actor, now=now, override=override, override_reason=override_reason, replaced=None
    )


def request_change(
    *,
    booking_id: int,
    data: RequestData,
    actor: Actor,
    now: datetime,
    slot_ids: Collection[int] | None = None,
    override: bool = False,
    override_reason: str = "",
) -> Booking:
    """Store a request that is to replace approved dates, which stand until staff decide.

    `slot_ids` are the dates to be replaced: one of a series, or all from a day on; None means all
    that are not over. Dates that are over stay as they were.

    Raises what `request_booking` raises, and TransitionNotAllowed where a date is not approved,
    is over, or a change of it is pending already.
    """
    replaced = Booking.objects.filter(pk=booking_id).first()
    if replaced is None or not can_change(actor, replaced):
        raise BookingNotFound
    return _store_request(
        data=data,
        actor=actor,
        now=now,
        override=override,
        override_reason=override_reason,
        replaced=replaced,
        replaced_ids=slot_ids,
    )


def _store_request(
    *,
    data: RequestData,
    actor: Actor,
    now: datetime,
    override: bool,
    override_reason: str,
    replaced: Booking | None,
    replaced_ids: Collection[int] | None = None,
) -> Booking:
    if not (can_request(actor) or replaced is not None):
        raise NotAllowed
    check_entries(data)
    if all(date.skipped for date in data.dates):
        raise InvalidRequest(_("All dates of the series are skipped."), field="date")
    if replaced is not None and replaced.house_id != data.house_id:
        raise InvalidRequest(_("Please choose a room of the house."), field="rooms")
    try:
        return _store_once(
            data=data,
            actor=actor,
            now=now,
            override=override,
            override_reason=override_reason,
            replaced=replaced,
            replaced_ids=replaced_ids,
        )
    except IntegrityError:
        # Each house has a lock of its own, and the key is one for all: in another house it came first.
        if earlier := find_submission(data, actor=actor, replaced=replaced, replaced_ids=replaced_ids):
            return earlier
        raise


def _store_once(
    *,
    data: RequestData,
    actor: Actor,
    now: datetime,
    override: bool,
    override_reason: str,
    replaced: Booking | None,
    replaced_ids: Collection[int] | None,
) -> Booking:
    with transaction.atomic():
        house = lock_house(data.house_id, plan_changes=False)
        reference = draw_reference(house, data.submission_key, now)
        if reference is None:
            return get_submission(data, actor=actor, replaced=replaced, replaced_ids=replaced_ids)
        may_override = override and can_override(actor, house)
        why = require_override_reason(override_reason, override=may_override)
        released: list[Slot] = []
        if replaced is not None:
            replaced, released = _replaceable(replaced.pk, replaced_ids, now)
        check_number_of_dates(len(data.dates), house)
        facts = house_facts(house)
        _require_house_rules(house, facts, data, actor, now)
        association = _association(house, data, actor, replaced, now)
        wishes = [wish_of(house, date, data.persons, data.layout, data.kind, facts) for date in data.dates]
        standing, released_ids = standing_wishes(data.dates, wishes), [slot.pk for slot in released]
        refuse_overlapping_itself(standing, facts)
        set_aside: set[str] = set()
        if data.checked is None or not data.checked.hold(
            standing, house=house, now=now, ignored_slot_ids=released_ids
        ):
            set_aside = refuse_broken(
                house=house,
                facts=facts,
                wishes=standing,
                now=now,
                override=may_override,
                asker=actor,
                ignore_slot_ids=released_ids,
            )
        booking = create_booking(
            house=house,
            reference=reference,
            data=data,
            association=association,
            actor=actor,
            now=now,
            replaces=replaced,
        )
        slots = create_slots(booking, data.dates, wishes, facts)
        if replaced is not None:
            _name_replaced(booking, slots, released)
        booking.dates = as_booked(slots, facts)
        record(
            booking,
            verb=Verb.REQUEST,
            slots=slots,
            old_statuses={},
            actor=actor,
            note="",
            now=now,
            before=former_places(slots, data.dates),
            overridden=set_aside,
            override_reason=why,
        )
        announce([Change(booking, Verb.REQUEST, slots)], actor=actor, now=now)
    return booking


def _replaceable(
    booking_id: int, slot_ids: Collection[int] | None, now: datetime
) -> tuple[Booking, list[Slot]]:
    """Return the booking and its dates to be replaced, read under the lock; raises TransitionNotAllowed."""
    booking = Booking.objects.get(pk=booking_id)
    approved = list(booking.slots.approved().order_by("starts_at", "pk"))
    if not approved:
        raise TransitionNotAllowed(_("Only an approved booking can be changed."))
    wanted = [slot for slot in approved if slot_ids is None or slot.pk in slot_ids]
    if slot_ids is not None and len(wanted) != len(set(slot_ids)):
        raise TransitionNotAllowed
    wanted = [slot for slot in wanted if slot.ends_at > now]
    if not wanted:
        raise TransitionNotAllowed(_("This date is over."))
    if pending_changes(wanted):
        raise TransitionNotAllowed(_("A change of this booking is already waiting for a decision."))
    return booking, wanted


def _name_replaced(booking: Booking, slots: Sequence[Slot], released: Sequence[Slot]) -> None:
    """Store which dates the change is about, and which new date takes the place of which of them."""
    booking.replaced_slots.set(released)
    asked = [slot for slot in slots if slot.status == SlotStatus.REQUESTED]
    pairs = pair_dates([slot.net for slot in released], [slot.net for slot in asked], booking.house.zone)
    for old, new in pairs:
        asked[new].replaces = released[old]
    Slot.objects.bulk_update(asked, ["replaces"])


def _association(
    house: House, data: RequestData, actor: Actor, replaced: Booking | None, now: datetime
) -> Association:
    """Return the association the request is for; makes a new one, with the applicant as its manager.

    The name is looked for under the lock of the house, and again under one for all houses before it is
    made: of first requests sent at once, only one makes it.
    """
    for_others = can_enter_for_others(actor, house)
    kind = data.new_association_kind or AssociationKind.OTHER
    if replaced is not None:
        association = replaced.association
    elif data.association_id is not None:
        choice = Association.objects.filter(pk=data.association_id)
        chosen = (choice if for_others else choice.filter(memberships__user_id=actor.pk)).first()
        if chosen is None:
            raise InvalidRequest(_("Please choose one of your associations."), field="association")
        association = chosen
    elif not single_line(data.new_association_name):
        raise InvalidRequest(_("Please say for whom you ask."), field="association")
    elif known := _known_association(house, data, actor):
        association = known
    else:
        association = Association.objects.create(
            name=data.new_association_name.strip(), kind=kind, created_at=now
        )
        if not for_others:
            Membership.objects.create(association=association, user_id=actor.pk, role=MemberRole.MANAGER)
    if association.is_blocked and not for_others:
        raise AssociationBlocked(field="association")
    return association


def _known_association(house: House, data: RequestData, actor: Actor) -> Association | None:
    """Return the one of that name; where there is none, nobody else makes it in this transaction."""
    name, kind = data.new_association_name, data.new_association_kind or AssociationKind.OTHER
    if known := find_association(name, associations_for(actor, house), kind=kind):
        return known
    lock_name(name)
    return find_association(name, associations_for(actor, house), kind=kind)


def create_booking(
    *,
    house: House,
    reference: str,
    data: RequestData,
    association: Association,
    actor: Actor,
    now: datetime,
    replaces: Booking | None = None,
) -> Booking:
    """Store the booking itself, without its dates; of a series with the event that its pattern is."""
    person_id = actor.pk if actor.is_authenticated else None
    for_others = can_enter_for_others(actor, house)
    applicant_id = None if for_others else person_id
    if replaces is not None and applicant_id is None:
        applicant_id = replaces.applicant_id
    series = data.series
    booking = Booking(
        house=house,
        reference=reference,
        association=association,
        applicant_id=applicant_id,
        entered_by_id=person_id if for_others else None,
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
        house_rules_id=data.house_rules_id,
        received_at=now,
        submission_key=data.submission_key,
        submission_digest=submission_digest(data),
        replaces=replaces,
        follows=_followed(data, association),
        event=create_event(house, reference, series.pattern) if series and series.pattern else None,
        skips_public_holidays=series.skip_public if series else False,
        school_holidays=series.school if series else SchoolHolidays.IGNORED,
    )
    booking.save(force_insert=True)
    booking.equipment_ids = tuple(
        item.id for item in house_facts(house).equipment if item.id in data.equipment_ids
    )
    Booking.equipment.through.objects.bulk_create(
        Booking.equipment.through(booking=booking, equipment_id=equipment_id)
        for equipment_id in booking.equipment_ids
    )
    return booking


def _followed(data: RequestData, association: Association) -> Booking | None:
    """Return the booking this one continues; another association's is none of its business."""
    if data.follows_id is None:
        return None
    return Booking.objects.filter(pk=data.follows_id, association=association).first()


def _require_house_rules(
    house: House, facts: HouseFacts, data: RequestData, actor: Actor, now: datetime
) -> None:
    """Applicants accept the rules of the house where it has any; staff enter what they were told.

    Raises InvalidRequest where nothing is accepted, or a version that is not of this house.
    """
    if data.house_rules_id is not None:
        is_accepted = data.house_rules_id in {rules.id for rules in facts.house_rules}
    else:
        is_needed = facts.rules_on(day_of(now, house.zone)) is not None
        is_accepted = not is_needed or can_enter_for_others(actor, house)
    if not is_accepted:
        raise InvalidRequest(_("Please accept the house rules."), field="house_rules")
