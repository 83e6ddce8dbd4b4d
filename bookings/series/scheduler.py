"""The one place that speaks with django-scheduler: a house's calendar, the event of a series, its dates.

Slots are the facts. The event of a series is the pattern they came from, and its stored occurrences are
where the slots differ from it, so that `Event.get_occurrences` gives the times at which the dates of the
series stand. Calendar and events carry no personal data, only the reference of the booking.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.text import slugify
from schedule.models import Calendar, Event, Occurrence, Rule  # noqa: TID251 - this is the adapter
from schedule.periods import Period  # noqa: TID251 - this is the adapter

from bookings.enums import SlotStatus
from bookings.models import Booking, Transition
from bookings.series.pattern import WEEKDAY_CODES, Frequency, Pattern, PatternNotSupported
from rooms.clock import between, day_of, instant, wall_times
from rooms.intervals import Interval
from rooms.models import House


def make_calendar(house: House) -> None:
    """Give a house its calendar, unless it has one. Call under the house lock."""
    if house.calendar_id is None:
        house.calendar = Calendar.objects.create(name=house.name, slug=slugify(f"house-{house.pk}"))
        house.save(update_fields=["calendar"])


def create_event(house: House, reference: str, pattern: Pattern) -> Event:
    """Store the pattern of a series as an event with a rule of its own, which nobody else's change can reach.

    It starts on the first day of the pattern, from which every other week is counted.
    """
    rule = _rule(pattern, name=reference)
    rule.save()
    net = slot_times(pattern, pattern.first_day, house)
    make_calendar(house)
    return Event.objects.create(
        calendar_id=house.calendar_id,
        title=reference,
        start=net.start,
        end=net.end,
        rule=rule,
        end_recurring_period=None
        if pattern.until is None
        else instant(pattern.until, time.max.replace(microsecond=0), house.zone),
    )


def pattern_of(event: Event | None, zone: ZoneInfo) -> Pattern | None:
    """Read back the pattern that `create_event` stored; None without an event.

    None as well where somebody has changed the rule into what no pattern says: the dates are
    stored, nothing depends on it. Times that do not exist on the first day are read as those taken.
    """
    rule = event.rule if event is not None else None
    if event is None or rule is None:
        return None
    starts, ends = wall_times(Interval(event.start, event.end), zone)
    until = event.end_recurring_period
    try:
        params = dict(part.split(":") for part in rule.params.split(";"))
        count = params.pop("count", None)
        pattern = Pattern(
            frequency=Frequency(rule.frequency),
            first_day=starts.date(),
            starts=starts.time(),
            ends=ends.time(),
            interval=int(params.pop("interval")),
            weekdays=tuple(WEEKDAY_CODES.index(code) for code in _listed(params.pop("byweekday", ""))),
            positions=tuple(int(position) for position in _listed(params.pop("bysetpos", ""))),
            month_day=int(params.pop("bymonthday")) if "bymonthday" in params else None,
            until=None if count or until is None else until.astimezone(zone).date(),
            count=int(count) if count else None,
        )
    except (ValueError, KeyError, PatternNotSupported):
        return None
    return None if params else pattern


def _listed(words: str) -> list[str]:
    return words.split(",") if words else []


def pattern_dates(pattern: Pattern, *, most: int) -> list[date]:
    """Return the local dates of a pattern in order, at most `most` of them.

    The event is expanded in naive wall-clock time and only for its days: django-scheduler
    shifts hours where the window it is asked for is in another zone, or a night is longer.
    """
    return list(_first_dates(pattern, most))


@lru_cache(maxsize=256)
def _first_dates(pattern: Pattern, most: int) -> tuple[date, ...]:
    """Return the dates, remembered: one request looks at the same pattern several times."""
    return tuple(islice(_dates(pattern), most))


def _dates(pattern: Pattern) -> Iterator[date]:
    start = datetime.combine(pattern.first_day, time.min)
    event = Event(
        start=start,
        end=start + timedelta(minutes=1),
        rule=_rule(pattern, name=""),
        end_recurring_period=None if pattern.until is None else datetime.combine(pattern.until, time.max),
    )
    for moment in event.get_rrule_object(None):
        yield moment.date()


def slot_times(pattern: Pattern, day: date, house: House) -> Interval:
    """Return the net time of one date, by the clocks of the house on that very night."""
    first = datetime.combine(day, pattern.starts)
    last = datetime.combine(day + timedelta(days=pattern.ends_next_day), pattern.ends)
    return between(first, last, house.zone)


def _rule(pattern: Pattern, *, name: str) -> Rule:
    """Return the unsaved rule of a pattern.

    Weekdays are written as codes (`TU,TH`; numbers lose days when the series starts on one of
    them), nth weekdays as `MO` with `bysetpos` (`2MO` silently becomes daily). A rule without
    any parameter would be expanded without its interval, so that is always written.
    """
    params = [f"interval:{pattern.interval}"]
    if pattern.weekdays:
        params.append("byweekday:" + ",".join(WEEKDAY_CODES[weekday] for weekday in pattern.weekdays))
    if pattern.positions:
        params.append("bysetpos:" + ",".join(str(position) for position in pattern.positions))
    if pattern.month_day is not None:
        params.append(f"bymonthday:{pattern.month_day}")
    if pattern.count is not None:
        params.append(f"count:{pattern.count}")
    return Rule(name=name[:32], description="", frequency=pattern.frequency, params=";".join(params))


# What differs from the pattern ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SeriesSlot:
    """A date of a series: when it is, whether it is to take place, and its start before it was moved."""

    net: Interval
    stands: bool
    planned_at: datetime


def store_occurrences(booking: Booking, created: Iterable[SeriesSlot] | None = None) -> None:
    """Store where the dates of a series differ from its pattern; without an event there is nothing to store.

    Call when the dates are written, in their transaction. `created` are the dates of a booking that is new:
    of such a one nothing is read. Else four queries (more for hundreds of rows), two where nothing changes;
    two more where the booking was read without its event and rule.
    """
    event, zone = booking.event, booking.house.zone
    if event is None or event.rule is None:
        return
    known, slots = Occurrence.objects.none(), created
    if slots is None:
        known, slots = Occurrence.objects.filter(event=event), _slots_of(booking)
    wanted = exceptions(_expanded(event, zone), slots, zone)
    stale = []
    for stored in known:
        original = Interval(stored.original_start, stored.original_end)
        instead = None if stored.cancelled else Interval(stored.start, stored.end)
        if original in wanted and wanted[original] == instead:
            del wanted[original]
        else:
            stale.append(stored.pk)
    if stale:
        Occurrence.objects.filter(pk__in=stale).delete()
    if wanted:
        Occurrence.objects.bulk_create(
            Occurrence(
                event=event,
                original_start=original.start,
                original_end=original.end,
                start=(instead or original).start,
                end=(instead or original).end,
                cancelled=instead is None,
            )
            for original, instead in wanted.items()
        )


def exceptions(
    expanded: Iterable[Interval], slots: Iterable[SeriesSlot], zone: ZoneInfo
) -> dict[Interval, Interval | None]:
    """Return by the time that the rule gives when the date is instead, None where it is not at all.

    The rule gives at most one date a day; the slot that was planned nearest to it is that date. The time of
    a date that is none of the rule's is its own original: django-scheduler gives such a one as well.
    """
    slots = list(slots)
    by_rule = dict.fromkeys(expanded)
    standing = {slot.net for slot in slots if slot.stands}
    left = standing - by_rule.keys()
    planned_on: dict[date, list[SeriesSlot]] = defaultdict(list)
    for slot in slots:
        planned_on[day_of(slot.planned_at, zone)].append(slot)
    differing: dict[Interval, Interval | None] = {}
    for original in by_rule:
        if original in standing:
            continue
        nearest = _nearest(planned_on[day_of(original.start, zone)], original.start)
        differing[original] = None
        if nearest is not None and nearest.stands and nearest.net in left:
            differing[original] = nearest.net
            left.remove(nearest.net)
    return differing | {net: net for net in left}


def _nearest(slots: Iterable[SeriesSlot], start: datetime) -> SeriesSlot | None:
    return min(
        slots, key=lambda slot: (abs(slot.planned_at - start), not slot.stands, slot.net), default=None
    )


def _slots_of(booking: Booking) -> list[SeriesSlot]:
    first_move = Transition.objects.filter(slot=OuterRef("pk"), before_starts_at__isnull=False).order_by("pk")
    planned_at = Coalesce(Subquery(first_move.values("before_starts_at")[:1]), "starts_at")
    rows = booking.slots.values_list("starts_at", "ends_at", "status", planned_at)
    return [
        SeriesSlot(Interval(starts_at, ends_at), status in SlotStatus.STANDING, planned)
        for starts_at, ends_at, status, planned in rows
    ]


def _expanded(event: Event, zone: ZoneInfo) -> list[Interval]:
    """Return the dates that the rule alone gives, each exactly as django-scheduler computes it.

    Of a clock time that exists twice or never it takes that of standard time, and each date is as long as
    the first one was. `get_occurrences` gives the same, but compares each date with all others.
    """
    length = event.end - event.start
    starts = (
        max(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        for wall in event.get_rrule_object(zone)
    )
    return [Interval(start, start + length) for start in starts]


# What django-scheduler gives --------------------------------------------------------------------

_BEFORE_ALL, _AFTER_ALL = datetime(1970, 1, 2), datetime(9999, 1, 1)  # noqa: DTZ001 - the house's clocks


def occurrences_of(event: Event, zone: ZoneInfo) -> list[Interval]:
    """Return when a series takes place, in order, as `get_occurrences` says in the zone of its house."""
    window = (moment.replace(tzinfo=zone) for moment in (_BEFORE_ALL, _AFTER_ALL))
    found = event.get_occurrences(*window)
    return sorted(
        Interval(occurrence.start, occurrence.end) for occurrence in found if not occurrence.cancelled
    )


def occurrences_in(house: House, period: Interval) -> Mapping[str, list[Interval]]:
    """Return when the series of a house take place in `period`, in order, by the reference of the booking.

    Read from the house's calendar alone, in two queries. Series that end after a number of dates say nowhere
    when that is, so all that began before the end of the period are expanded.
    """
    repeats = Q(start__lt=period.end) & (
        Q(end_recurring_period=None) | Q(end_recurring_period__gte=period.start - timedelta(days=1))
    )
    moved_here = Q(occurrence__start__lt=period.end, occurrence__end__gt=period.start)
    events = Event.objects.filter(repeats | moved_here, calendar=house.calendar_id, rule__isnull=False)
    times: dict[str, list[Interval]] = defaultdict(list)
    window = Period(
        list(events.select_related("rule").distinct()), period.start, period.end, tzinfo=house.zone
    )
    for occurrence in window.get_occurrences():
        net = Interval(occurrence.start, occurrence.end)
        # It gives cancelled dates as well, and such as end when the window begins.
        if not occurrence.cancelled and net.overlaps(period):
            times[occurrence.event.title].append(net)
    return {reference: sorted(nets) for reference, nets in times.items()}
