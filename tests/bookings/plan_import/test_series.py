"""The series of a plan: the dates of the stories come out, and those of an independent expansion."""

import json
from datetime import UTC, date, datetime, time, timedelta

import pytest
from dateutil.rrule import rrulestr
from django.test.utils import CaptureQueriesContext
from holidays import Germany
from hypothesis import given
from hypothesis import strategies as st

from bookings.enums import BookingStatus, SkippedBecause, SlotStatus
from bookings.models import Booking, Occupancy, Slot
from bookings.plan_import.plan import Stored
from bookings.plan_import.plan_reader import read_plan
from bookings.plan_import.report import check_plan
from bookings.plan_import.series import period_of, with_series_dates
from rooms.holidays import load_holidays, published_calendar
from rooms.models import Holiday, House
from tests.bookings.plan_import.plans import (
    DEMO,
    PARTS,
    booking,
    clashes_by_minutes,
    figures,
    plan_of,
    series,
    story,
)
from tests.factories import BERLIN, berlin, make_house
from tests.generated import examples

pytestmark = pytest.mark.usefixtures("english")

# The stories -----------------------------------------------------------------------------------


def test_the_demo_file_gives_755_dates_and_exactly_three_clashes(run):
    report, refusal = run(DEMO, "--dry-run", "--json")
    assert (report["rooms"], report["bookings"], report["slots"], report["skipped"]) == (8, 16, 755, [])
    assert report["clashes"] == [
        {"kind": "buffer", "date": "2027-04-22", "bookings": ["D04", "D10"], "rooms": ["saal-a"]},
        {"kind": "hard", "date": "2027-07-29", "bookings": ["D04", "E12"], "rooms": ["kueche", "saal-a"]},
        {"kind": "hard", "date": "2027-09-17", "bookings": ["D07", "D08v"], "rooms": ["gruppenraum"]},
    ]
    assert [(problem["booking"], problem["code"]) for problem in report["problems"]] == [
        ("D08", "outside_hours"),
        ("E14", "outside_hours"),
        ("E14", "night_rest"),
        ("E15", "too_many_persons"),
        ("E15", "outside_hours"),
        ("E15", "night_rest"),
    ]
    assert refusal.startswith("1 approved date cannot stand beside others.")


def test_the_demo_file_is_stored_with_its_clashing_date_skipped_or_not_at_all(run):
    _report, refusal = run(DEMO)
    assert refusal.startswith("1 approved date cannot stand beside others.")
    assert (House.objects.count(), Holiday.objects.count(), Booking.objects.count()) == (0, 0, 0)
    report, refusal = run(DEMO, "--json", "--skip-clashing-dates")
    assert (report["slots"], report["stored"], refusal) == (754, 16, "")
    assert list(
        Slot.objects.filter(booking__title="Ferienspiele", status=SlotStatus.SKIPPED).values_list(
            "starts_at", "skipped_because"
        )
    ) == [(berlin(date(2027, 7, 29), "08:00"), "clash")]
    counts = Slot.objects.count(), Occupancy.objects.count(), Holiday.objects.count()
    assert run(DEMO, "--json", "--skip-clashing-dates")[0]["stored"] == 0
    assert counts == (Slot.objects.count(), Occupancy.objects.count(), Holiday.objects.count())


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"until": "2017-12-31"}, (36, 33)),
        ({"until": "2017-12-31", "skip_school": True}, (36, 24)),
        ({}, (558, 549)),
    ],
)
def test_consultation_hours(run, changes, expected):
    assert figures(run(story("D01", **changes), "--dry-run", "--json")[0]) == expected


@pytest.mark.parametrize(
    ("booking_id", "expected"), [("D02", (81, 73)), ("D04", (25, 24)), ("D07", (49, 39))]
)
def test_course_senior_cafe_and_youth_group(run, booking_id, expected):
    assert figures(run(story(booking_id), "--dry-run", "--json")[0]) == expected


def test_a_course_pauses_on_a_movable_day_off_that_staff_entered(run):
    house = make_house()
    load_holidays(house, 2027, 2027)
    day = date(2027, 5, 7)
    Holiday.objects.create(
        house=house, kind="school", name="Beweglicher Ferientag", first_date=day, last_date=day
    )
    report, _refusal = run(story("D02"), "--dry-run", "--json")
    assert figures(report) == (81, 72)
    assert {"booking": "D02", "date": "2027-05-07", "reason": "School holidays: Beweglicher Ferientag"} in (
        report["skipped_dates"]
    )


