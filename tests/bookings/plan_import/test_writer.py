"""A plan becomes a house with its rooms and bookings, once, wholly or not at all."""

from datetime import UTC, date, datetime

import pytest

from bookings.enums import BookingStatus
from bookings.models import Association, Booking, Slot
from notifications.models import Message
from rooms.enums import Layout
from rooms.models import House, OpeningHours, Room
from tests.bookings.plan_import.plans import CAFE, COMMITTEE, ROOMS, booking, plan_of
from tests.factories import berlin, make_association, make_booking, make_house, make_room

pytestmark = pytest.mark.usefixtures("english")


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


def test_clashing_dates_of_the_later_booking_are_skipped_when_wanted(run):
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


def test_the_reason_of_a_skipped_date_does_not_give_away_a_title_that_is_not_public(run):
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


def test_of_several_associations_of_a_name_the_file_says_which(run):
    first, second = make_association(name="Chor"), make_association(name="Chor")
    for options in [], ["--dry-run"]:
        _text, refusal = run(plan_of({**CAFE, "org": "chor"}), *options)
        assert refusal == (
            f"booking {CAFE['id']}, org: Several associations have this name: "
            f"Chor (no. {first.pk}); Chor (no. {second.pk}). Please say which one you mean."
        )
    assert Booking.objects.count() == 0
    run(plan_of({**CAFE, "org": f"Chor (no. {first.pk})"}))
    assert Booking.objects.get().association == first
    assert Association.objects.count() == 2
