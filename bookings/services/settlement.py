"""Changing the house together with what becomes of the approved dates it hits: all of it, or nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from bookings.access.actors import Actor
from bookings.access.permissions import can_manage_house
from bookings.enums import Verb
from bookings.errors import InvalidRequest, NotAllowed, ReasonRequired
from bookings.events import Change, announce
from bookings.impact.errors import ChangeHitsDates, OtherDatesHit, TooManyDatesHit
from bookings.impact.hits import Hit, find_hits, fingerprint, rules_known, with_proposals
from bookings.models import Slot
from bookings.services._lock import lock_house
from bookings.services._refusals import error_for, of_date
from bookings.services.decisions import change_status
from bookings.services.moves import Move, move_slots
from rooms.enums import Severity
from rooms.facts import HouseFacts
from rooms.models import House

# Nobody looks through more dates than this on one page.
MOST_HITS = 300

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Decisions:
    """What becomes of the dates a change hits, by slot id.

    `seen` is the fingerprint of those that were shown. `keep` are dates that stay as they are,
    against the rule. `reason` is told to everybody whose dates are revoked or moved.
    """

    seen: str
    keep: frozenset[int] = frozenset()
    revoke: frozenset[int] = frozenset()
    moves: tuple[Move, ...] = ()
    reason: str = ""

    @property
    def slot_ids(self) -> list[int]:
        return [*self.keep, *self.revoke, *(move.slot_id for move in self.moves)]


@dataclass(frozen=True, slots=True)
class Settled(Generic[T]):
    """What the change itself returned, and what became of the dates it hit: changed ones, and kept ones."""

    result: T
    changes: tuple[Change, ...] = ()
    kept: tuple[Hit, ...] = ()


def settle_change(
    *,
    house_id: int,
    make: Callable[[], T],
    actor: Actor,
    now: datetime,
    decisions: Decisions | None = None,
) -> Settled[T]:
    """Call `make`, which changes hours, closures, holidays, rooms or the house, and settle what it hits.

    All in one transaction under the house lock, announced once. Nothing is changed where approved
    dates are hit and not exactly these were decided: then ChangeHitsDates, or OtherDatesHit, carries
    them with a way out for each.

    Raises NotAllowed, TooManyDatesHit, ReasonRequired, InvalidRequest, what `move_dates` raises, and
    whatever `make` raises.
    """
    with transaction.atomic():
        house = lock_house(house_id, plan_changes=False)
        if not can_manage_house(actor, house):
            raise NotAllowed
        before = rules_known(house, now)
        result = make()
        changed = House.objects.get(pk=house_id)
        if changed.plan_version == house.plan_version:
            return Settled(result)
        after = rules_known(changed, now)
        hits = find_hits(changed, before, after, now, most=MOST_HITS)
        if not hits:
            return Settled(result)
        if decisions is None or decisions.seen != fingerprint(hits):
            raise _unsettled(changed, after.facts, hits, now, is_new=decisions is None)
        _check(decisions, hits)
        changes = _carry_out(changed, after.facts, hits, decisions, actor, now)
        # Looked at again when all is done: what is left is what staff keep, and may keep.
        kept = find_hits(changed, before, after, now)
        _refuse_forbidden(kept, after.facts)
        if changes:
            announce(changes, actor=actor, now=now, follows_house=True)
    return Settled(result, tuple(changes), tuple(kept))


def _unsettled(
    house: House, facts: HouseFacts, hits: Sequence[Hit], now: datetime, *, is_new: bool
) -> ChangeHitsDates | TooManyDatesHit:
    if len(hits) > MOST_HITS:
        return TooManyDatesHit(
            _(
                "This change hits more than %(most)d approved dates, too many to be settled in one step. "
                "Please change less at once: a shorter time, fewer rooms, or hours that hold from later on."
            )
            % {"most": MOST_HITS}
        )
    shown = with_proposals(house, facts, hits, now)
    return ChangeHitsDates(shown) if is_new else OtherDatesHit(shown)


def _check(decisions: Decisions, hits: Sequence[Hit]) -> None:
    """Refuse decisions that leave a date out, name one twice or another one, or give no reason."""
    if sorted(decisions.slot_ids) != sorted(hit.slot.pk for hit in hits):
        raise InvalidRequest(_("Please choose for each date what becomes of it."))
    if len(decisions.keep) < len(hits) and not decisions.reason.strip():
        raise ReasonRequired(field="reason")


def _carry_out(
    house: House, facts: HouseFacts, hits: Sequence[Hit], decisions: Decisions, actor: Actor, now: datetime
) -> list[Change]:
    """Revoke and move, booking by booking; what is revoked makes room for what is moved."""
    bookings = {hit.slot.booking_id: hit.slot.booking for hit in hits}
    for booking in bookings.values():
        booking.house = house
    reason = decisions.reason.strip()
    changes = []
    for booking in bookings.values():
        slots = [hit.slot for hit in hits if hit.slot.booking_id == booking.pk]
        if revoked := [slot for slot in slots if slot.pk in decisions.revoke]:
            changes.append(change_status(booking, revoked, Verb.REVOKE, actor, reason, now))
    moves = {move.slot_id: move for move in decisions.moves}
    for booking in bookings.values():
        slots = [hit.slot for hit in hits if hit.slot.booking_id == booking.pk]
        if moved := [slot for slot in slots if slot.pk in moves]:
            wanted = [moves[slot.pk] for slot in moved]
            changes.append(move_slots(house, booking, moved, wanted, actor, reason, now, facts=facts))
    return _read_again(changes)


def _read_again(changes: Sequence[Change]) -> list[Change]:
    """Return the changes with their dates as they are stored now: their rooms were read before they moved."""
    slot_ids = [slot.pk for change in changes for slot in change.slots]
    stored = Slot.objects.filter(pk__in=slot_ids).prefetch_related("rooms").in_bulk()
    return [replace(change, slots=[stored[slot.pk] for slot in change.slots]) for change in changes]


def _refuse_forbidden(kept: Sequence[Hit], facts: HouseFacts) -> None:
    """Raise what nobody may override of the dates that stay."""
    forbidden = [
        of_date(reason, hit.wish, facts)
        for hit in kept
        for reason in hit.reasons
        if reason.severity == Severity.NOBODY
    ]
    if forbidden:
        raise error_for(forbidden)
