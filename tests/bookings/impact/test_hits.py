"""Which approved dates a change of the house hits, and that every way out that is offered is one."""

from datetime import UTC, date, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given

from bookings.enums import SlotStatus
from bookings.impact.hits import find_hits, rules_known, with_proposals
from hausderbegegnung.web.staff.forms.impact import ImpactForm
from rooms.clock import whole_day
from rooms.facts import house_facts
from rooms.models import Closure, Holiday, House, OpeningHours, Room, raise_plan_version
from tests.bookings.impact import changing_houses
from tests.bookings.impact.changing_houses import build, hit_by_counting, states, wanted_dates, write
from tests.factories import BERLIN, DAY, NOW, berlin, make_booking, make_house, make_room
from tests.generated import examples

pytestmark = pytest.mark.django_db


def hits_of(house, change, now):
    before = rules_known(House.objects.get(pk=house.pk), now)
    change()
    changed = House.objects.get(pk=house.pk)
    return find_hits(changed, before, rules_known(changed, now), now)


@examples(40)
@given(before=states, after=states, wanted=wanted_dates)
def test_hits_are_the_dates_that_break_more_after_the_change_than_before(before, after, wanted):
    house, rooms, stored = build(wanted)
    write(house, rooms, before)
    hits = hits_of(house, lambda: write(house, rooms, after), changing_houses.NOW)
    assert {hit.slot.pk for hit in hits} == hit_by_counting(before, after, stored)
    assert all(hit.reasons for hit in hits)


def close(house, start, end, *rooms, reason="Wasserschaden"):
    closure = Closure.objects.create(house=house, starts_at=start, ends_at=end, reason=reason)
    closure.rooms.set(rooms)
    return closure


def close_the_day(house, *rooms):
    day = whole_day(DAY, BERLIN)
    return close(house, day.start, day.end, *rooms)


def hit_slots(house, change, now=NOW):
    return [
        (hit.slot.booking.title, [reason.code for reason in hit.reasons])
        for hit in hits_of(house, change, now)
    ]


def test_a_date_is_hit_with_the_rule_it_breaks_now(house):
    room = make_room(house)
    make_booking([room], berlin(DAY, "15:00"), title="Chor")
    make_booking([room], berlin(DAY + timedelta(days=1), "15:00"), title="Café")
    make_booking([room], berlin(DAY, "18:00"), title="Frage", status=SlotStatus.REQUESTED)
    (hit,) = hits_of(house, lambda: close_the_day(house), NOW)
    assert hit.slot.booking.title == "Chor"
    assert [reason.message for reason in hit.reasons] == ["Geschlossen am Di.,\xa020.04.2027: Wasserschaden."]


def test_set_up_and_parts_count_and_times_that_touch_do_not(house):
    hall_a, hall_b = make_room(house, "Saal A"), make_room(house, "Saal B")
    hall = make_room(house, "Saal", parts=[hall_a, hall_b])
    make_booking([hall], berlin(DAY, "10:00"), title="touches")
    make_booking([hall], berlin(DAY, "16:30"), title="by its set-up", setup_minutes=45)
    make_booking([hall_b], berlin(DAY, "13:00"), title="in the other part")
    found = hit_slots(house, lambda: close(house, berlin(DAY, "12:00"), berlin(DAY, "16:00"), hall_a))
    assert found == [("by its set-up", ["closed"])]


def test_a_date_that_is_over_is_not_hit_and_one_that_runs_is(house):
    room = make_room(house)
    make_booking([room], berlin(DAY, "10:00"), title="over")
    other = make_room(house, "Saal B")
    make_booking([other], berlin(DAY, "10:00"), title="is being cleared away", teardown_minutes=60)
    make_booking([room], berlin(DAY, "12:00"), title="runs")
    found = hit_slots(house, lambda: close_the_day(house), now=berlin(DAY, "12:30"))
    assert found == [("runs", ["closed"])]


