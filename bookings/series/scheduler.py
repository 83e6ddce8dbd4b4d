"""The one place that speaks with django-scheduler: a house's calendar, a booking's event, a pattern's dates.

Slots are the facts; the event is the pattern they came from. Calendar and events carry no
personal data, only the reference of the booking.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from django.utils.text import slugify
from schedule.models import Calendar, Event, Rule  # noqa: TID251 - this is the adapter

from bookings.series.pattern import WEEKDAY_CODES, Frequency, Pattern, PatternNotSupported
from rooms.clock import between, instant, wall_times
from rooms.intervals import Interval
from rooms.models import House


def make_calendar(house: House) -> None:
    """Give a house its calendar, unless it has one. Call under the house lock."""
    if house.calendar_id is None:
        house.calendar = Calendar.objects.create(name=house.name, slug=slugify(f"house-{house.pk}"))
        house.save(update_fields=["calendar"])


def create_event(house: House, reference: str, net: Interval, pattern: Pattern | None = None) -> Event:
    """Store what the dates of a booking came from: a single date, or a pattern with its rule.

    Each series has a rule of its own, so that nobody else's change can reach it. Its event starts
    on the first day of the pattern, from which every other week is counted, whatever `net` is.
    """
    rule = None
    if pattern is not None:
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
        if pattern is None or pattern.until is None
        else instant(pattern.until, time.max.replace(microsecond=0), house.zone),
    )


def pattern_of(event: Event | None, zone: ZoneInfo) -> Pattern | None:
    """Read back the pattern that `create_event` stored; None for a single date.

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
