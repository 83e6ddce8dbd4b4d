"""The plan of a series, one thing at a time: what can stand stays, and what becomes of the rest."""

from datetime import date, datetime, time, timedelta

import pytest

from bookings.enums import SlotStatus
from bookings.series.dates import Series
from bookings.series.pattern import Frequency, Pattern
from bookings.series.planner import DateState, Way
from bookings.series.request import (
    Choices,
    SeriesPlan,
    SeriesWish,
    change_told,
    choose_dates,
    date_key,
    plan_series,
    plan_wishes,
)
from bookings.series.wording import proposal_in_words
from rooms.enums import Layout
from rooms.models import Closure, Equipment, House, OpeningHours, Room
from rooms.rules import Wish
from tests.bookings.series.choices import as_proposed
from tests.factories import (
    BERLIN,
    NOW,
    berlin,
    make_booking,
    make_house,
    make_room,
)

pytestmark = pytest.mark.django_db

TUESDAYS = [date(2027, 4, 20) + timedelta(weeks=week) for week in range(5)]


@pytest.fixture
def house() -> House:
    return make_house(shift_minutes=30, grid_minutes=15)


@pytest.fixture
def hall(house) -> Room:
    return make_room(house, "Saal A", slug="saal-a")


def tuesdays(rooms, starts="16:00", ends="18:00", *, first=TUESDAYS[0], count=3, **fields) -> SeriesWish:
    """A wish for so many Tuesdays."""
    pattern_fields = {
        name: fields.pop(name) for name in ("skipped", "added", "skip_public") if name in fields
    }
    begin, end = (datetime.combine(first, time.fromisoformat(clock)) for clock in (starts, ends))
    pattern = Pattern(
        frequency=Frequency.WEEKLY,
        first_day=first,
        starts=begin.time(),
        ends=end.time(),
        weekdays=(first.weekday(),),
        count=count,
    )
    return SeriesWish(
        series=Series(starts=begin, ends=end, pattern=pattern, **pattern_fields),
        room_ids=tuple(room.pk for room in rooms),
        **fields,
    )


def plan_of(wish: SeriesWish, now: datetime = NOW) -> SeriesPlan:
    house = House.objects.get(rooms=wish.room_ids[0])
    return plan_series(house=house, wish=wish, now=now)


def offers(plan: SeriesPlan, way: Way) -> list[list[str]]:
    """What is proposed in this way for each open date: rooms, or the local start."""
    rooms = {room.pk: room.name for room in Room.objects.all()}

    def words(wish: Wish) -> str:
        if way == Way.ROOM:
            return " + ".join(rooms[room_id] for room_id in wish.room_ids)
        return f"{wish.net.start.astimezone(BERLIN):%d.%m. %H:%M}"

    return [
        [words(proposal.wish) for proposal in plan_date.proposals if proposal.way == way]
        for plan_date in plan.open
    ]


def test_a_series_that_meets_nothing_stands_as_it_is(hall):
    plan = plan_of(tuesdays([hall]))
    assert [(plan_date.state, plan_date.chosen.way, plan_date.proposals) for plan_date in plan.dates] == [
        (DateState.FREE, Way.KEEP, ())
    ] * 3


@pytest.mark.parametrize(
    ("starts", "ends", "status", "state", "way"),
    [
        ("17:00", "19:00", SlotStatus.APPROVED, DateState.CLASH, Way.DAY),
        ("18:00", "19:00", SlotStatus.APPROVED, DateState.BUFFER, Way.KEEP),
        ("18:15", "19:00", SlotStatus.APPROVED, DateState.FREE, Way.KEEP),
        ("17:00", "19:00", SlotStatus.REQUESTED, DateState.RIVALS, Way.KEEP),
        ("17:00", "19:00", SlotStatus.CANCELLED, DateState.FREE, Way.KEEP),
        ("17:45", "18:00", SlotStatus.APPROVED, DateState.CLASH, Way.SHIFT),
    ],
)
def test_what_others_have_there_gives_a_date_its_state(hall, starts, ends, status, state, way):
    make_booking([hall], berlin(TUESDAYS[1], starts), berlin(TUESDAYS[1], ends), status=status)
    plan = plan_of(tuesdays([hall], teardown_minutes=15))
    assert [(plan_date.state, plan_date.chosen.way) for plan_date in plan.dates] == [
        (DateState.FREE, Way.KEEP),
        (state, way),
        (DateState.FREE, Way.KEEP),
    ]


