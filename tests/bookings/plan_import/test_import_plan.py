"""import_plan reads a plan, says what it breaks as a check minute by minute does, and stores it once."""

import json
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from bookings.enums import BookingStatus, SlotStatus
from bookings.models import Association, Booking, Occupancy, Slot
from bookings.plan_import.plan import Stored
from bookings.plan_import.plan_reader import read_plan
from bookings.plan_import.report import check_plan
from notifications.models import Message
from rooms.enums import Layout
from rooms.models import House, OpeningHours, Room
from tests.bookings.plan_import.plans import PARTS, ROOMS, booking, clashes_by_minutes, plan_of, run_import
from tests.factories import berlin, make_booking, make_house, make_room
from tests.generated import examples


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def run(tmp_path, db):
    return partial(run_import, tmp_path)


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
    assert [one.net.duration for one in plan.bookings[0].dates] == [timedelta(minutes=30)]


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
def test_what_stands_after_dates_fell_out_never_clashes_and_nothing_falls_out_in_vain(entries):
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

CAFE = booking(
    "D04",
    ["saal-a", "kueche"],
    "2027-04-22T14:30",
    "2027-04-22T17:00",
    setup=45,
    teardown=45,
    layout="tische",
)
COMMITTEE = booking(
    "D10", ["saal"], "2027-04-22T18:00", "2027-04-22T21:00", setup=60, teardown=30, status="requested"
)


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


# Broken rules ----------------------------------------------------------------------------------


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


# Storing ---------------------------------------------------------------------------------------


def test_the_plan_becomes_a_house(run):
    rooms = [
        {
            **ROOMS[0],
            "equipment": ["Beamer", "induktive Hoeranlage"],
            "area_m2": 45,
            "step_free": True,
            "capacity": {
                "reihen": 45,
                "u-form": 18,
                "parlament": 24,
                "stuhlkreis": 25,
                "tische": 30,
                "stehend": 50,
            },
        },
        ROOMS[1],
        {**ROOMS[2], "equipment": ["beamer"]},
    ]
    run(plan_of(rooms=rooms, name="Haus der Begegnung"), "--house", "hdb")
    house = House.objects.get()
    assert (house.name, house.slug, house.reference_prefix, house.max_persons, house.time_zone) == (
        "Haus der Begegnung",
        "hdb",
        "HdB",
        150,
        "Europe/Berlin",
    )
    saal_a = house.rooms.get(slug="saal-a")
    assert (saal_a.name, saal_a.area_m2, saal_a.step_free, saal_a.hearing_loop) == ("Saal A", 45, True, True)
    assert dict(saal_a.layouts.values_list("kind", "capacity")) == {
        Layout.ROWS: 45,
        Layout.U_SHAPE: 18,
        Layout.CLASSROOM: 24,
        Layout.CIRCLE: 25,
        Layout.TABLES: 30,
        Layout.STANDING: 50,
    }
    assert [item.name for item in house.equipment.all()] == ["Beamer"]
    assert [room.slug for room in house.rooms.get(slug="saal").parts.order_by("slug")] == ["saal-a", "saal-b"]
    assert [room.slug for room in house.rooms.order_by("position")] == ["saal-a", "saal-b", "saal"]
    hours = OpeningHours.objects.filter(house=house).order_by("weekday")
    assert [f"{row.weekday} {row.opens_at:%H:%M}-{row.closes_at:%H:%M}" for row in hours] == [
        *[f"{weekday} 08:00-22:00" for weekday in range(5)],
        "5 09:00-22:00",
        "6 10:00-20:00",
    ]


def test_bookings_are_stored_with_what_was_decided_and_nobody_is_told(run):
    plan = plan_of(
        booking(
            "A",
            ["saal-a"],
            "2027-04-20T10:00",
            "2027-04-20T12:00",
            layout="tische",
            visibility="busy",
            persons=20,
            persons_total=35,
            note="Schlüssel um 9 Uhr",
            setup=30,
            org="Chor e. V.",
            kind="culture",
        ),
        booking("B", ["saal-b"], "2027-04-20T10:00", "2027-04-20T12:00", status="requested"),
        booking("C", ["saal"], "2027-04-20T10:00", "2027-04-20T12:00", status="rejected", org="Chor E. V."),
    )
    report, refusal = run(plan, "--json")
    assert (report["rooms"], report["bookings"], report["slots"], report["stored"], refusal) == (
        4,
        3,
        2,
        3,
        "",
    )
    assert list(Booking.objects.order_by("pk").values_list("title", "status", "association__name")) == [
        ("Title of A", BookingStatus.APPROVED, "Chor e. V."),
        ("Title of B", BookingStatus.REQUESTED, "Group of B"),
        ("Title of C", BookingStatus.REJECTED, "Chor e. V."),
    ]
    first = Booking.objects.get(title="Title of A")
    assert (
        first.display_title,
        first.visibility,
        first.kind,
        first.persons,
        first.persons_total,
        first.layout,
        first.remarks,
        first.contact_name,
        first.received_at,
        first.association.kind,
    ) == (
        "Display of A",
        "busy",
        "culture",
        20,
        35,
        "tables",
        "Schlüssel um 9 Uhr",
        "Chor e. V.",
        datetime(2027, 1, 1, 7, 0, tzinfo=UTC),
        "registered_association",
    )
    slot = first.slots.get()
    assert (slot.setup_minutes, slot.teardown_minutes) == (30, 0)
    assert Message.objects.count() == 0


