"""Write a plan into a house: new rooms, hours, associations and bookings in one transaction."""

import re
import uuid
from collections.abc import Collection, Mapping, Set
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from bookings.access.actors import Actor
from bookings.access.associations import find_association
from bookings.availability.snapshot import load_snapshot
from bookings.availability.wishes import WantedDate
from bookings.date_facts import Skip
from bookings.enums import SkippedBecause, SlotStatus
from bookings.errors import AmbiguousAssociation
from bookings.models import Association, Booking
from bookings.plan_import.comparison import compare
from bookings.plan_import.differences import Comparison
from bookings.plan_import.plan import PlanBooking, PlanFile, PlanRoom, Stored, StoredDate
from bookings.plan_import.report import Report, check_plan
from bookings.plan_import.series import period_of, with_series_dates
from bookings.plan_import.updates import carry_out, load_known, origins_of
from bookings.plan_import.values import BrokenPlan, at, refuse
from bookings.services._entries import RequestData
from bookings.services._lock import lock_house
from bookings.services.imports import import_booking
from rooms.clock import day_of
from rooms.holidays import complete_calendar, load_coming_holidays, load_holidays, published_calendar
from rooms.intervals import hull
from rooms.models import Equipment, House, OpeningHours, Room, SeatingLayout, raise_plan_version

# Names the submission keys of imported bookings, so that the same file twice stores nothing twice.
KEYS = uuid.UUID("6f0c4d4e-9f4b-5d0e-8d8b-1b6f2f3a7c55")


def find_house(slug: str | None) -> House | None:
    """Return the named house, or the only one where none is named; None means a new one.

    Raises BrokenPlan where it takes a name to know which house is meant, or the name cannot be one.
    """
    if slug is not None:
        if not re.fullmatch(r"[a-zA-Z0-9_-]{1,50}", slug):
            refuse("--house", _("only letters without accents, digits, - and _ are possible."))
        return House.objects.filter(slug=slug).first()
    houses = list(House.objects.order_by("slug")[:10])
    if len(houses) > 1:
        raise BrokenPlan(
            _("There are several houses. Please name one: %(houses)s.")
            % {"houses": ", ".join(house.slug for house in houses)}
        )
    return houses[0] if houses else None


def submission_key(house_slug: str, booking_id: str) -> uuid.UUID:
    """Return the key under which a booking of a file is stored, always the same."""
    return uuid.uuid5(KEYS, f"{house_slug}/{booking_id}")


def _key(booking: PlanBooking, house: House) -> uuid.UUID:
    return submission_key(house.slug, booking.key or booking.id)


def check_against(plan: PlanFile, house: House | None, now: datetime) -> Report:
    """Return what is to be said about the plan in this house, or in a new one; its series are expanded."""
    if period := period_of(plan):
        region = House().holiday_region
        plan = with_series_dates(
            plan, published_calendar(region, *period) if house is None else complete_calendar(house, *period)
        )
    if house is None:
        return check_plan(plan, Stored(House()), now)
    known = load_known(house, plan)
    comparison = compare(plan, known, _stored_ids(plan, house), now)
    own_ids = {*_stored_ids(plan, house).values(), *comparison.booking_ids}
    report = check_plan(plan, load_stored(plan, house, comparison.known, own_ids), now)
    return replace(report, comparison=comparison)


def _stored_ids(plan: PlanFile, house: House) -> dict[str, int]:
    """Return the bookings that are stored already under the keys of those of the file, by their ids there."""
    keys = {_key(booking, house): booking.id for booking in plan.bookings}
    rows = Booking.objects.filter(submission_key__in=keys).values_list("submission_key", "pk")
    return {keys[key]: pk for key, pk in rows}


def load_stored(plan: PlanFile, house: House, known: Set[str], own_ids: Collection[int]) -> Stored:
    """Return closures and approved dates of the house in the time of the plan.

    Of the bookings of the file those in `known`, by id, are stored already, as those in `own`:
    they are kept apart, since they do not clash with themselves.
    """
    dates = [plan_date for booking in plan.bookings for plan_date in booking.dates]
    if not dates:
        return Stored(house)
    held = load_snapshot(house, hull(plan_date.gross for plan_date in dates))
    slugs = {room.id: room.slug for room in held.facts.rooms.values()}
    by_owner: dict[bool, list[StoredDate]] = {True: [], False: []}
    for taken_time in held.taken:
        by_owner[taken_time.booking_id in own_ids].append(
            StoredDate(
                taken_time.reference,
                taken_time.title,
                taken_time.net,
                taken_time.gross,
                frozenset(slugs[part_id] for part_id in taken_time.part_ids),
                taken_time.persons,
            )
        )
    return Stored(
        house,
        dates=by_owner[False],
        own_dates=by_owner[True],
        known=known,
        closed=[
            (
                closed_time.interval,
                closed_time.reason,
                None
                if closed_time.part_ids is None
                else frozenset(slugs[part_id] for part_id in closed_time.part_ids),
            )
            for closed_time in held.closed
        ],
    )


