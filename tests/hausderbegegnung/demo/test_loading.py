"""The demo house looks lived in whenever it is loaded, keeps its own rules, and never doubles."""

import re
from collections import Counter
from datetime import date, datetime, time, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command

from bookings.agenda.public import day_schedule
from bookings.availability.checks import load_snapshot
from bookings.enums import BookingStatus, SlotStatus
from bookings.models import Association, Booking, Membership, Occupancy, Slot, Transition
from bookings.plan_import.plan import PlanFile, Stored
from bookings.plan_import.plan_reader import read_plan
from bookings.plan_import.report import check_plan
from hausderbegegnung.demo.house import MOBILE_EQUIPMENT
from hausderbegegnung.demo.loading import PLAN_FILE, NotEmpty, furnished, load_demo
from hausderbegegnung.demo.week import bookings_around
from hausderbegegnung.models import User
from notifications.models import Message
from rooms.intervals import Interval, subtract
from rooms.models import Closure, Equipment, House, HouseRules, OpeningHours, Room, SeatingLayout
from tests.factories import berlin, make_house

BERLIN = ZoneInfo("Europe/Berlin")
# Every weekday, the nights of both clock changes, holidays, the turn of the year, days of the stories.
DAYS = [
    *(date(2026, 11, 23) + timedelta(days=offset) for offset in range(7)),
    date(2026, 12, 25),
    date(2027, 1, 1),
    date(2027, 3, 28),
    date(2027, 4, 20),
    date(2027, 4, 24),
    date(2027, 5, 6),
    date(2027, 10, 31),
]
HOLIDAYS = {date(2026, 12, 25), date(2027, 1, 1), date(2027, 5, 6)}


@pytest.fixture
def demo(settings, db):
    settings.DEMO = True


def at(day: date, clock: str = "12:00") -> datetime:
    return berlin(day, clock)


def the_plan() -> PlanFile:
    return furnished(read_plan(PLAN_FILE.read_bytes()))


@pytest.mark.parametrize("day", DAYS)
def test_dates_around_any_day_break_no_rule_and_no_approved_ones_clash(day):
    plan = the_plan()
    around = bookings_around(at(day), BERLIN)
    wanted = PlanFile(
        **{name: getattr(plan, name) for name in PlanFile.__slots__} | {"bookings": tuple(around)}
    )
    report = check_plan(wanted, Stored(House()), at(day) - timedelta(days=30))
    assert report.problems == []
    assert report.skipped_dates == {}
    assert len({booking.id for booking in around}) == len(around)


def test_no_two_pieces_of_equipment_are_told_apart_by_brackets_alone():
    names = {item for room in the_plan().rooms for item in room.equipment} | set(MOBILE_EQUIPMENT)
    assert len({name.replace("(", "").replace(")", "").casefold() for name in names}) == len(names)


@pytest.mark.parametrize("day", DAYS)
def test_whatever_the_hour_somebody_is_in_the_house_unless_it_is_a_holiday(day):
    plan = the_plan()
    ((opens, closes),) = plan.hours[day.weekday()]
    hour = timedelta(hours=1)
    open_hours = Interval(berlin(day, f"{opens:%H:%M}") + hour, berlin(day, f"{closes:%H:%M}") - hour)
    today = [
        one.dates[0].net
        for one in bookings_around(at(day), BERLIN)
        if one.status == BookingStatus.APPROVED and one.dates[0].local_day(BERLIN) == day
    ]
    if day in HOLIDAYS:
        assert today == []
    else:
        assert subtract([open_hours], today) == []
        assert 4 <= len(today) <= 7


def test_on_a_public_holiday_the_house_is_closed_and_says_which_it_is(demo):
    day = date(2027, 5, 6)
    house, _new = load_demo(at(day))
    schedule = day_schedule(house, day)
    assert (schedule.entries, schedule.is_closed) == ((), True)
    assert schedule.house_closure.reason == "Christi Himmelfahrt"


def test_what_waits_for_staff_moves_from_holidays_to_the_week_after(demo):
    # The next week is the one before Easter: its Friday is Karfreitag.
    around = bookings_around(at(date(2027, 3, 16)), BERLIN)
    concert = next(one for one in around if one.title == "Konzert zum Jubiläum")
    assert concert.dates[0].local_day(BERLIN) == date(2027, 4, 2)


@pytest.mark.parametrize("day", [DAYS[0], DAYS[6]])
def test_staff_find_something_clean_two_rivals_and_a_buffer_to_decide(demo, day):
    house, _new = load_demo(at(day))
    now = at(day)
    soon = Interval(now, now + timedelta(days=14))
    snapshot = load_snapshot(house, soon, with_pending=True)
    pending = {one.title: one for one in snapshot.taken if not one.is_approved}
    assert sorted(pending) == [
        "Konzert zum Jubiläum",
        "Mitgliederversammlung",
        "Quizabend",
        "Vorleseabend",
        "Öffentliche Ausschusssitzung",
    ]
    in_the_way = {
        title: sorted(
            (other.title, "hard" if other.net.overlaps(one.net) else "buffer")
            for other in snapshot.taken
            if other is not one and other.part_ids & one.part_ids and other.gross.overlaps(one.gross)
        )
        for title, one in pending.items()
    }
    assert in_the_way == {
        "Konzert zum Jubiläum": [("Quizabend", "hard")],
        "Quizabend": [("Konzert zum Jubiläum", "hard")],
        "Mitgliederversammlung": [],
        "Vorleseabend": [],
        "Öffentliche Ausschusssitzung": [("Kaffeenachmittag", "buffer")],
    }


