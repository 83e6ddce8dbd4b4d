"""What differs between a calendar and what was read of it before: what is said, and what is not touched."""

from datetime import date

import pytest
from django.utils import translation

from bookings.access.actors import System
from bookings.models import Booking, ImportedDate, Slot
from bookings.services import Move, give_dates_back, move_dates
from tests.bookings.plan_import.calendars import calendar, event, run_calendar
from tests.bookings.plan_import.read_again import CLOCKS, DAY, LATER, SINGLE, WITH, changes, kinds, stored
from tests.factories import NOW, berlin, make_booking


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def series(clock="19", count=4, *more, sequence=0):
    return event(
        f"{CLOCKS}20270420T{clock}0000", f"RRULE:FREQ=WEEKLY;COUNT={count}", f"SEQUENCE:{sequence}", *more
    )


def moved(day="20270428", clock="19", *more, sequence=1, of="20270427T170000Z"):
    return event(f"{CLOCKS}{day}T{clock}0000", f"RECURRENCE-ID:{of}", f"SEQUENCE:{sequence}", *more)


MOVED = "It moved from 17:00 to 19:00."


# What is not touched ---------------------------------------------------------------------------


def move_here(clock):
    slot = Slot.objects.get()
    times = [berlin(DAY, f"{clock}:00"), berlin(DAY, f"{clock + 2}:00")]
    rooms = tuple(room.pk for room in slot.rooms.all())
    move_dates(
        booking_id=slot.booking_id,
        actor=System(),
        now=NOW,
        moves=[Move(slot.pk, *times, rooms)],
        override=True,
        override_reason="Absprache",
    )


HERE = "It was changed here since, and is not touched."


@pytest.mark.parametrize("part", [SINGLE, LATER])
def test_what_was_moved_here_is_not_touched(read, update, part):
    read(SINGLE)
    move_here(12)
    assert changes(update(part)) == [("changed_here", HERE, False, "")]
    assert stored() == ["20.04. 12:00–14:00 saal-a"]


def test_what_was_moved_here_as_well_is_the_same_again(read, update):
    read(SINGLE)
    move_here(19)
    assert kinds(read(LATER)) == {"unchanged": 1}
    assert kinds(update(LATER)) == {"unchanged": 1}
    assert changes(update(event(f"{CLOCKS}20270420T150000", "SEQUENCE:2"))) == [
        ("moved", "It moved from 19:00 to 15:00.", True, "")
    ]


def test_what_was_cancelled_here_stays_cancelled(read, update):
    read(SINGLE)
    give_dates_back(booking_id=Booking.objects.get().pk, actor=System(), now=NOW)
    assert changes(update(LATER)) == [("changed_here", HERE, False, "")]
    assert stored() == []


def test_an_older_version_is_not_touched(read, update):
    read(LATER)
    message = "The file holds an older version (0) than was read before (1); it is not touched."
    assert changes(update(SINGLE)) == [("older", message, False, "")]
    assert stored() == ["20.04. 19:00–21:00 saal-a"]


def test_a_newer_version_without_a_change_is_known_all_the_same(read, update):
    read(SINGLE)
    update(event(f"{CLOCKS}20270420T170000", "SEQUENCE:5"))
    assert ImportedDate.objects.get().sequence == 5
    assert [kind for kind, *_rest in changes(update(LATER))] == ["older"]


def test_a_move_into_a_clash_is_said_and_left(read, update, two_halls):
    read(SINGLE)
    make_booking([two_halls.rooms.get(slug="saal-a")], berlin(date(2027, 4, 20), "20:00"), title="Fest")
    before = stored()
    for _time in range(2):
        ((kind, message, done, left),) = changes(update(LATER))
        assert (kind, message, done, left != "") == ("moved", MOVED, False, True)
    assert stored() == before


def test_dates_of_several_events_follow_each_other(read, update):
    def parts(sequence, *clocks):
        return [
            event(f"{CLOCKS}20270420T{clock}0000", f"SEQUENCE:{sequence}", uid=f"{number}")
            for number, clock in enumerate(clocks)
        ]

    read(*parts(0, "10", "12", "14"))
    assert [change["done"] for change in update(*parts(1, "12", "14", "16"))["changes"]] == [True] * 3
    assert stored() == [f"20.04. {times} saal-a" for times in ["12:00–14:00", "14:00–16:00", "16:00–18:00"]]


