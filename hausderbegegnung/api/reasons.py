"""Broken rules as the outside sees them; the same in an answer and in a problem."""

from typing import Any

from rooms.enums import Severity
from rooms.errors import Reason

OVERRIDABLE_BY = {Severity.WARNING: "anyone", Severity.STAFF: "staff", Severity.NOBODY: "nobody"}

# The rules name the fields of the form; day and time are one instant here.
FIELDS = {"date": "starts_at", "starts": "starts_at", "ends": "ends_at", "until": "series.until"}


def outside_name(field: str) -> str | None:
    """Return what a field of the domain is called here, None for no field."""
    return FIELDS.get(field, field) or None


def reason_data(reason: Reason) -> dict[str, Any]:
    """Return a reason for ReasonSerializer: code, message, overridable_by, field, nearest."""
    return {
        "code": reason.code,
        "message": str(reason.message),
        "overridable_by": OVERRIDABLE_BY[Severity(reason.severity)],
        "field": outside_name(reason.field),
        "nearest": reason.nearest,
    }


def plain_reason_data(code: str, message: str, field: str | None) -> dict[str, Any]:
    """Return the same for something that is wrong with what was sent, and that nobody may override."""
    return {
        "code": code,
        "message": message,
        "overridable_by": "nobody",
        "field": field,
        "nearest": None,
    }
