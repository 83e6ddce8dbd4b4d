"""Rules that staff set aside for a date: which they were, why, and how the history tells it."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.errors import OverrideReasonRequired

# What the rules are called that staff may override, by their codes.
RULE_NAMES = {
    "closed": gettext_lazy("closed time"),
    "outside_hours": gettext_lazy("opening hours"),
    "in_past": gettext_lazy("date in the past"),
    "too_soon": gettext_lazy("lead time"),
    "beyond_horizon": gettext_lazy("booking horizon"),
    "too_short": gettext_lazy("shortest time"),
    "too_long": gettext_lazy("longest time"),
    "off_grid": gettext_lazy("time grid"),
    "layout_missing": gettext_lazy("seating layout"),
    "room_inactive": gettext_lazy("room that cannot be booked"),
}


def require_override_reason(reason: str, *, override: bool) -> str:
    """Return why rules are set aside, empty where none are; raises OverrideReasonRequired without one."""
    if not override:
        return ""
    if not reason.strip():
        raise OverrideReasonRequired(field="override_reason")
    return reason.strip()


def override_in_words(codes: Iterable[str], reason: str) -> str:
    """Return which rules were set aside and why, in the active language but for what staff wrote."""
    names = ", ".join(str(RULE_NAMES.get(code, code)) for code in codes)
    return _("Exception from: %(rules)s – reason: %(reason)s") % {"rules": names, "reason": reason}
