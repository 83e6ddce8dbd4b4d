"""Which rules other than clashes the bookings of a plan break. Pure.

A plan records what was decided as well as what is asked for. Rooms, capacity, hours, closures,
length, grid and the house's largest number of persons hold for every booking, rejected ones
too. What belongs to the moment of asking (past, lead time, horizon) is asked of open requests
only: an old plan, or one approved at short notice, is not wrong for that.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from bookings.availability import checks
from bookings.availability.snapshot import ClosedTime, Snapshot
from bookings.availability.wishes import stored_wish
from bookings.enums import BookingStatus
from bookings.plan_import.clashes import Presence, Taking, list_takings, stored_takings
from bookings.plan_import.plan import PlanBooking, PlanFile, Problem, Stored
from bookings.series.dates import clock_reason
from rooms.errors import Reason
from rooms.facts import HouseFacts, RoomFacts, Timetable
from rooms.formats import format_day
from rooms.intervals import Interval
from rooms.rules import REQUEST_CHECKS, Wish, broken_plan_rules, broken_request_rules

# Nothing here is looked up by period: the plan holds what there is.
ALWAYS = Interval(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


def find_problems(
    plan: PlanFile, stored: Stored, now: datetime, meetings: Iterable[tuple[Taking, Taking]] = ()
) -> list[Problem]:
    """Return what is to be said of the file, then the broken rules by booking; one per booking and code.

    `meetings` are the dates of the plan that overlap, of which those of one booking count here.
    """
    facts = facts_of(plan, stored)
    numbers = {room.slug: room.id for room in facts.rooms.values()}
    house_snapshot = Snapshot(facts, ALWAYS, list(_closed(stored, numbers)), [])
    present = Presence(facts.max_persons)
    for taking in stored_takings(stored.dates):
        present.add(taking)
    overfull: set[tuple[str, int]] = set()
    for taking in list_takings(plan):
        if not taking.is_approved:
            continue
        if present.would_overfill(taking.net, taking.persons):
            overfull.add((taking.booking, taking.number))
        present.add(taking)

    overlapping = {other.booking: other for taking, other in meetings if taking.order == other.order}
    problems = list(plan.problems)
    for booking in plan.bookings:
        is_approved = booking.status == BookingStatus.APPROVED
        reasons: list[Reason] = [*booking.reasons, *booking.notes]
        if booking.id in overlapping:
            reasons.append(_overlap_note(overlapping[booking.id], plan.zone))
        for number, plan_date in enumerate(booking.dates):
            if plan_date.skipped:
                continue
            wish = stored_wish(
                room_ids=(numbers[slug] for slug in booking.rooms),
                net=plan_date.net,
                gross=plan_date.gross,
                persons=booking.persons,
                layout=booking.layout,
                kind=booking.kind,
            )
            reasons += _broken_rules(wish, house_snapshot, booking, now)
            if note := clock_reason(plan_date, plan.zone):
                reasons.append(note)
            if is_approved:
                is_overfull = (booking.id, number) in overfull
            else:
                is_overfull = present.would_overfill(plan_date.net, booking.persons)
            if is_overfull:
                reasons.append(
                    Reason(
                        "house_full",
                        _("More than %(limit)d persons would be in the house at once.")
                        % {"limit": facts.max_persons},
                    )
                )
        problems += _by_code(booking, reasons)
    return problems


def _overlap_note(taking: Taking, zone: ZoneInfo) -> Reason:
    return Reason(
        "overlaps_itself",
        _("Dates of the series overlap each other (%(day)s).")
        % {"day": format_day(taking.net.start, zone=zone)},
    )


def _broken_rules(wish: Wish, house_snapshot: Snapshot, booking: PlanBooking, now: datetime) -> list[Reason]:
    reasons = broken_plan_rules(wish, house_snapshot.facts) + list(
        checks.check_closures(wish, house_snapshot)
    )
    if booking.status == BookingStatus.REQUESTED:
        return reasons + broken_request_rules(wish, house_snapshot.facts, now)
    return reasons + [reason for check in REQUEST_CHECKS for reason in check(wish, house_snapshot.facts)]


def _by_code(booking: PlanBooking, reasons: list[Reason]) -> list[Problem]:
    """Return one problem per code; of several rooms that are closed the first stands for all."""
    first: dict[str, str] = {}
    for reason in reasons:
        first.setdefault(reason.code, str(reason.message))
    return [Problem(booking.id, code, message) for code, message in first.items()]


def facts_of(plan: PlanFile, stored: Stored) -> HouseFacts:
    """Return the file as the rules look at it, or the house where the file describes none.

    Rooms of a file are numbered in its order. What it cannot say (length, grid, lead time,
    horizon) is taken from the house.
    """
    if plan.facts is not None:
        return plan.facts
    house = stored.house
    numbers = {room.slug: number for number, room in enumerate(plan.rooms)}
    buffer = timedelta(minutes=plan.buffer_minutes)
    return HouseFacts(
        id=house.pk or 0,
        zone=plan.zone,
        max_persons=stored.max_persons(plan),
        version=-1,
        timetables=(Timetable(None, None, plan.hours),),
        rooms={
            numbers[room.slug]: RoomFacts(
                id=numbers[room.slug],
                slug=room.slug,
                name=room.name,
                is_active=True,
                part_ids=frozenset(numbers[part] for part in room.parts or (room.slug,)),
                layouts=room.layouts,
                setup=buffer,
                teardown=buffer,
                lead=timedelta(hours=house.lead_hours),
                horizon=timedelta(days=house.horizon_days),
                shortest=timedelta(minutes=house.min_minutes),
                longest=timedelta(minutes=house.max_minutes),
                grid_minutes=house.grid_minutes,
                timetables=(),
            )
            for room in plan.rooms
        },
        region=house.holiday_region,
        quiet_from=house.quiet_from,
        quiet_until=house.quiet_until,
    )


def _closed(stored: Stored, numbers: dict[str, int]) -> Iterator[ClosedTime]:
    for interval, reason, slugs in stored.closed:
        closed = None if slugs is None else frozenset(numbers[slug] for slug in slugs if slug in numbers)
        yield ClosedTime(interval, reason, closed)