def test_a_holiday_that_staff_removed_is_none(run):
    house = make_house()
    load_holidays(house, 2027, 2027)
    Holiday.objects.get(house=house, name="Christi Himmelfahrt").delete()
    assert figures(run(story("D04"), "--dry-run", "--json")[0]) == (25, 25)


def test_the_dates_of_a_course_are_skipped_with_the_name_of_the_holiday(run):
    report, _refusal = run(story("D02"), "--dry-run", "--json")
    assert [(skipped["date"], skipped["reason"]) for skipped in report["skipped_dates"]] == [
        ("2027-03-24", "School holidays: Easter/Spring Break"),
        ("2027-03-25", "School holidays: Easter/Spring Break"),
        ("2027-03-26", "Public holiday: Good Friday"),
        ("2027-03-31", "School holidays: Easter/Spring Break"),
        ("2027-04-01", "School holidays: Easter/Spring Break"),
        ("2027-04-02", "School holidays: Easter/Spring Break"),
        ("2027-05-06", "Public holiday: Ascension Day"),
        ("2027-05-27", "Public holiday: Corpus Christi"),
    ]


@pytest.mark.parametrize(
    ("booking_id", "moved", "reason"),
    [
        ("D03", ("2027-02-08", "2027-02-15"), "Left out"),
        ("D06", ("2027-05-01", "2027-05-08"), "Public holiday: Labor Day"),
    ],
)
def test_board_meeting_and_repair_cafe_move_by_a_week(run, booking_id, moved, reason):
    plan = story(booking_id)
    report, _refusal = run(plan, "--json")
    assert report["skipped_dates"] == [{"booking": booking_id, "date": moved[0], "reason": reason}]
    slots = Slot.objects.order_by("pk")
    assert [slot.starts_at for slot in slots] == sorted(slot.starts_at for slot in slots)
    by_day = {slot.starts_at.astimezone(BERLIN).date().isoformat(): slot for slot in slots}
    assert (by_day[moved[0]].status, str(by_day[moved[0]].skip)) == (SlotStatus.SKIPPED, reason)
    assert (by_day[moved[1]].status, by_day[moved[1]].skip) == (SlotStatus.APPROVED, None)
    clock = plan["bookings"][0]["dtstart"][-5:]
    assert {slot.starts_at.astimezone(BERLIN).strftime("%H:%M") for slot in slots} == {clock}


def test_the_wall_of_20_april_2027_shows_three_bookings(run):
    run(DEMO, "--skip-clashing-dates")
    day = date(2027, 4, 20)
    slots = Slot.objects.filter(
        status=SlotStatus.APPROVED, starts_at__gte=berlin(day, "00:00"), starts_at__lt=berlin(day, "23:59")
    )
    assert [
        (
            f"{slot.starts_at.astimezone(BERLIN):%H:%M}–{slot.ends_at.astimezone(BERLIN):%H:%M}",
            slot.booking.display_title,
            slot.booking.visibility,
            [room.name for room in slot.rooms.all()],
        )
        for slot in slots.order_by("starts_at")
    ] == [
        ("16:00–18:00", "Offene Sprechstunde", "public", ["Büro / Beratungsraum"]),
        ("18:30–20:30", "Belegt", "busy", ["Seminarraum"]),
        ("19:30–21:30", "Elternabend Kita", "public", ["Saal B"]),
    ]


def test_the_reading_night_lasts_14_hours(run):
    run(story("E14"))
    slot = Slot.objects.get()
    assert slot.ends_at - slot.starts_at == timedelta(hours=14)


# An independent expansion ----------------------------------------------------------------------


def free_days(year, kind):
    return set(Germany(subdiv="NW", years=year, categories=(kind,), observed=False))


