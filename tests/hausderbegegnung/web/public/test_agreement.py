"""Wherever somebody looks, a room is free, taken or closed at the same times."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from hypothesis import example, given
from hypothesis import strategies as st

from bookings.availability.checks import broken_rules
from bookings.availability.snapshot import load_snapshot
from bookings.availability.wishes import wish_for
from bookings.enums import Visibility
from bookings.models import Booking, Occupancy
from hausderbegegnung.web.public.calendar import RoomDay
from hausderbegegnung.web.shared.timeline import Axis, TimelineLine
from rooms.clock import whole_day
from rooms.enums import HolidayKind
from rooms.facts import house_facts
from rooms.intervals import Interval, subtract
from rooms.models import Closure, Holiday, House, OpeningHours
from tests.factories import BERLIN, DAY, NOW, berlin, make_booking, make_house, make_room
from tests.generated import examples

pytestmark = pytest.mark.django_db

MIDNIGHT, WHOLE = berlin(DAY, "00:00"), whole_day(DAY, BERLIN)
QUARTER = timedelta(minutes=15)
# The hours from 7 to 23 o'clock.
NUMBERS = range(7 * 4, 23 * 4)
FREE, TAKEN, CLOSED = "free", "taken", "closed"
# How each room stands in each of these quarters of an hour.
Plan = dict[str, list[str]]

PARTS = {"Saal A": {"Saal A"}, "Saal B": {"Saal B"}, "Saal": {"Saal A", "Saal B"}, "Büro": {"Büro"}}
ATOMIC = ["Saal A", "Saal B", "Büro"]


def quarter(number: int, length: int = 1) -> Interval:
    return Interval(MIDNIGHT + number * QUARTER, MIDNIGHT + (number + length) * QUARTER)


def states(free: Iterable[Interval], taken: Iterable[Interval]) -> list[str]:
    free, taken = list(free), list(taken)
    return [
        FREE
        if any(span.contains(quarter(number)) for span in free)
        else TAKEN
        if any(span.overlaps(quarter(number)) for span in taken)
        else CLOSED
        for number in NUMBERS
    ]


def only(state: str, plan: Plan, names: Iterable[str]) -> dict[str, list[bool]]:
    return {name: [found == state for found in plan[name]] for name in names}


@pytest.fixture
def place(db: None) -> House:
    """A hall of two parts, an office with its own hours that holidays close, and a room out of use."""
    house = make_house(lead_hours=0, min_minutes=15, max_persons=None)
    left, right = make_room(house, "Saal A"), make_room(house, "Saal B")
    make_room(house, "Saal", parts=[left, right])
    office = make_room(house, "Büro", closed_on_public_holidays=True)
    OpeningHours.objects.create(
        house=house, room=office, weekday=DAY.weekday(), opens_at="09:00", closes_at="16:30"
    )
    make_room(house, "Alter Saal", is_active=False)
    return house


def by_api(house: House) -> Plan:
    query = {"from": WHOLE.start.isoformat(), "to": WHOLE.end.isoformat(), "house": house.slug}
    answer = Client().get("/api/v1/availability/", query).json()

    def span(sent: dict[str, str]) -> Interval:
        return Interval(datetime.fromisoformat(sent["starts_at"]), datetime.fromisoformat(sent["ends_at"]))

    return {
        room["name"]: states(
            map(span, room["free"]), [span(block) for block in room["blocks"] if block["kind"] == "booking"]
        )
        for room in answer["rooms"]
    }


def by_rules(house: House) -> Plan:
    """What the finder and the request form answer to a wish for each quarter of an hour."""
    facts, snapshot = house_facts(house), load_snapshot(house, WHOLE)

    def state(room_id: int, net: Interval) -> str:
        wish = wish_for(house=house, room_ids=[room_id], starts_at=net.start, ends_at=net.end, facts=facts)
        codes = {reason.code for reason in broken_rules(wish, snapshot, NOW)}
        return TAKEN if codes & {"clash", "buffer_clash"} else CLOSED if codes else FREE

    return {
        room.name: [state(room.id, quarter(number)) for number in NUMBERS]
        for room in facts.rooms.values()
        if room.is_active
    }


def free_bars(lines: Iterable[TimelineLine], axis: Axis) -> dict[str, list[bool]]:
    first = axis.first * 4 - 1
    return {
        line.label: [
            any(bar.kind == "free" and bar.start + first <= number < bar.end + first for bar in line.bars)
            for number in NUMBERS
        ]
        for line in lines
    }


def closed_cells(cells: Iterable[RoomDay]) -> dict[str, list[bool]]:
    """What the cells of the week say, with the closures of the house, which its head says."""
    plan = {}
    for cell in cells:
        usual = Interval(berlin(DAY, "08:00"), berlin(DAY, "22:00"))
        house_wide = [closure.interval for closure in cell.schedule.closures if closure.is_whole_house]
        shut = [*house_wide, *(part for part, _reason in cell.closures)]
        hours = [] if cell.is_closed else subtract(cell.own_hours or [usual], shut)
        plan[cell.room.name] = [state == CLOSED for state in states(hours, [])]
    return plan


SPANS = st.tuples(st.integers(24, 90), st.integers(1, 24))
Spans = list[tuple[tuple[int, int], str]]


@examples(8)
@example([], [((40, 8), "Saal A", Visibility.HIDDEN)], True)
@example([((0, 96), "Saal A"), ((36, 8), "Alter Saal")], [((40, 8), "Saal", Visibility.PUBLIC)], False)
@example([((60, 8), ""), ((30, 12), "Saal")], [((60, 8), "Büro", Visibility.BUSY)], False)
@given(
    closures=st.lists(st.tuples(SPANS, st.sampled_from(["", "Alter Saal", *PARTS])), max_size=3),
    bookings=st.lists(
        st.tuples(SPANS, st.sampled_from(list(PARTS)), st.sampled_from(Visibility.values)), max_size=4
    ),
    is_holiday=st.booleans(),
)
def test_wherever_somebody_looks_a_room_stands_the_same(
    place: House, closures: Spans, bookings: list[tuple[tuple[int, int], str, str]], is_holiday: bool
) -> None:
    for model in (Occupancy, Booking, Closure, Holiday):
        model.objects.all().delete()
    by_name = {room.name: room for room in place.rooms.all()}
    shut: list[tuple[Interval, set[str]]] = []
    for span, name in closures:
        interval = quarter(*span)
        stored = Closure.objects.create(
            house=place, starts_at=interval.start, ends_at=interval.end, reason="Boden"
        )
        stored.rooms.set([by_name[name]] if name else [])
        shut.append((interval, PARTS.get(name, set()) if name else set(ATOMIC)))
    if is_holiday:
        Holiday.objects.create(
            house=place, kind=HolidayKind.PUBLIC, name="Feiertag", first_date=DAY, last_date=DAY
        )
        shut.append((WHOLE, {"Büro"}))
    taken: list[tuple[Interval, set[str]]] = []
    for span, name, visibility in bookings:
        interval = quarter(*span)
        gross = Interval(interval.start - QUARTER, interval.end)
        if not any(PARTS[name] & parts and gross.overlaps(other) for other, parts in taken):
            make_booking(
                [by_name[name]], interval.start, interval.end, setup_minutes=15, visibility=visibility
            )
            taken.append((gross, PARTS[name]))
    hours = {name: Interval(berlin(DAY, "08:00"), berlin(DAY, "22:00")) for name in PARTS}
    hours["Büro"] = Interval(berlin(DAY, "09:00"), berlin(DAY, "16:30"))
    opened = {
        name: subtract([hours[name]], [span for span, closed in shut if closed & parts])
        for name, parts in PARTS.items()
    }
    occupied = {name: [span for span, used in taken if used & parts] for name, parts in PARTS.items()}
    expected = {name: states(subtract(opened[name], occupied[name]), occupied[name]) for name in PARTS}

    place.save()
    house = House.objects.get()
    with time_machine.travel(NOW, tick=False):
        assert by_api(house) == expected
        assert by_rules(house) == expected
        day = Client().get(f"/tag/{DAY}/").context
        assert free_bars(day["timeline"].lines[:3], day["timeline"].axis) == only(FREE, expected, ATOMIC)
        for name, parts in PARTS.items():
            page = Client().get(f"/raeume/{by_name[name].slug}/?woche=2027-W16").context
            lines = page["timeline"].lines
            first = lines[DAY.weekday() * len(parts)]
            bars = [bar for bar in first.bars if bar.lines == len(parts)]
            shown = free_bars([replace(first, label=name, bars=bars)], page["timeline"].axis)
            assert shown == only(FREE, expected, [name])
        rows = Client().get("/woche/2027-W16/").context["rows"]
        cells = [days[DAY.weekday()] for room, days in rows if room.name in ATOMIC]
        assert closed_cells(cells) == {
            name: [state == CLOSED for state in states(opened[name], [])] for name in ATOMIC
        }
    with time_machine.travel(MIDNIGHT, tick=False):
        shown_closures = Client().get("/display/").context["closures"]
    for name in ATOMIC:
        room = house_facts(house).rooms[by_name[name].pk]
        shown = [closure.interval for closure in shown_closures if closure.closes(room.part_ids)]
        assert subtract([hours[name]], shown) == opened[name]
