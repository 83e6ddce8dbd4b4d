"""What happened to a booking, in words: one entry for each step, with what it did to single dates."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.enums import Verb
from bookings.models import Booking, Transition
from bookings.overrides import override_in_words
from rooms.intervals import Interval

# The verb in the past.
PAST = {
    Verb.REQUEST: gettext_lazy("Request received"),
    Verb.APPROVE: gettext_lazy("Approved"),
    Verb.REJECT: gettext_lazy("Rejected"),
    Verb.WITHDRAW: gettext_lazy("Withdrawn"),
    Verb.CANCEL: gettext_lazy("Cancelled"),
    Verb.REVOKE: gettext_lazy("Revoked"),
    Verb.REPLACE: gettext_lazy("Replaced"),
    Verb.DECIDE: gettext_lazy("Decided date by date"),
    Verb.MOVE: gettext_lazy("Moved"),
    Verb.ADD: gettext_lazy("Further dates asked for"),
    Verb.CONFIRM: gettext_lazy("Date confirmed"),
    Verb.CORRECT: gettext_lazy("E-mail address corrected"),
    Verb.RENEW: gettext_lazy("Links renewed"),
    Verb.PHONE: gettext_lazy("Told on the phone"),
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
            entries.append(_entry(line))
        if line.slot_id is not None and entries:
            entries[-1]["dates"].append(_date_entry(line, entries[-1]["line"], times[line.pk], zone))
    if any(line.verb == Verb.REPLACE for line in lines):
        _say_what_replaced(entries, booking)
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
        if line.verb == Verb.MOVE and line.before:
            known[line.slot.pk] = line.before.net
    return times


def _entry(line: Transition) -> dict[str, Any]:
    note = _("Before: %(before)s") % {"before": line.before_email} if line.before_email else line.note
    return {
        "at": line.at,
        "what": PAST[Verb(line.verb)],
        "who": WHO[line.actor_kind],
        "note": note,
        "exception": override_in_words(line.overridden_rules, line.override_reason)
        if line.overridden_rules
        else "",
        "line": line,
        "dates": [],
    }


def _date_entry(line: Transition, whole: Transition, then: Interval, zone: ZoneInfo) -> dict[str, Any]:
    """Return what happened to one date, without what the whole step says already."""
    return {
        "slot": line.slot,
        "then": then,
        "what": PAST[Verb(line.verb)] if line.verb != whole.verb else "",
        "before": _before(line, zone),
        "note": line.note if line.note != whole.note else "",
    }


def _before(line: Transition, zone: ZoneInfo) -> str:
    """Return when and where a date was before it was moved, or where its series has it."""
    if line.before is None:
        return ""
    words = line.before.in_words(zone)
    if line.verb == Verb.MOVE:
        return _("Before: %(before)s") % {"before": words}
    return _("instead of %(what)s") % {"what": words}


def _say_what_replaced(entries: Sequence[dict[str, Any]], booking: Booking) -> None:
    """Name the booking that took the place of dates: a booking of one date has no line for it."""
    references = dict(
        booking.slots.filter(replaced_by__isnull=False).values_list("pk", "replaced_by__reference")
    )
    for entry in entries:
        if entry["line"].verb == Verb.REPLACE:
            concerned = [date["slot"].pk for date in entry["dates"]] or list(references)
            if found := next((references[pk] for pk in concerned if pk in references), ""):
                entry["what"] = _("Replaced by %(reference)s") % {"reference": found}