def everything() -> list[int]:
    models = (
        House,
        Room,
        SeatingLayout,
        Equipment,
        OpeningHours,
        Closure,
        HouseRules,
        User,
        Association,
        Membership,
    )
    return [model.objects.count() for model in (*models, Booking, Slot, Occupancy, Transition, Message)]


def test_loading_again_on_the_same_day_adds_nothing(demo):
    load_demo(at(DAYS[0], "09:00"))
    before = everything()
    _house, new = load_demo(at(DAYS[0], "18:30"))
    assert new == []
    assert everything() == before


def test_loading_on_a_later_day_fills_the_days_around_it_and_doubles_nothing(demo):
    load_demo(at(DAYS[0]))
    for offset in (1, 5, 30):
        _house, new = load_demo(at(DAYS[0] + timedelta(days=offset)))
        assert new != []
    dates = Counter(Slot.objects.values_list("booking__title", "starts_at"))
    assert set(dates.values()) == {1}
    skipped_dates = Slot.objects.filter(status=SlotStatus.SKIPPED)
    assert skipped_dates.exclude(booking__event=None).count() == skipped_dates.count()


def test_loading_again_respects_what_people_changed_in_between(demo):
    house, _new = load_demo(at(DAYS[0]))
    booking = Booking.objects.get(title="Vorleseabend")
    Slot.objects.filter(booking=booking).update(status=SlotStatus.REJECTED)
    Booking.objects.filter(pk=booking.pk).update(status=BookingStatus.REJECTED)
    House.objects.filter(pk=house.pk).update(name="Unser Haus")
    house.rooms.filter(slug="buero").update(slug="beratung")
    house.rooms.filter(slug="gruppenraum").update(is_active=False)
    house.rooms.get(slug="saal").parts.remove(house.rooms.get(slug="saal-b"))
    _house, new = load_demo(at(DAYS[0] + timedelta(days=7)))
    assert Booking.objects.get(pk=booking.pk).status == BookingStatus.REJECTED
    assert House.objects.get().name == "Unser Haus"
    assert house.rooms.count() == 8
    used = Room.objects.filter(
        pk__in=Slot.rooms.through.objects.filter(slot__booking__in=new).values("room_id")
    )
    assert sorted(used.values_list("slug", flat=True)) == ["kueche", "saal-a", "saal-b", "seminarraum"]


def test_the_sixteen_bookings_of_the_plan_file_are_there_with_all_their_dates(demo):
    _house, new = load_demo(at(DAYS[0]))
    assert [
        (
            booking.title,
            booking.status,
            booking.kind,
            booking.slots.exclude(status=SlotStatus.SKIPPED).count(),
            booking.slots.filter(status=SlotStatus.SKIPPED).count(),
        )
        for booking in new[:16]
    ] == [
        ("Sprechstunde Quartiersmanagement", "approved", "counselling", 549, 9),
        ("Deutschkurs A2", "approved", "course", 73, 8),
        ("Vorstandssitzung", "approved", "meeting", 12, 1),
        ("Seniorencafé", "approved", "get_together", 24, 1),
        ("Elternabend Kita Regenbogenwiese", "approved", "meeting", 1, 0),
        ("Repair-Café", "approved", "get_together", 11, 1),
        ("Jugendgruppe", "approved", "youth", 39, 10),
        ("Flohmarkt im ganzen Haus", "requested", "market", 1, 0),
        ("Flohmarkt – Aufbau am Vorabend", "requested", "market", 1, 0),
        ("Blutspendetermin", "approved", "other", 1, 0),
        ("Ausschuss für Soziales – öffentliche Sitzung", "requested", "municipal", 1, 0),
        ("Selbsthilfegruppe", "approved", "self_help", 25, 0),
        ("Ferienspiele", "approved", "youth", 14, 1),
        ("Kammermusik am Nachmittag", "requested", "culture", 1, 0),
        ("Lesenacht mit Übernachtung", "requested", "youth", 1, 0),
        ("Jubiläumsfeier 60 Jahre (privat)", "rejected", "private", 1, 0),
    ]


@pytest.mark.parametrize(
    "day",
    [date(2027, 1, 12), date(2027, 3, 24), date(2027, 4, 20), date(2027, 7, 20)],
)
def test_beside_the_series_somebody_is_in_the_house_whatever_the_hour(demo, day):
    load_demo(at(day))
    approved = Slot.objects.filter(status=SlotStatus.APPROVED)
    taken = [Interval(slot.starts_at, slot.ends_at) for slot in approved]
    assert subtract([Interval(berlin(day, "09:00"), berlin(day, "21:00"))], taken) == []


