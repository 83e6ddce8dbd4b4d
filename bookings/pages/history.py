"""What happened to a booking, in words: one entry for each step, with what it did to single dates."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.enums import Verb
from bookings.models import Booking, Transition

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
    """Return the steps, the oldest first, each with the single dates it was about."""
    entries: list[dict[str, Any]] = []
    lines = booking.transitions.select_related("actor", "slot").order_by("at", "pk")
    for line in lines:
        # A date is confirmed for itself; every other step has a line for the whole booking first.
        if line.slot_id is None or line.verb == Verb.CONFIRM:
            entries.append(_entry(line))
        if line.slot_id is not None and entries:
            entries[-1]["dates"].append(_date_entry(line, entries[-1]["line"]))
    for entry in entries:
        entry["is_folded"] = len(entry["dates"]) > SHOWN_DATES
    return entries


def _entry(line: Transition) -> dict[str, Any]:
    is_replaced = line.verb == Verb.REPLACE
    return {
        "at": line.at,
        # The note of a replacement is the reference of what replaces it.
        "what": _("Replaced by %(reference)s") % {"reference": line.note}
        if is_replaced
        else PAST[Verb(line.verb)],
        "who": WHO[line.actor_kind],
        "note": "" if is_replaced else line.note,
        "line": line,
        "dates": [],
    }


def _date_entry(line: Transition, whole: Transition) -> dict[str, Any]:
    """Return what happened to one date, without what the whole step says already."""
    return {
        "slot": line.slot,
        "what": PAST[Verb(line.verb)] if line.verb != whole.verb else "",
        "note": line.note if line.note != whole.note else "",
    }
