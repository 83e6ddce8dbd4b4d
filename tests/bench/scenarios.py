"""What is measured: each scenario makes its calls, and what has to happen before each of them."""

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count, cycle, repeat
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from bookings.access.actors import System
from bookings.enums import BookingKind, SchoolHolidays, SlotStatus, Visibility
from bookings.errors import RoomAlreadyBooked
from bookings.models import Booking, Slot
from bookings.series.dates import Series
from bookings.series.pattern import Frequency, Pattern
from bookings.series.request import SeriesWish, plan_wishes
from bookings.services import RequestData, WantedDate, import_booking, request_booking
from bookings.services._lock import lock_house
from hausderbegegnung.accounts.sessions import SessionStore
from hausderbegegnung.models import User
from hausderbegegnung.web.public.forms import search_query
from hausderbegegnung.web.shared.forms.series import Repeats
from rooms.clock import instant, whole_day
from rooms.enums import Layout
from rooms.models import House, Room
from tests.bench.calls import Call
from tests.bench.house import FullHouse, free_turn, taken_turn, weekly_turn
from tests.factories import make_token

CSRF = "a" * 32
# A series of a year, of which some dates are taken.
WEEKS, TAKEN_WEEKS = 52, (10, 30)
LONGEST_SERIES = 250
SERIES_FORM = {"repeats": Repeats.WEEKLY, "count": WEEKS, "school": SchoolHolidays.IGNORED}


