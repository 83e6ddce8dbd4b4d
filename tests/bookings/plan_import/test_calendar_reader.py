"""A broken calendar is refused with a sentence, however it is broken; what is large stays bounded."""

import contextlib
import re
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from bookings.plan_import.calendar_reader import read_calendar
from bookings.plan_import.plan import Stored
from bookings.plan_import.report import check_plan
from bookings.plan_import.series import period_of, with_series_dates
from bookings.plan_import.values import BrokenPlan
from rooms.holidays import published_calendar
from rooms.models import House
from tests.bookings.plan_import.calendars import CLOCKS_OF_BERLIN, HOUSE, OPTIONS, calendar, event
from tests.generated import examples

EXPORTS = [path.read_bytes() for path in sorted(Path(__file__).with_name("exports").glob("*.ics"))]
NO_CALENDAR = "The file is no calendar: it has to start with BEGIN:VCALENDAR and end with END:VCALENDAR."
ENDLESS = replace(OPTIONS, until=date(2199, 12, 31))


def check(raw, options=OPTIONS):
    """Read and check a calendar as a dry run does; raises BrokenPlan or nothing."""
    plan = read_calendar(raw, HOUSE, {}, options)
    if period := period_of(plan):
        plan = with_series_dates(plan, published_calendar("NW", *period))
    return check_plan(plan, Stored(House()), datetime(2027, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", NO_CALENDAR),
        (b"\r\n\r\n", NO_CALENDAR),
        (b"Raum;Von;Bis", NO_CALENDAR),
        (b"SUMMARY:x\r\n", NO_CALENDAR),
        (b"END:VCALENDAR\r\n", NO_CALENDAR),
        (b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", NO_CALENDAR),
        (b"X-BEFORE:all\r\n" + calendar(), NO_CALENDAR),
        (
            b"PK\x03\x04\xff\xfe\x00\x00",
            "The file is not encoded as UTF-8 (byte 4). Please save it as UTF-8.",
        ),
        (
            calendar(event()).decode().encode("utf-16"),
            "The file is not encoded as UTF-8 (byte 0). Please save it as UTF-8.",
        ),
        (
            calendar(event(title="Küche")).decode().encode("cp1252"),
            "The file is not encoded as UTF-8 (byte 101). Please save it as UTF-8.",
        ),
        (b" " * (10 * 1024 * 1024 + 1), "The file is larger than 10 MB. A plan of a house is much smaller."),
        (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "The file is cut off: END:VCALENDAR is missing."),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMM", "The file is cut off: END:VEVENT is missing."),
        (calendar("BEGIN:VEVENT"), "The file is broken: a BEGIN:VEVENT has no END:VEVENT."),
        (
            calendar("BEGIN:VEVENT", event(), "END:VEVENT"),
            "The file is broken: a BEGIN:VEVENT has no END:VEVENT.",
        ),
        (
            calendar("BEGIN:VTODO", event(), "END:VTODO"),
            "The file is broken: a BEGIN:VTODO has no END:VTODO.",
        ),
        (
            calendar("BEGIN:VCALENDAR", "END:VCALENDAR"),
            "The file is broken: a BEGIN:VCALENDAR has no END:VCALENDAR.",
        ),
        (
            b"BEGIN:VCALENDAR\r\n" + b"BEGIN:X\r\n" * 200_000,
            "The file is broken: X stands too deep in other components.",
        ),
    ],
)
def test_a_file_that_is_broken_as_a_whole_is_refused(raw, sentence):
    with translation.override("en"), pytest.raises(BrokenPlan) as refusal:
        check(raw)
    assert str(refusal.value) == sentence


def test_lines_are_read_however_they_end_and_are_folded():
    whole = calendar(event(title="Größe"))
    lines = whole.decode().split("\r\n")
    # Outlook for the Mac, and programs that fold in the middle of a letter.
    for raw in [
        whole.replace(b"\r\n", b"\n"),
        whole.replace(b"\r\n", b"\r"),
        whole.replace(b"\r\n", b"\r\n\r\n"),
        whole.replace("ö".encode(), "ö".encode()[:1] + b"\r\n " + "ö".encode()[1:]),
        "\r\n".join(line[:9] + "\r\n\t" + line[9:] for line in lines if line).encode() + b"\r\n",
        b"\xef\xbb\xbf" + whole,
    ]:
        (booking,) = read_calendar(raw, HOUSE, {}, OPTIONS).bookings
        assert booking.title == "Größe"


@pytest.mark.parametrize(
    ("between", "problems"),
    [
        (b"", []),
        (b"\r\n \r\n\r\n", []),
        (b"\xef\xbb\xbf", []),
        (b"\r\n\xef\xbb\xbf", []),
        (
            b"X-COMMENT:cached\r\n",
            ["Behind the end of the calendar stands 1 line that was not read: “X-COMMENT:cached”."],
        ),
        (
            event(title="Nicht").replace("\n", "\r\n").encode() + b"\r\nEND:VCALENDAR\r\n<!-- -->\r\n",
            ["Behind the end of the calendar stand 8 lines that were not read: “BEGIN:VEVENT” …"],
        ),
    ],
)
@pytest.mark.parametrize("ends", [True, False])
def test_what_stands_behind_the_end_of_a_calendar_is_listed_and_the_calendars_are_read(
    between, problems, ends
):
    raw = calendar(event(uid="a", title="Eins")) + between
    if not ends:
        raw += calendar(event("DTSTART:20270421T190000", uid="b", title="Zwei"))
    with translation.override("en"):
        plan = read_calendar(raw, HOUSE, {}, OPTIONS)
    assert [booking.title for booking in plan.bookings] == (["Eins"] if ends else ["Eins", "Zwei"])
    assert [(problem.code, problem.message) for problem in plan.skipped] == [
        ("after_calendar", problem) for problem in problems
    ]


# Whatever comes --------------------------------------------------------------------------------

LINES = st.sampled_from(
    [
        *sorted({line for raw in EXPORTS for line in raw.splitlines()}),
        *"""BEGIN:VEVENT|END:VEVENT|BEGIN:VTIMEZONE|END:VTIMEZONE|BEGIN:VALARM|END:VALARM
        DTSTART:99991231T235959Z|DTSTART:00010101|DTEND:20270420|DURATION:P1W|DURATION:-P|SEQUENCE:-x|UID:
        RRULE:FREQ=WEEKLY|RRULE:FREQ=DAILY;COUNT=999999|RRULE:|RRULE:FREQ=YEARLY;BYMONTHDAY=30;BYMONTH=2
        RDATE:|RDATE;VALUE=PERIOD:20270101T100000Z/PT1H,/,x/y|EXDATE:20270105|EXRULE:FREQ=DAILY
        RECURRENCE-ID:20270105T183000Z|RECURRENCE-ID;RANGE=THISANDFUTURE:20270112|RECURRENCE-ID:
        LOCATION:Saal A;;,|ORGANIZER;CN=a,b:|;:|:|ä;=":,""".replace("\n        ", "|")
        .encode()
        .split(b"|"),
    ]
)


@st.composite
def mutated(draw):
    """An export with lines dropped, doubled, replaced or cut, and single bytes changed."""
    lines = draw(st.sampled_from(EXPORTS)).splitlines()
    for _number in range(draw(st.integers(1, 8))):
        place = draw(st.integers(0, len(lines) - 1))
        change = draw(st.sampled_from(["drop", "insert", "replace", "swap", "cut", "byte"]))
        if change == "drop" and len(lines) > 1:
            del lines[place]
        elif change == "insert":
            lines.insert(place, draw(LINES))
        elif change == "replace":
            lines[place] = draw(LINES)
        elif change == "swap":
            other = draw(st.integers(0, len(lines) - 1))
            lines[place], lines[other] = lines[other], lines[place]
        elif change == "cut":
            lines[place] = lines[place][: draw(st.integers(0, 40))]
        elif lines[place]:
            at = draw(st.integers(0, len(lines[place]) - 1))
            lines[place] = (
                lines[place][:at] + draw(st.binary(min_size=1, max_size=2)) + lines[place][at + 1 :]
            )
    return b"\r\n".join(lines) + b"\r\n"


@given(
    mutated(),
    st.sampled_from([OPTIONS, replace(OPTIONS, until=date(2027, 12, 31)), replace(OPTIONS, room="")]),
)
@examples(500)
def test_a_mutated_export_is_refused_or_read_and_every_event_is_accounted_for(raw, options):
    with contextlib.suppress(BrokenPlan):
        report = check(raw, options)
        events = len(re.findall(rb"(?im)^BEGIN:VEVENT\s*$", raw))
        assert (events == 0) or report.plan.bookings or report.skipped
        assert all(booking.dates for booking in report.plan.bookings)


@given(st.lists(LINES | st.binary(max_size=20), max_size=12))
@examples(500)
def test_an_event_of_any_lines_is_refused_or_read_or_listed(lines):
    start = b"DTSTART;TZID=Europe/Berlin:20270105T193000"
    raw = b"\r\n".join(
        [b"BEGIN:VCALENDAR", b"BEGIN:VEVENT", start, *lines, b"END:VEVENT", b"END:VCALENDAR", b""]
    )
    with contextlib.suppress(BrokenPlan):
        report = check(raw)
        assert report.plan.bookings or report.skipped


@given(st.binary(max_size=300))
@examples(300)
def test_any_bytes_are_refused_with_a_sentence(raw):
    with translation.override("en"), pytest.raises(BrokenPlan):
        check(raw)


# Bounds ----------------------------------------------------------------------------------------


def refusal_of(raw, options=OPTIONS):
    """The sentence of a refusal, which may take some seconds of computing."""
    started = time.process_time()
    with translation.override("en"), pytest.raises(BrokenPlan) as refusal:
        check(raw, options)
    assert time.process_time() - started < 60
    return str(refusal.value)


def test_a_hundred_thousand_events_are_too_many():
    raw = calendar(*[f"BEGIN:VEVENT\nUID:{number}\nEND:VEVENT" for number in range(100_000)])
    assert refusal_of(raw) == (
        "The calendar has more than 20000 events. Please save a shorter time of it, for example a year."
    )


def test_series_with_more_dates_together_than_any_house_has_are_too_many():
    daily = [event("DTSTART:20270101T190000", "RRULE:FREQ=DAILY;COUNT=2999", uid=str(n)) for n in range(20)]
    assert refusal_of(calendar(*daily)) == (
        "The calendar has more than 50000 dates. Please save a shorter time of it, or give an end by --until."
    )


def test_rules_that_meet_no_day_are_not_followed_for_ever():
    rule = "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"
    never = [event("DTSTART:19900101T190000", rule, uid=str(number)) for number in range(1000)]
    assert refusal_of(calendar(*never), ENDLESS) == (
        "The series of the calendar are too long to be followed. Please give an end by --until."
    )


def test_events_that_all_overlap_are_refused():
    same = [event("DTSTART:20270101T190000", uid=str(number)) for number in range(500)]
    assert refusal_of(calendar(*same)) == (
        "More than 100000 times two dates of the plan overlap each other. This cannot be meant."
    )


def test_a_million_dates_of_one_rule_are_listed():
    started = time.process_time()
    report = check(calendar(event("DTSTART:19900101T190000", "RRULE:FREQ=DAILY;COUNT=999999")))
    assert [problem.code for problem in report.skipped] == ["too_many_dates"]
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    "filling", [b"\r\n", b"\n ", b" ", b";", b"X" * 70 + b"\r\n ", b"BEGIN:VTODO\r\nEND:VTODO\r\n", b'"']
)
def test_ten_megabytes_of_anything_take_seconds(filling):
    """Nothing takes the square of the length."""
    room_left = 10 * 1024 * 1024 - 100
    filled = b"BEGIN:VCALENDAR\r\nX-A:" + b"\r\n" * (filling[:1] == b"B")
    raw = filled + filling * (room_left // len(filling)) + b"\r\nEND:VCALENDAR\r\n"
    started = time.process_time()
    with contextlib.suppress(BrokenPlan):
        check(raw)
    assert time.process_time() - started < 60


def test_clocks_described_over_and_over_are_read_in_time():
    zones = "\n".join(CLOCKS_OF_BERLIN.format(f"Zone {number}") for number in range(2000))
    events = [
        event(f"DTSTART;TZID=Zone {number}:20270420T190000", uid=str(number))
        for number in range(0, 2000, 100)
    ]
    started = time.process_time()
    assert len(check(calendar(zones, *events)).plan.bookings) == 20
    assert time.process_time() - started < 30
