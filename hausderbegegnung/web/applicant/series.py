"""A wished series on the page: its dates with their states, the plan, and what was chosen of it."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bookings.access.actors import Actor
from bookings.enums import SkippedBecause
from bookings.series.choices import Carried, Sent, carry
from bookings.series.joint_ways import choose_jointly
from bookings.series.planner import DateState, Proposal, SeriesPlanDate, Way
from bookings.series.request import (
    Choices,
    SeriesPlan,
    SeriesWish,
    can_override,
    change_told,
    chosen_proposal,
    date_key,
    plan_series,
    token_of,
    told_beside,
)
from hausderbegegnung.web.applicant.forms.wish import WishForm
from hausderbegegnung.web.applicant.joint_ways import JointOption, joint_options
from hausderbegegnung.web.public.forms import search_query
from rooms.clock import day_of
from rooms.formats import format_day, format_span
from rooms.intervals import Interval

# So many days are named in a sentence.
MOST_NAMED = 5
# Of each kind of way out so many are offered; the plan's own choice is always among them.
OFFERED = {Way.ROOM: 3, Way.SHIFT: 2, Way.DAY: 2, Way.SKIP: 1}


# What takes place, and otherwise than wished.
OTHER_WAYS = frozenset({Way.ROOM, Way.SHIFT, Way.DAY})


class Mark(models.TextChoices):
    """How a day looks in the calendar; of several dates on one day the last in this order is shown."""

    SKIPPED = "skipped", gettext_lazy("is skipped")
    MOVED = "moved", gettext_lazy("moved to another day")
    FREE = "free", gettext_lazy("free")
    NOTED = "noted", gettext_lazy("free, but please note")
    CHANGED = "changed", gettext_lazy("otherwise than wished: room, time or day")
    NOT_FREE = "not_free", gettext_lazy("not free")


@dataclass(frozen=True, slots=True)
class Option:
    """One way out as it is offered: what the form sends, the way in a word, and what it means."""

    token: str
    way: Way
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One date of the series as the page shows it.

    `way` is what becomes of it as things are chosen, `moved_to` the day it goes to where it is another
    one, `planned` the token of what the plan proposes of itself.
    """

    key: str
    day: date
    net: Interval
    state: DateState
    sentences: tuple[str, ...]
    options: tuple[Option, ...]
    is_skipped: bool
    is_possible: bool
    way: Way
    moved_to: date | None = None
    planned: str = ""

    @property
    def has_way_out(self) -> bool:
        return any(option.way in OTHER_WAYS for option in self.options)

    @property
    def mark(self) -> Mark:
        """How its day looks in the calendar."""
        if self.way == Way.SKIP:
            return Mark.SKIPPED
        if self.way in OTHER_WAYS:
            return Mark.MOVED if self.moved_to else Mark.CHANGED
        if not self.is_possible:
            return Mark.NOT_FREE
        return Mark.NOTED if self.sentences else Mark.FREE

    @property
    def is_asked(self) -> bool:
        """Whether a date is asked for, as wished or as its proposal says."""
        if self.is_skipped or self.state == DateState.SKIPPED:
            return False
        return not any(option.is_chosen and option.way == Way.SKIP for option in self.options)


