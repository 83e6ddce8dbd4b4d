"""Which bookings of a plan clash: those that a check minute by minute shows."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.models import Occupancy, Slot
from bookings.plan_import.plan import Stored
from bookings.plan_import.plan_reader import read_plan
from bookings.plan_import.report import check_plan
from rooms.models import House
from tests.bookings.plan_import.plans import CAFE, COMMITTEE, PARTS, booking, clashes_by_minutes, plan_of
from tests.factories import berlin
from tests.generated import examples

pytestmark = pytest.mark.usefixtures("english")


# Clashes ---------------------------------------------------------------------------------------


EVERYTHING = plan_of(
    # A combination against its parts, and one part against the other.
    booking("A1", ["saal"], "2027-04-20T16:00", "2027-04-20T18:00"),
    booking("A2", ["saal-b", "kueche"], "2027-04-20T17:00", "2027-04-20T19:00"),
    booking("A3", ["saal-a"], "2027-04-20T18:00", "2027-04-20T20:00"),
    # Touching dates, and a buffer that touches and one that does not.
    booking("B1", ["kueche"], "2027-04-21T10:00", "2027-04-21T12:00", teardown=30),
    booking("B2", ["kueche"], "2027-04-21T12:30", "2027-04-21T14:00"),
    booking("B3", ["kueche"], "2027-04-21T14:15", "2027-04-21T15:00", setup=30),
    booking("B4", ["saal-a", "kueche"], "2027-04-21T15:00", "2027-04-21T16:00", status="requested"),
    # Rivals by net time and by buffers only, with an approved one, and a rejected one that is not there.
    booking("C1", ["saal-a"], "2027-04-22T10:00", "2027-04-22T12:00", status="requested"),
    booking("C2", ["saal"], "2027-04-22T11:00", "2027-04-22T13:00", status="requested"),
    booking("C3", ["saal-b"], "2027-04-22T13:15", "2027-04-22T14:00", status="requested", setup=30),
    booking("C4", ["saal-b"], "2027-04-22T13:30", "2027-04-22T15:00"),
    booking("C5", ["saal"], "2027-04-22T08:00", "2027-04-22T22:00", status="rejected"),
    # Over midnight, against both days, and over the end of summer time: the night has one hour more.
    booking("D1", ["saal-a"], "2027-04-23T20:00", "2027-04-24T09:00", teardown=30),
    booking("D2", ["saal-a"], "2027-04-24T09:15", "2027-04-24T10:00"),
    booking("D3", ["saal"], "2027-04-23T21:00", "2027-04-23T22:00", status="requested"),
    booking("D4", ["saal-a"], "2027-04-24T08:00", "2027-04-24T08:30", status="requested"),
    booking("E1", ["saal-a"], "2027-10-30T20:00", "2027-10-31T09:00", setup=30, teardown=30),
    booking("E2", ["saal-a"], "2027-10-31T01:00", "2027-10-31T04:00", status="requested"),
    booking("E3", ["kueche"], "2027-10-30T23:00", "2027-10-31T02:00"),
    booking("E4", ["kueche"], "2027-10-31T03:00", "2027-10-31T05:00", setup=90),
    # Over the start of summer time: an hour less.
    booking("F1", ["saal-b"], "2027-03-27T23:00", "2027-03-28T01:45"),
    booking("F2", ["saal-b"], "2027-03-28T03:00", "2027-03-28T04:00", setup=30),
)


def test_clashes_are_those_that_minutes_show(run):
    report, _refusal = run(EVERYTHING, "--dry-run", "--json")
    assert report["clashes"] == clashes_by_minutes(EVERYTHING)
    assert [(clash["kind"], clash["date"], clash["bookings"]) for clash in report["clashes"]] == [
        ("buffer", "2027-03-28", ["F1", "F2"]),
        ("hard", "2027-04-20", ["A1", "A2"]),
        ("buffer", "2027-04-21", ["B2", "B3"]),
        ("rival", "2027-04-22", ["C1", "C2"]),
        ("rival", "2027-04-22", ["C2", "C3"]),
        ("hard", "2027-04-22", ["C3", "C4"]),
        ("hard", "2027-04-23", ["D1", "D3"]),
        ("buffer", "2027-04-24", ["D1", "D2"]),
        ("hard", "2027-04-24", ["D1", "D4"]),
        ("hard", "2027-10-31", ["E1", "E2"]),
    ]


def minutes_of_a_day(day):
    return st.builds(
        lambda hour, quarter: f"{day}T{hour:02}:{15 * quarter:02}", st.integers(0, 23), st.integers(0, 3)
    )


@st.composite
def generated_bookings(draw):
    """Small dense plans, on days with and without a clock change."""
    first, second = draw(
        st.sampled_from(
            [("2027-04-20", "2027-04-21"), ("2027-10-30", "2027-10-31"), ("2027-03-27", "2027-03-28")]
        )
    )
    entries = []
    for number in range(draw(st.integers(2, 7))):
        starts, ends = sorted(
            draw(st.sampled_from([first, second]).flatmap(minutes_of_a_day)) for _ in range(2)
        )
        if starts == ends:
            continue
        entries.append(
            booking(
                f"X{number}",
                draw(st.lists(st.sampled_from(list(PARTS)), min_size=1, max_size=2, unique=True)),
                starts,
                ends,
                status=draw(st.sampled_from(["approved", "requested", "rejected"])),
                setup=draw(st.integers(0, 8)) * 15,
                teardown=draw(st.integers(0, 8)) * 15,
            )
        )
    return entries


def in_the_gap(starts, ends):
    """Plans of one date in the night in which the clocks jump from two to three."""
    return [booking("X0", ["saal-a"], f"2027-03-28T{starts}", f"2027-03-28T{ends}")]


def as_entries(clashes):
    return [
        {
            "kind": clash.kind.value,
            "date": clash.day.isoformat(),
            "bookings": list(clash.bookings),
            "rooms": list(clash.rooms),
        }
        for clash in clashes
    ]


@pytest.mark.parametrize(("starts", "ends"), [("02:00", "02:30"), ("02:30", "03:00"), ("03:00", "03:30")])
def test_half_an_hour_that_the_clocks_never_show_is_half_an_hour(starts, ends):
    plan = read_plan(json.dumps(plan_of(*in_the_gap(starts, ends))).encode())
    assert [booking.net.duration for booking in plan.bookings[0].dates] == [timedelta(minutes=30)]


@given(generated_bookings())
@examples(300)
def test_clashes_of_any_plan_are_those_that_minutes_show(entries):
    plan = plan_of(*entries)
    report = check_plan(
        read_plan(json.dumps(plan).encode()), Stored(House()), datetime(2027, 1, 1, tzinfo=UTC)
    )
    assert as_entries(report.clashes) == clashes_by_minutes(plan)


@given(generated_bookings())
@examples(300)
def test_what_stands_after_dates_were_skipped_never_clashes_and_nothing_is_skipped_in_vain(entries):
    plan = plan_of(*entries)
    report = check_plan(
        read_plan(json.dumps(plan).encode()), Stored(House()), datetime(2027, 1, 1, tzinfo=UTC)
    )
    approved = [entry for entry in entries if entry["status"] == "approved"]
    standing = [entry for entry in approved if entry["id"] not in report.skipped_dates]
    assert clashes_by_minutes(plan_of(*standing)) == []
    for number, entry in enumerate(approved):
        if entry["id"] in report.skipped_dates:
            before = [earlier for earlier in approved[:number] if earlier in standing]
            assert clashes_by_minutes(plan_of(*before, entry)) != []


# The stories -----------------------------------------------------------------------------------


def test_committee_and_senior_cafe_meet_only_by_their_buffers(run):
    report, refusal = run(plan_of(CAFE, COMMITTEE), "--dry-run", "--json")
    assert report["clashes"] == [
        {"kind": "buffer", "date": "2027-04-22", "bookings": ["D04", "D10"], "rooms": ["saal-a"]}
    ]
    assert refusal == ""


def test_the_reading_night_over_the_end_of_summer_time_lasts_14_hours(run):
    run(plan_of(booking("E14", ["saal-a"], "2027-10-30T20:00", "2027-10-31T09:00", status="requested")))
    slot = Slot.objects.get()
    assert slot.ends_at - slot.starts_at == timedelta(hours=14)
    assert slot.starts_at == berlin(date(2027, 10, 30), "20:00")
    assert slot.ends_at == berlin(date(2027, 10, 31), "09:00")


def test_a_birthday_of_70_in_a_layout_for_56_has_too_many_persons_though_rejected(run):
    birthday = booking(
        "E15",
        ["saal", "kueche"],
        "2027-06-12T18:00",
        "2027-06-13T01:00",
        persons=70,
        layout="tische",
        status="rejected",
    )
    report, refusal = run(plan_of(birthday), "--dry-run", "--json")
    assert [(problem["booking"], problem["code"]) for problem in report["problems"]] == [
        ("E15", "too_many_persons"),
        ("E15", "outside_hours"),
        ("E15", "night_rest"),
    ]
    assert "56" in report["problems"][0]["message"]
    assert (report["slots"], report["clashes"], refusal) == (0, [], "")


def test_an_approved_hall_blocks_both_its_parts(run):
    run(
        plan_of(
            booking("D09", ["saal", "kueche"], "2027-04-26T16:00", "2027-04-26T20:00", setup=90, teardown=90)
        )
    )
    assert list(
        Occupancy.objects.order_by("part__slug").values_list(
            "part__slug", "starts_at", "ends_at", "is_blocking"
        )
    ) == [
        (
            slug,
            datetime(2027, 4, 26, 12, 30, tzinfo=UTC),
            datetime(2027, 4, 26, 19, 30, tzinfo=UTC),
            True,
        )
        for slug in ["kueche", "saal-a", "saal-b"]
    ]
