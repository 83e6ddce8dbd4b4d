from dataclasses import dataclass
from datetime import date, datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError

from hausderbegegnung.web.shared.forms.fields import ClockField, DayField, OfferField
from hausderbegegnung.web.shared.forms.series import DaysField
from tests.factories import NOW


@pytest.mark.parametrize(
    "typed",
    [
        *("20.04.2027", "20.4.27", " 20. 4. 2027 ", "Di., 20.04.2027", "Dienstag, 20.4.2027", "2027-04-20"),
        *("20,04,2027", "20,4,27", "20, 4, 2027", "20 04 2027", "20042027", "200427", "Di. 20,04,2027"),
    ],
)
def test_a_day_is_understood(typed: str) -> None:
    assert DayField().clean(typed) == date(2027, 4, 20)


@pytest.mark.parametrize(
    "typed",
    [
        *("gestern", "31.02.2027", "20/04/2027", "31.02.", "04.2027", "20.04.20277", "20,13", "20.04.202"),
        *("31022027", "20270420", "2004", "2004202", "320427", "20,,04,2027", "20042027 16"),
    ],
)
def test_what_is_no_day_is_invalid(typed: str) -> None:
    with pytest.raises(ValidationError) as caught:
        DayField().clean(typed)
    assert caught.value.code == "invalid"


@pytest.mark.parametrize(
    ("typed", "next_day", "last_day"),
    [
        ("20.04.", date(2027, 4, 20), date(2026, 4, 20)),
        ("So., 28,2", date(2028, 2, 28), date(2027, 2, 28)),
        ("1.3.", date(2027, 3, 1), date(2027, 3, 1)),
        ("29 02", date(2028, 2, 29), date(2024, 2, 29)),
    ],
)
def test_without_a_year_the_next_such_day_is_meant(typed: str, next_day: date, last_day: date) -> None:
    with time_machine.travel(NOW):
        assert (DayField().clean(typed), DayField(is_past=True).clean(typed)) == (next_day, last_day)


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("16:30", 990),
        ("16.30", 990),
        ("1630", 990),
        ("16:30 Uhr", 990),
        ("16 Uhr", 960),
        ("16", 960),
        ("9", 540),
        ("930", 570),
        ("0:05", 5),
        ("00:00", 0),
        ("24:00", 1440),
        ("24", 1440),
        ("18,30", 1110),
        ("18 30", 1110),
        ("18h30", 1110),
        ("18h", 1080),
    ],
)
def test_a_time_is_understood(typed: str, minutes: int) -> None:
    assert ClockField().clean(typed) == minutes


@pytest.mark.parametrize(
    "typed",
    ["halb vier", "25:00", "24:01", "16:60", "16:5", "-1", "16:30:00", "12345", "16,5", "16,,30", "h"],
)
def test_what_is_no_time_is_invalid(typed: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ClockField().clean(typed)
    assert caught.value.code == "invalid"


def test_a_time_that_is_refused_names_its_field() -> None:
    with pytest.raises(ValidationError) as caught:
        ClockField(label="Von").clean("25:00")
    assert caught.value.messages == ["Bitte geben Sie bei „Von“ eine Uhrzeit wie 18:30 ein."]


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("06,05,2027, 13.05.2027", [date(2027, 5, 6), date(2027, 5, 13)]),
        ("06,05,2027,13,05,2027", [date(2027, 5, 6), date(2027, 5, 13)]),
        ("06052027 130527", [date(2027, 5, 6), date(2027, 5, 13)]),
        ("06.05., 13.05.28", [date(2027, 5, 6), date(2028, 5, 13)]),
        ("06.05.2027 14,30, 13.05.2027", [datetime(2027, 5, 6, 14, 30), date(2027, 5, 13)]),  # noqa: DTZ001
    ],
)
def test_several_days_are_understood(typed: str, days: list[date]) -> None:
    with time_machine.travel(NOW):
        assert DaysField(takes_times=True).clean(typed) == days


@pytest.mark.parametrize("typed", ["06.05.2027 14:30 15:30", "14:30", "06,05", "32,05,2027"])
def test_what_are_no_days_is_invalid(typed: str) -> None:
    with pytest.raises(ValidationError) as caught:
        DaysField(takes_times=True).clean(typed)
    assert caught.value.code == "invalid"


def test_minutes_are_shown_as_a_clock_shows_them() -> None:
    assert [ClockField().prepare_value(value) for value in [0, 570, 1440, "16 Uhr", None]] == [
        "00:00",
        "09:30",
        "24:00",
        "16 Uhr",
        None,
    ]


@pytest.mark.parametrize("typed", ["31.12.9999", "9999-12-31", "0001-01-01"])
def test_a_day_at_the_edge_of_the_calendar_is_too_far_away(typed: str) -> None:
    with pytest.raises(ValidationError) as caught:
        DayField().clean(typed)
    assert caught.value.code == "beyond_horizon"


@dataclass(frozen=True)
class Offered:
    name: str


HALL, CELLAR = Offered("Saal"), Offered("Keller")


def offer_field(**options: bool) -> OfferField:
    field = OfferField(**options)
    field.offer({"saal": HALL, "keller": CELLAR})
    return field


def test_what_is_chosen_comes_in_the_order_it_is_offered_in_and_once() -> None:
    assert offer_field().clean(["keller", "saal", "keller"]) == [HALL, CELLAR]
    assert offer_field(required=False).clean([]) == []
    assert offer_field().choices == [("saal", "Saal"), ("keller", "Keller")]


@pytest.mark.parametrize(
    ("sent", "code"), [([], "required"), (["saal", "dach"], "invalid_choice"), ("saal", "invalid_list")]
)
def test_what_is_not_offered_is_refused(sent: object, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        offer_field().clean(sent)
    assert caught.value.code == code
