"""Which dates of a recurring event become a series, and what becomes of those that were changed."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from bookings.date_facts import Skip
from bookings.enums import SkippedBecause, Visibility
from bookings.plan_import.calendar_reader import read_calendar
from bookings.series.pattern import Frequency, Pattern
from tests.bookings.plan_import.calendars import HOUSE, OPTIONS, calendar, event, of_one, read, remarks, walls

pytestmark = pytest.mark.usefixtures("english")

KNOWN = {"tv beispiel": "TV Beispiel"}
START = "DTSTART;TZID=Europe/Berlin:20270420T190000"
DAY = date(2027, 4, 20)


def wall(*numbers):
    return datetime(*numbers)  # noqa: DTZ001 - by the clocks on the wall


# Series ----------------------------------------------------------------------------------------


def test_a_rule_that_a_pattern_gives_is_kept_as_one():
    booking = of_one(START, "RRULE:FREQ=WEEKLY;UNTIL=20270601T170000Z;BYDAY=TU,TH", "EXDATE:20270506T170000Z")
    assert booking.series.pattern == Pattern(
        frequency=Frequency.WEEKLY,
        first_day=DAY,
        starts=time(19),
        ends=time(21),
        weekdays=(1, 3),
        until=date(2027, 6, 1),
    )
    assert booking.series.skipped == (wall(2027, 5, 6, 19),)
    assert booking.reasons == ()
    assert len(walls(booking)) == 12


@pytest.mark.parametrize(
    ("rules", "dates", "reason"),
    [
        (
            ["FREQ=YEARLY;COUNT=2"],
            ["2027-04-20 19:00", "2028-04-20 19:00"],
            "Series recur daily, weekly or monthly, not “YEARLY”.",
        ),
        (
            ["FREQ=MONTHLY;BYDAY=3TU,1FR;COUNT=3"],
            ["2027-04-20 19:00", "2027-05-07 19:00", "2027-05-18 19:00"],
            "Different weekdays of a month (such as the 1st Monday and the 3rd Friday) need a series each.",
        ),
        (
            ["FREQ=MONTHLY;BYMONTHDAY=20,-1;COUNT=3"],
            ["2027-04-20 19:00", "2027-04-30 19:00", "2027-05-20 19:00"],
            "“BYMONTHDAY=20,-1” cannot be taken over here.",
        ),
        (
            ["FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,SU;COUNT=3"],
            ["2027-04-20 19:00", "2027-05-02 19:00", "2027-05-04 19:00"],
            "Weeks start on Monday here, not on “SU”.",
        ),
        (
            ["FREQ=WEEKLY;COUNT=2", "FREQ=MONTHLY;COUNT=2"],
            ["2027-04-20 19:00", "2027-04-27 19:00", "2027-05-20 19:00"],
            "The series follows several rules.",
        ),
    ],
)
def test_a_rule_that_no_pattern_gives_is_kept_as_its_dates(rules, dates, reason):
    booking = of_one(START, *(f"RRULE:{rule}" for rule in rules))
    assert (booking.series.pattern, walls(booking)) == (None, dates)
    assert [(reason.code, reason.message) for reason in booking.reasons] == [
        ("kept_as_dates", f"Kept without its rule, as {len(dates)} single dates: {reason}")
    ]


def test_dates_longer_than_a_day_are_kept_one_by_one():
    booking = of_one(
        "DTSTART;VALUE=DATE:20270402", "DTEND;VALUE=DATE:20270404", "RRULE:FREQ=MONTHLY;BYDAY=1FR;COUNT=3"
    )
    assert walls(booking) == ["2027-04-02 00:00", "2027-05-07 00:00", "2027-06-04 00:00"]
    assert [reason.code for reason in booking.reasons] == ["all_day", "kept_as_dates"]


def test_what_an_exrule_takes_away_is_no_date():
    booking = of_one(START, "RRULE:FREQ=WEEKLY;COUNT=4", "EXRULE:FREQ=WEEKLY;INTERVAL=2")
    assert walls(booking) == ["2027-04-27 19:00", "2027-05-11 19:00"]


def test_a_start_that_the_rule_does_not_meet_is_a_date_all_the_same_and_counts():
    booking = of_one(START, "RRULE:FREQ=WEEKLY;BYDAY=TH;COUNT=3")
    assert walls(booking) == ["2027-04-20 19:00", "2027-04-22 19:00", "2027-04-29 19:00"]
    assert [(reason.code, reason.message) for reason in booking.reasons] == [
        (
            "start_outside_pattern",
            "Tue 20 Apr 2027 does not meet the rule of the series; it is a date all the same.",
        )
    ]
    assert booking.series.pattern.weekdays == (3,)
    assert booking.notes == ()


@pytest.mark.parametrize(
    ("rule", "cut"),
    [
        ("FREQ=WEEKLY", True),
        ("FREQ=WEEKLY;COUNT=50", True),
        ("FREQ=WEEKLY;UNTIL=20991231", True),
        ("FREQ=WEEKLY;COUNT=4", False),
        ("FREQ=WEEKLY;UNTIL=20270517", False),
    ],
)
def test_a_series_ends_at_the_latest_on_the_day_that_the_option_gives(rule, cut):
    plan = read(event(START, f"RRULE:{rule}"), options=replace(OPTIONS, until=date(2027, 5, 17)))
    (booking,) = plan.bookings
    assert walls(booking)[-1] == "2027-05-11 19:00"
    assert [(problem.code, problem.message) for problem in plan.skipped] == (
        [("series_cut", "The series goes on after Mon 17 May 2027; later dates are not taken over.")]
        if cut
        else []
    )


def test_nothing_of_a_series_comes_after_the_day_that_the_option_gives():
    plan = read(
        event(
            START,
            "RRULE:FREQ=WEEKLY",
            "EXDATE:20270601T170000Z",
            "RDATE:20270501T170000Z,20270529T170000Z",
        ),
        event("DTSTART:20270609T190000", "RECURRENCE-ID:20270608T170000Z"),
        options=replace(OPTIONS, until=date(2027, 5, 4)),
    )
    (booking,) = plan.bookings
    assert walls(booking) == ["2027-04-20 19:00", "2027-04-27 19:00", "2027-05-01 19:00", "2027-05-04 19:00"]
    assert (booking.reasons, booking.notes) == ((), ())
    assert [problem.code for problem in plan.skipped] == ["series_cut"]


def test_a_change_after_the_day_that_the_option_gives_is_kept_where_nothing_was_dropped():
    change = event("DTSTART:20270609T190000", "RECURRENCE-ID:20270608T170000Z")
    plan = read(WEEKLY, change, options=replace(OPTIONS, until=date(2027, 5, 31)))
    assert [walls(booking) for booking in plan.bookings][1:] == [["2027-06-09 19:00"]]
    assert plan.skipped == ()


def test_a_series_that_starts_after_the_day_that_the_option_gives_is_listed():
    options = replace(OPTIONS, until=date(2027, 4, 19))
    _told, skipped = remarks(WEEKLY, options=options)
    assert [code for code, _sentence in skipped] == ["series_cut", "no_date"]


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (
            ["RRULE:FREQ=WEEKLY"],
            (
                "series_without_end",
                "The series has no end; --until says up to which day it is taken over.",
            ),
        ),
        (
            ["RRULE:FREQ=DAILY;UNTIL=20991231"],
            (
                "too_many_dates",
                "The series has more than 3000 dates; with --until it is cut shorter.",
            ),
        ),
        *[
            ([f"RRULE:{rule}"], ("pattern_not_supported", f"“{part}” cannot be taken over here."))
            for rule, part in [
                ("FREQ=HOURLY;COUNT=3", "FREQ=HOURLY"),
                ("FREQ=DAILY;BYHOUR=9,14;COUNT=3", "BYHOUR=9,14"),
                ("FREQ=WEEKLY;INTERVAL=0;COUNT=3", "INTERVAL=0"),
                ("FREQ=WEEKLY;BYDAY=2MO;COUNT=3", "BYDAY=2MO"),
                ("FREQ=WEEKLY;BYDAY=MO;BYSETPOS=1;COUNT=3", "BYSETPOS=1"),
                ("FREQ=MONTHLY;BYDAY=MO,1FR;COUNT=3", "BYDAY=MO,1FR"),
                ("FREQ=WEEKLY;FREQ=DAILY;COUNT=3", "FREQ=DAILY"),
                ("FREQ=WEEKLY;UNTIL=20270230", "UNTIL=20270230"),
                ("FREQ=YEARLY;BYEASTER=0;COUNT=3", "BYEASTER=0"),
                ("FREQ=WEEKLY;RSCALE=CHINESE;COUNT=3", "RSCALE=CHINESE"),
                ("INTERVAL=2", "INTERVAL=2"),
                ("", ""),
            ]
        ],
        (
            ["RRULE:FREQ=WEEKLY;COUNT=3;UNTIL=20270601"],
            (
                "pattern_not_supported",
                "A series ends on a last day or after a number of dates, not by both.",
            ),
        ),
        (
            ["RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE:morgen"],
            ("bad_time", "“morgen” is no date or time."),
        ),
        (
            ["RRULE:FREQ=WEEKLY;COUNT=2", "EXDATE:20270420T170000Z,20270427T170000Z"],
            ("no_date", "No date of the series is left."),
        ),
    ],
)
def test_a_series_that_cannot_be_taken_over_is_listed(lines, problem):
    assert remarks(event(START, *lines)) == ([], [problem])


def test_left_out_dates_are_named_in_any_way_and_what_meets_no_date_is_told():
    booking = of_one(
        START,
        "RRULE:FREQ=WEEKLY;COUNT=6",
        "EXDATE;VALUE=DATE:20270427",
        "EXDATE;TZID=America/New_York:20270504T130000,20270511T130000",
        "EXDATE:20270519T170000Z",
        "EXDATE:",
    )
    assert walls(booking) == ["2027-04-20 19:00", "2027-05-18 19:00", "2027-05-25 19:00"]
    assert [(reason.code, reason.message) for reason in booking.notes] == [
        ("skipped_without_date", "Wed 19 May 2027 is left out, but the series has no date then.")
    ]


def test_added_dates_stand_with_the_length_of_the_series_or_on_their_own():
    plan = read(
        event(
            START,
            "RRULE:FREQ=WEEKLY;COUNT=2",
            "RDATE;TZID=Europe/Berlin:20270501T100000,20270502T110000",
            "RDATE;VALUE=DATE:20270503",
            "RDATE;VALUE=PERIOD:20270505T100000Z/PT2H,20270506T100000Z/20270506T150000Z",
        )
    )
    series, single = plan.bookings
    assert walls(series) == [
        *("2027-04-20 19:00", "2027-04-27 19:00", "2027-05-01 10:00", "2027-05-02 11:00"),
        *("2027-05-03 19:00", "2027-05-05 12:00"),
    ]
    assert (single.id, walls(single), single.dates[0].net.duration) == (
        "Chorprobe, 2027-05-06 12:00",
        ["2027-05-06 12:00"],
        timedelta(hours=5),
    )


def test_added_dates_alone_are_one_booking():
    booking = of_one(START, "RDATE:20270428T170000Z")
    assert (booking.series.pattern, walls(booking)) == (None, ["2027-04-20 19:00", "2027-04-28 19:00"])


# Other clocks ----------------------------------------------------------------------------------


def test_a_series_in_utc_keeps_the_time_of_the_house_over_the_clock_change_and_that_is_said():
    booking = of_one("DTSTART:20271019T170000Z", "RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE:20271026T170000Z")
    assert walls(booking) == ["2027-10-19 19:00", "2027-11-02 19:00"]
    assert booking.series.pattern.weekdays == (1,)
    assert [(reason.code, reason.message) for reason in booking.reasons] == [
        (
            "other_clocks",
            (
                "It is written by other clocks than those of the house, and keeps 19:00 by these. "
                "By the others it would be 18:00 on Tue 2 Nov 2027."
            ),
        )
    ]
    assert of_one("DTSTART:20270420T170000Z", "RRULE:FREQ=WEEKLY;COUNT=3").reasons == ()


@pytest.mark.parametrize("rule", [[], ["RRULE:FREQ=WEEKLY;COUNT=1"]])
def test_dates_that_are_named_one_by_one_are_instants(rule):
    """RFC 5545, 3.8.5.2: RDATE lists instants; only a rule keeps the clock."""
    booking = of_one("DTSTART:20270706T170000Z", *rule, "RDATE:20271102T170000Z,20271109T180000Z")
    assert walls(booking) == ["2027-07-06 19:00", "2027-11-02 18:00", "2027-11-09 19:00"]
    assert booking.reasons == ()


@pytest.mark.parametrize("title", ["Chorprobe", "Konzert"])
@pytest.mark.parametrize("day", ["20271102", "20271103"])
def test_a_changed_date_is_an_instant(title, day):
    series = event("DTSTART:20270706T170000Z", "RRULE:FREQ=WEEKLY;COUNT=20")
    plan = read(series, event(f"DTSTART:{day}T170000Z", "RECURRENCE-ID:20271102T170000Z", title=title))
    dates = sorted(moment for booking in plan.bookings for moment in walls(booking))
    assert dates[16:] == [
        "2027-10-26 19:00",
        f"2027-11-{day[-2:]} 18:00",
        "2027-11-09 19:00",
        "2027-11-16 19:00",
    ]


def test_a_series_that_is_on_other_days_in_the_house_is_kept_as_its_dates():
    booking = of_one("DTSTART:20270419T223000Z", "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=2")
    assert walls(booking) == ["2027-04-20 00:30", "2027-04-27 00:30"]
    assert [(reason.code, reason.message) for reason in booking.reasons] == [
        (
            "kept_as_dates",
            (
                "Kept without its rule, as 2 single dates: "
                "By the clocks of the house the series is on other days."
            ),
        )
    ]


def test_of_a_time_that_the_clocks_show_twice_a_series_has_the_first_and_says_so():
    booking = of_one(START, "RDATE:20271031T013000Z")
    second = booking.dates[1]
    assert (second.net.start, second.clock_note) == (datetime(2027, 10, 31, 0, 30, tzinfo=UTC), "twice")


# Changed dates ---------------------------------------------------------------------------------

WEEKLY = event(START, "RRULE:FREQ=WEEKLY;COUNT=3")
SECOND = "RECURRENCE-ID:20270427T170000Z"


def test_a_date_that_moves_stays_in_its_series():
    plan = read(WEEKLY, event("DTSTART:20270428T183000", SECOND))
    (booking,) = plan.bookings
    assert walls(booking) == ["2027-04-20 19:00", "2027-04-28 18:30", "2027-05-04 19:00"]
    assert booking.series.skipped == (wall(2027, 4, 27, 19),)
    assert (booking.reasons, plan.skipped) == ((), ())


def test_a_changed_date_that_says_nothing_new_changes_nothing():
    plan = read(WEEKLY, event("DTSTART:20270427T190000", SECOND, "COMMENT:Noten mitbringen"))
    (booking,) = plan.bookings
    assert len(walls(booking)) == 3
    assert [reason.code for reason in booking.reasons] == ["details_left"]


@pytest.mark.parametrize(
    ("lines", "more"),
    [
        (["DURATION:PT3H"], {}),
        (["LOCATION:Saal B"], {}),
        (["STATUS:TENTATIVE"], {}),
        (["CLASS:PRIVATE"], {}),
        ([], {"title": "Konzert"}),
    ],
)
def test_a_date_that_differs_by_more_than_its_start_is_a_booking_of_its_own(lines, more):
    options = replace(OPTIONS, visibility=Visibility.PUBLIC)
    plan = read(WEEKLY, event("DTSTART:20270427T190000", SECOND, *lines, **more), options=options)
    series, single = plan.bookings
    assert (walls(series), walls(single)) == (["2027-04-20 19:00", "2027-05-04 19:00"], ["2027-04-27 19:00"])
    assert [reason.code for reason in single.reasons] == ["date_of_its_own"]
    assert series.key != single.key


def test_a_changed_date_keeps_room_and_association_of_its_series_where_it_names_none():
    organizer = "ORGANIZER;CN=TV Beispiel:mailto:x@example.org"
    plan = read(
        event(START, "RRULE:FREQ=WEEKLY;COUNT=3", "LOCATION:Saal B", organizer),
        event("DTSTART:20270428T190000", SECOND),
        associations=KNOWN,
    )
    (booking,) = plan.bookings
    assert (booking.rooms, booking.association, len(walls(booking))) == (("saal-b",), "TV Beispiel", 3)


def test_a_cancelled_date_is_left_out():
    plan = read(WEEKLY, event("DTSTART:20270427T190000", SECOND, "STATUS:CANCELLED"))
    (booking,) = plan.bookings
    assert [plan_date.skipped for plan_date in booking.dates] == [None, Skip(SkippedBecause.CHOSEN), None]
    assert plan.skipped == ()


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["TRANSP:TRANSPARENT"], "marked_free"),
        (["LOCATION:Rathaus"], "room_unknown"),
        (["DTEND:20270427T190000"], "ends_before_start"),
    ],
)
def test_a_date_that_is_changed_into_something_else_is_left_out_and_listed(lines, code):
    options = replace(OPTIONS, room="")
    series = event(START, "RRULE:FREQ=WEEKLY;COUNT=3", "LOCATION:Saal A")
    plan = read(series, event("DTSTART:20270427T190000", SECOND, *lines), options=options)
    (booking,) = plan.bookings
    assert walls(booking) == ["2027-04-20 19:00", "2027-05-04 19:00"]
    assert [problem.code for problem in plan.skipped] == [code]


def test_two_dates_that_change_places_stay_two():
    plan = read(
        WEEKLY,
        event("DTSTART:20270504T190000", SECOND),
        event("DTSTART:20270427T190000", "RECURRENCE-ID:20270504T170000Z"),
    )
    (booking,) = plan.bookings
    assert walls(booking) == ["2027-04-20 19:00", "2027-04-27 19:00", "2027-05-04 19:00"]


def test_a_date_that_moves_onto_another_stays_a_date():
    plan = read(WEEKLY, event("DTSTART:20270504T190000", SECOND))
    series, single = plan.bookings
    assert (walls(series), walls(single)) == (["2027-04-20 19:00", "2027-05-04 19:00"], ["2027-05-04 19:00"])


def test_a_change_of_a_date_that_the_series_does_not_have_is_a_booking_of_its_own():
    plan = read(WEEKLY, event("DTSTART:20270429T190000", "RECURRENCE-ID:20270428T170000Z"))
    series, single = plan.bookings
    assert (len(walls(series)), walls(single)) == (3, ["2027-04-29 19:00"])
    assert [(reason.code, reason.message) for reason in single.reasons] == [
        (
            "no_such_date",
            "It changes Wed 28 Apr 2027, on which its series has no date; it is a booking of its own.",
        )
    ]


@pytest.mark.parametrize(
    ("sequence", "is_skipped"), [("SEQUENCE:2", True), ("SEQUENCE:3", False), ("SEQUENCE:4", False)]
)
@pytest.mark.parametrize("way", ["EXDATE:20270427T170000Z", "EXDATE;VALUE=DATE:20270427"])
def test_a_date_that_a_newer_version_of_its_series_leaves_out_is_left_out_and_listed(
    way, sequence, is_skipped
):
    """With the same version both were meant: old programs write the change beside the left-out date."""
    series = event(START, "RRULE:FREQ=WEEKLY;COUNT=3", "SEQUENCE:3", way)
    plan = read(series, event("DTSTART:20270427T200000", SECOND, sequence))
    assert [walls(booking) for booking in plan.bookings[1:]] == ([] if is_skipped else [["2027-04-27 20:00"]])
    assert walls(plan.bookings[0]) == ["2027-04-20 19:00", "2027-05-04 19:00"]
    skipped = (
        "left_out_since",
        "Its series leaves out Tue 27 Apr 2027 in a newer version than that of this change.",
    )
    assert [(problem.code, problem.message) for problem in plan.skipped] == ([skipped] if is_skipped else [])


def test_dates_of_a_series_that_is_not_in_the_file_are_bookings_of_their_own():
    plan = read(
        event("DTSTART:20270427T190000", SECOND),
        event("DTSTART:20270504T190000", "RECURRENCE-ID:20270504T170000Z"),
        event("DTSTART:20270511T190000", "RECURRENCE-ID;RANGE=THISANDFUTURE:20270511T170000Z"),
        event("DTSTART:20270518T190000", "RECURRENCE-ID:20270518T170000Z", "STATUS:CANCELLED"),
        event("DTSTART:20270525T190000", "RECURRENCE-ID:irgendwann"),
    )
    assert [walls(booking) for booking in plan.bookings] == [["2027-04-27 19:00"], ["2027-05-04 19:00"]]
    assert len({booking.key for booking in plan.bookings}) == 2
    assert [problem.code for problem in plan.skipped] == ["bad_time", "this_and_future", "cancelled"]


def test_with_a_series_its_changed_dates_are_cancelled():
    series = event(START, "RRULE:FREQ=WEEKLY;COUNT=3", "STATUS:CANCELLED")
    _told, skipped = remarks(series, event("DTSTART:20270428T190000", SECOND))
    assert [code for code, _sentence in skipped] == ["cancelled", "cancelled"]


def test_all_dates_from_one_on_that_are_changed_at_once_are_listed():
    plan = read(WEEKLY, event("DTSTART:20270428T190000", SECOND.replace(":", ";RANGE=THISANDFUTURE:", 1)))
    (booking,) = plan.bookings
    assert walls(booking) == ["2027-04-20 19:00"]
    assert [(problem.code, problem.message) for problem in plan.skipped] == [
        (
            "this_and_future",
            "All dates from Tue 27 Apr 2027 on were changed at once; these 2 are not taken over.",
        )
    ]


def test_of_two_versions_the_newer_counts_in_whatever_order():
    old = event(START, "SEQUENCE:1", "DTSTAMP:20270102T000000Z", title="Alt")
    new = event(START, "SEQUENCE:2", "DTSTAMP:20270101T000000Z", title="Neu")
    for parts in ([old, new], [new, old]):
        plan = read(*parts)
        assert [booking.title for booking in plan.bookings] == ["Neu"]
        assert [(problem.booking, problem.code) for problem in plan.skipped] == [
            ("Alt, 2027-04-20 19:00", "older_version")
        ]


def test_events_without_a_uid_are_known_by_title_start_and_place():
    unnamed = event(START).replace("UID:a@example.org\n", "")
    other = unnamed.replace("Chorprobe", "Konzert")
    plan = read(unnamed, other, unnamed)
    assert [booking.title for booking in plan.bookings] == ["Chorprobe", "Konzert"]
    assert [problem.code for problem in plan.skipped] == ["older_version"]


def test_several_calendars_in_one_file_are_read_as_one():
    raw = calendar(WEEKLY) + calendar(event("DTSTART:20270428T190000", SECOND), event(START, uid="b"))
    plan = read_calendar(raw, HOUSE, {}, OPTIONS)
    assert len(plan.bookings) == 2
    assert plan.bookings[0].series.added == (wall(2027, 4, 28, 19),)
