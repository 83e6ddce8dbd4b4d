"""What stops a request or an approval, raised as the error that fits, with every reason."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from django.utils.translation import gettext as _

from bookings.access.actors import Actor
from bookings.availability.checks import broken_rules, rules_broken_in
from bookings.availability.nearest import explain
from bookings.availability.snapshot import TakenTime, load_snapshot
from bookings.availability.wishes import wish_of_slot
from bookings.errors import BufferClash, HouseFull, RoomAlreadyBooked, WishBreaksRules
from bookings.models import Booking, Slot
from rooms.enums import Severity
from rooms.errors import DomainError, Reason
from rooms.facts import HouseFacts
from rooms.formats import format_day
from rooms.intervals import Interval, hull
from rooms.models import House
from rooms.rules import Wish


def refuse_broken(
    *,
    house: House,
    facts: HouseFacts,
    wishes: Sequence[Wish],
    now: datetime,
    override: bool,
    asker: Actor,
    ignore_slot_ids: Collection[int] = (),
) -> set[str]:
    """Raise the error that fits when wishes of `asker` break rules that stop a request; warnings do not.

    With `override` only rules that nobody may override stop it; returned are the codes of those that
    were set aside. Of a single date the reasons name
    the nearest free time; of several, each reason names its date.
    """
    snapshot = load_snapshot(
        house,
        hull(wish.gross for wish in wishes),
        with_pending=True,
        ignore_slot_ids=ignore_slot_ids,
        facts=facts,
        near=[wish.gross for wish in wishes],
        asker=asker,
    )
    broken = [
        (wish, reason)
        for wish in wishes
        for reason in broken_rules(wish, snapshot if len(wishes) == 1 else snapshot.around(wish.gross), now)
    ]
    stopping = [(wish, reason) for wish, reason in broken if _stops(reason, override=override)]
    if stopping and len(wishes) == 1:
        raise error_for(
            explain(house=house, wish=wishes[0], snapshot=snapshot, now=now, ignore_slot_ids=ignore_slot_ids)
        )
    if stopping:
        raise error_for([of_date(reason, wish, facts) for wish, reason in stopping])
    return overridden(reason for _wish, reason in broken)


def _stops(reason: Reason, *, override: bool) -> bool:
    return reason.severity in ({Severity.NOBODY} if override else {Severity.NOBODY, Severity.STAFF})


def overridden(reasons: Iterable[Reason]) -> set[str]:
    """Return the codes of the rules among these that only staff could set aside."""
    return {reason.code for reason in reasons if reason.severity == Severity.STAFF}


def refuse_overlapping_itself(
    wishes: Sequence[Wish], facts: HouseFacts, others: Collection[Interval] = ()
) -> None:
    """Raise WishBreaksRules where two dates overlap: they would take a room from each other.

    `others` are the gross times of dates that the booking has already.
    """
    in_order = sorted(wishes, key=lambda wish: wish.gross)
    overlapping = [later for earlier, later in pairwise(in_order) if earlier.gross.overlaps(later.gross)]
    overlapping += [wish for wish in in_order if any(other.overlaps(wish.gross) for other in others)]
    if overlapping:
        sentence = _("Two dates of this request overlap each other (%(day)s).") % {
            "day": format_day(overlapping[0].net.start, zone=facts.zone)
        }
        raise WishBreaksRules(reasons=[Reason("overlaps_itself", sentence, Severity.NOBODY, field="date")])


def of_date(reason: Reason, wish: Wish, facts: HouseFacts) -> Reason:
    """Return a reason that names the date it is about, for requests of several."""
    day = format_day(wish.net.start, zone=facts.zone)
    return replace(reason, message=f"{day}: {reason.message}")


def error_for(reasons: Sequence[Reason]) -> DomainError:
    """Return the error whose code fits the gravest reasons: a clash, a full house, or broken rules."""
    codes = {reason.code for reason in reasons}
    if "clash" in codes:
        return RoomAlreadyBooked(reasons=reasons)
    if "house_full" in codes:
        return HouseFull(reasons=reasons)
    return WishBreaksRules(reasons=reasons)


def wishes_of(booking: Booking, slots: Sequence[Slot]) -> list[tuple[Slot, Wish]]:
    """Return each date with what the rules look at."""
    return [(slot, wish_of_slot(slot, booking, slot.room_ids)) for slot in slots]


def refuse_broken_plan(
    house: House,
    booking: Booking,
    dates: Sequence[tuple[Slot, Wish]],
    *,
    override: bool,
    facts: HouseFacts | None = None,
) -> set[str]:
    """Raise what speaks against dates that are to block: clashes, the house's limit, rules not overridden.

    Returned are the codes of the rules that were set aside. The dates themselves and those they are to
    replace count as not there. Of several dates each reason names its own.
    """
    set_aside: set[str] = set()
    broken: list[Reason] = []
    buffers: list[Reason] = []
    for reasons in reasons_of_plan(house, booking, dates, facts=facts):
        if any(_stops(reason, override=override) for reason in reasons):
            broken += reasons
        set_aside |= overridden(reasons)
        buffers += [reason for reason in reasons if reason.code == "buffer_clash"]
    if broken:
        raise error_for(broken)
    if buffers:
        raise BufferClash(reasons=buffers)
    return set_aside


def reasons_of_plan(
    house: House,
    booking: Booking,
    dates: Sequence[tuple[Slot, Wish]],
    *,
    facts: HouseFacts | None = None,
) -> Iterator[list[Reason]]:
    """Yield for each date what speaks against it, as `refuse_broken_plan` asks it.

    A date that nobody can let stand is in nobody's way.
    """
    snapshot = load_snapshot(
        house,
        hull(wish.gross for _slot, wish in dates),
        near=[wish.gross for _slot, wish in dates],
        ignore_slot_ids={slot.pk for slot, _wish in dates if slot.pk}
        | {slot.replaces_id for slot, _wish in dates if slot.replaces_id},
        facts=facts,
    )
    own_times: list[TakenTime] = []
    for slot, wish in dates:
        around = snapshot.around(wish.gross)
        # The dates of one booking count for each other as well.
        around = replace(
            around,
            taken=[
                *around.taken,
                *(taken_time for taken_time in own_times if taken_time.gross.overlaps(wish.gross)),
            ],
        )
        reasons = rules_broken_in(wish, around)
        if len(dates) > 1:
            reasons = [of_date(reason, wish, snapshot.facts) for reason in reasons]
        yield reasons
        if not any(map(stops_always, reasons)):
            own_times.append(_as_taken(slot, wish, booking, snapshot.facts))


def stops_always(reason: Reason) -> bool:
    """Whether the reason stops a date from standing, whoever decides."""
    return reason.severity == Severity.NOBODY or reason.code == "buffer_clash"


def _as_taken(slot: Slot, wish: Wish, booking: Booking, facts: HouseFacts) -> TakenTime:
    """Return what the date takes of the house once it is approved."""
    return TakenTime(
        slot_id=slot.pk,
        booking_id=booking.pk,
        reference=booking.reference,
        title=booking.public_title,
        net=wish.net,
        gross=wish.gross,
        persons=wish.persons,
        is_approved=True,
        part_ids=facts.parts_of(wish.room_ids),
    )
