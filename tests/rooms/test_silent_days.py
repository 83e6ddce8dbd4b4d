"""The silent days of § 6 Feiertagsgesetz NW, the main time of services, and night rest."""

from datetime import date, time

import pytest
from holidays import Germany

from rooms.enums import Activity
from rooms.intervals import Interval
from rooms.silent_days import nights, public_holidays_of, silences_during, silences_of
from tests.factories import BERLIN, berlin

QUIET, SOCIAL, ENTERTAINMENT, MARKET, SPORT = (
    Activity.QUIET,
    Activity.SOCIAL,
    Activity.ENTERTAINMENT,
    Activity.MARKET,
    Activity.SPORT,
)


def at(day, starts, ends):
    return Interval(berlin(day, starts), berlin(day, ends))


def names(day, starts, ends, activity):
    return [silence.name for silence in silences_during(at(day, starts, ends), activity, BERLIN)]


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2026, [(4, 2), (4, 3), (11, 1), (11, 15), (11, 22)]),
        (2027, [(3, 25), (3, 26), (11, 1), (11, 14), (11, 21)]),
        (2028, [(4, 13), (4, 14), (11, 1), (11, 19), (11, 26)]),
    ],
)
def test_the_silent_days_of_a_year(year, days):
    found = {silence.name: silence.first for silence in silences_of(year)}
    assert found == dict(
        zip(
            ["Gründonnerstag", "Karfreitag", "Allerheiligen", "Volkstrauertag", "Totensonntag"],
            [date(year, month, day) for month, day in days],
            strict=True,
        )
    )


@pytest.mark.parametrize("year", range(2018, 2040))
def test_the_public_holidays_are_those_of_the_region(year):
    assert public_holidays_of(year) == frozenset(Germany(subdiv="NW", years=year, observed=False))


MAUNDY_THURSDAY, GOOD_FRIDAY, SATURDAY = date(2027, 3, 25), date(2027, 3, 26), date(2027, 3, 27)
ALL_SAINTS, MOURNING_DAY, SUNDAY_OF_THE_DEAD = date(2027, 11, 1), date(2027, 11, 14), date(2027, 11, 21)


@pytest.mark.parametrize(
    ("day", "starts", "ends", "activity", "found"),
    [
        (MAUNDY_THURSDAY, "16:00", "18:00", ENTERTAINMENT, []),
        (MAUNDY_THURSDAY, "17:00", "18:15", ENTERTAINMENT, ["Gründonnerstag"]),
        (MAUNDY_THURSDAY, "19:00", "21:00", SPORT, []),
        (GOOD_FRIDAY, "00:00", "01:00", SPORT, ["Karfreitag"]),
        (GOOD_FRIDAY, "15:00", "17:00", MARKET, ["Karfreitag"]),
        (GOOD_FRIDAY, "15:00", "17:00", SOCIAL, ["Karfreitag"]),
        (GOOD_FRIDAY, "15:00", "17:00", QUIET, []),
        (SATURDAY, "05:00", "07:00", ENTERTAINMENT, ["Karfreitag"]),
        (SATURDAY, "06:00", "07:00", ENTERTAINMENT, []),
        (ALL_SAINTS, "04:00", "05:00", SPORT, []),
        (ALL_SAINTS, "17:00", "19:00", SPORT, ["Allerheiligen"]),
        (ALL_SAINTS, "18:00", "20:00", ENTERTAINMENT, []),
        (MOURNING_DAY, "15:00", "17:00", ENTERTAINMENT, ["Volkstrauertag"]),
        (MOURNING_DAY, "12:00", "14:00", SPORT, ["Volkstrauertag"]),
        (MOURNING_DAY, "13:00", "15:00", SPORT, []),
        (MOURNING_DAY, "15:00", "17:00", SOCIAL, []),
        (SUNDAY_OF_THE_DEAD, "14:00", "16:00", MARKET, ["Totensonntag"]),
        (SUNDAY_OF_THE_DEAD, "10:00", "10:30", ENTERTAINMENT, ["Totensonntag"]),
        # An ordinary Sunday, a public holiday, an ordinary Thursday: the main time of services.
        (date(2027, 4, 25), "10:00", "12:00", MARKET, [""]),
        (date(2027, 4, 25), "11:00", "12:00", MARKET, []),
        (date(2027, 4, 25), "10:00", "12:00", SPORT, []),
        (date(2027, 5, 6), "09:00", "10:00", ENTERTAINMENT, [""]),
        (date(2027, 4, 22), "09:00", "10:00", ENTERTAINMENT, []),
    ],
)
def test_what_is_silent_when_and_for_whom(day, starts, ends, activity, found):
    assert names(day, starts, ends, activity) == found


def test_a_year_without_easter_by_reckoning_is_not_silent():
    assert names(date(1200, 5, 4), "09:00", "10:00", SPORT) == []


@pytest.mark.parametrize(
    ("starts", "ends", "number"),
    [("20:00", "22:00", 0), ("20:00", "22:15", 1), ("05:45", "07:00", 1), ("06:00", "22:00", 0)],
)
def test_night_rest_begins_and_ends_on_the_minute(starts, ends, number):
    assert len(list(nights(time(22), time(6), at(date(2027, 4, 20), starts, ends), BERLIN))) == number


def test_a_house_may_have_no_night_rest_or_one_after_midnight():
    evening, night = (
        at(date(2027, 4, 20), "20:00", "23:59"),
        Interval(berlin(date(2027, 4, 20), "23:00"), berlin(date(2027, 4, 21), "01:00")),
    )
    assert list(nights(time(22), time(22), evening, BERLIN)) == []
    assert list(nights(time(0), time(6), evening, BERLIN)) == []
    assert [quiet.start for quiet in nights(time(0), time(6), night, BERLIN)] == [
        berlin(date(2027, 4, 21), "00:00")
    ]