@pytest.mark.parametrize(
    ("wished", "fields", "state"),
    [
        ({"starts": "07:00", "ends": "09:00"}, {}, DateState.OUTSIDE),
        ({"persons": 41}, {}, DateState.REFUSED),
        ({"persons": 20}, {"max_persons": 19}, DateState.CLASH),
    ],
)
def test_rules_give_a_date_its_state(wished, fields, state):
    hall = make_room(make_house(**fields))
    assert {plan_date.state for plan_date in plan_of(tuesdays([hall], **wished)).dates} == {state}


def test_a_date_without_any_way_out_is_left_out(house, hall):
    House.objects.filter(pk=house.pk).update(shift_minutes=0)
    Closure.objects.create(
        house=house,
        reason="Ferien",
        starts_at=berlin(TUESDAYS[1] - timedelta(days=1), "00:00"),
        ends_at=berlin(TUESDAYS[1] + timedelta(days=6), "00:00"),
    )
    plan = plan_of(tuesdays([hall]))
    assert [plan_date.chosen.way for plan_date in plan.dates] == [Way.KEEP, Way.SKIP, Way.KEEP]
    chosen = choose_dates(plan, as_proposed(plan), may_override=False)
    assert [bool(wanted.skipped) for wanted in chosen.dates] == [False, True, False]
    assert chosen.undecided == ()


def test_nothing_to_change_leaves_the_date_out_as_well(house, hall):
    """A single room, no shift, and all other days of the week taken out by hand."""
    House.objects.filter(pk=house.pk).update(shift_minutes=0)
    make_booking([hall], berlin(TUESDAYS[0], "16:00"))
    others = tuple(TUESDAYS[0] + timedelta(days=days) for days in (-1, 1, 2, 3, 4, 5))
    (plan_date,) = plan_of(tuesdays([hall], count=1, skipped=others)).dates
    assert [proposal.way for proposal in plan_date.proposals] == [Way.SKIP]
    assert plan_date.chosen.way == Way.SKIP


def test_the_room_that_serves_most_dates_comes_first_and_then_the_closest_fit(house, hall):
    rooms = {
        name: make_room(house, name, capacity=seats) for name, seats in [("B", 42), ("C", 90), ("D", 50)]
    }
    for day in TUESDAYS[:3]:
        make_booking([hall], berlin(day, "16:00"))
    make_booking([rooms["B"]], berlin(TUESDAYS[0], "16:00"))
    make_booking([rooms["D"]], berlin(TUESDAYS[2], "16:00"))
    plan = plan_of(tuesdays([hall], count=4))
    assert offers(plan, Way.ROOM) == [["C", "D"], ["C", "B", "D"], ["C", "B"]]


def test_a_hall_is_exchanged_and_the_kitchen_beside_it_is_not(house, hall):
    kitchen = make_room(house, "Küche", capacity=6)
    kitchen.equipment.add(Equipment.objects.create(house=house, name="Herd"))
    make_room(house, "Saal B")
    make_booking([hall], berlin(TUESDAYS[0], "16:00"))
    make_booking([kitchen], berlin(TUESDAYS[1], "16:00"))
    plan = plan_of(tuesdays([hall, kitchen], persons=20))
    assert offers(plan, Way.ROOM) == [["Saal B + Küche"], []]


def test_two_halls_that_are_both_needed_are_exchanged_one_by_one(house, hall):
    other = make_room(house, "Saal B")
    make_room(house, "Saal C", capacity=30)
    make_room(house, "Büro", capacity=8)
    make_booking([hall], berlin(TUESDAYS[0], "16:00"))
    assert offers(plan_of(tuesdays([hall, other], persons=70)), Way.ROOM) == [["Saal C + Saal B"]]
    assert offers(plan_of(tuesdays([hall, other], persons=71)), Way.ROOM) == [[]]


