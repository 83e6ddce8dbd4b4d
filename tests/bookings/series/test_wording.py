"""A series in the words people use, in German as on the pages."""

from datetime import date, datetime, time

import pytest

from bookings.enums import SchoolHolidays
from bookings.series.dates import Series
from bookings.series.pattern import pattern_from_rrule
from bookings.series.wording import describe


def words(rrule: str, first: date, starts: time = time(10), ends: time = time(14), **more) -> str:
    until = None if "COUNT" in rrule else date(2027, 12, 31)
    last_day = first if ends > starts else date.fromordinal(first.toordinal() + 1)
    return describe(
        Series(
            starts=datetime.combine(first, starts),
            ends=datetime.combine(last_day, ends),
            pattern=pattern_from_rrule(rrule, first_day=first, starts=starts, ends=ends, until=until),
            **more,
        )
    )


END = "10:00–14:00 Uhr, bis Fr., 31.12.2027"


@pytest.mark.parametrize(
    ("rrule", "rhythm"),
    [
        ("FREQ=DAILY", "jeden Tag"),
        ("FREQ=DAILY;INTERVAL=3", "alle 3 Tage"),
        ("FREQ=WEEKLY", "jeden Dienstag"),
        ("FREQ=WEEKLY;BYDAY=TU,TH", "jeden Dienstag und Donnerstag"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "jeden Montag bis Freitag"),
        ("FREQ=WEEKLY;BYDAY=MO,WE,FR", "jeden Montag, Mittwoch und Freitag"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", "14-täglich am Donnerstag"),
        ("FREQ=WEEKLY;INTERVAL=3;BYDAY=TH", "alle 3 Wochen am Donnerstag"),
        ("FREQ=MONTHLY;BYDAY=1SA", "jeden 1. Samstag im Monat"),
        ("FREQ=MONTHLY;BYDAY=1SA,3SA", "jeden 1. und 3. Samstag im Monat"),
        ("FREQ=MONTHLY;BYDAY=-1SU", "jeden letzten Sonntag im Monat"),
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=2MO", "alle 2 Monate am 2. Montag"),
        ("FREQ=MONTHLY;BYMONTHDAY=15", "am 15. jedes Monats"),
        ("FREQ=MONTHLY;INTERVAL=6;BYMONTHDAY=1", "alle 6 Monate am 1."),
    ],
)
def test_every_rhythm_is_said(rrule, rhythm):
    said = words(rrule, date(2027, 1, 5)).replace("\N{NO-BREAK SPACE}", " ")
    assert said == f"{rhythm}, {END}"


def test_the_end_and_the_pauses_are_said():
    said = words("FREQ=MONTHLY;BYDAY=1SA;COUNT=10", date(2027, 2, 6), skip_public=True)
    assert said == "jeden 1. Samstag im Monat, 10:00–14:00 Uhr, 10 Termine, nicht an Feiertagen"
    said = words("FREQ=WEEKLY;COUNT=1", date(2027, 2, 6), school=SchoolHolidays.ONLY)
    assert said == "jeden Samstag, 10:00–14:00 Uhr, 1 Termin, nur in den Schulferien"
    said = words("FREQ=WEEKLY;COUNT=2", date(2027, 2, 6), school=SchoolHolidays.PAUSED, skip_public=True)
    assert said == "jeden Samstag, 10:00–14:00 Uhr, 2 Termine, nicht an Feiertagen, nicht in den Schulferien"


def test_nights_end_on_the_next_day_and_midnight_is_the_24th_hour():
    night = words("FREQ=WEEKLY;COUNT=2", date(2027, 2, 6), time(20), time(9))
    assert night == "jeden Samstag, 20:00 bis 09:00 Uhr am nächsten Tag, 2 Termine"
    midnight = words("FREQ=WEEKLY;COUNT=2", date(2027, 2, 6), time(20), time(0))
    assert midnight == "jeden Samstag, 20:00–24:00 Uhr, 2 Termine"
