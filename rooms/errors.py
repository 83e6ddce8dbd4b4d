"""The base of all domain errors: something the software refuses, with a code and a sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

from rooms.enums import Severity

if TYPE_CHECKING:
    from rooms.intervals import Interval


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that a wish breaks.

    `code` is stable and part of the API; `message` is a sentence for people (translated when
    it is shown); `severity` says who may override; `field` names the form field it belongs to,
    if any; `nearest` is the nearest free net time that breaks no rule, where one was looked for.
    """

    code: str
    message: str | Promise
    severity: Severity = Severity.STAFF
    field: str = ""
    nearest: "Interval | None" = None

    @property
    def stops(self) -> bool:
        """Whether somebody has to override it; a warning is only worth knowing."""
        return self.severity != Severity.WARNING


class DomainError(Exception):
    """Something refused by the domain; pages show the sentence, the API adds the code.

    `status` is the HTTP status that fits (400 bad input, 403 not allowed, 404 unknown,
    409 in conflict with what is stored). `members` are what the API tells beside the sentence.
    """

    code = "domain_error"
    status = 400
    sentence: str | Promise = ""

    def __init__(
        self,
        sentence: str | Promise = "",
        *,
        reasons: Sequence[Reason] = (),
        field: str = "",
        members: Mapping[str, Any] | None = None,
    ) -> None:
        self.message = sentence or self.sentence
        self.reasons = list(reasons)
        self.field = field
        self.members = dict(members or {})
        super().__init__(self.message)

    @property
    def is_overridable(self) -> bool:
        """Whether staff may override all that it names."""
        severities = {reason.severity for reason in self.reasons}
        return Severity.STAFF in severities and Severity.NOBODY not in severities

    def __str__(self) -> str:
        return str(self.message)
