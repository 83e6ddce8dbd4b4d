"""Holidays of North Rhine-Westphalia, and that nothing unknown is taken for a day without holiday."""

from datetime import date, timedelta

import pytest

from rooms.holidays import complete_calendar, holiday_calendar, load_holidays, published_calendar
from rooms.models import Holiday

pytestmark = pytest.mark.django_db


def calendar(house, first, last):
    load_holidays(house, first.year, last.year)
    return holiday_calendar(house, first, last)


def test_the_eleven_public_holidays_of_2027(house):
    assert calendar(house, date(2027, 1, 1), date(2027, 12, 31)).public == {
        date(2027, 1, 1): "Neujahr",
        date(2027, 3, 26): "Karfreitag",
        date(2027, 3, 29): "Ostermontag",
        date(2027, 5, 1): "Tag der Arbeit",
        date(2027, 5, 6): "Christi Himmelfahrt",
        date(2027, 5, 17): "Pfingstmontag",
        date(2027, 5, 27): "Fronleichnam",
        date(2027, 10, 3): "Tag der Deutschen Einheit",
        date(2027, 11, 1): "Allerheiligen",
        date(2027, 12, 25): "1. Weihnachtstag",
        date(2027, 12, 26): "2. Weihnachtstag",
    }


def test_the_school_holidays_of_2027_as_the_ministry_published_them(house):
    load_holidays(house, 2027, 2027)
    assert list(
        Holiday.objects.filter(house=house, kind="school")
        .order_by("first_date")
        .values_list("name", "first_date", "last_date")
    ) == [
        ("Weihnachtsferien", date(2027, 1, 1), date(2027, 1, 6)),
        ("Osterferien", date(2027, 3, 22), date(2027, 4, 3)),
        ("Pfingstferien", date(2027, 5, 18), date(2027, 5, 18)),
        ("Sommerferien", date(2027, 7, 19), date(2027, 8, 31)),
        ("Herbstferien", date(2027, 10, 23), date(2027, 11, 6)),
        ("Weihnachtsferien", date(2027, 12, 24), date(2027, 12, 31)),
    ]


def test_school_holidays_that_nobody_has_published_are_unknown(house):
    known = calendar(house, date(2029, 1, 1), date(2031, 12, 31))
    assert known.school_known_until == date(2029, 8, 14)
    assert [known.school_is_known_on(day) for day in (date(2029, 8, 14), date(2029, 8, 15))] == [True, False]


def test_a_house_without_loaded_holidays_knows_nothing(house):
    assert not holiday_calendar(house, date(2027, 1, 1), date(2027, 12, 31)).school_is_known_on(
        date(2027, 5, 1)
    )


def test_loading_twice_stores_nothing_twice_and_brings_nothing_back(house):
    assert load_holidays(house, 2027, 2027) == 17
    Holiday.objects.get(name="Karfreitag").delete()
    assert load_holidays(house, 2027, 2027) == 0
    assert load_holidays(house, 2026, 2028) > 0
    assert Holiday.objects.filter(name="Karfreitag").count() == 2


def test_loading_a_later_year_leaves_no_gap_that_looks_like_a_year_without_holidays(house):
    load_holidays(house, 2025, 2025)
    load_holidays(house, 2028, 2028)
    known = holiday_calendar(house, date(2026, 1, 1), date(2027, 12, 31))
    assert sum(name == "Karfreitag" for name in known.public.values()) == 2
    assert known.school_is_known_on(date(2026, 7, 1))


def test_what_lies_before_the_loaded_years_is_unknown(house):
    known = calendar(house, date(2027, 1, 1), date(2027, 12, 31))
    assert [known.school_is_known_on(day) for day in (date(2026, 12, 31), date(2027, 1, 1))] == [False, True]
    assert [known.public_is_known_on(day) for day in (date(2027, 12, 31), date(2028, 1, 1))] == [True, False]


def test_what_is_published_is_the_same_as_what_is_loaded(house):
    first, last = date(2026, 3, 1), date(2030, 2, 28)
    published = published_calendar("NW", first, last)
    loaded = calendar(house, first, last)
    assert (published.public, published.school) == (loaded.public, loaded.school)
    assert published.school_known_until == loaded.school_known_until == date(2029, 8, 14)


def test_years_after_the_last_published_holidays_are_unknown_and_so_is_a_foreign_region():
    later = published_calendar("NW", date(2031, 1, 1), date(2031, 12, 31))
    assert (later.school, later.school_known_until) == ({}, date(2029, 8, 14))
    assert later.public_is_known_on(date(2031, 5, 1))
    foreign = published_calendar("XX", date(2027, 1, 1), date(2027, 12, 31))
    assert (foreign.school_known_until, foreign.public_known_until) == (None, None)


def test_the_package_fills_what_the_house_does_not_know_and_nothing_that_staff_removed(house):
    load_holidays(house, 2027, 2027)
    Holiday.objects.filter(name="Karfreitag").delete()
    known = complete_calendar(house, date(2026, 1, 1), date(2028, 12, 31))
    assert [day.year for day, name in known.public.items() if name == "Karfreitag"] == [2026, 2028]
    assert known.school_is_known_on(date(2026, 1, 1))
    assert known.school_is_known_on(date(2028, 12, 31))


def test_a_region_nobody_knows_loads_nothing(house):
    house.holiday_region = "XX"
    assert load_holidays(house, 2027, 2027) == 0
    assert not holiday_calendar(house, date(2027, 1, 1), date(2027, 12, 31)).public_is_known_on(
        date(2027, 5, 1)
    )


def test_a_movable_day_off_school_counts_like_any_other(house):
    day = date(2027, 5, 7)
    Holiday.objects.create(
        house=house, kind="school", name="Beweglicher Ferientag", first_date=day, last_date=day
    )
    assert calendar(house, day, day).school == {day: "Beweglicher Ferientag"}


def test_a_range_is_cut_to_the_period(house):
    known = calendar(house, date(2027, 8, 30), date(2027, 9, 2))
    assert list(known.school) == [date(2027, 8, 30) + timedelta(days=n) for n in range(2)]
