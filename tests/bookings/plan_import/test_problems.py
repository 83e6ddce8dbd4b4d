"""Which rules the bookings of a plan break, each told by its code."""

from datetime import UTC, date, datetime

import pytest

from bookings.enums import SlotStatus
from bookings.models import Booking, Slot
from rooms.models import Room
from tests.bookings.plan_import.plans import ROOMS, booking, plan_of
from tests.factories import berlin, make_house

pytestmark = pytest.mark.usefixtures("english")


def codes(report):
    return [(problem["booking"], problem["code"]) for problem in report["problems"]]


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (booking("X", ["saal"], "2027-04-20T10:00", "2027-04-20T12:00", persons=81), "too_many_persons"),
        (
            booking("X", ["saal", "kueche"], "2027-04-20T10:00", "2027-04-20T12:00", persons=87),
            "too_many_persons",
        ),
        (booking("X", ["kueche"], "2027-04-20T10:00", "2027-04-20T12:00", layout="tische"), "layout_missing"),
        (booking("X", ["saal", "saal-a"], "2027-04-20T10:00", "2027-04-20T12:00"), "overlapping_rooms"),
        (booking("X", ["saal-a"], "2027-04-20T08:00", "2027-04-20T10:00", setup=15), "outside_hours"),
        (booking("X", ["saal-a"], "2027-04-25T19:00", "2027-04-25T20:15"), "outside_hours"),
        (booking("X", ["saal-a"], "2027-04-20T10:00", "2027-04-20T10:15"), "too_short"),
        (booking("X", ["saal-a"], "2027-04-20T10:05", "2027-04-20T11:00"), "off_grid"),
        (booking("X", ["saal-a"], "2026-12-29T10:00", "2026-12-29T11:00", status="requested"), "in_past"),
        (booking("X", ["saal-a"], "2027-01-01T10:00", "2027-01-01T11:00", status="requested"), "too_soon"),
        (
            booking("X", ["saal-a"], "2029-01-02T10:00", "2029-01-02T11:00", status="requested"),
            "beyond_horizon",
        ),
    ],
)
def test_a_broken_rule_is_told_by_its_code_and_stops_nothing(run, entry, code):
    report, refusal = run(plan_of(entry), "--json")
    assert codes(report) == [("X", code)]
    assert refusal == ""
    assert Booking.objects.get().status == entry["status"]


@pytest.mark.parametrize("status", ["approved", "rejected"])
def test_what_was_decided_long_ago_or_at_short_notice_is_no_problem(run, status):
    old = booking("X", ["saal-a"], "2019-04-23T10:00", "2019-04-23T11:00", status=status)
    soon = booking("Y", ["saal-b"], "2027-01-01T10:00", "2027-01-01T11:00", status=status)
    assert run(plan_of(old, soon), "--json")[0]["problems"] == []


def test_an_old_request_can_be_read_with_the_instant_that_counted_then(run):
    plan = plan_of(booking("X", ["saal-a"], "2019-04-23T10:00", "2019-04-23T11:00", status="requested"))
    assert codes(run(plan, "--dry-run", "--json")[0]) == [("X", "in_past")]
    assert run(plan, "--dry-run", "--json", now="2019-04-01")[0]["problems"] == []


def test_rooms_for_86_hold_86(run):
    entry = booking("X", ["saal", "kueche"], "2027-04-20T10:00", "2027-04-20T12:00", persons=86)
    assert run(plan_of(entry), "--dry-run", "--json")[0]["problems"] == []


def test_a_time_that_does_not_exist_or_exists_twice_is_said(run):
    gap = booking("G", ["saal-a"], "2027-03-28T02:30", "2027-03-28T05:00", kind="meeting")
    twice = booking("T", ["saal-a"], "2027-10-31T02:30", "2027-10-31T05:00", kind="meeting")
    report, _refusal = run(plan_of(gap, twice, opening_hours={"Mo-So": "00:00-24:00"}), "--json")
    assert codes(report) == [("G", "clock_gap"), ("T", "clock_twice")]
    assert list(Slot.objects.order_by("starts_at").values_list("starts_at", "ends_at")) == [
        (datetime(2027, 3, 28, 1, 30, tzinfo=UTC), datetime(2027, 3, 28, 3, 0, tzinfo=UTC)),
        (datetime(2027, 10, 31, 0, 30, tzinfo=UTC), datetime(2027, 10, 31, 4, 0, tzinfo=UTC)),
    ]


def test_more_persons_than_the_house_may_hold_cannot_all_be_approved(run):
    plan = plan_of(
        booking("A", ["saal-a"], "2027-04-20T10:00", "2027-04-20T12:00", persons=40),
        booking("B", ["saal-b"], "2027-04-20T11:00", "2027-04-20T13:00", persons=30),
        booking("C", ["kueche"], "2027-04-20T12:00", "2027-04-20T13:00", persons=6, status="requested"),
        house_max_persons=60,
    )
    report, refusal = run(plan, "--json")
    assert codes(report) == [("B", "house_full")]
    assert refusal.startswith("1 approved date cannot stand beside others.")
    assert Booking.objects.count() == 0
    run(plan, "--skip-clashing-dates")
    assert list(Slot.objects.order_by("starts_at").values_list("status", flat=True)) == [
        SlotStatus.APPROVED,
        SlotStatus.SKIPPED,
        SlotStatus.REQUESTED,
    ]


def test_a_closure_of_the_house_is_told(run):
    house = make_house(slug="haus")
    house.closures.create(
        starts_at=berlin(date(2027, 4, 20), "00:00"),
        ends_at=berlin(date(2027, 4, 21), "00:00"),
        reason="Boden",
    )
    entry = booking("X", ["saal-a"], "2027-04-20T10:00", "2027-04-20T12:00")
    assert codes(run(plan_of(entry), "--dry-run", "--json")[0]) == [("X", "closed")]


@pytest.mark.parametrize(
    ("room", "is_outdoors"),
    [
        ({"name": "Außenfläche / Terrasse"}, True),
        ({"name": "Gartenzimmer"}, False),
        ({"name": "Saal mit Terrasse", "outdoors": False}, False),
        ({"name": "Festplatz", "outdoors": True}, True),
    ],
)
def test_a_room_lies_outdoors_where_the_file_or_its_name_says_so(run, room, is_outdoors):
    run(plan_of(rooms=[{**ROOMS[0], **room}]))
    assert Room.objects.get().is_outdoors == is_outdoors