def test_what_staff_accepted_is_not_asked_again_unless_it_gets_worse(house):
    room = make_room(house)
    closure = close(house, berlin(DAY, "16:00"), berlin(DAY, "18:00"), room)
    make_booking([room], berlin(DAY, "15:00"), berlin(DAY, "23:00"), title="kept")

    def word_it_anew():
        closure.reason = "Wasserschaden im Keller"
        closure.save()

    assert hit_slots(house, word_it_anew) == []
    OpeningHours.objects.filter(house=house).update(closes_at=time(22))
    assert hit_slots(house, lambda: close_until(house, 21)) == [("kept", ["outside_hours"])]
    assert hit_slots(house, lambda: close_until(house, 22)) == []
    assert hit_slots(house, lambda: close_the_day(house)) == [("kept", ["closed", "closed"])]


def close_until(house, hour):
    OpeningHours.objects.filter(house=house).update(closes_at=time(hour))
    raise_plan_version(house.pk)


@pytest.mark.parametrize(
    ("change", "code", "can_stay"),
    [
        (lambda room: Room.objects.filter(pk=room.pk).update(is_active=False), "room_inactive", True),
        (lambda room: room.layouts.update(capacity=5), "too_many_persons", False),
        (lambda room: room.layouts.filter(kind="rows").delete(), "layout_missing", True),
        (lambda room: House.objects.update(max_persons=8), "house_full", True),
        (lambda room: OpeningHours.objects.all().delete(), "outside_hours", True),
        (
            lambda room: Holiday.objects.create(
                house=room.house, kind="school", name="Ferien", first_date=DAY, last_date=DAY
            ),
            "closed",
            True,
        ),
        (lambda room: House.objects.update(time_zone="America/New_York"), "outside_hours", True),
    ],
)
def test_every_setting_that_binds_dates_is_looked_at(change, code, can_stay):
    house = make_house(closed_in_school_holidays=True)
    room = make_room(house)
    make_booking([room], berlin(DAY, "09:00"), layout="rows")

    def make():
        change(room)
        raise_plan_version(house.pk)

    (hit,) = hits_of(house, make, NOW)
    assert ([reason.code for reason in hit.reasons], hit.can_stay) == ([code], can_stay)


def test_a_closure_over_the_clock_change_takes_all_of_its_hours(house):
    """In the night to 31 October 2027 the clocks show two o'clock twice."""
    room = make_room(house)
    night = date(2027, 10, 31)
    second_two = berlin(night, "02:00").replace(fold=1).astimezone(UTC)
    make_booking([room], berlin(night, "00:00"), second_two, title="ends where it starts")
    make_booking([room], second_two, berlin(night, "09:00"), title="in it")
    found = hit_slots(house, lambda: close(house, second_two, berlin(night, "03:00")))
    assert found == [("in it", ["closed"])]


# Ways out --------------------------------------------------------------------------------------


def ways_of(house, change, now=NOW):
    """For each hit what is proposed: kind, rooms by name, and start by the clocks."""
    hits = hits_of(house, change, now)
    changed = House.objects.get(pk=house.pk)
    names = dict(Room.objects.values_list("pk", "name"))
    return {
        hit.slot.booking.title: [
            (
                proposal.way.value,
                "+".join(names[room_id] for room_id in proposal.wish.room_ids),
                f"{proposal.wish.net.start.astimezone(BERLIN):%a %H:%M}",
            )
            for proposal in hit.proposals
        ]
        for hit in with_proposals(changed, house_facts(changed), hits, now)
    }


def test_the_smallest_change_comes_first(house):
    room, _small = make_room(house, "Saal A"), make_room(house, "Büro", capacity=5)
    make_room(house, "Saal B", capacity=60)
    make_booking([room], berlin(DAY, "16:00"), title="Chor", persons=20)
    found = ways_of(house, lambda: close(house, berlin(DAY, "12:00"), berlin(DAY, "16:15"), room))
    assert found == {
        "Chor": [
            ("room", "Saal B", "Tue 16:00"),
            ("shift", "Saal A", "Tue 16:15"),
            ("day", "Saal A", "Mon 16:00"),
        ]
    }