def test_buffers_not_given_are_those_of_the_house(run):
    entry = booking("A", ["saal-a"], "2027-04-20T10:00", "2027-04-20T12:00")
    del entry["setup"], entry["teardown"]
    run(plan_of(entry))
    slot = Slot.objects.get()
    assert (slot.setup_minutes, slot.teardown_minutes) == (15, 15)


def test_a_request_counts_from_when_it_was_received(run):
    run(plan_of({**COMMITTEE, "received": "2026-11-05T09:20"}))
    stored = Booking.objects.get()
    assert stored.received_at == berlin(date(2026, 11, 5), "09:20")
    assert stored.reference.endswith("-2026-0001")


def test_the_same_file_twice_stores_everything_once(run):
    plan = plan_of(booking("A", ["saal"], "2027-04-20T10:00", "2027-04-20T12:00"), CAFE, COMMITTEE)
    first, _refusal = run(plan, "--json")
    counts = [model.objects.count() for model in (House, Room, OpeningHours, Association, Booking, Slot)]
    second, refusal = run(plan, "--json")
    assert [first["stored"], second["stored"], refusal] == [3, 0, ""]
    assert second["stored_clashes"] == []
    assert [
        model.objects.count() for model in (House, Room, OpeningHours, Association, Booking, Slot)
    ] == counts


def test_a_dry_run_stores_nothing(run):
    run(plan_of(CAFE, COMMITTEE), "--dry-run")
    assert [model.objects.count() for model in (House, Room, Association, Booking)] == [0, 0, 0, 0]


TWICE_BOOKED = plan_of(
    booking("A", ["saal"], "2027-04-20T10:00", "2027-04-20T12:00"),
    booking("B", ["saal-a"], "2027-04-20T11:00", "2027-04-20T13:00"),
    booking("C", ["saal-a"], "2027-04-20T12:30", "2027-04-20T14:00"),
)


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_a_double_booking_of_approved_ones_stops_everything(run, options):
    report, refusal = run(TWICE_BOOKED, "--json", *options)
    assert [clash["bookings"] for clash in report["clashes"]] == [["A", "B"], ["B", "C"]]
    assert refusal.startswith("1 approved date cannot stand beside others.")
    assert [model.objects.count() for model in (House, Room, Association, Booking)] == [0, 0, 0, 0]


def test_clashing_dates_of_the_later_booking_fall_out_when_wanted(run):
    report, refusal = run(TWICE_BOOKED, "--json", "--skip-clashing-dates")
    assert (report["slots"], refusal) == (2, "")
    assert list(Slot.objects.order_by("starts_at").values_list("booking__title", "skipped_because")) == [
        ("Title of A", ""),
        ("Title of B", "clash"),
        ("Title of C", ""),
    ]
    assert [line["reason"] for line in report["skipped_dates"]] == [
        "Clashes with “Display of A”, which comes first."
    ]


def test_the_reason_of_a_fallen_date_does_not_give_away_a_title_that_is_not_public(run):
    hidden = booking("A", ["saal"], "2027-04-20T10:00", "2027-04-20T12:00", visibility="busy")
    report, _refusal = run(plan_of(hidden, TWICE_BOOKED["bookings"][1]), "--json", "--skip-clashing-dates")
    assert [line["reason"] for line in report["skipped_dates"]] == [
        "Clashes with “Occupied”, which comes first."
    ]


def test_what_the_house_holds_already_stops_an_approved_date(run):
    house = make_house(slug="haus")
    saal_a = make_room(house, "Saal A", slug="saal-a")
    held = make_booking([saal_a], berlin(date(2027, 4, 20), "11:00"), berlin(date(2027, 4, 20), "12:00"))
    plan = plan_of(booking("A", ["saal"], "2027-04-20T10:00", "2027-04-20T12:00"), COMMITTEE)
    report, refusal = run(plan, "--json")
    assert report["clashes"] == []
    assert report["stored_clashes"] == [
        {"kind": "hard", "date": "2027-04-20", "bookings": sorted(["A", held.reference]), "rooms": ["saal-a"]}
    ]
    assert refusal.startswith("1 approved date cannot stand beside others.")
    assert Booking.objects.count() == 1
    run(plan, "--skip-clashing-dates")
    assert Booking.objects.count() == 3


