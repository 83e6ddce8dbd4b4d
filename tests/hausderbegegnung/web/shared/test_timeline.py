"""Where things stand on a timeline, and what a click on free time asks for."""

from datetime import date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from bookings.agenda.public import day_schedule, room_week
from bookings.enums import Visibility
from hausderbegegnung.web.shared.timeline import (
    Axis,
    FreeTime,
    Timeline,
    axis_of,
    day_timeline,
    free_times,
    request_url,
    room_timeline,
    rooms_of_day,
)
from rooms.clock import whole_day
from rooms.facts import house_facts
from rooms.intervals import Interval
from rooms.models import Closure, House, OpeningHours, Room
from tests.factories import BERLIN, DAY, NOW, berlin, make_booking, make_room

pytestmark = pytest.mark.django_db
NEXT_DAY = DAY + timedelta(days=1)
WHOLE = whole_day(DAY, BERLIN)


def timeline_of(house: House, *, now: datetime = NOW) -> Timeline:
    schedule = day_schedule(house, DAY)
    rooms = [
        (room, list(free_times(room, schedule.times[room.id], now, BERLIN)))
        for room in rooms_of_day(schedule, house_facts(house))
    ]
    return day_timeline(schedule, rooms, now, BERLIN)


def bars(timeline: Timeline, kind: str) -> list[tuple[int, int, int, int]]:
    """The place of each bar of a kind: line, first column, last column, lines high."""
    return [
        (bar.line, bar.start, bar.end, bar.lines)
        for line in timeline.lines
        for bar in line.bars
        if bar.kind == kind
    ]


def free_of(room: Room, *, now: datetime = NOW) -> list[FreeTime]:
    schedule = day_schedule(room.house, DAY)
    facts = house_facts(room.house)
    return list(free_times(facts.rooms[room.pk], schedule.times[room.pk], now, BERLIN))


def prefilled(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query)


# Hours --------------------------------------------------------------------------------------------


def test_the_axis_shows_the_open_hours(house: House) -> None:
    make_room(house)
    axis = axis_of([day_schedule(house, DAY)], BERLIN)
    assert (axis.first, axis.last, axis.quarters) == (8, 22, 56)
    assert axis.hours[:2] == [("08", 1), ("09", 5)]


def test_the_axis_grows_with_what_lies_outside_the_hours(house: House) -> None:
    make_booking([make_room(house)], berlin(DAY, "21:00"), berlin(NEXT_DAY, "02:30"))
    assert [
        (axis.first, axis.last)
        for axis in (axis_of([day_schedule(house, day)], BERLIN) for day in (DAY, NEXT_DAY))
    ] == [(8, 24), (0, 22)]


def test_the_axis_of_an_empty_closed_day_is_a_usual_one(house: House) -> None:
    assert axis_of([day_schedule(house, DAY)], BERLIN) == Axis(8, 22, BERLIN)


@pytest.mark.parametrize(
    ("start", "end", "place"),
    [
        ("08:00", "09:00", (1, 5)),
        ("16:20", "16:40", (34, 36)),
        ("07:00", "09:00", (1, 5)),
        ("06:00", "07:00", None),
    ],
)
def test_places_are_quarters_of_an_hour_rounded_outwards(
    start: str, end: str, place: tuple[int, int] | None
) -> None:
    assert Axis(8, 22, BERLIN).place(Interval(berlin(DAY, start), berlin(DAY, end)), WHOLE) == place


def test_places_go_by_the_wall_clock_on_the_day_of_a_clock_change() -> None:
    autumn = date(2027, 10, 31)
    whole = whole_day(autumn, BERLIN)
    assert Axis(0, 24, BERLIN).place(Interval(berlin(autumn, "16:00"), whole.end), whole) == (65, 97)


# The day ------------------------------------------------------------------------------------------


def test_what_takes_neighbouring_rooms_is_drawn_once_over_both(house: House) -> None:
    left, right = make_room(house, "Saal A"), make_room(house, "Saal B")
    both = make_room(house, "Saal (A + B)", parts=[left, right])
    make_booking([both], berlin(DAY, "10:00"), berlin(DAY, "12:00"), visibility=Visibility.PUBLIC)
    timeline = timeline_of(house)
    assert [line.label for line in timeline.lines] == ["Saal A", "Saal B"]
    assert bars(timeline, "entry") == [(2, 9, 17, 2)]