def test_what_is_over_stays(read, tmp_path):
    read(SINGLE)
    report, _refusal = run_calendar(
        tmp_path, calendar(LATER), *WITH, "--update", "--json", now="2027-04-21T08:00"
    )
    assert changes(report) == [("moved", MOVED, False, "It is over, and stays as it was.")]
    assert stored() == ["20.04. 17:00–19:00 saal-a"]


def test_an_update_into_a_file_that_cannot_be_stored_is_taken_back(read, update):
    read(SINGLE)
    clashing = [event(f"{CLOCKS}20270420T200000", uid=uid, title=uid) for uid in "bc"]
    refusal = "2 approved dates cannot stand beside others. Nothing was stored; "
    report = update(LATER, *clashing, expected=f"{refusal}--skip-clashing-dates skips them.")
    assert changes(report) == [("moved", MOVED, False, "")]
    assert stored() == ["20.04. 17:00–19:00 saal-a"]


def test_what_moved_away_makes_room_for_what_is_new(read, update):
    read(SINGLE)
    new = event(f"{CLOCKS}20270420T160000", uid="b", title="Probe")
    refusal = "1 approved date cannot stand beside others. Nothing was stored; "
    read(LATER, new, expected=f"{refusal}--skip-clashing-dates skips it.")
    update(LATER, new)
    assert stored() == ["20.04. 16:00–18:00 saal-a", "20.04. 19:00–21:00 saal-a"]


def test_what_is_stored_stands_where_it_is_stored(read):
    """Not where the file has it: there is room there, and none where it is."""
    read(SINGLE)
    move_here(12)
    here = event(f"{CLOCKS}20270420T130000", uid="b", title="Probe")
    refusal = "1 approved date cannot stand beside others. Nothing was stored; "
    read(here, SINGLE, expected=f"{refusal}--skip-clashing-dates skips it.")
    there = event(f"{CLOCKS}20270420T180000", uid="c", title="Fest")
    assert read(there, SINGLE)["stored"] == 1
    assert stored() == ["20.04. 12:00–14:00 saal-a", "20.04. 18:00–20:00 saal-a"]


# Series ----------------------------------------------------------------------------------------


DAYS = ["20.04.", "27.04.", "04.05.", "11.05."]


def on(*days, clock="19:00–21:00"):
    return [f"{day} {clock} saal-a" for day in days]


@pytest.mark.parametrize(
    ("parts", "found", "dates"),
    [
        ([series(), moved()], ["moved"], on("20.04.", "28.04.", "04.05.", "11.05.")),
        (
            [series("19", 4, "EXDATE:20270427T170000Z", sequence=1)],
            ["cancelled"],
            on("20.04.", "04.05.", "11.05."),
        ),
        (
            [series(), moved("20270427", "19", "STATUS:CANCELLED")],
            ["cancelled"],
            on("20.04.", "04.05.", "11.05."),
        ),
        ([series(count=5, sequence=1)], ["added"], on(*DAYS, "18.05.")),
        ([series(count=2, sequence=1)], ["cancelled", "cancelled"], on("20.04.", "27.04.")),
        ([series(clock="17", sequence=1)], ["moved"] * 4, on(*DAYS, clock="17:00–19:00")),
        (
            [series("19", 4, "RDATE;TZID=Europe/Berlin:20270601T190000", sequence=1)],
            ["added"],
            on(*DAYS, "01.06."),
        ),
        (
            [event(f"{CLOCKS}20270421T190000", "RRULE:FREQ=WEEKLY;COUNT=4", "SEQUENCE:1")],
            ["moved"] * 4,
            on("21.04.", "28.04.", "05.05.", "12.05."),
        ),
        (
            [series(), moved("20270427", "19", "DURATION:PT3H")],
            ["changed"],
            [*on("20.04."), "27.04. 19:00–22:00 saal-a", *on("04.05.", "11.05.")],
        ),
        ([event(f"{CLOCKS}20270420T190000", "SEQUENCE:1")], ["cancelled"] * 3, on("20.04.")),
    ],
)
def test_what_is_changed_of_a_series_is_said_and_carried_out_once(read, update, parts, found, dates):
    read(series())
    report = read(*parts)
    assert ([change["kind"] for change in report["changes"]], stored()) == (found, on(*DAYS))
    report = update(*parts)
    assert [(change["kind"], change["done"]) for change in report["changes"]] == [
        (kind, True) for kind in found
    ]
    assert (stored(), Booking.objects.count()) == (dates, 1)
    again = update(*parts)
    assert (again["changes"], kinds(again), stored()) == (
        [],
        {"unchanged": len(dates)},
        dates,
    )