def singles(plan):
    """The plan without series: dateutil expands them in local time, the package knows the holidays."""
    found = []
    for entry in plan["bookings"]:
        start, end = (datetime.fromisoformat(entry[key]) for key in ("dtstart", "dtend"))
        starts = [start]
        if "rrule" in entry:
            rule = rrulestr(entry["rrule"], dtstart=start)
            last = datetime.combine(date.fromisoformat(entry["until"]), time.max)
            years = range(start.year, last.year + 1)
            pauses = {
                day
                for flag, kind in [("skip_public", "public"), ("skip_school", "school")]
                if entry.get(flag)
                for year in years
                for day in free_days(year, kind)
            }
            starts = [
                moment
                for moment in rule.between(start, last, inc=True)
                if moment.date() not in pauses and moment.date().isoformat() not in entry.get("exdates", [])
            ]
            starts += [
                moment
                for moment in map(datetime.fromisoformat, entry.get("rdates", []))
                if moment not in starts
            ]
        found += [
            {**entry, "dtstart": moment.isoformat(), "dtend": (moment + (end - start)).isoformat()}
            for moment in starts
        ]
    return {**plan, "bookings": found}


def test_the_clashes_of_the_demo_file_are_those_that_minutes_show(run):
    parts = {room["id"]: set(room["parts"]) or {room["id"]} for room in DEMO["rooms"]}
    standing = singles(DEMO)
    report, _refusal = run(DEMO, "--dry-run", "--json")
    assert report["slots"] == sum(entry["status"] != "rejected" for entry in standing["bookings"])
    assert report["clashes"] == clashes_by_minutes(standing, parts)


WEEKDAYS = st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, unique=True)


@st.composite
def generated_series(draw):
    """Short dense series around both clock changes, Easter and Christmas, some of them over midnight."""
    first = draw(st.sampled_from([date(2027, 3, 20), date(2027, 10, 22), date(2026, 12, 20)]))
    entries = []
    for number in range(draw(st.integers(1, 4))):
        day = first + timedelta(days=draw(st.integers(0, 8)))
        start = datetime.combine(day, time(draw(st.integers(4, 23)), draw(st.sampled_from([0, 30]))))
        end = start + timedelta(minutes=draw(st.integers(1, 16)) * 30)
        if end.date() > day and end.hour < 4:
            # Times that a clock change swallows or doubles are another story.
            end = datetime.combine(end.date(), time(4))
        rrule = draw(
            st.one_of(
                st.just("FREQ=DAILY"),
                st.builds("FREQ=DAILY;INTERVAL={}".format, st.integers(2, 5)),
                st.builds(
                    lambda interval, days: f"FREQ=WEEKLY;INTERVAL={interval};BYDAY={','.join(days)}",
                    st.integers(1, 2),
                    WEEKDAYS,
                ),
                st.just(f"FREQ=MONTHLY;BYMONTHDAY={day.day}"),
            )
        )
        until = day + timedelta(days=draw(st.integers(0, 20)))
        length = until - day
        entry = booking(
            f"X{number}",
            draw(st.lists(st.sampled_from(list(PARTS)), min_size=1, max_size=2, unique=True)),
            start.isoformat(),
            end.isoformat(),
            status=draw(st.sampled_from(["approved", "requested", "rejected"])),
            setup=draw(st.integers(0, 4)) * 15,
            teardown=draw(st.integers(0, 4)) * 15,
            rrule=rrule,
            until=until.isoformat(),
            skip_public=draw(st.booleans()),
            skip_school=draw(st.booleans()),
            exdates=[
                (day + timedelta(days=offset)).isoformat()
                for offset in draw(st.lists(st.integers(0, length.days), max_size=2, unique=True))
            ],
            # At another time of day than the pattern, or on days after it.
            rdates=[
                (start + timedelta(days=21 + offset)).isoformat()
                for offset in draw(st.lists(st.integers(0, 9), max_size=2, unique=True))
            ],
        )
        entries.append(entry)
    return entries


def has_dates(entry):
    rule = rrulestr(entry["rrule"], dtstart=datetime.fromisoformat(entry["dtstart"]))
    last = datetime.combine(date.fromisoformat(entry["until"]), time.max)
    return rule.before(last, inc=True) is not None


