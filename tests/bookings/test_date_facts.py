"""What is known of a date is told in the language of the reader."""

from datetime import date

import pytest
from django.utils.translation import override

from bookings.date_facts import Before, Skip
from bookings.enums import SkippedBecause
from rooms.intervals import Interval
from tests.factories import BERLIN, berlin

DAY = date(2027, 3, 16)
WAS = Before(Interval(berlin(DAY, "19:00"), berlin(DAY, "21:00")), ("Saal A", "Saal B"))


@pytest.mark.parametrize(
    ("because", "day_name", "german", "english"),
    [
        ("public_holiday", "Tag der Arbeit", "Feiertag: Tag der Arbeit", "Public holiday: Labor Day"),
        ("public_holiday", "Fest des Hauses", "Feiertag: Fest des Hauses", "Public holiday: Fest des Hauses"),
        ("school_holidays", "Sommerferien", "Schulferien: Sommerferien", "School holidays: Summer Break"),
        ("outside_school_holidays", "", "Nur in den Schulferien", "Only in school holidays"),
        ("chosen", "", "Ausgelassen", "Left out"),
        ("clash", "", "Ausgelassen: nicht frei", "Left out: not free"),
        ("closed", "", "Ausgelassen: geschlossen", "Left out: closed"),
        ("outside_hours", "", "Ausgelassen: außerhalb der Zeiten", "Left out: outside of the hours"),
        ("rules", "", "Ausgelassen: nicht möglich", "Left out: not possible"),
    ],
)
def test_it_is_said_why_a_date_is_skipped(because: str, day_name: str, german: str, english: str) -> None:
    skip = Skip(SkippedBecause(because), day_name)
    with override("de"):
        assert str(skip) == german
    with override("en"):
        assert str(skip) == english


def test_there_are_words_for_every_reason_to_skip_a_date() -> None:
    assert all(str(Skip(because)) for because in SkippedBecause)


def test_a_former_place_is_told_by_what_is_different() -> None:
    later = Interval(berlin(DAY, "20:00"), berlin(DAY, "22:00"))
    with override("en"):
        assert WAS.in_words(BERLIN) == "Tue 16 Mar 2027, 19:00–21:00, Saal A + Saal B"
        assert [
            WAS.difference(now, BERLIN)
            for now in [WAS, Before(WAS.net, ("Saal A",)), Before(later, WAS.rooms), Before(later, ())]
        ] == [
            "",
            "instead of Saal A + Saal B",
            "instead of Tue 16 Mar 2027, 19:00–21:00",
            "instead of Tue 16 Mar 2027, 19:00–21:00, Saal A + Saal B",
        ]
