"""A wished series on the page: its dates with their states, the plan, and what was chosen of it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.forms.find_room import search_query
from bookings.forms.wish import WishForm
from bookings.series_plan import DateState, PlannedDate, Proposal, Way
from bookings.series_request import (
    Choices,
    SeriesPlan,
    SeriesWish,
    can_override,
    change_told,
    chosen_proposal,
    key_of,
    plan_series,
    token_of,
)
from rooms.clock import day_of
from rooms.enums import Severity
from rooms.errors import Reason
from rooms.formats import format_day, format_span
from rooms.intervals import Interval

# Of each kind of way out so many are offered; the plan's own choice is always among them.
OFFERED = {Way.ROOM: 3, Way.SHIFT: 2, Way.DAY: 2, Way.SKIP: 1}
# The names under which the form sends what was chosen.
WAY, OUT = "way-", "out"


@dataclass(frozen=True, slots=True)
class Option:
    """One way out as it is offered: what the form sends, the way in a word, and what it means."""

    token: str
    way: Way
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One date of the series as the page shows it."""

    key: str
    day: date
    net: Interval
    state: DateState
    sentences: tuple[str, ...]
    options: tuple[Option, ...]
    is_left_out: bool

    @property
    def is_asked(self) -> bool:
        """Whether a date is asked for, as wished or as its proposal says."""
        if self.is_left_out or self.state == DateState.FALLS_OUT:
            return False
        return not any(option.is_chosen and option.way == Way.SKIP for option in self.options)


@dataclass(frozen=True, slots=True)
class SeriesCheck:
    """What the plan says to the wished series, in the light of what was chosen so far."""

    plan: SeriesPlan
    rows: tuple[Row, ...]
    has_undecided: bool

    @property
    def words(self) -> str:
        return self.plan.words

    @property
    def headline(self) -> str:
        """Return for example “38 of 40 dates free, 2 proposals”."""
        wanted, possible = len(self.plan.wanted), len(self.plan.possible)
        free = ngettext("%(free)d of %(count)d date free", "%(free)d of %(count)d dates free", wanted) % {
            "free": possible,
            "count": wanted,
        }
        if not self.plan.open:
            return free
        proposed = ngettext("%(count)d proposal", "%(count)d proposals", self.plan.proposed) % {
            "count": self.plan.proposed
        }
        return _("%(free)s, %(proposed)s") % {"free": free, "proposed": proposed}

    @property
    def find_room_url(self) -> str:
        """Where rooms are compared for the whole series; empty where all its dates are free in this one."""
        if not self.plan.open:
            return ""
        wish = self.plan.wish
        query = search_query(
            wish.series.starts,
            wish.series.ends,
            persons=wish.persons,
            layout=wish.layout,
            equipment_ids=wish.equipment_ids,
            series=wish.series,
        )
        return f"{reverse('find_room')}?{query}"

    @property
    def to_be_noted(self) -> int:
        """How many dates are free but have something to be noted, such as other people's requests."""
        return sum(bool(one.reasons) for one in self.plan.possible)

    @property
    def falling_out(self) -> int:
        return len(self.plan.dates) - len(self.plan.wanted)

    @property
    def notes(self) -> list[str]:
        return [str(note.message) for note in self.plan.notes]

    @property
    def open_rows(self) -> list[Row]:
        return [row for row in self.rows if row.options]

    @property
    def other_months(self) -> list[tuple[date, list[Row]]]:
        """Return the dates that need no decision by month, each with its first day."""
        return by_month(row for row in self.rows if not row.options)

    @property
    def months(self) -> list[tuple[date, list[Row]]]:
        return by_month(self.rows)


def by_month(rows: Iterable[Row]) -> list[tuple[date, list[Row]]]:
    """Return rows grouped by the month of their day, each group with the first day of the month."""
    return [(month, list(some)) for month, some in groupby(rows, lambda row: row.day.replace(day=1))]


def choices_in(data: QueryDict | dict[str, Any]) -> Choices:
    """Return what a sent form chose for single dates."""
    left_out = data.getlist(OUT) if isinstance(data, QueryDict) else ()
    return Choices(
        {name.removeprefix(WAY): str(value) for name, value in data.items() if name.startswith(WAY)},
        frozenset(left_out),
    )