def test_another_room_brings_its_own_set_up_and_tear_down(house, hall):
    other = make_room(house, "Saal B", setup_minutes=60, teardown_minutes=30)
    make_booking([hall], berlin(TUESDAYS[0], "16:00"))
    make_booking(
        [other],
        berlin(TUESDAYS[0], "14:00"),
        berlin(TUESDAYS[0], "15:30"),
        setup_minutes=0,
        teardown_minutes=0,
    )
    assert offers(plan_of(tuesdays([hall])), Way.ROOM) == [[]]
    # What was named holds in every room.
    plan = plan_of(tuesdays([hall], setup_minutes=30))
    assert offers(plan, Way.ROOM) == [["Saal B"]]
    wish = plan.open[0].chosen.wish
    assert (wish.setup, wish.teardown) == (timedelta(minutes=30), timedelta(minutes=30))


@pytest.mark.parametrize(
    ("layout", "persons", "rooms"),
    [
        # The hall has no circle: a room that has one is the way out.
        (Layout.CIRCLE, 8, ["Gruppenraum"]),
        (Layout.CIRCLE, 13, []),
        (Layout.ROWS, 50, ["Großer Saal"]),
        # Nobody knows how many the store room holds.
        ("", 50, ["Großer Saal"]),
    ],
)
def test_a_room_that_holds_what_the_wished_one_does_not_is_proposed(house, hall, layout, persons, rooms):
    make_room(house, "Großer Saal", capacity=60)
    make_room(house, "Lager", capacity=60).layouts.all().delete()
    group_room = make_room(house, "Gruppenraum", capacity=15)
    group_room.layouts.create(kind=Layout.CIRCLE, capacity=12)
    plan = plan_of(tuesdays([hall], layout=layout, persons=persons, count=1))
    assert offers(plan, Way.ROOM) == [rooms]


def test_equipment_that_was_asked_for_and_access_are_kept(house, hall):
    beamer, piano = (Equipment.objects.create(house=house, name=name) for name in ("Beamer", "Klavier"))
    Room.objects.filter(pk=hall.pk).update(step_free=True)
    hall.equipment.add(beamer, piano)
    good = make_room(house, "Saal B", step_free=True)
    good.equipment.add(beamer)
    make_room(house, "Saal mit Stufen").equipment.add(beamer, piano)
    make_room(house, "Saal ohne Beamer", step_free=True)
    make_room(house, "Saal im Umbau", step_free=True, is_active=False).equipment.add(beamer)
    make_booking([hall], berlin(TUESDAYS[0], "16:00"))
    wish = tuesdays([hall], equipment_ids=frozenset({beamer.pk}))
    assert offers(plan_of(wish), Way.ROOM) == [["Saal B"]]
    assert offers(plan_of(tuesdays([hall])), Way.ROOM) == [["Saal B", "Saal ohne Beamer"]]
    # Nobody has what the wished room lacks itself.
    lacking = tuesdays([good], equipment_ids=frozenset({piano.pk}))
    make_booking([good], berlin(TUESDAYS[1], "16:00"))
    assert offers(plan_of(lacking), Way.ROOM)[0] == ["Saal A", "Saal ohne Beamer"]


def test_rooms_without_the_hearing_loop_of_the_wished_one_come_last_and_say_so(house, hall):
    Room.objects.filter(pk=hall.pk).update(hearing_loop=True)
    make_room(house, "Seminarraum")
    other = make_room(house, "Großer Saal", capacity=90, hearing_loop=True)
    for day in TUESDAYS[:2]:
        make_booking([hall], berlin(day, "16:00"))
    make_booking([other], berlin(TUESDAYS[1], "16:00"))
    plan = plan_of(tuesdays([hall]))
    assert offers(plan, Way.ROOM) == [["Großer Saal", "Seminarraum"], ["Seminarraum"]]
    assert [
        [
            (
                proposal_in_words(plan_date.wish, proposal, plan.facts),
                change_told(plan_date, proposal, plan.facts),
            )
            for proposal in plan_date.proposals
            if proposal.way == Way.ROOM
        ]
        for plan_date in plan.open
    ] == [
        [
            ("in Großer Saal", "statt Saal A"),
            ("in Seminarraum (ohne Höranlage)", "statt Saal A, ohne Höranlage"),
        ],
        [("in Seminarraum (ohne Höranlage)", "statt Saal A, ohne Höranlage")],
    ]
    # Where the wished room has none either, nothing is lost.
    make_booking([Room.objects.get(name="Seminarraum")], berlin(TUESDAYS[2], "16:00"))
    plan = plan_of(tuesdays([Room.objects.get(name="Seminarraum")]))
    assert [proposal.loses_hearing_loop for plan_date in plan.open for proposal in plan_date.proposals] == [
        False
    ] * len(plan.open[0].proposals)


