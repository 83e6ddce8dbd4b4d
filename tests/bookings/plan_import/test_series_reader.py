"""What a plan file says of a series: what is read, told, skipped or refused."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bookings.enums import SlotStatus
from bookings.models import Booking, Slot
from tests.bookings.plan_import.plans import booking, figures, plan_of, series, story
from tests.factories import BERLIN, berlin, make_house

pytestmark = pytest.mark.usefixtures("english")

# What is said about a series -------------------------------------------------------------------


def codes(report):
    return [problem["code"] for problem in report["problems"]]


def test_school_holidays_that_nobody_knows_are_told_with_the_last_known_day(run):
    entry = series(starts="2029-04-17T10:00", ends="2029-04-17T12:00", until="2029-12-31", skip_school=True)
    report, _refusal = run(plan_of(entry), "--dry-run", "--json")
    assert [(problem["code"], problem["message"]) for problem in report["problems"]] == [
        (
            "school_holidays_unknown",
            "School holidays are known until Tue 14 Aug 2029 only; later dates cannot go by them.",
        )
    ]
    later = series(starts="2031-04-15T10:00", ends="2031-04-15T12:00", until="2031-12-31", skip_school=True)
    assert run(plan_of(later), "--dry-run", "--json")[0]["problems"] == [
        {
            "booking": "S",
            "code": "school_holidays_unknown",
            "message": "School holidays are known until Tue 14 Aug 2029 only; later dates cannot go by them.",
        }
    ]


def test_a_house_in_a_region_without_known_holidays_is_told(run):
    make_house(holiday_region="XX")
    entry = series(until="2027-06-01", skip_public=True, skip_school=True)
    report, _refusal = run(plan_of(entry), "--dry-run", "--json")
    assert codes(report) == ["public_holidays_unknown", "school_holidays_unknown"]


def test_a_series_that_does_not_pause_asks_for_no_holidays(run):
    entry = series(starts="2031-04-15T10:00", ends="2031-04-15T12:00", until="2031-12-31")
    assert run(plan_of(entry), "--dry-run", "--json")[0]["problems"] == []


def test_a_series_only_in_school_holidays(run):
    entry = series(until="2027-09-30", only_school=True)
    report, _refusal = run(plan_of(entry), "--json")
    standing = Slot.objects.filter(status=SlotStatus.APPROVED).order_by("starts_at")
    assert [slot.starts_at.astimezone(BERLIN).date() for slot in standing] == [
        date(2027, 5, 18),
        *(date(2027, 7, 20) + timedelta(days=7 * week) for week in range(7)),
    ]
    assert {skipped["reason"] for skipped in report["skipped_dates"]} == {"Only in school holidays"}


def test_left_out_dates_are_skipped_by_day_or_by_start_and_what_meets_no_date_is_told(run):
    entry = series(
        until="2027-05-11", exdates=["2027-04-27", "2027-05-04T10:00", "2027-05-05", "2027-05-11T11:00"]
    )
    report, _refusal = run(plan_of(entry), "--dry-run", "--json")
    assert [skipped["date"] for skipped in report["skipped_dates"]] == ["2027-04-27", "2027-05-04"]
    assert [(problem["code"], problem["message"]) for problem in report["problems"]] == [
        ("skipped_without_date", "Wed 5 May 2027 is left out, but the series has no date then.")
    ]


def test_an_added_date_stands_on_a_holiday(run):
    entry = series(until="2027-04-27", rdates=["2027-05-01"], skip_public=True)
    assert figures(run(plan_of(entry), "--dry-run", "--json")[0]) == (3, 3)


def test_a_first_day_that_does_not_meet_the_pattern_is_told(run):
    entry = series(until="2027-05-20", rrule="FREQ=WEEKLY;BYDAY=TH")
    report, _refusal = run(plan_of(entry), "--dry-run", "--json")
    assert [(problem["code"], problem["message"]) for problem in report["problems"]] == [
        (
            "start_outside_pattern",
            "Tue 20 Apr 2027 does not meet the pattern; the first date is on Thu 22 Apr 2027.",
        )
    ]


def test_each_broken_rule_is_told_once_for_all_dates(run):
    entry = series(
        starts="2027-04-20T21:00", ends="2027-04-20T23:00", until="2027-12-31", persons=100, kind="meeting"
    )
    assert codes(run(plan_of(entry), "--dry-run", "--json")[0]) == ["too_many_persons", "outside_hours"]


def test_a_time_swallowed_by_the_clock_change_keeps_its_length_and_is_told(run):
    entry = series(
        starts="2027-03-27T02:30",
        ends="2027-03-27T03:00",
        rrule="FREQ=DAILY;COUNT=3",
        rooms=["saal-a"],
        kind="meeting",
    )
    report, _refusal = run(plan_of(entry, opening_hours={"Mo-So": "00:00-24:00"}), "--json")
    assert codes(report) == ["clock_gap"]
    assert list(Slot.objects.order_by("starts_at").values_list("starts_at", "ends_at")) == [
        (datetime(2027, 3, 27, 1, 30, tzinfo=UTC), datetime(2027, 3, 27, 2, 0, tzinfo=UTC)),
        (datetime(2027, 3, 28, 1, 30, tzinfo=UTC), datetime(2027, 3, 28, 2, 0, tzinfo=UTC)),
        (datetime(2027, 3, 29, 0, 30, tzinfo=UTC), datetime(2027, 3, 29, 1, 0, tzinfo=UTC)),
    ]


@pytest.mark.parametrize(
    ("rrule", "more", "last"),
    [
        ("FREQ=WEEKLY;COUNT=4", {}, "2027-05-11"),
        ("FREQ=WEEKLY;COUNT=4", {"until": "2027-05-05"}, "2027-05-04"),
        ("FREQ=WEEKLY;UNTIL=20270511", {"until": "2027-12-31"}, "2027-05-11"),
        ("FREQ=WEEKLY;UNTIL=20270511T080000Z", {}, "2027-05-11"),
        ("FREQ=WEEKLY;UNTIL=20270511T075959Z", {}, "2027-05-04"),
        ("FREQ=WEEKLY;UNTIL=20270511T095959", {}, "2027-05-04"),
    ],
)
def test_a_series_ends_where_file_and_rrule_say(run, rrule, more, last):
    run(plan_of(series(rrule=rrule, **more)))
    assert Slot.objects.order_by("starts_at").last().starts_at == berlin(date.fromisoformat(last), "10:00")


# What cannot be taken over ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"rrule": "FREQ=YEARLY"}, "Series recur daily, weekly or monthly, not “YEARLY”."),
        (
            {"rrule": "FREQ=MONTHLY;BYDAY=1MO,3FR"},
            "Different weekdays of a month (such as the 1st Monday and the 3rd Friday) need a series each.",
        ),
        ({"until": None}, "A series needs an end: a last day or a number of dates."),
        ({"dtend": "2027-04-21T12:00"}, "A date of a series ends within 24 hours."),
    ],
)
def test_what_one_rule_cannot_express_is_skipped_with_a_sentence_and_the_rest_is_read(run, changes, sentence):
    entry = {**series(until="2027-12-31"), **changes}
    other = booking("A", ["saal"], "2027-04-20T10:00", "2027-04-20T12:00")
    report, refusal = run(plan_of(entry, other), "--json")
    assert report["skipped"] == [{"booking": "S", "code": "pattern_not_supported", "message": sentence}]
    assert (report["bookings"], report["slots"], report["stored"], refusal) == (2, 1, 1, "")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"until": "2027-04-19"}, "booking S, until: the last day lies before the first."),
        ({"until": "31.12.2027"}, "booking S, until: a date is written like 2027-04-20."),
        ({"exdates": ["2027-02-30"]}, "booking S, exdates[0]: this date does not exist."),
        ({"exdates": "2027-04-27"}, "booking S, exdates: a list is expected here."),
        (
            {"rdates": ["2027-04-27T16"]},
            "booking S, rdates[0]: local date and time are written like 2027-04-20T19:30.",
        ),
        (
            {"exdates": ["2027-04-27"], "rdates": ["2027-04-27T10:00"]},
            "booking S, rdates[0]: this date is left out and added.",
        ),
        ({"skip_public": "yes"}, "booking S, skip_public: true or false is expected here."),
        (
            {"skip_school": True, "only_school": True},
            "booking S, only_school: this contradicts “skip_school”.",
        ),
        ({"rrule": None}, "booking S, until: this belongs to a series, but “rrule” is missing."),
        (
            {"rrule": "FREQ=MONTHLY;BYMONTHDAY=31", "until": "2027-04-30"},
            "booking S, rrule: no day meets this pattern.",
        ),
        (
            {"rrule": "FREQ=DAILY", "until": "2040-04-19"},
            "booking S, rrule: this gives 4749 dates; at most 3000 are possible.",
        ),
    ],
)
def test_a_broken_series_stops_the_file_with_its_place(run, changes, sentence):
    assert run(plan_of({**series(until="2027-12-31"), **changes})) == ("", sentence)
    assert Booking.objects.count() == 0


def test_the_summary_for_people_counts_what_is_skipped_and_why(run):
    text, refusal = run(story("D02"), "--dry-run")
    assert (
        "  D02: 8 of 81 (5 × School holidays: Easter/Spring Break; 1 × Public holiday: Good Friday; " in text
    )
    assert refusal == ""