def series_wish(form: WishForm, equipment_ids: Collection[int]) -> SeriesWish | None:
    """Return the wished series of a validated form; None while it is a single date or incomplete."""
    series = form.series
    if series is None or not form.has_wish:
        return None
    wanted = form.wanted_date()
    return SeriesWish(
        series=series,
        room_ids=wanted.room_ids,
        persons=form.cleaned_data.get("persons") or 1,
        layout=form.cleaned_data.get("layout") or "",
        kind=str(form.data.get(form.add_prefix("kind"), "")),
        setup_minutes=wanted.setup_minutes,
        teardown_minutes=wanted.teardown_minutes,
        equipment_ids=frozenset(equipment_ids),
    )


def check_series(
    form: WishForm,
    *,
    now: datetime,
    choices: Choices,
    equipment_ids: Collection[int] = (),
    ignore_slot_ids: Collection[int] = (),
    tells_rivals: bool,
    may_override: bool = False,
) -> SeriesCheck | None:
    """Plan the series of a validated form; None while it is a single date or incomplete.

    `tells_rivals` as in `bookings.pages.requests.check`. Raises what `plan_series` raises.
    """
    wish = series_wish(form, equipment_ids)
    if wish is None:
        return None
    plan = plan_series(house=form.house, wish=wish, now=now, ignore_slot_ids=ignore_slot_ids)
    if not tells_rivals:
        plan = plan.for_strangers()
    rows = tuple(_row(one, plan, choices, may_override=may_override) for one in plan.dates)
    has_undecided = any(
        chosen_proposal(one, choices, plan.facts, may_override=may_override) is None for one in plan.open
    )
    return SeriesCheck(plan, rows, has_undecided)


def _row(one: PlannedDate, plan: SeriesPlan, choices: Choices, *, may_override: bool) -> Row:
    zone = plan.facts.zone
    key = key_of(one, zone)
    if one.falls_out:
        sentences: tuple[str, ...] = (one.falls_out,)
    else:
        sentences = tuple(str(reason.message) for reason in _told(one))
    return Row(
        key=key,
        day=day_of(one.wish.net.start, zone),
        net=one.wish.net,
        state=one.state,
        sentences=sentences,
        options=() if one.is_possible or one.falls_out else _options(one, plan, choices, may_override),
        is_left_out=key in choices.left_out,
    )


def _told(one: PlannedDate) -> Sequence[Reason]:
    """Return what is said to a date: what stops it, or else what is worth knowing."""
    stopping = [reason for reason in one.reasons if reason.severity != Severity.WARNING]
    return stopping or one.reasons


def _options(
    one: PlannedDate,
    plan: SeriesPlan,
    choices: Choices,
    may_override: bool,  # noqa: FBT001 - one caller
) -> tuple[Option, ...]:
    chosen = chosen_proposal(one, choices, plan.facts, may_override=may_override) or one.chosen
    offered: list[Proposal] = []
    for way, most in OFFERED.items():
        some = [proposal for proposal in one.proposals if proposal.way == way]
        offered += [proposal for number, proposal in enumerate(some) if number < most or proposal == chosen]
    if may_override and can_override(one):
        offered.append(Proposal(Way.KEEP, one.wish))
    return tuple(
        Option(token_of(proposal, plan.facts), proposal.way, _words(one, proposal, plan), proposal == chosen)
        for proposal in offered
    )


def _words(one: PlannedDate, proposal: Proposal, plan: SeriesPlan) -> str:
    """Return what a way out means: rooms and time, as far as they differ from the wish."""
    if proposal.wish is None:
        return _("leave this date out")
    if proposal.way == Way.KEEP:
        return _("as wished all the same (staff may)")
    facts, net = plan.facts, proposal.wish.net
    if proposal.way == Way.ROOM:
        names = [
            facts.rooms[room_id].name
            for room_id in proposal.wish.room_ids
            if room_id not in one.wish.room_ids
        ]
        return f"{', '.join(names)} ({change_told(one, proposal, facts)})"
    times = format_span(net.start, net.end, zone=facts.zone)
    if proposal.way == Way.SHIFT:
        return times
    return f"{format_day(net.start, zone=facts.zone)}, {times}"
