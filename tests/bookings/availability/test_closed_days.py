"""Holidays on which house or rooms are closed, what is not known of them, night rest and silent days."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from bookings.agenda.public import day_schedule, room_week
from bookings.availability.checks import room_availability
from bookings.availability.nearest import check_wish
from bookings.availability.wishes import wish_for
from bookings.desk.inbox import list_inbox
from bookings.enums import BookingKind
from bookings.tasks import load_coming_holidays as task
from rooms.clock import whole_day
from rooms.enums import Activity, Severity
from rooms.holidays import load_coming_holidays, load_holidays
from rooms.intervals import Interval
from rooms.models import Holiday, House, Room
from tests.factories import BERLIN, DAY, NOW, berlin, make_booking, make_house, make_room

pytestmark = pytest.mark.django_db

ASCENSION = date(2027, 5, 6)
IN_SUMMER = date(2027, 7, 20)


def make_closing(**fields) -> House:
    house = make_house(**fields)
    load_holidays(house, 2026, 2028)
    return House.objects.get(pk=house.pk)


def reasons(rooms, day, starts="10:00", ends="12:00", *, last=None, kind=BookingKind.MEETING, now=NOW):
    house = House.objects.get(pk=rooms[0].house_id)
    wish = wish_for(
        house=house,
        room_ids=[room.pk for room in rooms],
        starts_at=berlin(day, starts),
        ends_at=berlin(last or day, ends),
        activity=kind.activity,
    )
    return check_wish(house=house, wish=wish, now=now)


def codes(*args, **options):
    return [reason.code for reason in reasons(*args, **options)]


def test_a_house_closed_on_public_holidays_names_the_holiday_and_the_nearest_free_time():
    room = make_room(make_closing(closed_on_public_holidays=True))
    (reason,) = reasons([room], ASCENSION)
    assert (reason.code, reason.severity, reason.message) == (
        "closed",
        Severity.STAFF,
        "Geschlossen am Do.,\xa006.05.2027: Christi Himmelfahrt.",
    )
    assert reason.nearest == Interval(berlin(date(2027, 5, 13), "10:00"), berlin(date(2027, 5, 13), "12:00"))


def test_a_house_that_does_not_close_is_open_on_holidays():
    room = make_room(make_closing())
    assert codes([room], ASCENSION) == []
    assert codes([room], IN_SUMMER) == []


def test_school_holidays_close_with_all_their_days():
    room = make_room(make_closing(closed_in_school_holidays=True))
    (reason,) = reasons([room], IN_SUMMER)
    assert reason.message == "Geschlossen von Mo.,\xa019.07.2027 bis Di.,\xa031.08.2027: Sommerferien."
    assert codes([room], date(2027, 9, 1)) == []
    assert codes([room], ASCENSION) == []


def test_a_room_may_differ_from_its_house_both_ways():
    house = make_closing(closed_on_public_holidays=True)
    open_room = make_room(house, closed_on_public_holidays=False)
    room = make_room(house, "Büro", closed_in_school_holidays=True)
    assert codes([open_room], ASCENSION) == []
    assert codes([room], ASCENSION) == ["closed"]
    assert codes([room], IN_SUMMER) == ["closed"]
    assert codes([open_room], IN_SUMMER) == []
    (closure,) = day_schedule(House.objects.get(), ASCENSION).closures
    assert (closure.reason, closure.room_names) == ("Christi Himmelfahrt", ("Büro",))


def test_a_combination_is_closed_when_one_of_its_parts_is():
    house = make_closing()
    closed, other = make_room(house, "A", closed_on_public_holidays=True), make_room(house, "B")
    hall = make_room(house, "A + B", parts=[closed, other], closed_on_public_holidays=False)
    assert [codes([room], ASCENSION) for room in (hall, closed, other)] == [["closed"], ["closed"], []]


def test_a_holiday_blocks_the_room_and_shows_on_its_pages():
    house = make_closing(closed_on_public_holidays=True)
    make_room(house)
    day = whole_day(ASCENSION, BERLIN)
    (found,) = room_availability(house=house, period=day)
    assert [(block.interval, block.kind, block.label) for block in found.blocks] == [
        (day, "closure", "Christi Himmelfahrt")
    ]
    assert found.free == []
    assert day_schedule(house, ASCENSION).house_closure.reason == "Christi Himmelfahrt"
    closed = [
        schedule.day for schedule in room_week(house, Room.objects.get(), ASCENSION) if schedule.is_closed
    ]
    assert closed == [ASCENSION]


def test_what_staff_change_about_holidays_holds_at_once():
    house = make_closing(closed_on_public_holidays=True)
    room = make_room(house)
    assert codes([room], DAY) == []
    Holiday.objects.create(house=house, kind="public", name="Stadtfest", first_date=DAY, last_date=DAY)
    (reason,) = reasons([room], DAY)
    assert reason.message == "Geschlossen am Di.,\xa020.04.2027: Stadtfest."
    Holiday.objects.get(name="Stadtfest").delete()
    assert codes([room], DAY) == []


@pytest.mark.parametrize("years", [1, 6])
def test_the_queries_do_not_grow_with_the_holidays(years, django_assert_num_queries):
    house = make_closing(closed_on_public_holidays=True, closed_in_school_holidays=True)
    make_room(house)
    load_holidays(house, 2027 - years, 2027 + years)
    house = House.objects.get()
    # Parts, layouts, hours, rooms, holidays and their coverage; then closures and what is booked.
    with django_assert_num_queries(10):
        room_availability(house=house, period=whole_day(ASCENSION, BERLIN))


def test_where_school_holidays_matter_and_are_unknown_it_is_said():
    house = make_closing(closed_in_school_holidays=True, horizon_days=2000)
    room = make_room(house)
    (reason,) = reasons([room], date(2029, 5, 8))
    assert (reason.code, reason.severity) == ("school_holidays_unknown", Severity.WARNING)
    assert "So.,\xa031.12.2028" in reason.message
    assert codes([room], date(2028, 5, 8)) == []


def test_a_house_without_any_school_holidays_says_so_where_a_room_closes_in_them():
    house = make_house()
    assert codes([make_room(house, closed_in_school_holidays=True)], DAY) == ["school_holidays_unknown"]
    assert codes([make_room(house)], DAY) == []


def test_a_concert_on_volkstrauertag_is_warned_with_the_law():
    room = make_room(make_house())
    (reason,) = reasons([room], date(2027, 11, 14), "15:00", "17:00", kind=BookingKind.CULTURE)
    assert (reason.code, reason.severity) == ("silent_day", Severity.WARNING)
    assert "Volkstrauertag" in reason.message
    assert "§ 6 Feiertagsgesetz NW" in reason.message


@pytest.mark.parametrize("kind", [BookingKind.MEETING, BookingKind.MUNICIPAL, BookingKind.COURSE])
def test_a_committee_meets_on_silent_days_and_sundays_without_a_warning(kind):
    room = make_room(make_house())
    assert codes([room], date(2027, 11, 14), "09:00", "11:00", kind=kind) == []
    assert codes([room], date(2027, 3, 26), "15:00", "17:00", kind=kind) == []


def test_other_regions_have_other_silent_days():
    room = make_room(make_house(holiday_region="BY"))
    assert codes([room], date(2027, 11, 14), "15:00", "17:00", kind=BookingKind.CULTURE) == []


def test_a_party_until_one_meets_night_rest_and_closed_doors():
    room = make_room(make_house())
    found = reasons(
        [room], date(2027, 6, 12), "18:00", "01:00", last=date(2027, 6, 13), kind=BookingKind.PRIVATE
    )
    assert [reason.code for reason in found] == ["outside_hours", "night_rest"]
    assert "§ 9 LImSchG NRW" in found[1].message
    assert "22:00" in found[1].message


def test_a_house_has_its_own_night_rest():
    room = make_room(make_house(quiet_from="20:00"))
    assert codes([room], DAY, "19:00", "20:15", kind=BookingKind.SPORT) == ["night_rest"]
    assert codes([room], DAY, "19:00", "20:15", kind=BookingKind.MEETING) == []


def test_every_kind_has_an_activity():
    quiet = {kind for kind in BookingKind if kind.activity == Activity.QUIET}
    assert quiet == {
        BookingKind.MEETING,
        BookingKind.COURSE,
        BookingKind.INFORMATION,
        BookingKind.MUNICIPAL,
        BookingKind.COUNSELLING,
        BookingKind.SELF_HELP,
        BookingKind.RELIGIOUS,
        BookingKind.POLITICAL,
    }


def test_the_holidays_of_the_horizon_are_loaded_once():
    house = make_house(horizon_days=540)
    assert load_coming_holidays(house, date(2026, 11, 23)) > 0
    assert {
        row.kind: (row.first_date, row.last_date) for row in house.holiday_coverage.all()
    } == dict.fromkeys(["public", "school"], (date(2026, 1, 1), date(2028, 12, 31)))
    version = House.objects.get().plan_version
    Holiday.objects.get(name="Karfreitag", first_date__year=2027).delete()
    assert load_coming_holidays(house, date(2026, 11, 24)) == 0
    assert House.objects.get().plan_version == version + 1


def test_school_holidays_nobody_has_published_do_not_make_it_load_again_and_again():
    house = make_house(horizon_days=2000)
    assert load_coming_holidays(house, date(2026, 11, 23)) > 0
    assert house.holiday_coverage.get(kind="school").last_date == date(2029, 8, 14)
    assert house.holiday_coverage.get(kind="public").last_date == date(2032, 12, 31)
    version = House.objects.get().plan_version
    assert load_coming_holidays(house, date(2026, 11, 23)) == 0
    assert House.objects.get().plan_version == version


def test_the_daily_task_gives_every_house_its_holidays():
    houses = [make_house(), make_house(holiday_region="XX")]
    task()
    assert [house.holidays.exists() for house in houses] == [True, False]


# Where it is shown -----------------------------------------------------------------------------


def test_the_check_while_typing_warns_by_the_kind_of_event(client):
    room = make_room(make_house())
    typed = {"rooms": [room.slug], "day": "14.11.2027", "starts": "15:00", "ends": "17:00"}
    with time_machine.travel(NOW, tick=False):
        concert = client.get(reverse("check_request"), {**typed, "kind": "culture"}).content.decode()
        meeting = client.get(reverse("check_request"), {**typed, "kind": "meeting"}).content.decode()
        undecided = client.get(reverse("check_request"), {**typed, "kind": ""}).content.decode()
    assert "Volkstrauertag ist ein stiller Tag" in concert
    assert "verdict--wait" in concert
    assert "Volkstrauertag" not in meeting + undecided


def test_the_interface_warns_by_the_kind_of_event(client):
    room = make_room(make_house())
    wish = {
        "rooms": room.slug,
        "starts_at": berlin(date(2027, 11, 14), "15:00").isoformat(),
        "ends_at": berlin(date(2027, 11, 14), "17:00").isoformat(),
    }
    with time_machine.travel(NOW, tick=False):
        concert, plain, unknown = (
            client.get("/api/v1/availability/check/", {**wish, **kind})
            for kind in ({"kind": "culture"}, {}, {"kind": "party"})
        )
    assert [reason["code"] for reason in concert.json()["reasons"]] == ["silent_day"]
    assert concert.json()["is_possible"]
    assert plain.json()["reasons"] == []
    assert unknown.status_code == 400


def test_who_decides_reads_of_the_silent_day_and_need_not_override_it():
    room = make_room(make_house())
    day = date(2027, 11, 14)
    make_booking(
        [room], berlin(day, "15:00"), berlin(day, "17:00"), kind=BookingKind.CULTURE, status="requested"
    )
    ((entry,),) = [list_inbox(room.house, now=NOW)]
    assert [reason.code for reason in entry.broken] == ["silent_day"]
    assert not entry.needs_override


@pytest.mark.parametrize("page", ["display", "day", "week", "room"])
def test_the_pages_of_a_holiday_say_which_it_is(page, client):
    house = make_closing(closed_on_public_holidays=True)
    room = make_room(house)
    address = {
        "display": reverse("display"),
        "day": reverse("day", args=[ASCENSION]),
        "week": reverse("week", args=[ASCENSION]),
        "room": reverse("room_detail", args=[room.slug]) + "?woche=2027-W18",
    }[page]
    with time_machine.travel(berlin(ASCENSION, "09:00"), tick=False):
        shown = client.get(address).content.decode()
    # Plans divide long words between syllables.
    assert "Christi Himmelfahrt" in shown.replace("\N{SOFT HYPHEN}", "")
    assert "00:00–24:00" not in shown
