"""A series that is asked for: its dates with their plan, and what the applicant makes of it."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from bookings.access.actors import Actor
from bookings.alternatives.candidates import RoomNeeds
from bookings.availability.wishes import LONGEST_REQUEST, Checked, WantedDate, check_number_of_dates, wish_for
from bookings.date_facts import Before, Skip
from bookings.enums import SkippedBecause, activity_of
from bookings.errors import NoDates, PeriodTooLong
from bookings.series.dates import (
    Series,
    SeriesDate,
    clock_reason,
    count_note,
    notes_on,
    series_dates,
    series_starts,
    why_not,
)
from bookings.series.planner import DateState, OwnTimes, Proposal, SeriesPlanDate, Way, plan_places, state_of
from bookings.series.wording import describe, without_hearing_loop
from rooms.clock import week_of
from rooms.enums import Severity
from rooms.errors import Reason
from rooms.facts import HouseFacts, house_facts
from rooms.formats import format_date_span
from rooms.holidays import NO_HOLIDAYS, HolidayCalendar, complete_calendar
from rooms.models import House
from rooms.rules import Wish

BEYOND_HORIZON = "beyond_horizon"
STOPPED_BY = {
    DateState.CLASH: SkippedBecause.CLASH,
    DateState.BUFFER: SkippedBecause.CLASH,
    DateState.CLOSED: SkippedBecause.CLOSED,
    DateState.OUTSIDE: SkippedBecause.OUTSIDE_HOURS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesWish:
    """A series in rooms of the house, as somebody wishes it; buffers in minutes, None for the rooms' own."""

    series: Series
    room_ids: tuple[int, ...]
    persons: int = 1
    layout: str = ""
    kind: str = ""
    setup_minutes: int | None = None
    teardown_minutes: int | None = None
    equipment_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """All dates of a wished series with their plan, and what is to be known of the whole.

    It was made at `now` under the `plan_version`, as if the dates with `ignored_slot_ids` were not there.
    """

    wish: SeriesWish
    facts: HouseFacts
    dates: tuple[SeriesPlanDate, ...]
    notes: tuple[Reason, ...]
    now: datetime
    plan_version: int
    ignored_slot_ids: frozenset[int]

    @property
    def words(self) -> str:
        return describe(self.wish.series)

    @property
    def wanted(self) -> list[SeriesPlanDate]:
        """The dates that the series itself does not skip."""
        return [plan_date for plan_date in self.dates if not plan_date.skipped]

    @property
    def possible(self) -> list[SeriesPlanDate]:
        return [plan_date for plan_date in self.dates if plan_date.is_possible]

    @property
    def open(self) -> list[SeriesPlanDate]:
        """The dates that cannot stand as wished."""
        return [plan_date for plan_date in self.dates if plan_date.is_open]

    @property
    def proposed(self) -> int:
        """How many of them have a way out other than being left out."""
        return sum(plan_date.chosen.way != Way.SKIP for plan_date in self.open)

    @property
    def checked(self) -> Checked:
        """What need not be looked at again where it is stored at once: dates that can stand, and ways out."""
        ways_out = {way.wish for plan_date in self.open for way in plan_date.proposals if way.wish}
        return Checked(
            self.plan_version,
            self.now,
            self.ignored_slot_ids,
            frozenset(ways_out.union(plan_date.wish for plan_date in self.possible)),
        )

    def for_strangers(self) -> "SeriesPlan":
        """Return the plan as it is told to whoever is not known: not that others have asked too."""
        return replace(self, dates=tuple(map(_without_rivals, self.dates)))


def _without_rivals(plan_date: SeriesPlanDate) -> SeriesPlanDate:
    reasons = tuple(reason for reason in plan_date.reasons if reason.code != "rival")
    if reasons == plan_date.reasons:
        return plan_date
    return replace(plan_date, state=state_of(reasons), reasons=reasons)


def plan_series(
    *,
    house: House,
    wish: SeriesWish,
    now: datetime,
    ignore_slot_ids: Collection[int] = (),
    asker: Actor | None = None,
) -> SeriesPlan:
    """Return the plan of a series as `asker` wishes it; the same number of queries for 2 dates and for 200.

    Raises TooManyDates where it has more dates than the house takes in one request, NoDates where it
    has none, PeriodTooLong where they lie too far apart, and WishBreaksRules for what `wish_for` refuses.
    """
    (plan,) = plan_wishes(house=house, wishes=[wish], now=now, ignore_slot_ids=ignore_slot_ids, asker=asker)
    return plan


