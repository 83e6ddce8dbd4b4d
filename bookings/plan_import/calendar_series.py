"""From a recurring event, and what was changed of its dates, to a series of the house.

First all dates that the file means are expanded, by the clocks it is written by. A pattern of
the house is kept only where it gives exactly these; otherwise they are added one by one, and
that is said.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from bookings.plan_import.calendar_events import Event, check_length, label, note
from bookings.plan_import.calendar_lines import Component
from bookings.plan_import.calendar_rules import Expander, parse_rule
from bookings.plan_import.calendar_times import Moment, NotTakenOver, Zones, read_moments, read_period
from bookings.plan_import.plan import Problem, SourceDate
from bookings.series.dates import Series
from bookings.series.pattern import Pattern, PatternNotSupported, pattern_from_rrule
from bookings.series.scheduler import pattern_dates
from rooms.clock import instant, wall_times
from rooms.errors import Reason
from rooms.formats import format_day
from rooms.intervals import Interval


@dataclass(frozen=True, slots=True)
class Change:
    """What the file says of one `date` of a series (RECURRENCE-ID).

    It becomes `event`, or `refusal` says why not. `goes_on` says that all later dates are meant too.
    `sequence` is the version (SEQUENCE) in which it was changed.
    """

    date: Moment
    label: str
    event: Event | None = None
    refusal: NotTakenOver | None = None
    goes_on: bool = False
    sequence: int = 0


@dataclass(slots=True)
class Outcome:
    """What becomes of a recurring event: a series, dates of their own, and what is said of both.

    `count` is how many dates of the series are to stand; `sources` says which date of the file
    each of them is, by its start on the clocks of the house. Of dates in `unknown` and of all from
    `known_until` on nothing is taken over, and so nothing is known.
    """

    series: Series | None = None
    sources: dict[datetime, SourceDate] = field(default_factory=dict)
    unknown: set[datetime] = field(default_factory=set)
    known_until: datetime | None = None
    count: int = 0
    reasons: list[Reason] = field(default_factory=list)
    singles: list[tuple[Moment, Event]] = field(default_factory=list)
    skipped: list[Problem] = field(default_factory=list)


def read_series(
    component: Component,
    event: Event,
    changes: Sequence[Change],
    zones: Zones,
    expander: Expander,
    until: date | None,
) -> Outcome:
    """Return what becomes of a recurring event. Raises NotTakenOver where its dates cannot be known."""
    dates = _Dates(event, Clocks(event, zones.house), until)
    dates.follow_rules(component, expander)
    dates.add(component, zones)
    dates.end_on_last_day()
    dates.take_away(component, expander)
    dates.leave_out(read_moments(component.all("EXDATE"), zones))
    for change in sorted(changes, key=lambda change: not change.goes_on):
        if change.goes_on:
            dates.end_before(change)
        else:
            dates.change(change)
    return dates.outcome()


class Clocks:
    """Between the clocks that a series is written by and those of the house.

    Every date of a rule keeps the time that the clocks of the house show on the first, also where
    the others are changed on another day or never: people come by the clocks of the house. A date
    that is named by itself (RDATE, or one that moved) is the instant that it names.
    """

    def __init__(self, event: Event, house: ZoneInfo) -> None:
        self.zone, self.house = event.starts.zone, house
        self.first = event.starts.wall
        self.starts = event.starts.by_clocks_of(house)
        # How many days further it is in the house.
        self.days = self.starts.date() - self.first.date()
        self.length = self.length_of(event.starts, event.ends)
        self.ends = self.starts + self.length

    def written(self, moment: Moment) -> datetime:
        """Return what the clocks show that the series is written by."""
        if moment.is_day:
            return datetime.combine(moment.wall.date(), self.first.time())
        return moment.by_clocks_of(self.zone)

    def at_house(self, written: datetime) -> datetime:
        """Return what the clocks of the house show then, or should."""
        if written.time() == self.first.time():
            return datetime.combine(written.date() + self.days, self.starts.time())
        return Moment(written, self.zone).by_clocks_of(self.house)

    def length_of(self, starts: Moment, ends: Moment) -> timedelta:
        """Return how much later the end is by the clocks of the house."""
        written = ends.by_clocks_of(self.house) - starts.by_clocks_of(self.house)
        if starts.zone is ends.zone is self.house and written > timedelta():
            return written
        first, last = wall_times(Interval(starts.at, ends.at), self.house)
        return last - first


class _Dates:
    """All starts of a recurring event by the clocks it is written by, and what becomes of them."""

    def __init__(self, event: Event, clocks: Clocks, until: date | None) -> None:
        self.event, self.clocks, self.until = event, clocks, until
        self.is_cut = False
        self.rules: list[str] = []
        self.by_rule: set[datetime] = set()
        # With their starts by the clocks of the house.
        self.by_hand: dict[datetime, datetime] = {}
        self.skipped: set[datetime] = set()
        # What is to be left out and never was a date.
        self.in_vain: list[date | datetime] = []
        self.moved: list[tuple[Change, datetime, datetime]] = []
        # The version of dates that were changed without being moved.
        self.sequences: dict[datetime, int] = {}
        self.found = Outcome()

    @property
    def all(self) -> set[datetime]:
        return self.by_rule | self.by_hand.keys()

    @property
    def standing(self) -> set[datetime]:
        return self.all - self.skipped

    def _at_house(self, written: datetime) -> datetime:
        """Return when a date starts by the clocks of the house."""
        if written in self.by_rule:
            return self.clocks.at_house(written)
        return self.by_hand[written]

    def _original(self, written: datetime) -> datetime:
        """Return the instant by which the file names a date (RECURRENCE-ID), in UTC."""
        return Moment(written, self.clocks.zone).at

    def _tell(self, code: str, sentence: str) -> None:
        self.found.reasons.append(note(code, sentence))

    # What the file means ----------------------------------------------------------------------

    def follow_rules(self, component: Component, expander: Expander) -> None:
        first = self.clocks.first
        for rule in dict.fromkeys(parse_rule(line.value) for line in component.all("RRULE")):
            self.rules.append(rule.text)
            dates, is_cut = expander.expand(rule, first, self.clocks.zone, self.until)
            self.is_cut |= is_cut
            if rule.count and first not in dates:
                # The start counts as the first of them.
                dates = dates[: rule.count - 1]
            self.by_rule.update(dates)
        if first not in self.by_rule:
            self.by_hand[first] = self.clocks.starts
            if self.rules and not self._is_too_late(first):
                self._tell(
                    "start_outside_pattern",
                    _("%(day)s does not meet the rule of the series; it is a date all the same.")
                    % {"day": format_day(first)},
                )

    def add(self, component: Component, zones: Zones) -> None:
        """Add the dates of RDATE; one with a length of its own is no date of the series."""
        for written in component.all("RDATE"):
            for value in filter(None, map(str.strip, written.value.split(","))):
                if "/" in value:
                    starts, ends = read_period(written, zones, value)
                    check_length(starts, ends)
                    if self.clocks.length_of(starts, ends) != self.clocks.length:
                        name = label(self.event.title, starts, self.clocks.house)
                        self._keep_apart(starts, replace(self.event, label=name, starts=starts, ends=ends))
                        continue
                else:
                    (starts,) = read_moments([replace(written, value=value)], zones)
                written_as = self.clocks.written(starts)
                self.by_hand[written_as] = (
                    self.clocks.at_house(written_as)
                    if starts.is_day
                    else starts.by_clocks_of(self.clocks.house)
                )

    def _is_too_late(self, written: datetime) -> bool:
        return self.until is not None and written.date() > self.until

    def _is_cut_off(self, moment: Moment) -> bool:
        """Whether the time is among those that were dropped, which was said of the series as a whole."""
        return self.is_cut and self._is_too_late(self.clocks.written(moment))

    def end_on_last_day(self) -> None:
        """Drop what comes after the last day that is wanted, and say so."""
        too_late = {wall for wall in self.by_hand if self._is_too_late(wall)}
        for wall in too_late:
            del self.by_hand[wall]
        self.is_cut |= bool(too_late)
        if self.until is not None and self.is_cut:
            self._know_until(
                instant(self.until + timedelta(days=1), self.clocks.first.min.time(), self.clocks.house)
            )
            self._skip(
                self.event.label,
                "series_cut",
                _("The series goes on after %(day)s; later dates are not taken over.")
                % {"day": format_day(self.until)},
            )

    def _know_until(self, moment: datetime) -> None:
        self.found.known_until = min(self.found.known_until or moment, moment)

    def take_away(self, component: Component, expander: Expander) -> None:
        """Leave out what the rules of EXRULE mean."""
        first, last = self.clocks.first, max(self.all, default=self.clocks.first).date()
        for written in component.all("EXRULE"):
            self.rules.append(written.value)
            dates, _is_cut = expander.expand(parse_rule(written.value), first, self.clocks.zone, last)
            self.skipped.update(dates)

    def _meant(self, moment: Moment) -> set[datetime]:
        """Return the date with this start, or the dates of this day."""
        if moment.is_day:
            return {wall for wall in self.all if wall.date() == moment.wall.date()}
        return {self.clocks.written(moment)} & self.all

    def leave_out(self, moments: Iterable[Moment]) -> None:
        for moment in moments:
            meant = self._meant(moment)
            self.skipped |= meant
            if not meant and not self._is_cut_off(moment):
                start = moment.by_clocks_of(self.clocks.house)
                self.in_vain.append(start.date() if moment.is_day else start)

    # What was changed -------------------------------------------------------------------------

    def end_before(self, change: Change) -> None:
        """Drop a date that was changed with all after it: how these are now cannot be kept."""
        since = change.date.wall if change.date.is_day else self.clocks.written(change.date)
        gone = {wall for wall in self.standing if wall >= since}
        self.by_rule = {wall for wall in self.by_rule if wall < since}
        self.by_hand = {wall: start for wall, start in self.by_hand.items() if wall < since}
        self._know_until(self._original(since))
        self._skip(
            change.label,
            "this_and_future",
            _("All dates from %(day)s on were changed at once; these %(count)d are not taken over.")
            % {"day": format_day(since), "count": len(gone)},
        )

    def change(self, change: Change) -> None:
        named = self._meant(change.date)
        meant, event = named & self.standing, change.event
        if not meant and self._is_cut_off(change.date):
            return
        if named and not meant and change.sequence < self.event.sequence:
            self._skip(
                change.label,
                "left_out_since",
                _("Its series leaves out %(day)s in a newer version than that of this change.")
                % {"day": format_day(change.date.by_clocks_of(self.clocks.house))},
            )
            return
        if event is None:
            self.skipped |= meant
            if change.refusal is not None and change.refusal.code != "cancelled":
                self.found.unknown |= {self._original(wall) for wall in meant}
            if change.refusal is not None and (change.refusal.code != "cancelled" or not meant):
                self._skip(change.label, change.refusal.code, str(change.refusal))
            return
        if not meant:
            self._keep_apart(
                change.date,
                event,
                "no_such_date",
                _("It changes %(day)s, on which its series has no date; it is a booking of its own.")
                % {"day": format_day(change.date.by_clocks_of(self.clocks.house))},
            )
            return
        is_alike = event.is_like(self.event)
        if not is_alike or self.clocks.length_of(event.starts, event.ends) != self.clocks.length:
            self.skipped |= meant
            self._keep_apart(
                change.date,
                event,
                "date_of_its_own",
                _("It differs from its series by more than its start; it is a booking of its own."),
            )
            return
        self.found.reasons += [reason for reason in event.reasons if reason not in self.event.reasons]
        start = event.starts.by_clocks_of(self.clocks.house)
        if start == self._at_house(min(meant)):
            self.sequences[min(meant)] = change.sequence
        else:
            self.skipped |= meant
            self.moved.append((change, min(meant), start))

    def _keep_apart(self, date: Moment, event: Event, code: str = "", sentence: str = "") -> None:
        reasons = (*event.reasons, note(code, sentence)) if code else event.reasons
        self.found.singles.append((date, replace(event, reasons=reasons)))

    def _skip(self, label: str, code: str, sentence: str) -> None:
        self.found.skipped.append(Problem(label, code, sentence))

    # What becomes of it -----------------------------------------------------------------------

    def outcome(self) -> Outcome:
        standing = self.standing
        self.found.sources = {
            self._at_house(wall): SourceDate(
                self._original(wall), self.sequences.get(wall, self.event.sequence)
            )
            for wall in standing
        }
        starts = set(self.found.sources)
        moved: set[datetime] = set()
        for change, wall, start in self.moved:
            if start in starts | moved and change.event is not None:
                # Two dates at once are no dates of one series; that they clash will be seen.
                self._keep_apart(change.date, change.event)
            else:
                moved.add(start)
                self.found.sources[start] = SourceDate(self._original(wall), change.sequence)
        if starts | moved:
            self.found.series, self.found.count = self._series(starts, moved), len(starts | moved)
            self._tell_other_clocks(standing)
        elif not self.found.singles:
            self._skip(self.event.label, "no_date", _("No date of the series is left."))
        return self.found

    def _series(self, starts: set[datetime], moved: set[datetime]) -> Series:
        clocks = self.clocks
        try:
            pattern = self._pattern()
        except PatternNotSupported as error:
            pattern = None
            self._tell(
                "kept_as_dates",
                _("Kept without its rule, as %(count)d single dates: %(reason)s")
                % {"count": len(starts | moved), "reason": error},
            )
        if pattern is None:
            first, *others = sorted(starts | moved)
            return Series(
                starts=first,
                ends=first + clocks.length,
                skipped=tuple(self.in_vain),
                added=tuple(others),
            )
        skipped = sorted({clocks.at_house(wall) for wall in self.skipped & self.by_rule})
        by_hand = {self._at_house(wall) for wall in self.by_hand.keys() - self.skipped}
        return Series(
            starts=clocks.starts,
            ends=clocks.ends,
            pattern=pattern,
            skipped=(*skipped, *self.in_vain),
            added=tuple(sorted(by_hand | moved)),
        )

    def _pattern(self) -> Pattern | None:
        """Return the pattern that gives exactly the dates of the rule; None where there is no rule.

        Raises PatternNotSupported with the reason where there is no such pattern.
        """
        if not self.by_rule:
            return None
        starts, ends, days = (
            self.clocks.starts,
            self.clocks.ends,
            sorted(wall.date() for wall in self.by_rule),
        )
        if len(self.rules) > 1:
            raise PatternNotSupported(_("The series follows several rules."))
        if self.clocks.days:
            raise PatternNotSupported(_("By the clocks of the house the series is on other days."))
        if ends.date() != starts.date() + timedelta(days=ends.time() <= starts.time()):
            raise PatternNotSupported(_("A date of a series ends within 24 hours."))
        pattern = pattern_from_rrule(
            self.rules[0],
            first_day=starts.date(),
            starts=starts.time(),
            ends=ends.time(),
            until=days[-1],
        )
        if pattern_dates(pattern, most=len(days) + 1) != days:
            raise PatternNotSupported
        return pattern

    def _tell_other_clocks(self, standing: Iterable[datetime]) -> None:
        """Say where dates are at another instant than by the clocks of the file."""
        house, zone = self.clocks.house, self.clocks.zone
        for wall in sorted(standing) if zone is not house else ():
            kept, meant = Moment(self._at_house(wall), house), Moment(wall, zone)
            if kept.at != meant.at:
                self._tell(
                    "other_clocks",
                    _(
                        "It is written by other clocks than those of the house, and keeps %(kept)s by these. "
                        "By the others it would be %(other)s on %(day)s."
                    )
                    % {
                        "kept": f"{kept.wall:%H:%M}",
                        "other": f"{meant.by_clocks_of(house):%H:%M}",
                        "day": format_day(kept.wall),
                    },
                )
                return
