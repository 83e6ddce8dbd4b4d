"""Notes about earlier times, stored in one language and read in another."""

from datetime import date, timedelta

import pytest
from django.utils.translation import override

from bookings.retelling import retold, time_before
from rooms.formats import format_date_span
from rooms.intervals import Interval
from tests.factories import BERLIN, berlin

DAYS = [date(2027, 3, 16), date(2027, 10, 5)]
SPANS = [
    *(Interval(berlin(day, "19:00"), berlin(day, "21:00")) for day in DAYS),
    Interval(berlin(DAYS[0], "19:00"), berlin(DAYS[0] + timedelta(days=1), "00:00")),
    Interval(berlin(DAYS[1], "19:00"), berlin(DAYS[1] + timedelta(days=1), "02:00")),
]


def told(span: Interval, language: str) -> str:
    return format_date_span(span.start, span.end, zone=BERLIN, language=language)


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize(
    ("german", "english"),
    [
        ("Vorher: {}, Saal A", "Before: {}, Saal A"),
        ("statt {}", "instead of {}"),
        ("statt {}, Saal A + Saal B", "instead of {}, Saal A + Saal B"),
    ],
)
def test_a_time_is_told_in_the_language_of_the_reader(span: Interval, german: str, english: str) -> None:
    stored = {"de": german.format(told(span, "de")), "en": english.format(told(span, "en"))}
    for reader, expected in stored.items():
        with override(reader):
            assert [retold(note, BERLIN) for note in stored.values()] == [expected] * 2


@pytest.mark.parametrize("span", SPANS)
def test_the_time_before_a_move_is_read_from_its_note(span: Interval) -> None:
    notes = [f"Vorher: {told(span, 'de')}, Saal A", f"Before: {told(span, 'en')}, Saal A"]
    assert [time_before(note, BERLIN) for note in notes] == [span, span]


@pytest.mark.parametrize(
    "note",
    ["", "Heizung", "Wahl am Di., 16.03.2027, 19:00–21:00 Uhr", "Ab jetzt im Saal", "100 % statt %(what)s"],
)
def test_what_people_wrote_stays_as_it_is(note: str) -> None:
    with override("en"):
        assert (retold(note, BERLIN), time_before(note, BERLIN)) == (note, None)


def test_rooms_and_days_that_cannot_be_are_left_alone() -> None:
    with override("en"):
        assert retold("statt Saal A", BERLIN) == "instead of Saal A"
        never = "Di., 31.02.2027, 19:00–21:00 Uhr"
        assert (retold(f"statt {never}", BERLIN), time_before(f"Vorher: {never}", BERLIN)) == (
            f"instead of {never}",
            None,
        )