def plan_wishes(
    *,
    house: House,
    wishes: Sequence[SeriesWish],
    now: datetime,
    ignore_slot_ids: Collection[int] = (),
    facts: HouseFacts | None = None,
    asker: Actor | None = None,
) -> list[SeriesPlan]:
    """Return the plan of each wish; they are for the same series and differ in their rooms only.

    The database is looked at once for all of them. Raises what `plan_series` raises.
    """
    if not wishes:
        return []
    facts, series = facts or house_facts(house), wishes[0].series
    starts = series_starts(series)
    check_number_of_dates(len(starts), house)
    if not starts:
        raise NoDates(field="until")
    if starts[-1] - starts[0] > LONGEST_REQUEST:
        raise PeriodTooLong(field="until")
    # Whole weeks: another day of a week must not be a holiday either.
    weeks = week_of(starts[0].date())[0], week_of(starts[-1].date())[-1]
    calendar = complete_calendar(house, *weeks) if series.heeds_holidays else NO_HOLIDAYS
    dates = series_dates(series, facts.zone, calendar)
    places = plan_places(
        house=house,
        facts=facts,
        places=[_wishes(house, facts, wish, dates) for wish in wishes],
        skipped=[series_date.skipped for series_date in dates],
        now=now,
        needs=RoomNeeds(
            wishes[0].equipment_ids,
            rooms_setup=wishes[0].setup_minutes is None,
            rooms_teardown=wishes[0].teardown_minutes is None,
        ),
        pauses_on=lambda day: day < starts[0].date() or pauses_on(day, series, calendar),
        walls=[(start, start + (series.ends - series.starts)) for start in starts],
        ignore_slot_ids=ignore_slot_ids,
        asker=asker,
    )
    clock_reasons = [
        None if series_date.skipped else clock_reason(series_date, facts.zone) for series_date in dates
    ]
    counted = count_note(series, dates)
    notes = (*notes_on(series, calendar), *([counted] if counted else []))
    return [
        SeriesPlan(
            wish,
            facts,
            tuple(
                replace(plan_date, reasons=(*plan_date.reasons, reason)) if reason else plan_date
                for plan_date, reason in zip(planned, clock_reasons, strict=True)
            ),
            (*notes, *_beyond_horizon(planned)),
            now,
            house.plan_version,
            frozenset(ignore_slot_ids),
        )
        for wish, planned in zip(wishes, places, strict=True)
    ]


def _beyond_horizon(planned: Sequence[SeriesPlanDate]) -> Iterator[Reason]:
    """Yield as one note what stops several dates in the same words: that they lie too far ahead."""
    sentences = Counter(
        str(reason.message)
        for plan_date in planned
        if not plan_date.skipped
        for reason in plan_date.reasons
        if reason.code == BEYOND_HORIZON
    )
    for sentence, count in sentences.items():
        if count > 1:
            note = _("%(sentence)s This concerns %(count)d dates.") % {"sentence": sentence, "count": count}
            yield Reason(BEYOND_HORIZON, note, Severity.WARNING)


def told_beside(notes: Collection[Reason], plan_date: SeriesPlanDate) -> list[Reason]:
    """Return what is said to a date beside the notes: not once more what a note says of many dates."""
    codes = {note.code for note in notes}
    return [reason for reason in plan_date.told if reason.code not in codes]


def _wishes(house: House, facts: HouseFacts, wish: SeriesWish, dates: Sequence[SeriesDate]) -> list[Wish]:
    """Return what the rules look at for each date; what is the same for all is looked up once."""
    first = wish_for(
        house=house,
        room_ids=wish.room_ids,
        starts_at=dates[0].net.start,
        ends_at=dates[0].net.end,
        setup_minutes=wish.setup_minutes,
        teardown_minutes=wish.teardown_minutes,
        persons=wish.persons,
        layout=wish.layout,
        activity=activity_of(wish.kind),
        equipment_ids=wish.equipment_ids,
        facts=facts,
    )
    return [first.at(series_date.net) for series_date in dates]


def pauses_on(day: date, series: Series, calendar: HolidayCalendar) -> bool:
    """Whether the series has no dates on that day, by holidays or because it was left out by hand."""
    return bool(why_not(datetime.combine(day, series.starts.time()), series, calendar))


# What the applicant makes of the plan ------------------------------------------------------------


def date_key(plan_date: SeriesPlanDate, zone: ZoneInfo) -> str:
    """Return what a date of the series is known by in a form: its start by the clocks of the house."""
    return f"{plan_date.wish.net.start.astimezone(zone):%Y-%m-%dT%H:%M}"


def token_of(proposal: Proposal, facts: HouseFacts) -> str:
    """Return a proposal as a form sends it: `keep`, `skip`, or its times and rooms."""
    if proposal.wish is None or proposal.way == Way.KEEP:
        return proposal.way.value
    starts, ends = (
        f"{moment.astimezone(facts.zone):%Y-%m-%dT%H:%M}"
        for moment in (proposal.wish.net.start, proposal.wish.net.end)
    )
    rooms = "+".join(facts.rooms[room_id].slug for room_id in proposal.wish.room_ids)
    return f"{starts}/{ends}/{rooms}"