def test_the_outdoor_area_is_no_room_and_no_room_is_an_outdoor_area(house, hall):
    terrace = make_room(house, "Terrasse", is_outdoors=True)
    make_booking([hall], berlin(TUESDAYS[0], "16:00"))
    make_booking([terrace], berlin(TUESDAYS[1], "16:00"))
    assert offers(plan_of(tuesdays([hall])), Way.ROOM) == [[]]
    assert offers(plan_of(tuesdays([terrace])), Way.ROOM) == [[]]
    make_room(house, "Wiese", is_outdoors=True)
    assert offers(plan_of(tuesdays([terrace])), Way.ROOM) == [["Wiese"]]


def test_a_booked_part_takes_the_combination_and_the_free_part_does_for_few_persons(house, hall):
    other = make_room(house, "Saal B", capacity=30)
    both = make_room(house, "Saal", parts=[hall, other], capacity=75)
    make_booking([hall], berlin(TUESDAYS[0], "16:00"))
    make_booking([both], berlin(TUESDAYS[1], "16:00"))
    assert offers(plan_of(tuesdays([both], persons=30)), Way.ROOM) == [["Saal B"], []]
    assert offers(plan_of(tuesdays([both], persons=31)), Way.ROOM) == [[], []]
    assert offers(plan_of(tuesdays([other], persons=5)), Way.ROOM) == [[]]


def test_no_more_persons_than_the_house_holds_are_proposed(house, hall):
    House.objects.filter(pk=house.pk).update(max_persons=50)
    big = make_room(house, "Großer Saal", capacity=60)
    make_room(house, "Saal B")
    make_booking([big], berlin(TUESDAYS[0], "17:00"), berlin(TUESDAYS[0], "18:30"), persons=31)
    make_booking([hall], berlin(TUESDAYS[0], "17:00"), persons=10)
    plan = plan_of(tuesdays([hall], persons=20, count=1))
    assert (offers(plan, Way.ROOM), offers(plan, Way.SHIFT)) == ([[]], [[]])
    assert offers(plan_of(tuesdays([hall], persons=9, count=1)), Way.ROOM) == [["Saal B"]]


def test_a_start_beside_the_grid_is_moved_onto_it(hall):
    plan = plan_of(tuesdays([hall], "16:05", "18:05", count=1))
    assert offers(plan, Way.SHIFT) == [["20.04. 16:00", "20.04. 16:15", "20.04. 15:45", "20.04. 16:30"]]


@pytest.mark.parametrize(
    ("sunday", "days"),
    [
        (date(2027, 3, 28), ["27.03. 16:00", "26.03. 16:00", "25.03. 16:00", "24.03. 16:00"]),
        (date(2027, 10, 31), ["30.10. 16:00", "29.10. 16:00", "28.10. 16:00", "27.10. 16:00"]),
    ],
)
def test_another_day_is_at_the_same_time_on_both_sides_of_a_clock_change(hall, sunday, days):
    make_booking([hall], berlin(sunday, "08:00"), berlin(sunday, "22:00"))
    plan = plan_of(tuesdays([hall], first=sunday - timedelta(weeks=1), count=2))
    assert offers(plan, Way.DAY)[0][:4] == days
    assert {proposal.wish.net.duration for proposal in plan.open[0].proposals if proposal.wish} == {
        timedelta(hours=2)
    }


def test_a_night_over_a_clock_change_moves_to_another_night_with_its_times(house, hall):
    OpeningHours.objects.filter(house=house).update(opens_at=time(0), closes_at=time(0))
    sunday = date(2027, 3, 28)
    make_booking([hall], berlin(sunday, "01:00"), berlin(sunday, "05:00"))
    plan = plan_of(tuesdays([hall], "01:00", "04:00", first=sunday - timedelta(weeks=1), count=2))
    saturday = next(proposal.wish for proposal in plan.open[0].proposals if proposal.way == Way.DAY)
    assert (saturday.net.start, saturday.net.end) == (
        berlin(sunday - timedelta(days=1), "01:00"),
        berlin(sunday - timedelta(days=1), "04:00"),
    )
    assert plan.open[0].wish.net.duration == timedelta(hours=2)