def test_nothing_takes_the_name_of_a_series_on_a_day_on_which_it_pauses(demo):
    day = date(2027, 3, 24)
    load_demo(at(day))
    series = Booking.objects.exclude(event=None)
    around = Slot.objects.filter(booking__event=None, status=SlotStatus.APPROVED)
    assert (
        set(series.values_list("title", flat=True)) & set(around.values_list("booking__title", flat=True))
        == set()
    )


def test_the_holidays_of_the_plan_and_of_the_next_two_years_are_known(demo):
    house, _new = load_demo(at(DAYS[0]))
    assert {
        row.kind: (row.first_date, row.last_date) for row in house.holiday_coverage.all()
    } == dict.fromkeys(["public", "school"], (date(2017, 1, 1), date(2028, 12, 31)))


def test_the_house_tells_what_is_known_of_it(demo):
    house, _new = load_demo(at(DAYS[0]))
    assert (house.name, house.slug, house.street, house.postal_code, house.phone, house.contact_name) == (
        "Haus der Begegnung",
        "haus-der-begegnung",
        "Burgundische Straße 1",
        "50181",
        "02272 402-171",
        "Quartiersmanagement Kaster",
    )
    assert (house.operator, house.max_persons, house.reference_prefix, house.time_zone) == (
        "Stadt Bedburg",
        150,
        "HdB",
        "Europe/Berlin",
    )
    rooms = house.rooms.order_by("position")
    assert [room.slug for room in rooms] == [
        "saal-a",
        "saal-b",
        "saal",
        "seminarraum",
        "gruppenraum",
        "kueche",
        "buero",
        "aussenflaeche",
    ]
    assert all(room.description and room.floor and room.wayfinding and room.step_free for room in rooms)
    assert [room.slug for room in rooms if room.hearing_loop] == ["saal-a", "saal"]
    assert [room.slug for room in rooms if room.is_outdoors] == ["aussenflaeche"]
    assert "Kühlschrank" in [item.name for item in house.rooms.get(slug="kueche").equipment.all()]
    assert sorted({(row.opens_at, row.closes_at) for row in house.opening_hours.all()}) == [
        (time(8), time(22)),
        (time(9), time(22)),
        (time(10), time(20)),
    ]
    assert house.house_rules.get().valid_from <= DAYS[0]


def test_the_demo_people_are_an_association_staff_and_a_caretaker(demo):
    load_demo(at(DAYS[0]))
    assert list(User.objects.order_by("email").values_list("email", "name", "is_staff", "is_caretaker")) == [
        ("hausmeister@demo.example", "Demo Hausmeisterei", False, True),
        ("verein@demo.example", "Demo Verein", False, False),
        ("verwaltung@demo.example", "Demo Verwaltung", True, False),
    ]
    member = User.objects.get(email="verein@demo.example")
    assert [membership.association.name for membership in member.memberships.all()] == [
        "Demo-Verein Kaster e. V."
    ]
    assert sorted(Booking.objects.of_user(member.pk).values_list("title", "status", "applicant")) == [
        ("Mitgliederversammlung", "requested", member.pk),
        ("Planung Sommerfest", "approved", member.pk),
    ]
    assert all(not user.has_usable_password() for user in User.objects.all())


def test_outside_the_demo_nobody_can_log_in_as_a_demo_person(settings, db):
    settings.DEMO = False
    load_demo(at(DAYS[0]))
    assert User.objects.count() == 0
    assert Booking.objects.filter(title="Planung Sommerfest").count() == 1


def test_everybody_can_be_called_at_a_number_nobody_has(demo):
    load_demo(berlin(DAYS[0], "12:00"))
    phones = Booking.objects.values_list("contact_phone", flat=True)
    assert [phone for phone in phones if not re.fullmatch(r"02272 000-0\d\d", phone)] == []


def test_nobody_is_told_of_demo_dates(demo, mailoutbox):
    load_demo(at(DAYS[0]))
    assert (Message.objects.count(), mailoutbox) == (0, [])


@pytest.mark.parametrize("day", DAYS)
def test_requests_came_in_before_now(day):
    now = at(day, "00:30")
    assert [one.id for one in bookings_around(now, BERLIN) if one.received_at >= now] == []


def test_a_house_that_is_there_is_left_alone(db):
    make_house()
    with pytest.raises(NotEmpty):
        load_demo(at(DAYS[0]))
    with pytest.raises(CommandError):
        call_command("load_demo", skip_checks=True)
    assert (House.objects.count(), Booking.objects.count()) == (1, 0)


def test_the_command_says_what_it_added(demo):
    out = StringIO()
    with time_machine.travel(at(DAYS[0]), tick=False):
        call_command("load_demo", stdout=out, skip_checks=True)
    assert out.getvalue().startswith("Haus der Begegnung: ")
    assert str(Booking.objects.count()) in out.getvalue()