class Aim(NamedTuple):
    """The multiple of the empty page that something may cost on each engine."""

    sqlite: float
    postgresql: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is measured; where it has no aim the figure is for orientation.

    `calls` yields one call after the other, and does before each what has to be done unmeasured.
    `writes` says that it stores something: such a scenario is measured less often.
    """

    name: str
    aim: Aim | None
    calls: Callable[[], Iterator[Call]]
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """Something that is measured without a server; `aim` is in milliseconds."""

    name: str
    aim: float
    call: Callable[[], object]


def functions(full: FullHouse) -> list[Function]:
    """Return what takes long enough to be compared with seconds instead of an empty page."""
    room, starts_at, ends_at = taken_turn(full, 0)
    starts, ends = (
        moment.astimezone(full.house.zone).replace(tzinfo=None) for moment in (starts_at, ends_at)
    )
    daily = Pattern(
        frequency=Frequency.DAILY,
        first_day=starts.date(),
        starts=starts.time(),
        ends=ends.time(),
        count=LONGEST_SERIES,
    )
    series = Series(starts=starts, ends=ends, pattern=daily, skip_public=True)
    # Rooms and rules are in memory under the plan version, as in a server.
    house = House.objects.get(pk=full.house.pk)

    def plan(rooms: Sequence[Room]) -> Callable[[], object]:
        wishes = [SeriesWish(series=series, room_ids=(one.pk,), persons=8) for one in rooms]
        return lambda: plan_wishes(house=house, wishes=wishes, now=timezone.now())

    return [
        Function(f"plan of {LONGEST_SERIES} dates in one room, most taken", 1000, plan([room])),
        Function(f"plan of {LONGEST_SERIES} dates in each of 12 rooms, most taken", 1000, plan(full.rooms)),
    ]


def scenarios(full: FullHouse) -> list[Scenario]:
    """Return all scenarios, those that change the house last."""
    free, pending = count(), count(10_000)
    monday = full.today - timedelta(days=full.today.weekday())
    member, staff = session_headers(full.applicant), session_headers(full.staff)
    token = {"Authorization": f"Token {make_token(full.applicant, now=timezone.now())}"}
    staff_token = {"Authorization": f"Token {make_token(full.staff, now=timezone.now())}"}
    a_day = whole_day(full.today + timedelta(days=10), full.house.zone)
    period = {"from": a_day.start.isoformat(), "to": a_day.end.isoformat()}
    taken_room, taken_start, taken_end = taken_turn(full, 100)
    wish = {
        "rooms": taken_room.slug,
        "starts_at": taken_start.isoformat(),
        "ends_at": taken_end.isoformat(),
        "persons": 8,
    }

    def page(path: str, *, changed_on: date | None = None) -> Callable[[], Iterator[Call]]:
        def calls() -> Iterator[Call]:
            changes = repeat(None) if changed_on is None else _changes_on(full, changed_on)
            for _change in changes:
                yield Call(path)

        return calls

    def unchanged_display() -> Iterator[Call]:
        while True:
            yield Call(reverse("display"), 304, headers={"If-None-Match": "LAST"})

    def request_page() -> Iterator[Call]:
        for number in free:
            yield _form(
                reverse("request_booking"), 302, member, _request_form(full, *free_turn(full, number))
            )

    def refused_page() -> Iterator[Call]:
        for number in count():
            yield _form(
                reverse("request_booking"), 409, member, _request_form(full, *taken_turn(full, number))
            )

    def approval_page() -> Iterator[Call]:
        for number in pending:
            booking = _pending(full, number - 10_000)
            path = reverse("approve_booking", args=[booking.reference])
            yield _form(
                path,
                302,
                staff,
                {"decide-version": booking.version, "decide-note": "Schlüssel liegt bereit."},
            )

    def request_api() -> Iterator[Call]:
        for number in free:
            yield _json(reverse("api_bookings"), 201, token, _request_json(full, *free_turn(full, number)))

    def refused_api() -> Iterator[Call]:
        for number in count():
            yield _json(reverse("api_bookings"), 409, token, _request_json(full, *taken_turn(full, number)))

    def decision_page() -> Iterator[Call]:
        path = reverse("decide", args=[_pending(full, next(pending) - 10_000).reference])
        while True:
            yield Call(path, headers=staff)

    def series_check() -> Iterator[Call]:
        room, starts_at, ends_at = weekly_turn(full, 0)
        _take_some_weeks(full, room, starts_at, ends_at)
        asked = {"series": _series_json(full, room, starts_at, ends_at), "persons": 8}
        while True:
            yield _json(reverse("api_check_series"), 200, token, asked)

    def series_check_page() -> Iterator[Call]:
        room, starts_at, ends_at = weekly_turn(full, 0)
        _take_some_weeks(full, room, starts_at, ends_at)
        asked = _request_form(full, room, starts_at, ends_at) | SERIES_FORM
        while True:
            yield _form(reverse("check_request"), 200, member, asked)

    def series_request_page() -> Iterator[Call]:
        for number in count(1):
            turn = weekly_turn(full, number)
            # Of the first one some weeks are taken, and the page asks what becomes of them.
            if turn != weekly_turn(full, 0):
                wish = _request_form(full, *turn)
                yield _form(reverse("request_booking"), 302, member, wish | SERIES_FORM)

    def series_request_api() -> Iterator[Call]:
        for number in count(1):
            room, starts_at, ends_at = weekly_turn(full, number)
            values = _request_json(full, room, starts_at, ends_at)
            del values["dates"]
            series = {"series": _series_json(full, room, starts_at, ends_at), "accept_plan": True}
            yield _json(reverse("api_bookings"), 201, token, values | series)

    def approval_api() -> Iterator[Call]:
        for number in pending:
            booking = _pending(full, number - 10_000)
            path = reverse("api_approve_booking", args=[booking.reference])
            yield _json(path, 200, staff_token, {"version": booking.version})

    free_start, free_end = (moment.astimezone(full.house.zone) for moment in free_turn(full, 60)[1:])
    searched = search_query(free_start, free_end, persons=8)
    availability = f"{reverse('api_availability')}?{urlencode(period)}"
    room_page = reverse("room_detail", args=[full.rooms[0].slug])
    day, week, home = reverse("day"), reverse("week", args=[monday]), reverse("home")
    later = full.today + timedelta(days=10)
    finder = f"{reverse('find_room')}?{searched}"
    check = f"{reverse('api_check_wish')}?{urlencode(wish)}"
    return [
        Scenario("display, unchanged (304)", Aim(2, 3), unchanged_display),
        Scenario("display, changed", None, page(reverse("display"), changed_on=full.today)),
        Scenario("day page, unchanged", Aim(3, 4), page(day)),
        Scenario("day page, changed", Aim(8, 10), page(day, changed_on=full.today)),
        Scenario("week of all rooms, unchanged", Aim(3, 4), page(week)),
        Scenario("week of all rooms, changed", Aim(12, 14), page(week, changed_on=full.today)),
        Scenario("home page, unchanged", Aim(3, 4), page(home)),
        Scenario("home page, changed", Aim(10, 12), page(home, changed_on=full.today)),
        Scenario("room page, unchanged", None, page(room_page)),
        Scenario("room page, changed", None, page(room_page, changed_on=full.today)),
        Scenario("rooms free (page)", Aim(10, 13), page(finder)),
        Scenario("availability of 12 rooms", Aim(3, 5), page(availability)),
        Scenario("availability, plan changed", Aim(6, 8), page(availability, changed_on=later)),
        Scenario("check of a taken date", None, page(check)),
        Scenario("request form", Aim(8, 10), _form_page(member)),
        Scenario("preview of 52 dates (page)", None, series_check_page),
        Scenario("preview of 52 dates (API)", None, series_check),
        Scenario("request (page)", Aim(10, 14), request_page, writes=True),
        Scenario("request (API)", Aim(10, 14), request_api, writes=True),
        Scenario("refused request (page)", Aim(10, 13), refused_page, writes=True),
        Scenario("refused request (API)", None, refused_api, writes=True),
        Scenario("decision page", None, decision_page),
        Scenario("approval (page)", Aim(10, 14), approval_page, writes=True),
        Scenario("approval (API)", Aim(10, 14), approval_api, writes=True),
        Scenario("request of 52 dates (API)", Aim(20, 26), series_request_api, writes=True),
        Scenario("request of 52 dates (page)", Aim(20, 26), series_request_page, writes=True),
    ]


def session_headers(user: User) -> dict[str, str]:
    """Return the cookies of somebody who is logged in and has opened a form."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    cookies = {settings.SESSION_COOKIE_NAME: session.session_key, settings.CSRF_COOKIE_NAME: CSRF}
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}