def test_dates_that_take_each_others_place_move(read, update):
    """Each date of the series goes where the next one was."""
    read(series())
    update(event(f"{CLOCKS}20270427T190000", "RRULE:FREQ=WEEKLY;COUNT=4", "SEQUENCE:1"))
    assert stored() == on("27.04.", "04.05.", "11.05.", "18.05.")


def test_a_date_of_a_series_that_clashes_is_left_and_the_others_move(read, update, two_halls):
    read(series())
    make_booking([two_halls.rooms.get(slug="saal-a")], berlin(date(2027, 4, 27), "17:00"), title="Fest")
    report = update(series(clock="17", sequence=1))
    assert [change["done"] for change in report["changes"]] == [True, False, True, True]
    assert stored(booking__title="Chorprobe") == [
        *on("20.04.", clock="17:00–19:00"),
        *on("27.04."),
        *on("04.05.", "11.05.", clock="17:00–19:00"),
    ]


def test_a_date_that_was_moved_comes_back(read, update):
    read(series(), moved())
    report = update(series(sequence=2))
    assert changes(report) == [
        ("moved", "It moved from Wed 28 Apr 2027, 19:00–21:00 to Tue 27 Apr 2027, 19:00–21:00.", True, "")
    ]
    assert stored() == on(*DAYS)


def test_one_date_has_no_title_of_its_own(read, update):
    read(series())
    part = event(f"{CLOCKS}20270428T190000", "RECURRENCE-ID:20270427T170000Z", "SEQUENCE:1", title="Konzert")
    update(series(), part)
    assert (stored(), Booking.objects.get().title) == (
        on("20.04.", "28.04.", "04.05.", "11.05."),
        "Chorprobe",
    )
    assert changes(update(series(), part)) == [
        (
            "changed",
            "It is called “Konzert” instead of “Chorprobe”.",
            False,
            "Its title stays: a single date has none of its own.",
        )
    ]


@pytest.mark.parametrize(
    ("parts", "options"),
    [
        ([series(sequence=1)], ["--until", "2027-04-30"]),
        (
            [
                series(),
                moved("20270504", "17", of="20270504T170000Z").replace("-ID:", "-ID;RANGE=THISANDFUTURE:"),
            ],
            [],
        ),
        ([series(), moved("20270427", "19", "TRANSP:TRANSPARENT")], []),
        ([moved("20270427", "19", sequence=0)], []),
    ],
)
def test_dates_that_the_file_does_not_say_are_not_cancelled(read, parts, options):
    read(series())
    report = read(*parts, options=["--update", *options])
    assert (report["changes"], stored()) == ([], on(*DAYS))


def test_news_of_one_date_cancels_that_one(read, update):
    read(series())
    part = moved("20270427", "19", "STATUS:CANCELLED")
    assert [change["kind"] for change in update(part, head=["METHOD:CANCEL"])["changes"]] == ["cancelled"]
    assert stored() == on("20.04.", "04.05.", "11.05.")


# In sentences ----------------------------------------------------------------------------------


def test_people_read_what_changed(read, tmp_path):
    read(series(), event(f"{CLOCKS}20270421T190000", uid="b", title="Probe"))
    new = event(f"{CLOCKS}20270422T190000", uid="c", title="Neu")
    text, _refusal = run_calendar(tmp_path, calendar(series(clock="17", sequence=1), new), *WITH)
    assert text.splitlines()[-6:] == [
        "Compared with what was read before: 1 new, 0 unchanged, 4 moved, 1 missing.",
        "  Chorprobe, 2027-04-20 17:00: It moved from 19:00 to 17:00.",
        "    Tue 20 Apr 2027; Tue 27 Apr 2027; Tue 4 May 2027; Tue 11 May 2027",
        "  Probe, 2027-04-21 19:00: It is not in this file, and stays as it is.",
        "Changes are not carried out; --update does that.",
        "1 booking was stored.",
    ]
    text, _refusal = run_calendar(tmp_path, calendar(series(clock="17", sequence=1), new), *WITH, "--update")
    assert "  Chorprobe, 2027-04-20 17:00: It moved from 19:00 to 17:00. Carried out." in text.splitlines()
