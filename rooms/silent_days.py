"""Night rest and the silent days of North Rhine-Westphalia: when the law asks louder events to wait. Pure.

The days are computed, so they are known for every year, whatever holidays a house has stored.
They warn and stop nothing: the Bezirksregierung grants exceptions, and what counts as
entertainment is decided by people.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateutil.easter import easter

from rooms.clock import days, instant
from rooms.enums import Activity
from rooms.intervals import Interval

REGION = "NW"
NIGHT_REST_LAW = "§ 9 LImSchG NRW"
SILENT_DAYS_LAW = "§ 6 Feiertagsgesetz NW"
SERVICE_TIME_LAW = "Feiertagsgesetz NW"
SUNDAY = 6
SERVICE_TIME = (time(6), time(11))

ENTERTAINMENT, MARKET = Activity.ENTERTAINMENT, Activity.MARKET
SPORT, SOCIAL = Activity.SPORT, Activity.SOCIAL
ONE_DAY = timedelta(days=1)
# The years for which the date of Easter is computed; nobody means others.
KNOWN_YEARS = range(1583, 4100)


@dataclass(frozen=True, slots=True)
class Silence:
    """A time in which the law asks some activities to wait. `name` is German, as the law has it."""

    name: str
    first: date
    starts: time
    last: date
    ends: time
    activities: frozenset[Activity]
    law: str = SILENT_DAYS_LAW

    def interval(self, zone: ZoneInfo) -> Interval:
        return Interval(instant(self.first, self.starts, zone), instant(self.last, self.ends, zone))


def silences_of(year: int) -> list[Silence]:
    """Return the silent times of a year by § 6 Feiertagsgesetz NW, in the order of the calendar."""
    good_friday = easter(year) - 2 * ONE_DAY
    maundy_thursday = good_friday - ONE_DAY
    all_saints = date(year, 11, 1)
    fourth_advent = date(year, 12, 24) - timedelta(days=date(year, 12, 24).isoweekday() % 7)
    sunday_of_the_dead = fourth_advent - timedelta(weeks=4)
    mourning_day = sunday_of_the_dead - timedelta(weeks=1)
    loud = frozenset({ENTERTAINMENT, MARKET, SPORT})
    five, eighteen = time(5), time(18)
    return [
        Silence(
            "Gründonnerstag", maundy_thursday, eighteen, good_friday, time.min, frozenset({ENTERTAINMENT})
        ),
        # The only day that asks private parties outside of homes to wait as well.
        Silence("Karfreitag", good_friday, time.min, good_friday + ONE_DAY, time(6), loud | {SOCIAL}),
        Silence("Allerheiligen", all_saints, five, all_saints, eighteen, loud),
        Silence("Volkstrauertag", mourning_day, five, mourning_day, time(13), frozenset({MARKET, SPORT})),
        Silence("Volkstrauertag", mourning_day, five, mourning_day, eighteen, frozenset({ENTERTAINMENT})),
        Silence("Totensonntag", sunday_of_the_dead, five, sunday_of_the_dead, eighteen, loud),
    ]


@lru_cache(maxsize=256)
def public_holidays_of(year: int) -> frozenset[date]:
    """Return the public holidays of the region, as § 2 Feiertagsgesetz NW names them."""
    sunday = easter(year)
    movable = (sunday + timedelta(days=offset) for offset in (-2, 1, 39, 50, 60))
    fixed = (date(year, month, day) for month, day in ((1, 1), (5, 1), (10, 3), (11, 1), (12, 25), (12, 26)))
    return frozenset([*movable, *fixed])


def silences_during(net: Interval, activity: Activity, zone: ZoneInfo) -> list[Silence]:
    """Return the silent times that an activity at this time meets; service times only on other days."""
    touched = days(net, zone)
    found = [
        silence
        for year in range((touched[0] - ONE_DAY).year, touched[-1].year + 1)
        if year in KNOWN_YEARS
        for silence in _silences_of(year)
        if activity in silence.activities and silence.interval(zone).overlaps(net)
    ]
    silent_days = {day for silence in found for day in (silence.first, silence.last)}
    return found + [
        silence
        for silence in _service_times(touched)
        if activity in silence.activities
        and silence.first not in silent_days
        and silence.interval(zone).overlaps(net)
    ]


_silences_of = lru_cache(maxsize=256)(silences_of)


def _service_times(touched: list[date]) -> Iterator[Silence]:
    """Yield the main time of church services on Sundays and public holidays."""
    for day in touched:
        if day.weekday() == SUNDAY or (day.year in KNOWN_YEARS and day in public_holidays_of(day.year)):
            starts, ends = SERVICE_TIME
            yield Silence(
                "", day, starts, day, ends, frozenset({ENTERTAINMENT, MARKET}), law=SERVICE_TIME_LAW
            )


def nights(quiet_from: time, quiet_until: time, period: Interval, zone: ZoneInfo) -> Iterator[Interval]:
    """Yield the night rests that meet `period`; none where they start and end at the same time."""
    if quiet_from == quiet_until:
        return
    touched = days(period, zone)
    for day in [touched[0] - ONE_DAY, *touched]:
        until = day if quiet_from < quiet_until else day + ONE_DAY
        night = Interval(instant(day, quiet_from, zone), instant(until, quiet_until, zone))
        if night.overlaps(period):
            yield night
