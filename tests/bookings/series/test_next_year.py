"""As last year: the same rhythm in the time that follows."""

from datetime import date, datetime, time

import pytest

from bookings.enums import SchoolHolidays
from bookings.series.dates import Series
from bookings.series.next_year import following
from bookings.series.pattern import pattern_from_rrule
from bookings.series.scheduler import pattern_dates


def series(rrule: str, first: date, until: date | None = None) -> Series:
    return Series(
        starts=datetime.combine(first, time(16)),
        ends=datetime.combine(first, time(18)),
        pattern=pattern_from_rrule(rrule, first_day=first, starts=time(16), ends=time(18), until=until),
        skipped=(first,),
        added=(datetime.combine(first, time(9)),),
        skip_public=True,
        school=SchoolHolidays.PAUSED,
    )


@pytest.mark.parametrize(
    ("rrule", "first", "until", "next_first", "next_last", "count"),
    [
        # Over many years: it goes on where it ends.
        ("WEEKLY;BYDAY=TU", "2017-04-25", "2027-12-31", "2028-01-04", "2028-12-26", 52),
        # A term comes back a year later.
        ("WEEKLY;BYDAY=WE,TH,FR", "2027-01-13", "2027-07-16", "2028-01-12", "2028-07-14", 81),
        # Every second week stays in its weeks.
        ("WEEKLY;INTERVAL=2;BYDAY=TH", "2027-01-14", "2027-12-16", "2028-01-13", "2028-12-14", 25),
        ("MONTHLY;BYDAY=2MO", "2027-01-11", "2027-12-31", "2028-01-10", "2028-12-11", 12),
        ("MONTHLY;BYDAY=-1SU", "2027-01-31", "2027-12-31", "2028-01-30", "2028-12-31", 12),
        ("MONTHLY;BYMONTHDAY=15", "2027-02-15", "2027-06-30", "2028-02-15", "2028-06-15", 5),
        # A number of dates becomes the same stretch of the next year.
        ("WEEKLY;BYDAY=TU;COUNT=4", "2027-03-02", None, "2028-02-29", "2028-03-21", 4),
    ],
)
def test_the_rhythm_comes_back(rrule, first, until, next_first, next_last, count):
    last = date.fromisoformat(until) if until else None
    again = following(series(f"FREQ={rrule}", date.fromisoformat(first), last))
    days = pattern_dates(again.pattern, most=1000)
    assert (f"{days[0]}", f"{days[-1]}", len(days)) == (next_first, next_last, count)


def test_what_was_done_by_hand_stays_with_its_year():
    again = following(series("FREQ=WEEKLY;BYDAY=TU", date(2027, 1, 12), date(2027, 12, 31)))
    assert again == Series(
        starts=datetime.combine(date(2028, 1, 11), time(16)),
        ends=datetime.combine(date(2028, 1, 11), time(18)),
        pattern=pattern_from_rrule(
            "FREQ=WEEKLY;BYDAY=TU",
            first_day=date(2028, 1, 11),
            starts=time(16),
            ends=time(18),
            until=date(2028, 12, 31),
        ),
        skip_public=True,
        school=SchoolHolidays.PAUSED,
    )


def test_single_dates_have_no_rhythm_to_repeat():
    day = date(2027, 1, 12)
    lone = Series(starts=datetime.combine(day, time(16)), ends=datetime.combine(day, time(18)))
    assert following(lone) is None
