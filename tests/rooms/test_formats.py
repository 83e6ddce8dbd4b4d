"""How days and times are written: the formats of municipal letters, by the clocks of the house."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from rooms import formats

BERLIN = ZoneInfo("Europe/Berlin")


def berlin(*parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=BERLIN, fold=fold).astimezone(UTC)  # type: ignore[misc, arg-type]


def shown(text: str) -> str:
    """Non-breaking spaces made visible as underscores."""
    return text.replace("\N{NO-BREAK SPACE}", "_")


@pytest.mark.parametrize(
    ("language", "short", "in_words", "week"),
    [
        ("de", "Di.,_25.04.2017", "Dienstag, 25._April 2017", "KW_17"),
        ("en", "Tue 25 Apr 2017", "Tuesday 25 April 2017", "week_17"),
    ],
)
def test_a_day(language: str, short: str, in_words: str, week: str) -> None:
    day = date(2017, 4, 25)

    assert shown(formats.format_day(day, language=language)) == short
    assert shown(formats.format_day_in_words(day, language=language)) == in_words
    assert shown(formats.format_week(day, language=language)) == week


@pytest.mark.parametrize(
    ("language", "weekly", "alone", "with_weekday"),
    [("de", "dienstags", "5.", "Di._5."), ("en", "Tuesdays", "5", "Tue_5")],
)
def test_days_of_a_series(language: str, weekly: str, alone: str, with_weekday: str) -> None:
    day = date(2027, 10, 5)

    assert formats.format_weekly(day, language=language) == weekly
    assert formats.format_day_of_month(day, language=language) == alone
    assert shown(formats.format_day_of_month(day, with_weekday=True, language=language)) == with_weekday


def test_weekdays_and_months_have_the_words_of_any_language() -> None:
    assert formats.weekday_names("tr")[:2] == ("Pazartesi", "Salı")
    assert formats.weekday_names("de-at", width="abbreviated") == (
        "Mo.",
        "Di.",
        "Mi.",
        "Do.",
        "Fr.",
        "Sa.",
        "So.",
    )
    assert formats.month_names("uk")[2] == "березня"
    assert len(formats.month_names("en", width="abbreviated")) == 12


def test_a_month_is_named_with_its_year() -> None:
    assert formats.format_month(date(2027, 3, 1), language="de") == "März 2027"
    assert formats.format_month(date(2027, 3, 31), language="en") == "March 2027"


def test_the_day_of_an_instant_is_the_day_of_the_house() -> None:
    late = datetime(2027, 4, 20, 22, 30, tzinfo=UTC)

    assert shown(formats.format_day(late, zone=BERLIN, language="de")) == "Mi.,_21.04.2027"
    assert shown(formats.format_time(late, zone=BERLIN, language="de")) == "00:30_Uhr"


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (berlin(2017, 4, 25, 9), "09:00_Uhr"),
        (berlin(2017, 4, 26, 0), "24:00_Uhr"),
        (berlin(2017, 4, 26, 1), "Mi.,_26.04.2017, 01:00_Uhr"),
        (berlin(2017, 4, 24, 23), "Mo.,_24.04.2017, 23:00_Uhr"),
    ],
)
def test_a_time_on_a_page_about_one_day_names_another_day(moment: datetime, written: str) -> None:
    assert shown(formats.format_time_on(moment, date(2017, 4, 25), zone=BERLIN, language="de")) == written


@pytest.mark.parametrize(
    ("start", "end", "span", "in_words", "with_day"),
    [
        (
            berlin(2017, 4, 25, 16),
            berlin(2017, 4, 25, 18),
            "16:00–18:00_Uhr",
            "von 16:00 bis 18:00_Uhr",
            "Di.,_25.04.2017, 16:00–18:00_Uhr",
        ),
        (
            berlin(2027, 4, 24, 18),
            berlin(2027, 4, 25),
            "18:00–24:00_Uhr",
            "von 18:00 bis 24:00_Uhr",
            "Sa.,_24.04.2027, 18:00–24:00_Uhr",
        ),
        (
            berlin(2027, 9, 17, 18),
            berlin(2027, 9, 18, 17),
            "Fr.,_17.09.2027, 18:00_Uhr – Sa.,_18.09.2027, 17:00_Uhr",
            "von Fr.,_17.09.2027, 18:00_Uhr bis Sa.,_18.09.2027, 17:00_Uhr",
            "Fr.,_17.09.2027, 18:00_Uhr – Sa.,_18.09.2027, 17:00_Uhr",
        ),
        (
            berlin(2027, 9, 17),
            berlin(2027, 9, 19),
            "Fr.,_17.09.2027, 00:00_Uhr – So.,_19.09.2027, 00:00_Uhr",
            "von Fr.,_17.09.2027, 00:00_Uhr bis So.,_19.09.2027, 00:00_Uhr",
            "Fr.,_17.09.2027, 00:00_Uhr – So.,_19.09.2027, 00:00_Uhr",
        ),
    ],
)
def test_a_span(start: datetime, end: datetime, span: str, in_words: str, with_day: str) -> None:
    assert shown(formats.format_span(start, end, zone=BERLIN, language="de")) == span
    assert shown(formats.format_span_in_words(start, end, zone=BERLIN, language="de")) == in_words
    assert shown(formats.format_date_span(start, end, zone=BERLIN, language="de")) == with_day


def test_on_the_night_of_the_change_the_clocks_of_the_house_count() -> None:
    start, end = berlin(2027, 10, 30, 22), berlin(2027, 10, 31, 2, 30, fold=1)

    assert shown(formats.format_span(start, end, zone=BERLIN, language="de")) == (
        "Sa.,_30.10.2027, 22:00_Uhr – So.,_31.10.2027, 02:30_Uhr"
    )


@pytest.mark.parametrize(
    ("start", "end", "german", "english"),
    [
        ((20, 8), (20, 9, 30), "08:00–09:30_Uhr", "08:00–09:30"),
        ((20, 0), (20, 7), "00:00–07:00_Uhr", "00:00–07:00"),
        ((20, 20), (21, 0), "20:00–24:00_Uhr", "20:00–24:00"),
        ((20, 20), (21, 9), "ab 20:00_Uhr", "from 20:00"),
        ((19, 20), (20, 9), "bis 09:00_Uhr", "until 09:00"),
        ((19, 20), (21, 0), "ganztägig", "all day"),
        ((20, 0), (21, 0), "ganztägig", "all day"),
        ((20, 0), (22, 18), "ganztägig", "all day"),
        # Not on the day at all, as in a plan that tells of set-up on the evening before.
        ((21, 8), (21, 10), "So.,_21.03.2027, 08:00–10:00_Uhr", "Sun 21 Mar 2027, 08:00–10:00"),
        ((18, 20), (20, 0), "Do.,_18.03.2027, 20:00_Uhr – Sa.,_20.03.2027, 00:00_Uhr", None),
    ],
)
def test_on_a_day_stands_the_part_of_a_span_that_is_on_it(
    start: tuple[int, ...], end: tuple[int, ...], german: str, english: str | None
) -> None:
    span = berlin(2027, 3, *start), berlin(2027, 3, *end)
    day = date(2027, 3, 20)

    assert shown(formats.format_span_on(*span, day, zone=BERLIN, language="de")) == german
    if english is not None:
        assert shown(formats.format_span_on(*span, day, zone=BERLIN, language="en")) == english


def test_a_day_of_a_clock_change_is_all_of_it() -> None:
    span = berlin(2027, 10, 31), berlin(2027, 11, 1)
    assert formats.format_span_on(*span, date(2027, 10, 31), zone=BERLIN, language="de") == "ganztägig"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (20, "von Sa.,_20.03.2027, 09:00_Uhr bis Mo.,_22.03.2027, 18:00_Uhr"),
        (21, "ganztägig, von Sa.,_20.03.2027, 09:00_Uhr bis Mo.,_22.03.2027, 18:00_Uhr"),
    ],
)
def test_screen_readers_are_told_all_of_a_span(day: int, words: str) -> None:
    span = berlin(2027, 3, 20, 9), berlin(2027, 3, 22, 18)

    found = formats.format_span_on_in_words(*span, date(2027, 3, day), zone=BERLIN, language="de")
    assert shown(found) == words