@given(generated_series().map(lambda entries: [entry for entry in entries if has_dates(entry)]))
@examples(200)
def test_dates_and_clashes_of_any_series_are_those_of_an_independent_expansion(entries):
    plan = plan_of(*entries)
    read = read_plan(json.dumps(plan).encode())
    if period := period_of(read):
        read = with_series_dates(read, published_calendar("NW", *period))
    report = check_plan(read, Stored(House()), datetime(2026, 1, 1, tzinfo=UTC))
    standing = singles(plan)
    assert report.count_standing(without_skipped=False) == sum(
        entry["status"] != "rejected" for entry in standing["bookings"]
    )
    assert [
        {
            "kind": clash.kind.value,
            "date": clash.day.isoformat(),
            "bookings": list(clash.bookings),
            "rooms": list(clash.rooms),
        }
        for clash in report.clashes
    ] == clashes_by_minutes(standing)


# Storing ---------------------------------------------------------------------------------------


def test_a_series_is_one_booking_with_its_rule(run):
    run(story("D04"))
    stored = Booking.objects.get()
    assert stored.status == BookingStatus.APPROVED
    assert stored.slots.count() == 25
    event = stored.event
    assert (event.start, event.rule.frequency, event.rule.params) == (
        berlin(date(2027, 1, 14), "14:30"),
        "WEEKLY",
        "interval:2;byweekday:TH",
    )
    assert event.end_recurring_period == berlin(date(2027, 12, 16), "23:59") + timedelta(seconds=59)


def test_the_event_starts_with_the_pattern_also_where_an_added_date_comes_first(run):
    run(plan_of(series(until="2027-06-01", rdates=["2027-04-01T10:00"], exdates=["2027-04-20"])))
    stored = Booking.objects.get()
    assert stored.slots.first().starts_at == berlin(date(2027, 4, 1), "10:00")
    assert stored.event.start == berlin(date(2027, 4, 20), "10:00")


def test_further_dates_without_a_pattern_are_one_booking_without_a_rule(run):
    entry = booking(
        "R", ["saal"], "2027-04-20T10:00", "2027-04-20T12:00", rdates=["2027-05-01", "2027-04-27T16:00"]
    )
    report, refusal = run(plan_of(entry), "--json")
    assert (figures(report), refusal) == ((3, 3), "")
    assert [slot.starts_at for slot in Slot.objects.order_by("pk")] == [
        berlin(date(2027, 4, 20), "10:00"),
        berlin(date(2027, 4, 27), "16:00"),
        berlin(date(2027, 5, 1), "10:00"),
    ]
    assert Booking.objects.get().event is None


def test_558_dates_take_hardly_more_queries_than_36(run, django_assert_max_num_queries):
    from django.db import connection

    counts = []
    for name, until in [("kurz", "2017-12-31"), ("lang", "2027-12-31")]:
        with CaptureQueriesContext(connection) as queries:
            run(story("D01", until=until), "--house", name)
        counts.append(len(queries))
    assert Slot.objects.count() == 36 + 558
    # What is written in bulk goes in batches.
    assert counts[1] - counts[0] <= 20


def test_storing_keeps_the_holidays_of_the_years_of_the_plan(run):
    run(story("D02", until="2028-02-01"))
    house = House.objects.get()
    assert house.holiday_coverage.get(kind="school").last_date == date(2028, 12, 31)
    assert Holiday.objects.filter(house=house, name="Karfreitag").count() == 2


def test_dates_of_one_series_that_overlap_each_other_are_told_and_skipped(run):
    entry = series(
        starts="2027-04-20T10:00",
        ends="2027-04-20T12:00",
        rrule="FREQ=DAILY",
        until="2027-04-21",
        rdates=["2027-04-21T11:00"],
    )
    report, refusal = run(plan_of(entry), "--json")
    assert report["clashes"] == []
    assert [(problem["code"], problem["message"]) for problem in report["problems"]] == [
        ("overlaps_itself", "Dates of the series overlap each other (Wed 21 Apr 2027).")
    ]
    assert refusal.startswith("1 approved date cannot stand beside others.")
    report, refusal = run(plan_of(entry), "--json", "--skip-clashing-dates")
    assert (report["slots"], refusal) == (2, "")
    assert [(line["date"], line["reason"]) for line in report["skipped_dates"]] == [
        ("2027-04-21", "Overlaps with another date of the same series.")
    ]
    assert Slot.objects.get(status=SlotStatus.SKIPPED).skipped_because == SkippedBecause.CLASH