@dataclass(frozen=True, slots=True)
class Choices:
    """What was chosen for single dates, by their keys: a token of `token_of`, or left out."""

    by_key: Mapping[str, str]
    skipped: frozenset[str] = frozenset()


def chosen_proposal(
    plan_date: SeriesPlanDate, choices: Choices, facts: HouseFacts, *, may_override: bool
) -> Proposal | None:
    """Return what becomes of the date by these choices; None where nothing valid is chosen for it."""
    key = date_key(plan_date, facts.zone)
    if plan_date.skipped or key in choices.skipped:
        return Proposal(Way.SKIP, None)
    if plan_date.is_possible:
        return Proposal(Way.KEEP, plan_date.wish)
    chosen = choices.by_key.get(key)
    if chosen == Way.KEEP and may_override and can_override(plan_date):
        return Proposal(Way.KEEP, plan_date.wish)
    return next((way for way in plan_date.proposals if token_of(way, facts) == chosen), None)


def can_override(plan_date: SeriesPlanDate) -> bool:
    """Whether staff may keep the date as wished although it breaks rules."""
    return all(reason.severity != Severity.NOBODY for reason in plan_date.reasons)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The dates to ask for as chosen; `undecided` are those for which nothing valid is chosen yet.

    `overrides`: whether staff kept a date although it breaks a rule. `checked` is what the plan
    found to be in order, None where there was none.
    """

    dates: tuple[WantedDate, ...]
    undecided: tuple[SeriesPlanDate, ...] = ()
    overrides: bool = False
    checked: Checked | None = None


def choose_dates(plan: SeriesPlan, choices: Choices, *, may_override: bool) -> Chosen:
    """Return what the choices make of the plan.

    When and where a date was before it was changed, and why it is skipped, goes with it. Of two
    changes that were chosen and meet each other the first holds.
    """
    ways = [
        chosen_proposal(plan_date, choices, plan.facts, may_override=may_override) for plan_date in plan.dates
    ]
    own_times = OwnTimes()
    for number, way in enumerate(ways):
        if way and way.wish and way.way == Way.KEEP:
            own_times.add(number, way.wish.gross)
    dates: list[WantedDate] = []
    undecided: list[SeriesPlanDate] = []
    for number, (plan_date, way) in enumerate(zip(plan.dates, ways, strict=True)):
        if way is None or (way.wish and own_times.meet(number, way.wish.gross)):
            undecided.append(plan_date)
            continue
        if way.wish:
            own_times.add(number, way.wish.gross)
        dates.append(_wanted(plan_date, way, plan))
    overrides = any(
        way is not None and way.way == Way.KEEP and not plan_date.is_possible
        for plan_date, way in zip(plan.dates, ways, strict=True)
    )
    return Chosen(tuple(dates), tuple(undecided), overrides, plan.checked)


def _wanted(plan_date: SeriesPlanDate, proposal: Proposal, plan: SeriesPlan) -> WantedDate:
    wish = proposal.wish or plan_date.wish
    return WantedDate(
        starts_at=wish.net.start,
        ends_at=wish.net.end,
        room_ids=wish.room_ids,
        setup_minutes=plan.wish.setup_minutes,
        teardown_minutes=plan.wish.teardown_minutes,
        skipped=(plan_date.skipped or Skip(_why_chosen(plan_date))) if proposal.wish is None else None,
        instead_of=None
        if proposal.wish is None or proposal.way == Way.KEEP
        else Before(
            plan_date.wish.net, tuple(plan.facts.rooms[room_id].name for room_id in plan_date.wish.room_ids)
        ),
    )


def _why_chosen(plan_date: SeriesPlanDate) -> SkippedBecause:
    """Return what a date is skipped for that is left out by choice: what stops it, where something does."""
    return (
        SkippedBecause.CHOSEN
        if plan_date.is_possible
        else STOPPED_BY.get(plan_date.state, SkippedBecause.RULES)
    )


def change_told(plan_date: SeriesPlanDate, proposal: Proposal, facts: HouseFacts) -> str:
    """Return in words what a proposal changes about the date: instead of which room or time."""
    if proposal.wish is None or proposal.way == Way.KEEP:
        return ""
    if proposal.way == Way.ROOM:
        names = [
            facts.rooms[room_id].name
            for room_id in plan_date.wish.room_ids
            if room_id not in proposal.wish.room_ids
        ]
        words = _("instead of %(what)s") % {"what": ", ".join(names)}
        return f"{words}, {without_hearing_loop()}" if proposal.loses_hearing_loop else words
    return _("instead of %(what)s") % {
        "what": format_date_span(plan_date.wish.net.start, plan_date.wish.net.end, zone=facts.zone)
    }