def _form_page(headers: dict[str, str]) -> Callable[[], Iterator[Call]]:
    def calls() -> Iterator[Call]:
        while True:
            yield Call(reverse("request_booking"), headers=headers)

    return calls


def _form(path: str, status: int, headers: dict[str, str], values: dict[str, Any]) -> Call:
    body = urlencode({"csrfmiddlewaretoken": CSRF, **values})
    return Call(path, status, "POST", body, headers | {"Content-Type": "application/x-www-form-urlencoded"})


def _json(path: str, status: int, headers: dict[str, str], values: dict[str, Any]) -> Call:
    return Call(path, status, "POST", json.dumps(values), headers | {"Content-Type": "application/json"})


def _request_form(full: FullHouse, room: Room, starts_at: datetime, ends_at: datetime) -> dict[str, Any]:
    zone = full.house.zone
    starts_at, ends_at = starts_at.astimezone(zone), ends_at.astimezone(zone)
    return {
        "submission_key": uuid.uuid4(),
        "rooms": room.slug,
        "day": f"{starts_at:%d.%m.%Y}",
        "starts": f"{starts_at:%H:%M}",
        "ends": f"{ends_at:%H:%M}",
        "persons": 8,
        "layout": Layout.TABLES,
        "kind": BookingKind.MEETING,
        "visibility": Visibility.PUBLIC,
        "title": "Elternabend",
        "purpose": "Wir sprechen über den Ausflug.",
        "association": full.association.pk,
        "contact_name": "Maria Beispiel",
        "contact_phone": "02361 4711",
        "house_rules": full.rules.pk,
        "accept_rules": "on",
    }


def _request_json(full: FullHouse, room: Room, starts_at: datetime, ends_at: datetime) -> dict[str, Any]:
    return {
        "dates": [{"rooms": [room.slug], "starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}],
        "association": full.association.name,
        "contact_name": "Maria Beispiel",
        "contact_email": full.applicant.email,
        "kind": BookingKind.MEETING,
        "title": "Elternabend",
        "persons": 8,
        "layout": Layout.TABLES,
        "house_rules": full.rules.version,
        "submission_key": str(uuid.uuid4()),
    }


def _series_json(full: FullHouse, room: Room, starts_at: datetime, ends_at: datetime) -> dict[str, Any]:
    starts_at, ends_at = (moment.astimezone(full.house.zone) for moment in (starts_at, ends_at))
    return {
        "rooms": [room.slug],
        "starts_at": f"{starts_at:%Y-%m-%dT%H:%M}",
        "ends_at": f"{ends_at:%Y-%m-%dT%H:%M}",
        "rrule": f"FREQ=WEEKLY;COUNT={WEEKS}",
    }


def _changes_on(full: FullHouse, day: date) -> Iterator[None]:
    """Call a date of the day off and let it take place again in turns, each time with a title of its own.

    So the day never looks as it did before. Another process does it, as any of a house may.
    """
    whole = whole_day(day, full.house.zone)
    slots = Slot.objects.approved().filter(starts_at__gte=whole.start, starts_at__lt=whole.end)
    slot = slots.order_by("starts_at")[slots.count() // 2]
    for number, status in enumerate(cycle([SlotStatus.REVOKED, SlotStatus.APPROVED])):
        with transaction.atomic():
            lock_house(full.house.pk)
            Slot.objects.filter(pk=slot.pk).update(status=status)
            slot.occupancies.update(is_blocking=status == SlotStatus.APPROVED)
            neighbours = Booking.objects.filter(slots__in=slots.exclude(pk=slot.pk)[:1])
            Booking.objects.filter(pk__in=neighbours.values("pk")).update(title=f"Treffen {number}")
        yield


def _take_some_weeks(full: FullHouse, room: Room, starts_at: datetime, ends_at: datetime) -> None:
    """Book some of the weeks of a series, unless that was done before."""
    zone = full.house.zone
    for week in TAKEN_WEEKS:
        net = [
            instant(
                moment.astimezone(zone).date() + timedelta(weeks=week), moment.astimezone(zone).time(), zone
            )
            for moment in (starts_at, ends_at)
        ]
        with suppress(RoomAlreadyBooked):
            import_booking(
                data=_request_data(full, room, *net),
                status=SlotStatus.APPROVED,
                actor=System(),
                now=timezone.now(),
            )


def _pending(full: FullHouse, number: int) -> Booking:
    """Ask for a free turn nobody else asks for: within the horizon, and after the last date of any series."""
    data = _request_data(full, *free_turn(full, 7000 - number))
    return request_booking(data=data, actor=full.staff, now=timezone.now())


def _request_data(full: FullHouse, room: Room, starts_at: datetime, ends_at: datetime) -> RequestData:
    return RequestData(
        house_id=full.house.pk,
        dates=(WantedDate(starts_at, ends_at, (room.pk,)),),
        association_id=full.association.pk,
        contact_name="Maria Beispiel",
        contact_email=full.applicant.email,
        kind=BookingKind.MEETING,
        title="Elternabend",
        persons=8,
        layout=Layout.TABLES,
        house_rules_id=full.rules.pk,
        submission_key=uuid.uuid4(),
    )