def test_days_on_which_the_series_pauses_are_not_proposed(house, hall):
    tuesday = date(2027, 3, 30)
    make_booking([hall], berlin(tuesday, "08:00"), berlin(tuesday, "22:00"))
    wish = tuesdays([hall], first=tuesday, count=1, skipped=(date(2027, 4, 2),), skip_public=True)
    assert offers(plan_of(wish), Way.DAY) == [["31.03. 16:00", "01.04. 16:00", "03.04. 16:00"]]


GAP = (
    "In der Nacht der Zeitumstellung gibt es diese Uhrzeit nicht. "
    "Genommen wurde: So., 28.03.2027, 03:30–04:30 Uhr."
)
TWICE = (
    "In der Nacht der Zeitumstellung gibt es diese Uhrzeit zweimal. Genommen wurde die erste "
    "(So., 31.10.2027, 02:30–03:30 Uhr). Der Termin dauert damit eine Stunde länger, als die Uhr zeigt."
)


@pytest.mark.parametrize(
    ("sunday", "taken", "sentence", "shifts"),
    [
        (
            date(2027, 3, 28),
            "03:30",
            GAP,
            ["03:45–04:45", "04:00–05:00", "04:15–05:15", "01:30–03:30", "04:30–05:30"],
        ),
        (date(2027, 10, 31), "02:45", TWICE, ["01:45–02:45", "01:30–02:30"]),
    ],
)
def test_what_was_taken_for_half_past_two_is_said_and_proposals_are_as_long_by_the_clocks(
    house, hall, sunday, taken, sentence, shifts
):
    """The clocks never show 02:30, or twice. What is to end at 02:30 and cannot takes its hour anyway."""
    OpeningHours.objects.filter(house=house).update(opens_at=time(0), closes_at=time(0))
    House.objects.filter(pk=house.pk).update(shift_minutes=60)
    wish = tuesdays([hall], "02:30", "03:30", first=sunday - timedelta(weeks=1), count=2)

    def said() -> list[list[str]]:
        return [
            [
                reason.message.replace("\xa0", " ")
                for reason in plan_date.told
                if reason.code.startswith("clock")
            ]
            for plan_date in plan_of(wish).dates
        ]

    assert said() == [[], [sentence]]
    make_booking([hall], berlin(sunday, taken), berlin(sunday, taken) + timedelta(minutes=15))
    # What stops the date does not hide it.
    assert said() == [[], [sentence]]
    (plan_date,) = plan_of(wish).open
    spans = {
        way: [
            "–".join(f"{moment.astimezone(BERLIN):%H:%M}" for moment in (net.start, net.end))
            for net in (proposal.wish.net for proposal in plan_date.proposals if proposal.way == way)
        ]
        for way in (Way.SHIFT, Way.DAY)
    }
    assert spans[Way.SHIFT] == shifts
    assert set(spans[Way.DAY]) == {"02:30–03:30"}


def test_no_day_before_the_first_date_of_the_series_is_proposed(hall):
    thursday = TUESDAYS[1] + timedelta(days=2)
    make_booking([hall], berlin(thursday, "08:00"), berlin(thursday, "22:00"))
    days = ["28.04. 16:00", "30.04. 16:00", "27.04. 16:00", "26.04. 16:00"]
    assert offers(plan_of(tuesdays([hall], first=thursday)), Way.DAY) == [["30.04. 16:00"]]
    added = (datetime.combine(TUESDAYS[1], time(16)),)
    assert offers(plan_of(tuesdays([hall], first=thursday, added=added)), Way.DAY) == [days[:2]]
    assert offers(plan_of(tuesdays([hall], first=thursday - timedelta(weeks=1))), Way.DAY) == [days]


def test_a_working_day_is_not_exchanged_for_a_sunday_or_a_public_holiday(hall):
    """Saturday, 01.05.2027 is a holiday, and so is Monday, 29.03.2027; no series here pauses on them."""
    friday, sunday = date(2027, 4, 30), date(2027, 4, 4)
    for day in (friday, sunday):
        make_booking([hall], berlin(day, "08:00"), berlin(day, "22:00"))
    plan = plan_of(tuesdays([hall], first=friday - timedelta(weeks=1)))
    assert offers(plan, Way.DAY) == [["29.04. 16:00", "28.04. 16:00", "27.04. 16:00", "26.04. 16:00"]]
    plan = plan_of(tuesdays([hall], first=sunday - timedelta(weeks=1)))
    assert offers(plan, Way.DAY)[0][-3:] == ["31.03. 16:00", "30.03. 16:00", "29.03. 16:00"]


