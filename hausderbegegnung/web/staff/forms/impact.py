"""What becomes of approved dates that a change of the house hits: one choice for each, one reason for all."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.errors import InvalidRequest
from bookings.impact.hits import Hit
from bookings.series.planner import Proposal, Way
from bookings.series.wording import without_hearing_loop
from bookings.services import Decisions, Move
from rooms.formats import format_date_span

# The form travels with the one that makes the change; this keeps their fields apart.
PREFIX = "settle"
KEEP, REVOKE, PROPOSED = "keep", "revoke", "proposed"
LONGEST_REASON = 500

DATE_FIELD = re.compile(rf"{PREFIX}-date_([0-9]{{1,18}})")
# The rooms, and start and end in seconds.
MOVE = re.compile(r"([0-9]{1,18}(?:-[0-9]{1,18})*)/([0-9]{1,12})/([0-9]{1,12})")


def is_decided(data: QueryDict) -> bool:
    """Whether staff have seen what is hit and say what becomes of it."""
    return f"{PREFIX}-seen" in data and f"{PREFIX}-all" not in data


def choice_for_all(data: QueryDict) -> str:
    """Return the choice that was made for all dates at once, empty where none was."""
    return data.get(f"{PREFIX}-all", "")


def read_decisions(data: QueryDict) -> Decisions:
    """Return what was chosen; raises InvalidRequest for a choice that no form offers."""
    keep, revoke, moves = set(), set(), []
    for name, value in data.items():
        field = DATE_FIELD.fullmatch(name)
        if field is None:
            continue
        slot_id = int(field[1])
        if value == KEEP:
            keep.add(slot_id)
        elif value == REVOKE:
            revoke.add(slot_id)
        else:
            moves.append(_move(slot_id, str(value)))
    reason = data.get(f"{PREFIX}-reason", "")
    if len(reason) > LONGEST_REASON:
        raise InvalidRequest(
            _("Please say it in at most %(number)d characters.") % {"number": LONGEST_REASON}, field="reason"
        )
    return Decisions(
        seen=data.get(f"{PREFIX}-seen", ""),
        keep=frozenset(keep),
        revoke=frozenset(revoke),
        moves=tuple(moves),
        reason=reason,
    )


def _move(slot_id: int, value: str) -> Move:
    match = MOVE.fullmatch(value)
    if match is None:
        raise InvalidRequest(_("Please choose for each date what becomes of it."))
    try:
        starts_at, ends_at = (datetime.fromtimestamp(int(seconds), UTC) for seconds in match.group(2, 3))
    except (ValueError, OverflowError) as error:
        raise InvalidRequest(_("Please choose for each date what becomes of it.")) from error
    return Move(slot_id, starts_at, ends_at, tuple(int(room_id) for room_id in match[1].split("-")))


class ImpactForm(forms.Form):
    """A choice for each hit: its ways out, to revoke it, and where it is allowed to keep it.

    The best way out is chosen already; where there is none, staff choose.
    """

    prefix = PREFIX
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Everybody whose date is revoked or moved reads this sentence."),
    )

    def __init__(
        self,
        *args: Any,
        hits: Sequence[Hit],
        room_names: Mapping[int, str],
        for_all: str = "",
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        for hit in hits:
            choices = _choices(hit, room_names)
            self.fields[_name(hit)] = forms.ChoiceField(
                label=format_date_span(hit.slot.starts_at, hit.slot.ends_at),
                choices=choices,
                initial=_initial(hit, choices, for_all),
                widget=forms.RadioSelect,
                error_messages={
                    "required": _("Please choose."),
                    "invalid_choice": _("This is not possible any more. Please choose again."),
                },
            )

    def field_of(self, hit: Hit) -> forms.BoundField:
        return self[_name(hit)]


def _name(hit: Hit) -> str:
    return f"date_{hit.slot.pk}"


def _choices(hit: Hit, room_names: Mapping[int, str]) -> list[tuple[str, str]]:
    choices = [(_value(proposal), _in_words(proposal, room_names)) for proposal in hit.proposals]
    choices.append((REVOKE, _("Revoke the date")))
    if hit.can_stay:
        choices.append((KEEP, _("Keep it all the same")))
    return choices


def _value(proposal: Proposal) -> str:
    wish = proposal.wish
    if wish is None:
        return REVOKE
    rooms = "-".join(str(room_id) for room_id in wish.room_ids)
    return f"{rooms}/{wish.net.start.timestamp():.0f}/{wish.net.end.timestamp():.0f}"


def _in_words(proposal: Proposal, room_names: Mapping[int, str]) -> str:
    wish = proposal.wish
    if wish is None:
        return _("Revoke the date")
    values = {
        "rooms": " + ".join(room_names[room_id] for room_id in wish.room_ids),
        "time": format_date_span(wish.net.start, wish.net.end),
    }
    if proposal.way == Way.ROOM:
        words = _("Other room: %(rooms)s, at the same time") % values
        return f"{words} ({without_hearing_loop()})" if proposal.loses_hearing_loop else words
    if proposal.way == Way.DAY:
        return _("Other day: %(time)s, %(rooms)s") % values
    return _("Other time: %(time)s, %(rooms)s") % values


def _initial(hit: Hit, choices: Sequence[tuple[str, str]], for_all: str) -> str | None:
    if for_all in {KEEP, REVOKE} and for_all in dict(choices):
        return for_all
    if hit.proposals:
        return choices[0][0]
    return REVOKE if for_all == PROPOSED else None
