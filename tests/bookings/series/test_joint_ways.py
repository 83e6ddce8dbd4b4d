"""Ways out that several dates of a series have in common, and what choosing one of them means."""

import pytest

from bookings.series.choices import Sent, carry
from bookings.series.joint_ways import choose_jointly, joint_token, joint_ways
from bookings.series.request import SeriesPlan, choose_dates, date_key, token_of
from rooms.models import House, Room
from tests.bookings.series.test_planner import TUESDAYS, plan_of, tuesdays
from tests.factories import BERLIN, berlin, make_booking, make_house, make_room

pytestmark = pytest.mark.django_db

NOTHING = Sent({}, {}, {})


@pytest.fixture
def house() -> House:
    return make_house(shift_minutes=30, grid_minutes=15)


@pytest.fixture
def hall(house: House) -> Room:
    """Saal A, which is taken until half past four on three of five Tuesdays."""
    hall = make_room(house, "Saal A", slug="saal-a")
    for day in TUESDAYS[:3]:
        make_booking([hall], berlin(day, "15:00"), berlin(day, "16:30"))
    return hall


@pytest.fixture
def plan(house: House, hall: Room) -> SeriesPlan:
    """Five Tuesdays; Saal B is free on two of the three that are taken."""
    other = make_room(house, "Saal B", slug="saal-b")
    make_booking([other], berlin(TUESDAYS[0], "16:00"), berlin(TUESDAYS[0], "18:00"))
    return plan_of(tuesdays([hall], count=5))


def test_what_settles_most_dates_comes_first_and_of_these_the_cheapest(plan: SeriesPlan) -> None:
    ways = [(way.token, len(way.proposals)) for way in joint_ways(plan)]
    assert [way for way in ways if not way[0].startswith("day")] == [
        ("shift:30", 3),
        ("skip", 3),
        ("room:saal-b", 2),
    ]
    assert ("day:1440", 3) in ways


def test_one_date_alone_has_no_joint_ways(house: House, hall: Room) -> None:
    assert joint_ways(plan_of(tuesdays([hall], first=TUESDAYS[2]))) == []


def test_a_joint_way_is_chosen_for_each_date_that_has_it(plan: SeriesPlan) -> None:
    """What was chosen before holds on where it has no say."""
    skipped = choose_jointly(NOTHING, plan, "skip")
    assert outcome(plan, skipped) == ["skip", "skip", "skip", "keep", "keep"]
    assert outcome(plan, choose_jointly(skipped, plan, "room:saal-b")) == [
        "skip",
        "room:saal-b",
        "room:saal-b",
        "keep",
        "keep",
    ]
    later = carry(choose_jointly(skipped, plan, "shift:30"), plan, may_override=False)
    moved = choose_dates(plan, later.choices, may_override=False)
    assert [wanted.starts_at.astimezone(BERLIN).strftime("%d.%m. %H:%M") for wanted in moved.dates] == [
        "20.04. 16:30",
        "27.04. 16:30",
        "04.05. 16:30",
        "11.05. 16:00",
        "18.05. 16:00",
    ]


@pytest.mark.parametrize("token", ["", "room:keller", "shift:15", "keep"])
def test_what_no_date_has_changes_nothing(plan: SeriesPlan, token: str) -> None:
    assert choose_jointly(NOTHING, plan, token) == NOTHING


def outcome(plan: SeriesPlan, sent: Sent) -> list[str]:
    """What becomes of each date, as a joint token."""
    by_key = carry(sent, plan, may_override=False).choices.by_key
    found = []
    for plan_date in plan.dates:
        tokens = {
            token_of(proposal, plan.facts): joint_token(plan_date, proposal, plan.facts)
            for proposal in plan_date.proposals
        }
        found.append(tokens.get(by_key.get(date_key(plan_date, BERLIN), ""), "keep"))
    return found