def test_what_takes_distant_rooms_is_drawn_in_each(house: House) -> None:
    hall, _office, kitchen = (make_room(house, name) for name in ("Saal", "Büro", "Küche"))
    make_booking([hall, kitchen], berlin(DAY, "10:00"), berlin(DAY, "12:00"), visibility=Visibility.PUBLIC)
    assert bars(timeline_of(house), "entry") == [(2, 9, 17, 1), (4, 9, 17, 1)]


def test_set_up_and_tear_down_stand_around_the_entry(house: House) -> None:
    room = make_room(house)
    make_booking(
        [room],
        berlin(DAY, "10:00"),
        berlin(DAY, "12:00"),
        setup_minutes=30,
        teardown_minutes=15,
        visibility=Visibility.BUSY,
    )
    timeline = timeline_of(house)
    assert bars(timeline, "busy") == [(2, 9, 17, 1)]
    assert bars(timeline, "buffer") == [(2, 7, 9, 1), (2, 17, 18, 1)]
    assert bars(timeline, "free") == [(2, 1, 7, 1), (2, 18, 57, 1)]


def test_a_hidden_date_is_only_time_that_cannot_be_had(house: House) -> None:
    make_booking([make_room(house)], berlin(DAY, "10:00"), berlin(DAY, "12:00"), visibility=Visibility.HIDDEN)
    (line,) = timeline_of(house).lines
    assert [(bar.kind, bar.start, bar.end) for bar in line.bars] == [("free", 1, 9), ("free", 17, 57)]


def test_a_closure_is_drawn_with_its_reason(house: House) -> None:
    room = make_room(house)
    closure = Closure.objects.create(
        house=house, starts_at=berlin(DAY, "08:00"), ends_at=berlin(DAY, "12:00"), reason="Boden"
    )
    closure.rooms.add(room)
    (line,) = timeline_of(house).lines
    assert [(bar.kind, bar.title) for bar in line.bars] == [("free", room.name), ("closed", "Boden")]


@pytest.mark.parametrize(("clock", "column"), [("16:10", 33), ("23:00", 0)])
def test_now_is_marked_within_the_hours_shown(house: House, clock: str, column: int) -> None:
    make_room(house)
    assert timeline_of(house, now=berlin(DAY, clock)).now_at == column


def test_a_room_out_of_use_is_shown_only_with_what_is_in_it(house: House) -> None:
    make_room(house, "Saal A")
    old = make_room(house, "Alter Saal")
    make_booking([old], berlin(DAY, "10:00"), visibility=Visibility.PUBLIC)
    old.is_active = False
    old.save()
    timeline = timeline_of(house)
    assert [line.label for line in timeline.lines] == ["Saal A", "Alter Saal"]
    assert [bar.kind for bar in timeline.lines[1].bars] == ["entry"]


def test_the_week_of_a_room_has_a_line_per_day(house: House) -> None:
    room = make_room(house)
    make_booking([room], berlin(DAY, "10:00"), berlin(DAY, "12:00"), visibility=Visibility.PUBLIC)
    week = [(schedule, []) for schedule in room_week(house, room, DAY)]
    facts = house_facts(house).rooms[room.pk]
    timeline = room_timeline(facts, [facts], week, berlin(DAY, "09:00"), BERLIN)
    assert bars(timeline, "entry") == [(3, 9, 17, 1)]
    assert [line.is_current for line in timeline.lines] == [False, True, False, False, False, False, False]


def test_the_week_of_a_combination_says_which_part_is_taken(house: House) -> None:
    left, right = make_room(house, "Saal A"), make_room(house, "Saal B")
    both = make_room(house, "Saal", parts=[left, right])
    make_booking([left], berlin(DAY, "08:00"), berlin(DAY, "10:00"), visibility=Visibility.BUSY)
    make_booking([right], berlin(DAY, "09:00"), berlin(DAY, "11:00"), visibility=Visibility.PUBLIC)
    make_booking([both], berlin(DAY, "12:00"), berlin(DAY, "14:00"), visibility=Visibility.PUBLIC)
    Closure.objects.create(
        house=house, starts_at=berlin(DAY, "20:00"), ends_at=berlin(DAY, "22:00"), reason="Putzen"
    )
    facts = house_facts(house)
    whole = facts.rooms[both.pk]
    week = [
        (schedule, list(free_times(whole, schedule.times[both.pk], NOW, BERLIN)))
        for schedule in room_week(house, both, DAY)
    ]
    timeline = room_timeline(whole, [facts.rooms[left.pk], facts.rooms[right.pk]], week, NOW, BERLIN)
    assert [(line.label, line.part) for line in timeline.lines[2:4]] == [
        ("Di. 20.04.", "Saal A"),
        ("Di. 20.04.", "Saal B"),
    ]
    of_day = Timeline(timeline.axis, timeline.lines[2:4])
    assert bars(of_day, "busy") == [(4, 1, 9, 1)]
    assert bars(of_day, "entry") == [(4, 17, 25, 2), (5, 5, 13, 1)]
    assert bars(of_day, "closed") == [(4, 49, 57, 2)]
    assert bars(of_day, "free") == [(4, 13, 17, 2), (4, 25, 49, 2), (4, 9, 13, 1), (5, 1, 5, 1)]
    free = [bar for line in of_day.lines for bar in line.bars if bar.kind == "free"]
    assert [bool(bar.url) for bar in free] == [True, True, False, False]


