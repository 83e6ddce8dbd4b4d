"""From an iCalendar file to a `PlanFile` for a house that has its rooms already.

What cannot be taken over is listed with its reason; only a file that is broken as a whole is
refused.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.plan_import.calendar_events import (
    CalendarOptions,
    Event,
    Surroundings,
    broken_line,
    label_of,
    lines_after,
    read_event,
    sequence_of,
)
from bookings.plan_import.calendar_lines import EVENT, TIME_ZONE, Component, read_calendars
from bookings.plan_import.calendar_rules import Expander
from bookings.plan_import.calendar_series import Change, Outcome, read_series
from bookings.plan_import.calendar_times import Moment, NotTakenOver, Zones, read_moment
from bookings.plan_import.dates import with_buffers
from bookings.plan_import.plan import (
    PlanBooking,
    PlanDate,
    PlanFile,
    Problem,
    SourceDate,
    SourceEvent,
)
from bookings.plan_import.plan_reader import guess_kind
from bookings.plan_import.values import BrokenPlan
from bookings.series.dates import Series, SeriesDate, clock_note
from rooms.formats import format_day
from rooms.intervals import Interval

# More takes too long to check, and no house has them.
MOST_DATES_OF_FILE = 50_000
LONGEST_UID = 255
RECURS = ("RRULE", "RDATE", "EXDATE", "EXRULE")


def read_calendar(
    raw: bytes, house: PlanFile, associations: Mapping[str, str], options: CalendarOptions
) -> PlanFile:
    """Return the plan of the house with the bookings that the bytes of an iCalendar file describe.

    `house` is the plan of the house without bookings; `associations` maps names and e-mail
    addresses in small letters to names. Raises BrokenPlan where the file is broken as a whole.
    """
    reader = _Reader(house, Surroundings(house, associations, options))
    reader.read(read_calendars(raw))
    return replace(
        house,
        bookings=tuple(reader.bookings),
        problems=tuple(reader.problems()),
        skipped=tuple(reader.skipped),
        events=reader.events,
        calendar=options.room,
        is_message=reader.is_message,
    )


def stored_uid(uid: str) -> str:
    """Return a UID as it is kept: one that is too long, by its hash."""
    return uid if len(uid) <= LONGEST_UID else hashlib.sha256(uid.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Entry:
    """An event as it stands in the file, with what its calendar says of all its events."""

    component: Component
    zones: Zones
    is_cancelled: bool

    @property
    def label(self) -> str:
        return label_of(self.component, self.zones)

    @property
    def uid(self) -> str:
        """What the event is known by; one without a UID by title, start and place."""
        found = [self.component.text(name) for name in ("SUMMARY", "DTSTART", "LOCATION")]
        return self.component.text("UID") or "\t".join(found)

    @property
    def date(self) -> str:
        """The date of a series that it changes, empty where it is no change."""
        written = self.component.first("RECURRENCE-ID")
        if written is None:
            return ""
        try:
            return f"{read_moment(written, self.zones).at:%Y%m%dT%H%M%SZ}"
        except NotTakenOver:
            return written.value or "?"

    @property
    def version(self) -> tuple[int, str]:
        changed = self.component.text("LAST-MODIFIED")
        return sequence_of(self.component), changed or self.component.text("DTSTAMP")


class _Reader:
    def __init__(self, house: PlanFile, surroundings: Surroundings) -> None:
        self.house, self.surroundings = house, surroundings
        self.expander = Expander()
        self.bookings: list[PlanBooking] = []
        self.skipped: list[Problem] = []
        self.events: dict[str, SourceEvent] = {}
        self.is_message = False
        self._ids: set[str] = set()
        self._keys: set[str] = set()
        self._dates = 0

    def problems(self) -> list[Problem]:
        """Return what is to be said of the file as a whole."""
        if self.surroundings.options.persons is not None or not self.bookings:
            return []
        return [
            Problem(
                "",
                "persons_unknown",
                _("How many persons come is not known and counts as one; --persons says how many."),
            )
        ]

    def read(self, calendars: Iterable[Component]) -> None:
        entries: list[_Entry] = []
        others: Counter[str] = Counter()
        for calendar in calendars:
            zones = Zones(self.house.zone, (part for part in calendar.parts if part.name == TIME_ZONE))
            is_cancelled = calendar.word("METHOD") == "CANCEL"
            self.is_message |= calendar.word("METHOD") not in {"", "PUBLISH"}
            entries += [_Entry(part, zones, is_cancelled) for part in calendar.parts if part.name == EVENT]
            others.update(part.name for part in calendar.parts if part.name not in {EVENT, TIME_ZONE})
            if calendar.broken_lines:
                self._skip("", "line_not_understood", broken_line(calendar))
            if calendar.lines_after:
                self._skip("", "after_calendar", lines_after(calendar))
        for name, count in others.items():
            self._skip(
                "",
                "no_event",
                ngettext(
                    "%(count)d entry of the kind %(name)s is no event.",
                    "%(count)d entries of the kind %(name)s are no events.",
                    count,
                )
                % {"count": count, "name": name[:40]},
            )
        for uid, versions in self._by_uid(entries).items():
            self._read_event(uid, versions.pop("", None), list(versions.values()))

    def _skip(self, label: str, code: str, sentence: str) -> None:
        self.skipped.append(Problem(label, code, sentence))

    def _refuse(self, entry: _Entry, refusal: NotTakenOver) -> None:
        self._skip(entry.label, refusal.code, str(refusal))

    def _by_uid(self, entries: Iterable[_Entry]) -> dict[str, dict[str, _Entry]]:
        """Return for each UID its event, and its changes by date; of two versions the newer one counts."""
        groups: dict[str, dict[str, _Entry]] = {}
        for entry in entries:
            group = groups.setdefault(entry.uid, {})
            known = group.setdefault(entry.date, entry)
            if known is not entry:
                newer, older = (known, entry) if known.version > entry.version else (entry, known)
                group[entry.date] = newer
                self._skip(
                    older.label, "older_version", _("The file holds it twice; the newer version counts.")
                )
        return groups

    # One event and its changes -----------------------------------------------------------------

    def _read_event(self, uid: str, entry: _Entry | None, changed: Sequence[_Entry]) -> None:
        event, is_cancelled, outcome = None, False, None
        if entry is not None:
            try:
                event = self._event(entry)
            except NotTakenOver as refusal:
                self._refuse(entry, refusal)
                # Its dates are cancelled with it.
                is_cancelled = refusal.code == "cancelled"
        changes = [
            change
            for changed_entry in changed
            for change in self._change(changed_entry, event, is_cancelled=is_cancelled)
        ]
        is_whole = event is not None
        if entry is None or event is None:
            self._keep_changes(uid, changes)
        elif not changes and not any(entry.component.all(name) for name in RECURS):
            self._keep_single(event, uid)
        else:
            until = self.surroundings.options.until
            try:
                outcome = read_series(entry.component, event, changes, entry.zones, self.expander, until)
            except NotTakenOver as refusal:
                self._refuse(entry, refusal)
                self._keep_changes(uid, changes)
                is_whole = False
            else:
                self._keep_series(uid, event, outcome)
        self._keep_source(
            uid,
            entry or changed[0],
            changes,
            outcome,
            is_whole=is_whole,
            is_cancelled=is_cancelled,
        )

    def _event(self, entry: _Entry, *, is_cancelled: bool = False, series: Event | None = None) -> Event:
        try:
            return read_event(
                entry.component,
                entry.zones,
                self.surroundings,
                is_cancelled=is_cancelled or entry.is_cancelled,
                series=series,
            )
        except NotTakenOver as refusal:
            if not entry.component.broken_lines:
                raise
            # What is missed may stand there.
            raise NotTakenOver(refusal.code, f"{refusal} {broken_line(entry.component)}") from refusal

    def _change(self, entry: _Entry, series: Event | None, *, is_cancelled: bool) -> Iterator[Change]:
        """Yield what the event changes of a series; nothing where that cannot be read."""
        written = entry.component.all("RECURRENCE-ID")[0]
        try:
            date = read_moment(written, entry.zones)
        except NotTakenOver as refusal:
            self._refuse(entry, refusal)
            return
        goes_on, sequence = "RANGE" in written.params, sequence_of(entry.component)
        try:
            event = self._event(entry, is_cancelled=is_cancelled, series=series)
        except NotTakenOver as refusal:
            yield Change(date, entry.label, refusal=refusal, goes_on=goes_on, sequence=sequence)
        else:
            yield Change(date, entry.label, event, goes_on=goes_on, sequence=sequence)

    def _keep_source(
        self,
        uid: str,
        entry: _Entry,
        changes: Iterable[Change],
        outcome: Outcome | None,
        *,
        is_whole: bool,
        is_cancelled: bool,
    ) -> None:
        """Keep what the event says of itself, for comparing it with what was read before."""
        rooms, _rest = self.surroundings.find_rooms(entry.component.text("LOCATION"))
        self.events[stored_uid(uid)] = SourceEvent(
            label=entry.label,
            sequence=sequence_of(entry.component),
            names_place=bool(rooms),
            is_whole=is_whole,
            is_cancelled=is_cancelled,
            cancelled={
                change.date.at: change.sequence
                for change in changes
                if change.refusal is not None and change.refusal.code == "cancelled"
            },
            unknown=frozenset(outcome.unknown) if outcome else frozenset(),
            known_until=outcome.known_until if outcome else None,
        )

    # What is kept ------------------------------------------------------------------------------

    def _keep_changes(self, uid: str, changes: Iterable[Change]) -> None:
        """Keep dates of a series as bookings of their own: the series itself is not here."""
        for change in changes:
            if change.goes_on:
                self._skip(
                    change.label,
                    "this_and_future",
                    _("It changes all dates from %(day)s on; these are not taken over.")
                    % {"day": format_day(change.date.by_clocks_of(self.house.zone))},
                )
            elif change.event is not None:
                self._keep_single(change.event, uid, change.date)
            elif change.refusal is not None:
                self._skip(change.label, change.refusal.code, str(change.refusal))

    def _keep_series(self, uid: str, event: Event, outcome: Outcome) -> None:
        if outcome.series is not None:
            event = replace(event, reasons=(*event.reasons, *outcome.reasons))
            self._keep(
                event, uid, (uid,), series=outcome.series, sources=outcome.sources, count=outcome.count
            )
        for date, single in outcome.singles:
            self._keep_single(single, uid, date)
        self.skipped += outcome.skipped

    def _keep_single(self, event: Event, uid: str, date: Moment | None = None) -> None:
        """Keep a booking with one date; `date` is the one of the series that it stands for."""
        known_as = (uid,) if date is None else (uid, f"{date.at:%Y%m%dT%H%M%SZ}")
        notes = [
            clock_note(moment.wall, self.house.zone)
            for moment in (event.starts, event.ends)
            if moment.zone is self.house.zone
        ]
        net = Interval(event.starts.at, event.ends.at)
        series_date = SeriesDate(net, clock_note=next((note for note in notes if note), ""))
        source = SourceDate((date or event.starts).at, event.sequence)
        self._keep(event, uid, known_as, dates=(replace(with_buffers(series_date, 0, 0), source=source),))

    def _keep(
        self,
        event: Event,
        uid: str,
        known_as: tuple[str, ...],
        *,
        dates: tuple[PlanDate, ...] = (),
        series: Series | None = None,
        sources: Mapping[datetime, SourceDate] | None = None,
        count: int = 1,
    ) -> None:
        self._dates += count
        if self._dates > MOST_DATES_OF_FILE:
            raise BrokenPlan(
                _(
                    "The calendar has more than %(most)d dates. Please save a shorter time of it, "
                    "or give an end by --until."
                )
                % {"most": MOST_DATES_OF_FILE}
            )
        # The calendars of two rooms may hold the same event: it takes both.
        key = "\n".join(["ics", *known_as, *event.rooms])
        self.bookings.append(
            PlanBooking(
                id=self._unused(event.label, self._ids),
                key=self._unused(key, self._keys),
                title=event.title,
                association=event.association,
                association_kind=guess_kind(event.association),
                rooms=event.rooms,
                dates=dates,
                series=series,
                setup_minutes=0,
                teardown_minutes=0,
                persons=self.surroundings.options.persons or 1,
                status=event.status,
                visibility=event.visibility,
                remarks=event.remarks,
                reasons=event.reasons,
                uid=stored_uid(uid),
                sources=sources or {},
            )
        )

    def _unused(self, name: str, used: set[str]) -> str:
        """Return the name, with a number behind it where it is used already."""
        candidate, number = name, 1
        while candidate in used:
            number += 1
            candidate = f"{name} ({number})"
        used.add(candidate)
        return candidate