def contradictions(plan: PlanFile, house: House) -> list[str]:
    """Return where file and house differ so that the plan cannot be stored: time zone, parts of a room."""
    found = []
    if plan.zone != house.zone:
        found.append(
            _("The file is written in the time zone %(file)s, the house is in %(house)s.")
            % {"file": plan.zone.key, "house": house.time_zone}
        )
    stored = {room.slug: room for room in house.rooms.prefetch_related("parts")}
    for room in plan.rooms:
        known = stored.get(room.slug)
        if known is not None and {part.slug for part in known.parts.all()} != set(room.parts):
            found.append(
                _("The room %(room)s has other parts in the house than in the file.") % {"room": room.slug}
            )
    return found


def ambiguous_associations(report: Report) -> list[str]:
    """Return a sentence for each name of a new booking that several associations of the house have."""
    known, found = list(Association.objects.order_by("name", "pk")), []
    for name, booking in {booking.association: booking for booking in _new_bookings(report)}.items():
        try:
            find_association(name, known)
        except AmbiguousAssociation as error:
            place = at(_("booking %(booking)s") % {"booking": booking.id}, "org")
            found.append(_("%(place)s: %(problem)s") % {"place": place, "problem": error})
    return found


def store_plan(
    plan: PlanFile,
    *,
    house: House | None,
    slug: str | None = None,
    name: str = "",
    skip_clashing_dates: bool = False,
    update: bool = False,
    tell: bool = False,
    dry_run: bool = False,
    actor: Actor,
    now: datetime,
) -> tuple[Report, House | None, list[Booking]]:
    """Store the plan and return what was found, the house, and the bookings that are new.

    Without a house one is made, with `slug` and `name` where the file names none. Rooms, hours
    and bookings that the house has already stay as they are. Where approved dates cannot stand
    together nothing is stored and the house returned is None, unless `skip_clashing_dates`
    skips the later ones. Nobody is told.

    What a calendar now says otherwise of bookings that were read from it before is compared, and
    carried out with `update`; then people are told with `tell`. `dry_run` does all that and takes
    it back.

    Raises BrokenPlan where the file contradicts the house.
    """
    with transaction.atomic():
        if house is not None:
            house = lock_house(house.pk)
            if found := contradictions(plan, house):
                raise BrokenPlan(" ".join(found))
        # Checked again under the lock: what was free a moment ago may be taken now.
        report = before = check_against(plan, house, now)
        if house is not None and update:
            updated = _carry_out(report, house, actor, now, tell=tell)
            report = replace(check_against(plan, house, now), comparison=updated)
        if report.skipped_dates and not skip_clashing_dates:
            # An update may have been carried out a moment ago.
            transaction.set_rollback(True)
            return replace(report, comparison=before.comparison), None, []
        if house is None:
            house = _create_house(plan, slug, name)
            load_coming_holidays(house, day_of(now, house.zone))
        if period := period_of(plan):
            load_holidays(house, period[0].year, period[1].year)
        rooms = _store_rooms(plan, house)
        _store_hours(plan, house)
        raise_plan_version(house.pk)
        new = _store_bookings(report, house, rooms, actor, now)
        if dry_run:
            transaction.set_rollback(True)
        return report, house, [] if dry_run else new


def _carry_out(report: Report, house: House, actor: Actor, now: datetime, *, tell: bool) -> Comparison:
    rooms = dict(house.rooms.values_list("slug", "pk"))
    return carry_out(report.comparison, rooms, actor=actor, now=now, tell=tell)


def _create_house(plan: PlanFile, slug: str | None, name: str) -> House:
    name = plan.name or name or _("Our house")
    return House.objects.create(
        name=name,
        slug=slug or slugify(name) or "haus",
        time_zone=plan.zone.key,
        max_persons=plan.max_persons,
        setup_minutes=plan.buffer_minutes,
        teardown_minutes=plan.buffer_minutes,
        reference_prefix=_free_prefix(name),
    )


def _free_prefix(name: str) -> str:
    """Return the initials of the house, HdB for Haus der Begegnung, with a number where they are taken."""
    initials = "".join(word[0] for word in name.split() if word[0].isalnum())[:5] or "H"
    taken = set(House.objects.values_list("reference_prefix", flat=True))
    prefix, number = initials, 1
    while prefix in taken:
        number += 1
        prefix = f"{initials}{number}"
    return prefix