# Free time ----------------------------------------------------------------------------------------


def test_free_time_asks_for_two_hours_within_set_up_and_tear_down(house: House) -> None:
    room = make_room(house, slug="saal-a", setup_minutes=30, teardown_minutes=15)
    (free,) = free_of(room)
    assert (free.times, free.first, free.last) == ("08:00–22:00\N{NO-BREAK SPACE}Uhr", "08:30", "21:45")
    assert prefilled(free.url) == {
        "raum": ["saal-a"],
        "datum": ["2027-04-20"],
        "von": ["08:30"],
        "bis": ["10:30"],
    }


def test_free_time_too_short_for_a_booking_has_no_link(house: House) -> None:
    room = make_room(house, setup_minutes=15, teardown_minutes=15)
    make_booking([room], berlin(DAY, "09:00"), berlin(DAY, "22:00"), setup_minutes=15, teardown_minutes=0)
    (free,) = free_of(room)
    assert (free.times, free.url) == ("08:00–08:45\N{NO-BREAK SPACE}Uhr", "")


def test_free_time_can_be_asked_for_from_the_first_step_of_the_grid_after_the_lead_time(house: House) -> None:
    room = make_room(house, lead_hours=24, grid_minutes=30)
    make_booking([room], berlin(DAY, "17:50"), berlin(DAY, "18:10"))
    too_soon, before, after = free_of(room, now=berlin(DAY - timedelta(days=1), "12:07"))
    assert (too_soon.interval.end, too_soon.url, too_soon.is_too_soon) == (berlin(DAY, "12:30"), "", True)
    assert [(free.times, free.first, free.last, free.is_too_soon) for free in (before, after)] == [
        ("12:30–17:30\N{NO-BREAK SPACE}Uhr", "12:30", "17:30", False),
        ("18:30–22:00\N{NO-BREAK SPACE}Uhr", "18:30", "22:00", False),
    ]


def test_set_up_may_begin_before_the_lead_time_is_over(house: House) -> None:
    room = make_room(house, lead_hours=24, setup_minutes=30)
    _too_soon, askable = free_of(room, now=berlin(DAY - timedelta(days=1), "12:00"))
    assert askable.first == "12:00"


@pytest.mark.parametrize(
    ("now", "is_too_soon"), [("09:00", True), ("21:30", True), ("21:31", False), ("22:00", False)]
)
def test_what_is_over_or_nearly_over_is_free_no_more(house: House, now: str, is_too_soon: bool) -> None:
    (free,) = free_of(make_room(house, min_minutes=30), now=berlin(DAY, now))
    assert (free.url, free.is_too_soon) == ("", is_too_soon)


def test_free_time_beyond_the_horizon_has_no_link(house: House) -> None:
    room = make_room(house, horizon_days=10)
    (free,) = free_of(room)
    assert (free.url, free.is_too_soon) == ("", False)


def test_free_time_up_to_midnight_asks_until_24_o_clock(house: House) -> None:
    room = make_room(house, min_minutes=120)
    OpeningHours.objects.create(
        house=house, room=room, weekday=DAY.weekday(), opens_at="22:00", closes_at="00:00"
    )
    (free,) = free_of(room)
    assert prefilled(free.url)["bis"] == ["24:00"]


def test_a_wish_over_midnight_names_its_last_day(house: House) -> None:
    make_room(house)
    net = Interval(berlin(DAY, "20:00"), berlin(NEXT_DAY, "09:00"))
    url = request_url(["saal-a"], net, BERLIN, persons=30, layout="rows")
    assert prefilled(url) == {
        "raum": ["saal-a"],
        "datum": ["2027-04-20"],
        "von": ["20:00"],
        "bis": ["09:00"],
        "bis_datum": ["2027-04-21"],
        "personen": ["30"],
        "bestuhlung": ["rows"],
    }