def test_rooms_of_an_existing_house_stay_as_staff_described_them(run):
    house = make_house(slug="haus")
    make_room(house, "Großer Saal A", slug="saal-a", capacity=12)
    run(plan_of(CAFE))
    assert house.rooms.get(slug="saal-a").name == "Großer Saal A"
    assert sorted(house.rooms.values_list("slug", flat=True)) == ["kueche", "saal", "saal-a", "saal-b"]
    assert OpeningHours.objects.filter(house=house).count() == 7


def test_a_room_with_other_parts_in_the_house_is_refused(run):
    house = make_house(slug="haus")
    make_room(house, "Saal", slug="saal", parts=[make_room(house, "Vorn", slug="vorn")])
    for options in ([], ["--dry-run"]):
        _report, refusal = run(plan_of(CAFE), *options)
        assert refusal == "The room saal has other parts in the house than in the file."
    assert Booking.objects.count() == 0


def test_of_several_houses_one_has_to_be_named(run):
    make_house(slug="nord")
    make_house(slug="sued", reference_prefix="S")
    assert run(plan_of(CAFE))[1] == "There are several houses. Please name one: nord, sued."
    run(plan_of(CAFE), "--house", "sued")
    assert Booking.objects.get().house.slug == "sued"


@pytest.mark.parametrize("slug", ["", "Großes Haus", "x" * 51])
def test_a_name_that_cannot_stand_in_an_address_makes_no_house(run, slug):
    _report, refusal = run(plan_of(CAFE), "--house", slug)
    assert refusal == "--house: only letters without accents, digits, - and _ are possible."
    assert House.objects.count() == 0


def test_references_of_a_second_house_have_a_prefix_of_their_own(run):
    run(plan_of(CAFE, name="Haus der Begegnung"), "--house", "nord")
    run(plan_of(CAFE, name="Haus der Begegnung"), "--house", "sued")
    assert sorted(Booking.objects.values_list("reference", flat=True)) == ["HdB-2027-0001", "HdB2-2027-0001"]


def test_the_summary_for_people_names_clashes_problems_and_what_was_stored(run):
    birthday = booking("E15", ["saal"], "2027-06-12T18:00", "2027-06-12T21:00", persons=90, status="rejected")
    text, refusal = run(plan_of(CAFE, COMMITTEE, birthday, name="Haus der Begegnung"))
    assert text.splitlines() == [
        "House: Haus der Begegnung",
        "Rooms: 4, bookings: 3, dates that would stand: 2.",
        "Clashes:",
        "  Thu 22 Apr 2027, set-up or tear-down: D04 – D10 (saal-a)",
        "Broken rules and notes:",
        "  E15: There is room for 80 persons here, not for 90.",
        "3 bookings were stored.",
    ]
    assert refusal == ""


# Broken input ----------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [[], ["--dry-run"], ["--json"], ["--dry-run", "--json"]])
@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        (b"Raum;Von;Bis", "The file is not valid JSON: line 1, column 1."),
        (b" " * (10 * 1024 * 1024 + 1), "The file is larger than 10 MB. A plan of a house is much smaller."),
        (
            plan_of(CAFE, {**COMMITTEE, "dtend": "2027-04-22T17:00"}),
            "booking D10, dtend: the end does not lie after the start.",
        ),
    ],
)
def test_a_broken_file_is_refused_and_nothing_is_stored(run, plan, sentence, options):
    """A program that reads the object learns the same from it, and finds all it looks for."""
    report = {
        **dict.fromkeys(["rooms", "bookings", "slots", "stored"], 0),
        **{name: [] for name in ["clashes", "stored_clashes", "skipped_dates", "skipped", "changes"]},
        "compared": {},
        "problems": [{"booking": "", "code": "broken_plan", "message": sentence}],
    }
    assert run(plan, *options) == (report if "--json" in options else "", sentence)
    assert [model.objects.count() for model in (House, Room, Association, Booking)] == [0, 0, 0, 0]


def test_a_file_that_is_not_there_is_said(db, tmp_path):
    with pytest.raises(CommandError, match=r"The file .*nowhere\.json cannot be read\."):
        call_command("import_plan", str(tmp_path / "nowhere.json"), skip_checks=True)


def test_a_broken_file_gives_the_keys_of_a_sound_one(run):
    assert list(run(b"{", "--json")[0]) == list(run(plan_of(CAFE), "--json")[0])


@pytest.mark.parametrize("now", ["morgen", "0001-01-01", "9999-12-31"])
def test_an_instant_that_cannot_count_as_now_is_refused(run, now):
    assert run(plan_of(CAFE), now=now) == ("", f"--now: “{now}” is no instant such as 2027-01-01T08:00.")
