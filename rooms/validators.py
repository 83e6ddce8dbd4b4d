"""Whether a room may be made of the chosen parts, and what a text in one line may hold. Pure."""

import unicodedata
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rooms.enums import Severity
from rooms.errors import Reason

# Within words and emoji they are part of how something is written; alone they are nothing.
JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
# Letters by name, but nothing to be seen.
FILLERS = frozenset(
    "\N{HANGUL CHOSEONG FILLER}\N{HANGUL JUNGSEONG FILLER}\N{HANGUL FILLER}\N{HALFWIDTH HANGUL FILLER}"
)


def single_line(text: str) -> str:
    """Return a text as one line of signs that can be seen, without spaces around it.

    Line breaks and other control signs become spaces. Direction marks would turn around what stands
    beside the text (UAX #9), and invisible signs make two names of what looks like one: they go.
    """
    return "".join(map(_shown, text)).strip().strip(JOINERS).strip()


def _shown(sign: str) -> str:
    kind = unicodedata.category(sign)
    if kind in {"Cc", "Zl", "Zp"}:
        return " "
    if kind == "Cs" or sign in FILLERS or (kind == "Cf" and sign not in JOINERS):
        return ""
    return sign


@dataclass(frozen=True, slots=True)
class PartFacts:
    """What the checks need to know of a room chosen as a part."""

    room_id: int
    house_id: int
    has_parts: bool


@dataclass(frozen=True, slots=True)
class CombinationFacts:
    """A room and the parts it is to be made of from now on.

    `room_id` is None for a room that is not stored yet; `part_ids_before` are its parts so far.
    `is_occupied`: dates of the room were stored while it had no parts. `is_expected`: dates that
    are asked for or approved and not over use the room.
    """

    room_id: int | None
    house_id: int
    is_part: bool
    is_occupied: bool
    is_expected: bool
    parts: tuple[PartFacts, ...]
    part_ids_before: frozenset[int] = frozenset()


def check_no_self(facts: CombinationFacts) -> Reason | None:
    if facts.room_id is not None and any(part.room_id == facts.room_id for part in facts.parts):
        return _refusal("part_is_itself", _("A room cannot be a part of itself."))
    return None


def check_same_house(facts: CombinationFacts) -> Reason | None:
    if any(part.house_id != facts.house_id for part in facts.parts):
        return _refusal("part_of_other_house", _("All parts belong to the house of the room."))
    return None


def check_one_level(facts: CombinationFacts) -> Reason | None:
    if any(part.has_parts for part in facts.parts):
        return _refusal(
            "part_is_combination", _("A part cannot have parts itself. Choose its parts instead.")
        )
    return None


def check_is_no_part(facts: CombinationFacts) -> Reason | None:
    if facts.parts and facts.is_part:
        return _refusal("room_is_part", _("This room is part of another one and cannot have parts itself."))
    return None


def check_never_occupied(facts: CombinationFacts) -> Reason | None:
    """Stored occupancies name the room itself; as a combination it would not be guarded by them."""
    if facts.parts and not facts.part_ids_before and facts.is_occupied:
        return _refusal(
            "room_is_occupied",
            _("This room has dates of its own and cannot become a combination. Create a new room instead."),
        )
    return None


def check_parts_stay_while_expected(facts: CombinationFacts) -> Reason | None:
    """Dates occupy the parts of the day they were asked for; other parts would not be kept free."""
    if facts.is_expected and facts.part_ids_before and _part_ids(facts) != facts.part_ids_before:
        return _refusal(
            "combination_is_expected",
            _("Dates to come use this combination, so its parts cannot change. Create a new room instead."),
        )
    return None


CHECKS = (
    check_no_self,
    check_same_house,
    check_one_level,
    check_is_no_part,
    check_never_occupied,
    check_parts_stay_while_expected,
)


def check_parts(facts: CombinationFacts) -> list[Reason]:
    """Return every broken rule; empty when the room may be made of these parts."""
    return [reason for check in CHECKS if (reason := check(facts))]


def _part_ids(facts: CombinationFacts) -> frozenset[int]:
    return frozenset(part.room_id for part in facts.parts)


def _refusal(code: str, message: str | Promise) -> Reason:
    return Reason(code=code, message=message, severity=Severity.NOBODY, field="parts")