def test_staff_read_what_each_way_out_changes_and_that_a_room_has_no_hearing_loop(house):
    room = make_room(house, "Saal A", hearing_loop=True)
    make_room(house, "Saal B")
    make_booking([room], berlin(DAY, "16:00"))
    (hit,) = hits_of(house, lambda: close(house, berlin(DAY, "12:00"), berlin(DAY, "16:15"), room), NOW)
    changed = House.objects.get(pk=house.pk)
    hits = with_proposals(changed, house_facts(changed), [hit], NOW)
    form = ImpactForm(hits=hits, room_names=dict(Room.objects.values_list("pk", "name")))
    labels = [label.replace("\xa0", " ") for _value, label in form.field_of(hit).field.choices]
    assert labels == [
        "Anderer Raum: Saal B, zur selben Zeit (ohne Höranlage)",
        "Andere Zeit: Di., 20.04.2027, 16:15–18:15 Uhr, Saal A",
        "Anderer Tag: Mo., 19.04.2027, 16:00–18:00 Uhr, Saal A",
        "Termin widerrufen",
        "Trotzdem bestehen lassen",
    ]


def test_where_the_whole_house_is_closed_another_day_is_left(house):
    make_booking([make_room(house)], berlin(DAY, "16:00"), title="Chor")
    assert ways_of(house, lambda: close_the_day(house)) == {"Chor": [("day", "Saal A", "Mon 16:00")]}


def test_nothing_is_proposed_that_is_over_but_lead_time_is_not_asked(house):
    House.objects.update(lead_hours=500)
    make_booking([make_room(house)], berlin(DAY, "16:00"), title="Chor")
    now = berlin(DAY, "08:00")
    assert ways_of(house, lambda: close_the_day(house), now) == {"Chor": [("day", "Saal A", "Wed 16:00")]}


def test_of_two_dates_that_want_the_same_room_the_first_gets_it(house):
    hall, other = make_room(house, "Saal A"), make_room(house, "Saal B")
    make_room(house, "Saal C")
    make_booking([hall], berlin(DAY, "16:00"), title="Chor")
    make_booking([other], berlin(DAY, "17:00"), title="Café")
    found = ways_of(house, lambda: close_the_day(house, hall, other))
    assert found == {
        "Chor": [("room", "Saal C", "Tue 16:00"), ("day", "Saal A", "Mon 16:00")],
        "Café": [("day", "Saal B", "Mon 17:00")],
    }


def test_a_group_is_not_sent_to_the_time_of_another_date_of_its_own(house):
    room = make_room(house)
    other = make_room(house, "Saal B")
    booking = make_booking([room], berlin(DAY, "16:00"), title="Chor")
    elsewhere = make_booking([other], berlin(DAY - timedelta(days=1), "16:00"))
    elsewhere.slots.update(booking=booking)
    found = ways_of(house, lambda: close_the_day(house))
    assert found == {"Chor": [("day", "Saal A", "Wed 16:00")]}


def test_the_limit_of_the_house_is_kept_by_all_proposals_together():
    house = make_house(max_persons=40)
    hall, other = make_room(house, "Saal A"), make_room(house, "Saal B")
    make_room(house, "Saal C")
    make_room(house, "Saal D")
    for title, room in [("Chor", hall), ("Café", other)]:
        make_booking([room], berlin(DAY, "16:00"), title=title, persons=20)
    found = ways_of(house, lambda: close_the_day(house, hall, other))
    assert {title: ways[0][:2] for title, ways in found.items()} == {
        "Chor": ("room", "Saal C"),
        "Café": ("room", "Saal D"),
    }


@pytest.mark.parametrize("number", [2, 40])
def test_the_queries_do_not_grow_with_the_dates(house, number):
    rooms = [make_room(house, f"Saal {letter}") for letter in "AB"]
    for week in range(number):
        make_booking([rooms[0]], berlin(DAY + timedelta(weeks=week), "16:00"))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        hits = hits_of(house, lambda: close_until(house, 17), NOW)
        changed = House.objects.get(pk=house.pk)
        found = with_proposals(changed, house_facts(changed), hits, NOW)
    assert len(found) == number
    assert len(queries) == 18
