"""A pattern is said as an RRULE and read back from it."""

from datetime import date, time

import pytest

from bookings.series.pattern import pattern_from_rrule, rrule_of

FIRST = {"first_day": date(2027, 4, 20), "starts": time(20), "ends": time(1)}


@pytest.mark.parametrize(
    "rrule",
    [
        "FREQ=DAILY;COUNT=9",
        "FREQ=DAILY;INTERVAL=3;UNTIL=20271231T235959",
        "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=9",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;UNTIL=20271231T235959",
        "FREQ=MONTHLY;BYDAY=1SA,3SA;COUNT=9",
        "FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20271231T235959",
        "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=31;COUNT=9",
    ],
)
def test_a_pattern_is_said_as_the_rrule_it_was_read_from(rrule):
    pattern = pattern_from_rrule(rrule, **FIRST)
    assert rrule_of(pattern) == rrule
    assert pattern_from_rrule(rrule_of(pattern), **FIRST) == pattern


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        ("RRULE:FREQ=WEEKLY;COUNT=2;", "FREQ=WEEKLY;BYDAY=TU;COUNT=2"),
        ("FREQ=MONTHLY;BYDAY=SA;BYSETPOS=-1;COUNT=2", "FREQ=MONTHLY;BYDAY=-1SA;COUNT=2"),
        ("FREQ=WEEKLY;UNTIL=20270430", "FREQ=WEEKLY;BYDAY=TU;UNTIL=20270430T235959"),
    ],
)
def test_other_ways_to_say_the_same_become_one(sent, written):
    assert rrule_of(pattern_from_rrule(sent, **FIRST)) == written