def test_dates_that_are_skipped_take_no_place_and_need_no_way_out(house, hall):
    holiday = date(2027, 5, 1)
    make_booking([hall], berlin(holiday, "08:00"), berlin(holiday, "22:00"))
    plan = plan_of(tuesdays([hall], first=holiday, count=2, skip_public=True))
    assert [(plan_date.state, plan_date.chosen.way) for plan_date in plan.dates] == [
        (DateState.SKIPPED, Way.SKIP),
        (DateState.FREE, Way.KEEP),
    ]


def test_of_two_dates_that_overlap_the_first_stands(hall):
    wish = tuesdays([hall], count=1, added=(datetime.combine(TUESDAYS[0], time(17)),))
    plan = plan_of(wish)
    assert [
        (plan_date.is_possible, [reason.code for reason in plan_date.reasons]) for plan_date in plan.dates
    ] == [
        (True, []),
        (False, ["overlaps_itself"]),
    ]
    assert offers(plan, Way.ROOM) == [[]]


@pytest.fixture
def two_midweek_dates(house, hall) -> SeriesPlan:
    """Wednesday and Thursday are taken, Saturday and Sunday closed, and no start may be moved."""
    House.objects.filter(pk=house.pk).update(shift_minutes=0)
    wednesday, thursday, saturday, monday = (TUESDAYS[0] + timedelta(days=days) for days in (1, 2, 4, 6))
    for day in (wednesday, thursday):
        make_booking([hall], berlin(day, "16:00"))
    Closure.objects.create(
        house=house, reason="Umbau", starts_at=berlin(saturday, "00:00"), ends_at=berlin(monday, "00:00")
    )
    first, added = wednesday - timedelta(weeks=1), (datetime.combine(thursday, time(16)),)
    return plan_of(tuesdays([hall], first=first, count=2, added=added))


def test_what_is_proposed_for_one_date_keeps_clear_of_what_is_chosen_for_the_others(two_midweek_dates):
    assert offers(two_midweek_dates, Way.DAY) == [
        ["20.04. 16:00", "19.04. 16:00"],
        ["23.04. 16:00", "19.04. 16:00"],
    ]


def test_two_changes_that_were_chosen_and_meet_each_other_are_not_both_taken(two_midweek_dates):
    monday = "2027-04-19T16:00/2027-04-19T18:00/saal-a"
    keys = [date_key(plan_date, BERLIN) for plan_date in two_midweek_dates.dates]
    choices = Choices(dict.fromkeys(keys, monday))
    chosen = choose_dates(two_midweek_dates, choices, may_override=False)
    assert [wanted.starts_at for wanted in chosen.dates] == [
        berlin(date(2027, 4, 14), "16:00"),
        berlin(date(2027, 4, 19), "16:00"),
    ]
    assert chosen.undecided == (two_midweek_dates.dates[2],)


@pytest.mark.parametrize("count", [2, 52])
@pytest.mark.parametrize("rooms", [1, 12])
def test_the_database_is_asked_as_often_for_many_dates_and_rooms(
    house, hall, count, rooms, django_assert_num_queries
):
    halls = [hall, *(make_room(house, f"Raum {number}") for number in range(rooms - 1))]
    make_booking([hall], berlin(TUESDAYS[1], "16:00"))
    house = House.objects.get(pk=house.pk)
    wishes = [tuesdays([room], count=count, skip_public=True) for room in halls]
    plan_wishes(house=house, wishes=wishes, now=NOW)
    # Five for rooms and rules, which elsewhere are in memory; the holidays and how far they are known;
    # closures; and dates, once for the wished times and once for those of the ways out.
    with django_assert_num_queries(4):
        plans = plan_wishes(house=house, wishes=wishes, now=NOW)
    assert [len(plan.open) for plan in plans] == [1] + [0] * (rooms - 1)
    assert plans == [plan_series(house=house, wish=wish, now=NOW) for wish in wishes]
