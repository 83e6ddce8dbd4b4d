"""What happened to a booking, in words: one entry for each step, with what it did to single dates."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.enums import Verb
from bookings.models import Booking, Transition
from bookings.retelling import retold, time_before
from rooms.intervals import Interval

# The verb in the past.
PAST = {
    Verb.REQUEST: gettext_lazy("Request received"),
    Verb.APPROVE: gettext_lazy("Approved"),
    Verb.REJECT: gettext_lazy("Rejected"),
    Verb.WITHDRAW: gettext_lazy("Withdrawn"),
    Verb.CANCEL: gettext_lazy("Cancelled"),
    Verb.REVOKE: gettext_lazy("Revoked"),
    Verb.FALL_OUT: gettext_lazy("Date skipped"),
    Verb.DECIDE: gettext_lazy("Decided date by date"),
    Verb.MOVE: gettext_lazy("Moved"),
    Verb.ADD: gettext_lazy("Further dates asked for"),
    Verb.CONFIRM: gettext_lazy("Date confirmed"),
    Verb.MEND: gettext_lazy("E-mail address corrected"),
}
WHO = {
    "staff": gettext_lazy("the house"),
    "applicant": gettext_lazy("applicant"),
    "link": gettext_lazy("applicant, by the link in the mail"),
    "system": gettext_lazy("automatically"),
}
# With more dates than this a step is folded.
SHOWN_DATES = 3


def history_of(booking: Booking) -> list[dict[str, Any]]:
    """Return the steps, the oldest first, each with the single dates it was about as they were then."""
    entries: list[dict[str, Any]] = []
    lines = list(booking.transitions.select_related("actor", "slot").order_by("at", "pk"))
    zone = booking.house.zone
    times = _times_then(lines, zone)
    for line in lines:
        # A date is confirmed for itself; every other step has a line for the whole booking first.
        if line.slot_id is None or line.verb == Verb.CONFIRM:
            entries.append(_entry(line, zone))
        if line.slot_id is not None and entries:
            entries[-1]["dates"].append(_date_entry(line, entries[-1]["line"], times[line.pk], zone))
    for entry in entries:
        entry["is_folded"] = len(entry["dates"]) > SHOWN_DATES
    return entries


def _times_then(lines: Sequence[Transition], zone: ZoneInfo) -> dict[int, Interval]:
    """Return for each line about a date when the date was then, by the id of the line.

    The way back from today: each move tells the time before it.
    """
    times: dict[int, Interval] = {}
    known: dict[int, Interval] = {}
    for line in reversed(lines):
        if line.slot is None:
            continue
        times[line.pk] = known.get(line.slot.pk, line.slot.net)
        if line.verb == Verb.MOVE and (before := time_before(line.note, zone)):
            known[line.slot.pk] = before
    return times


def _entry(line: Transition, zone: ZoneInfo) -> dict[str, Any]:
    is_replaced = line.verb == Verb.REPLACE
    return {
        "at": line.at,
        # The note of a replacement is the reference of what replaces it.
        "what": _("Replaced by %(reference)s") % {"reference": line.note}
        if is_replaced
        else PAST[Verb(line.verb)],
        "who": WHO[line.actor_kind],
        "note": "" if is_replaced else retold(line.note, zone),
        "line": line,
        "dates": [],
    }


def _date_entry(line: Transition, whole: Transition, then: Interval, zone: ZoneInfo) -> dict[str, Any]:
    """Return what happened to one date, without what the whole step says already."""
    return {
        "slot": line.slot,
        "then": then,
        "what": PAST[Verb(line.verb)] if line.verb != whole.verb else "",
        "note": retold(line.note, zone) if line.note != whole.note else "",
    }
