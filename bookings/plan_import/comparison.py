"""What a calendar says of events that were read from it before, compared with what the house holds. Pure.

Events are known by their UID, their dates by the start they had before they were moved
(RECURRENCE-ID), and of two versions the one with the higher SEQUENCE counts (RFC 5545 3.8.7.4).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from bookings.enums import SlotStatus
from bookings.plan_import.differences import (
    CARRIED_OUT,
    Comparison,
    Difference,
    DifferenceKind,
    KnownDate,
    ReadDate,
    aspects_of,
)
from bookings.plan_import.plan import PlanBooking, PlanDate, PlanFile, SourceDate, SourceEvent

# A date that is to stand, by its booking and its name in the calendar.
Wanted = dict[tuple[str, datetime], tuple[PlanBooking, ReadDate]]
Pairs = Iterator[tuple[KnownDate, PlanBooking, ReadDate]]


def compare(
    plan: PlanFile, known: Iterable[KnownDate], stored: Mapping[str, int], now: datetime
) -> Comparison:
    """Return what differs between a calendar and what was read of it before.

    `plan` is expanded; `stored` maps bookings of the file, by id, to those that were stored under
    the same key.
    """
    by_uid: dict[str, list[KnownDate]] = defaultdict(list)
    for known_date in known:
        by_uid[known_date.uid].append(known_date)
    comparer = _Comparer(plan, stored, now)
    bookings: dict[str, list[PlanBooking]] = defaultdict(list)
    for booking in plan.bookings:
        bookings[booking.uid].append(booking)
    for uid, event in plan.events.items():
        if dates := _dates_of(by_uid.get(uid, ()), plan.calendar, event):
            comparer.compare(uid, event, bookings[uid], dates)
    if not plan.is_message:
        comparer.list_missing(
            known_date for uid, dates in by_uid.items() if uid not in plan.events for known_date in dates
        )
    return comparer.found()


def _dates_of(known: Iterable[KnownDate], calendar: str, event: SourceEvent) -> list[KnownDate]:
    """Return what was read of the event: from this calendar, or from any where it names its rooms.

    The calendars of two rooms may hold the same event, and it takes both.
    """
    dates = list(known)
    return [known_date for known_date in dates if known_date.calendar == calendar] or (
        dates if event.names_place else []
    )


def read_date(booking: PlanBooking, plan_date: PlanDate, source: SourceDate) -> ReadDate:
    """Return a date of a plan as it is compared."""
    return ReadDate(source, plan_date.net, tuple(sorted(booking.rooms)), booking.title, booking.status.value)


class _Comparer:
    def __init__(self, plan: PlanFile, stored: Mapping[str, int], now: datetime) -> None:
        self.plan, self.stored, self.now = plan, stored, now
        self.names = {room.slug: room.name for room in plan.rooms}
        self.uid = self.calendar = ""
        self.differences: list[Difference] = []
        self.same: list[tuple[KnownDate, ReadDate]] = []
        self.known: set[str] = set(stored)
        # What the dates of stored bookings are to be called.
        self.called: dict[int, set[str]] = defaultdict(set)

    def found(self) -> Comparison:
        titles = {booking_id: min(names) for booking_id, names in self.called.items() if len(names) == 1}
        return Comparison(
            [self._with_title(difference, titles) for difference in self.differences],
            self.same,
            self.known,
            titles,
        )

    def list_missing(self, dates: Iterable[KnownDate]) -> None:
        """Say what the calendar has no more: by itself that cancels nothing."""
        first: dict[int, KnownDate] = {}
        for known_date in dates:
            if (
                known_date.calendar != self.plan.calendar
                or not known_date.stands
                or known_date.net.end <= self.now
            ):
                continue
            known = first.setdefault(known_date.booking_id, known_date)
            if known_date.net.start < known.net.start:
                first[known_date.booking_id] = known_date
        for known_date in first.values():
            message = _("It is not in this file, and stays as it is.")
            self._differ(
                DifferenceKind.MISSING,
                self._label(known_date),
                known_date,
                message,
                known_date.read.source.sequence,
            )

    # One event --------------------------------------------------------------------------------

    def compare(
        self, uid: str, event: SourceEvent, bookings: Sequence[PlanBooking], known: Sequence[KnownDate]
    ) -> None:
        self.uid, self.calendar = uid, known[0].calendar
        wanted = {
            (booking.id, plan_date.source.original): (
                booking,
                read_date(booking, plan_date, plan_date.source),
            )
            for booking in bookings
            for plan_date in booking.standing
            if plan_date.source is not None
        }
        left = {known_date.slot_id: known_date for known_date in known}
        pairs = list(self._pairs(event, wanted, left))
        belongs: dict[str, Counter[int]] = defaultdict(Counter)
        for known_date, booking, _wanted in pairs:
            belongs[booking.id][known_date.booking_id] += 1
        references = {known_date.booking_id: known_date.reference for known_date in known}
        oldest = min(known, key=lambda known_date: known_date.read.source.sequence)
        for known_date, booking, now_wanted in pairs:
            self.known.add(booking.id)
            self._compare_date(booking.id, known_date, now_wanted)
        for booking, now_wanted in wanted.values():
            most = belongs[booking.id].most_common(1)
            booking_id = most[0][0] if most else self.stored.get(booking.id)
            if now_wanted.source.sequence < oldest.read.source.sequence:
                self.known.add(booking.id)
                self._tell_older(booking.id, oldest, now_wanted.source.sequence)
            elif booking_id in references:
                self.known.add(booking.id)
                self._add(booking.id, booking_id, references[booking_id], now_wanted)
        for known_date in left.values():
            self._compare_gone(event, known_date)

    def _pairs(
        self,
        event: SourceEvent,
        wanted: Wanted,
        left: dict[int, KnownDate],
    ) -> Pairs:
        """Yield dates that are the same, taking them out of both: first by their names, then, where a
        series was changed as a whole, by day, by week, and in their order.
        """
        zone = self.plan.zone

        def of_day(original: datetime) -> Hashable:
            return original.astimezone(zone).date()

        def of_week(original: datetime) -> Hashable:
            return original.astimezone(zone).isocalendar()[:2]

        yield from self._matched(lambda original: original, wanted, left, left.values())
        coming = [known_date for known_date in left.values() if self._may_be_another(event, known_date)]
        yield from self._matched(of_day, wanted, left, coming)
        if event.is_whole:
            for name_of in (of_week, lambda _original: None):
                coming = [
                    known_date
                    for known_date in coming
                    if known_date.slot_id in left and known_date.net.end > self.now
                ]
                yield from self._matched(name_of, wanted, left, coming)

    def _matched(
        self,
        name_of: Callable[[datetime], Hashable],
        wanted: Wanted,
        left: dict[int, KnownDate],
        among: Iterable[KnownDate],
    ) -> Pairs:
        by_name: dict[Hashable, list[KnownDate]] = defaultdict(list)
        for known_date in sorted(among, key=lambda known_date: known_date.read.source.original, reverse=True):
            by_name[name_of(known_date.read.source.original)].append(known_date)
        for key, (booking, now_wanted) in sorted(wanted.items(), key=lambda item: item[1][1].source.original):
            if same := by_name[name_of(now_wanted.source.original)]:
                known_date = same.pop()
                del wanted[key], left[known_date.slot_id]
                yield known_date, booking, now_wanted

    def _may_be_another(self, event: SourceEvent, known_date: KnownDate) -> bool:
        """Whether the date may have another name by now: it was not cancelled, and the file knows of it."""
        return known_date.read.status != SlotStatus.CANCELLED and not _is_unknown(event, known_date)

    def _compare_date(self, label: str, known_date: KnownDate, wanted: ReadDate) -> None:
        sequence = wanted.source.sequence
        if sequence < known_date.read.source.sequence:
            self._tell_older(label, known_date, sequence)
            return
        # What it was called here, by people, stays.
        self.called[known_date.booking_id].add(
            wanted.title if known_date.title == known_date.read.title else known_date.title
        )
        if known_date.is_already(wanted) or self._never_stood(known_date, wanted):
            self.same.append((known_date, wanted))
        elif not known_date.stands and (
            known_date.read.status == SlotStatus.CANCELLED or known_date.status == SlotStatus.SKIPPED
        ):
            self._add(label, known_date.booking_id, known_date.reference, wanted, known_date)
        elif not known_date.is_as_read:
            message = _("It was changed here since, and is not touched.")
            self._differ(DifferenceKind.CHANGED_HERE, label, known_date, message, sequence, wanted)
        elif aspects := list(aspects_of(known_date.read, wanted, self.names, self.plan.zone)):
            kind = (
                DifferenceKind.MOVED
                if wanted.net.start != known_date.read.net.start
                else DifferenceKind.CHANGED
            )
            self._differ(kind, label, known_date, " ".join(aspects), sequence, wanted)
        else:
            self.same.append((known_date, wanted))

    def _never_stood(self, known_date: KnownDate, wanted: ReadDate) -> bool:
        """Whether it clashed when it was read, and the calendar has it still like that."""
        return known_date.status == SlotStatus.SKIPPED and (wanted.net, wanted.rooms) == (
            known_date.read.net,
            known_date.read.rooms,
        )

    def _compare_gone(self, event: SourceEvent, known_date: KnownDate) -> None:
        """Compare with a date that stands nowhere in the file, though something of its event does."""
        if known_date.read.status == SlotStatus.CANCELLED or _is_unknown(event, known_date):
            return
        original = known_date.read.source.original
        if not (event.is_cancelled or event.is_whole or original in event.cancelled):
            return
        sequence = event.cancelled.get(original, event.sequence)
        if sequence < known_date.read.source.sequence:
            self._tell_older(event.label, known_date, sequence)
        elif not known_date.stands or known_date.net.end <= self.now:
            self.same.append((known_date, known_date.read))
        elif not known_date.is_as_read:
            message = _("It was cancelled there and changed here since; it is not touched.")
            self._differ(DifferenceKind.CHANGED_HERE, event.label, known_date, message, sequence)
        else:
            self._differ(DifferenceKind.CANCELLED, event.label, known_date, _("It was cancelled."), sequence)

    def _tell_older(self, label: str, known_date: KnownDate, sequence: int) -> None:
        message = _(
            "The file holds an older version (%(file)d) than was read before (%(read)d); it is not touched."
        )
        numbers = {"file": sequence, "read": known_date.read.source.sequence}
        self._differ(DifferenceKind.OLDER, label, known_date, message % numbers, sequence)

    def _add(
        self, label: str, booking_id: int, reference: str, wanted: ReadDate, known: KnownDate | None = None
    ) -> None:
        self.differences.append(
            Difference(
                DifferenceKind.ADDED,
                label,
                self.uid,
                self.calendar,
                booking_id,
                reference,
                _("It has a new date."),
                wanted.source.sequence,
                known,
                wanted,
            )
        )

    def _differ(
        self,
        kind: DifferenceKind,
        label: str,
        known_date: KnownDate,
        message: str,
        sequence: int,
        wanted: ReadDate | None = None,
    ) -> None:
        is_over = kind in CARRIED_OUT and known_date.net.end <= self.now
        self.differences.append(
            Difference(
                kind,
                label,
                known_date.uid,
                known_date.calendar,
                known_date.booking_id,
                known_date.reference,
                message,
                sequence,
                known_date,
                wanted,
                left=_("It is over, and stays as it was.") if is_over else "",
            )
        )

    def _label(self, known_date: KnownDate) -> str:
        start = known_date.read.net.start.astimezone(self.plan.zone)
        return f"{known_date.title[:60]}, {start:%Y-%m-%d %H:%M}"

    # In words ---------------------------------------------------------------------------------

    def _with_title(self, difference: Difference, titles: Mapping[int, str]) -> Difference:
        """Say what of a change is not carried out: a date alone has no title, and people decide."""
        known_date, wanted = difference.known, difference.wanted
        if difference.kind not in {DifferenceKind.MOVED, DifferenceKind.CHANGED} or difference.left:
            return difference
        if known_date is None or wanted is None:
            return difference
        left = []
        if wanted.title != known_date.read.title and titles.get(known_date.booking_id) != wanted.title:
            left.append(_("Its title stays: a single date has none of its own."))
        if wanted.status not in {known_date.read.status, known_date.status}:
            left.append(_("Whether it is approved is decided here."))
        if not left:
            return difference
        has_more = (wanted.net, wanted.rooms) != (known_date.read.net, known_date.read.rooms)
        if has_more or wanted.title == titles.get(known_date.booking_id) != known_date.title:
            return replace(difference, message=" ".join([difference.message, *left]))
        return replace(difference, left=" ".join(left))


def _is_unknown(event: SourceEvent, known_date: KnownDate) -> bool:
    original = known_date.read.source.original
    return original in event.unknown or (event.known_until is not None and original >= event.known_until)