@dataclass(frozen=True, slots=True)
class SeriesCheck:
    """What the plan says to the wished series, in the light of what was chosen so far.

    `joint_options` are choices for all dates that are not free at once.
    """

    plan: SeriesPlan
    rows: tuple[Row, ...]
    carried: Carried
    joint_options: tuple[JointOption, ...] = ()

    @property
    def words(self) -> str:
        return self.plan.words

    @property
    def headline(self) -> str:
        """Return for example “38 of 40 dates free, 2 proposals”."""
        wanted = [row for row in self.rows if row.state != DateState.SKIPPED]
        free = sum(row.is_possible and row.way == Way.KEEP for row in wanted)
        skipped = [row for row in wanted if row.way == Way.SKIP]
        chosen = sum(row.is_possible or row.has_way_out for row in skipped)
        proposed = sum(row.way in OTHER_WAYS for row in wanted)
        without = len(skipped) - chosen
        kept = len(wanted) - free - len(skipped) - proposed
        parts = [
            ngettext("%(free)d of %(count)d date free", "%(free)d of %(count)d dates free", len(wanted))
            % {"free": free, "count": len(wanted)}
        ]
        for count, words in [
            (chosen, ngettext("%(count)d left out", "%(count)d left out", chosen)),
            (proposed, ngettext("%(count)d proposal", "%(count)d proposals", proposed)),
            (without, ngettext("%(count)d without a proposal", "%(count)d without a proposal", without)),
            (kept, ngettext("%(count)d all the same", "%(count)d all the same", kept)),
        ]:
            if count:
                parts.append(words % {"count": count})
        return ", ".join(parts)

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
        return sum(row.mark == Mark.NOTED for row in self.rows)

    @property
    def skipped_in_words(self) -> str:
        """Return for example “14 dates are skipped: 12 in school holidays, 2 on public holidays”."""
        reasons = [date.skipped.because for date in self.plan.dates if date.skipped]
        if not reasons:
            return ""
        counted = Counter(reasons).most_common()
        named = [_skipped_for(reason, count) for reason, count in counted]
        if len(named) > 1:
            named = [f"{count} {words}" for words, (_reason, count) in zip(named, counted, strict=True)]
        return ngettext(
            "%(count)d date is skipped: %(why)s",
            "%(count)d dates are skipped: %(why)s",
            len(reasons),
        ) % {"count": len(reasons), "why": ", ".join(named)}

    @property
    def notes(self) -> list[str]:
        return [str(note.message) for note in self.plan.notes]

    @property
    def lost(self) -> str:
        """Return a sentence on choices that cannot hold beside what is typed now; empty where all do."""
        days = self.carried.lost
        if not days:
            return ""
        named = ", ".join(map(format_day, days[:MOST_NAMED]))
        if len(days) > MOST_NAMED:
            named = _("%(days)s and more") % {"days": named}
        return ngettext(
            "What you had chosen for %(days)s is not possible like this. Please look at it again.",
            "What you had chosen for these dates is not possible like this: %(days)s."
            " Please look at them again.",
            len(days),
        ) % {"days": named}

    @property
    def open_rows(self) -> list[Row]:
        return [row for row in self.rows if row.options]

    @property
    def without_way_out(self) -> int:
        """How many dates cannot stand and have no proposal at all."""
        return sum(not row.has_way_out for row in self.open_rows)

    @property
    def months(self) -> list[tuple[date, list[Row]]]:
        return by_month(self.rows)

    @property
    def marks(self) -> dict[date, Mark]:
        """How each day looks in the calendar on which something takes place or does not."""
        order = list(Mark)
        marks: dict[date, Mark] = {}
        for row in self.rows:
            for day, mark in [(row.day, row.mark), (row.moved_to, Mark.CHANGED)]:
                if day:
                    marks[day] = max(marks.get(day, mark), mark, key=order.index)
        return dict(sorted(marks.items()))

    @property
    def legend(self) -> list[Mark]:
        """Return the marks that occur."""
        found = set(self.marks.values())
        return [mark for mark in LEGEND if mark in found]


# The order in which the legend explains the calendar.
LEGEND = (Mark.FREE, Mark.NOTED, Mark.CHANGED, Mark.MOVED, Mark.NOT_FREE, Mark.SKIPPED)


def _skipped_for(reason: SkippedBecause, count: int) -> str:
    return {
        SkippedBecause.PUBLIC_HOLIDAY: ngettext("on a public holiday", "on public holidays", count),
        SkippedBecause.SCHOOL_HOLIDAYS: _("in school holidays"),
        SkippedBecause.CHOSEN: _("left out by hand"),
        SkippedBecause.OUTSIDE_SCHOOL_HOLIDAYS: _("outside of school holidays"),
        SkippedBecause.SCHOOL_HOLIDAYS_UNKNOWN: _("since school holidays are not known yet"),
    }[reason]