def _store_rooms(plan: PlanFile, house: House) -> dict[str, Room]:
    """Add the rooms the house does not have yet; return all of them by slug."""
    known = {room.slug: room for room in house.rooms.all()}
    position = max((room.position for room in known.values()), default=0)
    new = [room for room in plan.rooms if room.slug not in known]
    for number, room in enumerate(new, position + 1):
        known[room.slug] = Room.objects.create(
            house=house,
            slug=room.slug,
            name=room.name,
            position=number,
            area_m2=room.area_m2,
            is_outdoors=room.is_outdoors,
            step_free=room.step_free,
            hearing_loop=room.hearing_loop,
        )
        SeatingLayout.objects.bulk_create(
            SeatingLayout(room=known[room.slug], kind=kind, capacity=capacity)
            for kind, capacity in room.layouts.items()
        )
    equipment = _store_equipment(new, house)
    for room in new:
        known[room.slug].parts.set(known[part] for part in room.parts)
        known[room.slug].equipment.set(equipment[item.lower()] for item in room.equipment)
    return known


def _store_equipment(rooms: list[PlanRoom], house: House) -> Mapping[str, Equipment]:
    """Return the equipment of the house by its name in small letters, with that of the rooms added."""
    known = {item.name.lower(): item for item in house.equipment.all()}
    for room in rooms:
        for item in room.equipment:
            if item.lower() not in known:
                known[item.lower()] = Equipment.objects.create(house=house, name=item)
    return known


def _store_hours(plan: PlanFile, house: House) -> None:
    if not house.opening_hours.exists():
        OpeningHours.objects.bulk_create(
            OpeningHours(house=house, weekday=weekday, opens_at=opens, closes_at=closes)
            for weekday, spans in sorted(plan.hours.items())
            for opens, closes in spans
        )


def _store_bookings(
    report: Report, house: House, rooms: Mapping[str, Room], actor: Actor, now: datetime
) -> list[Booking]:
    plan = report.plan
    if found := ambiguous_associations(report):
        raise BrokenPlan(" ".join(found))
    known = list(Association.objects.order_by("name", "pk"))
    associations: dict[str, Association] = {}
    new: list[Booking] = []
    for booking in _new_bookings(report):
        association = associations.get(booking.association) or find_association(booking.association, known)
        if association is None:
            association = Association.objects.create(
                name=booking.association, kind=booking.association_kind, created_at=now
            )
            known.append(association)
        associations[booking.association] = association
        new.append(
            import_booking(
                data=_request_data(
                    booking,
                    house,
                    rooms,
                    association,
                    _key(booking, house),
                    report.skipped_dates.get(booking.id, {}),
                ),
                status=_status(booking),
                actor=actor,
                now=booking.received_at or now,
                origins=origins_of(booking, plan) if booking.uid else (),
            )
        )
    return new


def _new_bookings(report: Report) -> list[PlanBooking]:
    known = report.comparison.known
    return [
        booking for booking in report.plan.bookings if not booking.not_supported and booking.id not in known
    ]


def _status(booking: PlanBooking) -> SlotStatus:
    """A booking of a file is decided as a whole; its dates have the status of the same name."""
    return SlotStatus(booking.status.value)


def _request_data(
    booking: PlanBooking,
    house: House,
    rooms: Mapping[str, Room],
    association: Association,
    key: uuid.UUID,
    clashing: Collection[int],
) -> RequestData:
    """Return the booking as services take it; `clashing` are the numbers of dates that cannot stand."""
    room_ids = tuple(rooms[slug].pk for slug in booking.rooms)
    return RequestData(
        house_id=house.pk,
        dates=tuple(
            WantedDate(
                starts_at=plan_date.net.start,
                ends_at=plan_date.net.end,
                room_ids=room_ids,
                setup_minutes=booking.setup_minutes,
                teardown_minutes=booking.teardown_minutes,
                skipped=Skip(SkippedBecause.CLASH) if number in clashing else plan_date.skipped,
            )
            for number, plan_date in enumerate(booking.dates)
        ),
        association_id=association.pk,
        contact_name=booking.contact_name or association.name[:150],
        contact_email=booking.contact_email,
        contact_phone=booking.contact_phone,
        kind=booking.kind,
        title=booking.title,
        display_title=booking.display_title,
        visibility=booking.visibility,
        purpose=booking.purpose,
        persons=booking.persons,
        persons_total=booking.persons_total,
        layout=booking.layout,
        remarks=booking.remarks,
        submission_key=key,
        series=booking.series,
    )