def by_month(rows: Iterable[Row]) -> list[tuple[date, list[Row]]]:
    """Return rows grouped by the month of their day, each group with the first day of the month."""
    return [
        (month, list(month_rows)) for month, month_rows in groupby(rows, lambda row: row.day.replace(day=1))
    ]


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
    sent: Sent,
    joint_token: str = "",
    equipment_ids: Collection[int] = (),
    ignore_slot_ids: Collection[int] = (),
    asker: Actor,
    may_override: bool = False,
) -> SeriesCheck | None:
    """Plan the series of a validated form; None while it is a single date or incomplete.

    `joint_token` is what was just chosen for all open dates at once; `asker` as in
    `hausderbegegnung.web.applicant.check.check`. Raises what `plan_series` raises.
    """
    wish = series_wish(form, equipment_ids)
    if wish is None:
        return None
    plan = plan_series(house=form.house, wish=wish, now=now, ignore_slot_ids=ignore_slot_ids, asker=asker)
    if not asker.is_authenticated:
        plan = plan.for_strangers()
    carried = carry(choose_jointly(sent, plan, joint_token), plan, may_override=may_override)
    becomes = {
        date_key(date, plan.facts.zone): chosen_proposal(
            date, carried.choices, plan.facts, may_override=may_override
        )
        or date.chosen
        for date in plan.dates
    }
    rows = tuple(_row(date, plan, carried.choices, becomes, may_override=may_override) for date in plan.dates)
    return SeriesCheck(plan, rows, carried, tuple(joint_options(plan, becomes)))


def _row(
    date: SeriesPlanDate,
    plan: SeriesPlan,
    choices: Choices,
    becomes_by_key: Mapping[str, Proposal],
    *,
    may_override: bool,
) -> Row:
    zone = plan.facts.zone
    key = date_key(date, zone)
    if date.skipped:
        sentences: tuple[str, ...] = (str(date.skipped),)
    else:
        sentences = tuple(str(reason.message) for reason in told_beside(plan.notes, date))
    becomes = becomes_by_key[key]
    return Row(
        key=key,
        day=day_of(date.wish.net.start, zone),
        net=date.wish.net,
        state=date.state,
        sentences=sentences,
        options=_options(date, becomes, plan, may_override=may_override) if date.is_open else (),
        is_skipped=key in choices.skipped,
        is_possible=date.is_possible,
        way=becomes.way,
        moved_to=day_of(becomes.wish.net.start, zone) if becomes.wish and becomes.way == Way.DAY else None,
        planned=token_of(date.chosen, plan.facts) if date.is_open else "",
    )


def _options(
    date: SeriesPlanDate, chosen: Proposal, plan: SeriesPlan, *, may_override: bool
) -> tuple[Option, ...]:
    offered: list[Proposal] = []
    for way, most in OFFERED.items():
        proposals = [proposal for proposal in date.proposals if proposal.way == way]
        offered += [
            proposal for number, proposal in enumerate(proposals) if number < most or proposal == chosen
        ]
    if may_override and can_override(date):
        offered.append(Proposal(Way.KEEP, date.wish))
    return tuple(
        Option(token_of(proposal, plan.facts), proposal.way, _words(date, proposal, plan), proposal == chosen)
        for proposal in offered
    )


def _words(date: SeriesPlanDate, proposal: Proposal, plan: SeriesPlan) -> str:
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
            if room_id not in date.wish.room_ids
        ]
        return f"{', '.join(names)} ({change_told(date, proposal, facts)})"
    times = format_span(net.start, net.end, zone=facts.zone)
    if proposal.way == Way.SHIFT:
        return times
    return f"{format_day(net.start, zone=facts.zone)}, {times}"
