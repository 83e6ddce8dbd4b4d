"""Which room is free then? Every room with the answer, and with the reasons where it is no."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone

from bookings.access.actors import Actor
from bookings.availability.checks import broken_rules
from bookings.availability.nearest import TIME_FIELDS, nearest_of_each
from bookings.availability.snapshot import Snapshot, load_snapshot
from bookings.availability.wishes import wish_for
from hausderbegegnung.web.public.find_series import FoundSeries, rooms_for_series
from hausderbegegnung.web.public.floor_plan import RoomDrawing, drawing_of
from hausderbegegnung.web.public.forms import USUAL_LENGTH, FindRoomForm
from hausderbegegnung.web.public.rooms import missing_in, rooms_to_search
from hausderbegegnung.web.shared.decorators import PageRequest, house_page, public_page
from hausderbegegnung.web.shared.forms.fields import MINUTES_OF_A_DAY
from hausderbegegnung.web.shared.timeline import FreeTime, free_times, request_url, wish_query
from rooms.clock import day_of, instant, whole_day, whole_days
from rooms.errors import DomainError
from rooms.facts import HouseFacts, RoomFacts, house_facts
from rooms.formats import format_date_span
from rooms.intervals import Interval
from rooms.models import House
from rooms.rules import Wish

# The times a room is free on the wished day are named up to this number.
OTHER_TIMES = 3


@dataclass(frozen=True, slots=True)
class Found:
    """One room and what it says to the wish.

    Where only the time is wrong it names other times of the day; where there are none, `needs_another_day`,
    and the `nearest` free time (in words) with its `nearest_url`.
    """

    room: RoomFacts
    hindrances: list[str]
    warnings: list[str]
    request_url: str
    other_times: list[FreeTime]
    needs_another_day: bool
    nearest: str = ""
    nearest_url: str = ""

    @property
    def drawing(self) -> RoomDrawing:
        return drawing_of(self.room)


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for, and the plan of the day."""

    wanted: dict[str, Any]
    net: Interval
    now: datetime
    day_snapshot: Snapshot

    @property
    def facts(self) -> HouseFacts:
        return self.day_snapshot.facts


@public_page
@house_page
def find_room(request: PageRequest) -> HttpResponse:
    """Look for a room by date, time and needs, for once or for a series; everything stands in the address."""
    house = request.house
    now = timezone.now()
    asked = any(request.GET.get(name) for name in ("datum", "von"))
    form = FindRoomForm(_typed(request.GET) if asked else None, house=house)
    context: dict[str, Any] = {"house": house, "form": form, "url_name": "find_room", "net": None}
    if asked and form.is_valid():
        if form.is_repeated:
            context["series"] = _look_for_series(form, house, now, asker=request.user)
        else:
            net = _wished_time(form.cleaned_data, house)
            found = _look(house, form.cleaned_data, net, now, asker=request.user)
            context |= {
                "net": net,
                "free": [room for room in found if not room.hindrances],
                "taken": [room for room in found if room.hindrances],
            }
    return render(request, "public/find_room.html", context)


def _typed(query: QueryDict) -> QueryDict:
    """Return what was typed; who asks for a single date has said nothing of holidays yet."""
    if query.get("takt"):
        return query
    typed = query.copy()
    typed["feiertage"] = "1"
    return typed


def _look_for_series(form: FindRoomForm, house: House, now: datetime, *, asker: Actor) -> FoundSeries | None:
    """Return the rooms for the series, or None with what was refused beside its field."""
    try:
        return rooms_for_series(form, house, now, asker=asker)
    except DomainError as error:
        place = error.field if error.field in form.fields else "datum"
        form.add_error(place, ValidationError(str(error), code=error.code))
        return None


def _wished_time(wanted: dict[str, Any], house: House) -> Interval:
    days, minutes = divmod(wanted["von"], MINUTES_OF_A_DAY)
    clock = time(minutes // 60, minutes % 60)
    start = instant(wanted["datum"] + timedelta(days=days), clock, house.zone)
    return Interval(start, start.astimezone(UTC) + timedelta(minutes=wanted["dauer"] or USUAL_LENGTH))


def _look(house: House, wanted: dict[str, Any], net: Interval, now: datetime, *, asker: Actor) -> list[Found]:
    """Return the rooms that suit best first: the smallest that is free and large enough."""
    facts = house_facts(house)
    day = whole_days(day_of(net.start, facts.zone), day_of(net.end, facts.zone), facts.zone)
    wishes = {
        room.id: wish_for(
            house=house,
            room_ids=[room.id],
            starts_at=net.start,
            ends_at=net.end,
            persons=wanted["personen"] or 1,
            layout=wanted["bestuhlung"],
            facts=facts,
        )
        for room in rooms_to_search(facts, outdoors=wanted["draussen"])
    }
    # Who is not known is told nothing of requests that nobody has decided on.
    day_snapshot = load_snapshot(house, day, with_pending=asker.is_authenticated, facts=facts, asker=asker)
    search = Search(wanted, net, now, day_snapshot)
    found = [_ask(facts.rooms[room_id], wish, search) for room_id, wish in wishes.items()]
    moved = [answer.room.id for answer in found if answer.needs_another_day]
    nearest = nearest_of_each(
        house=house, wishes=[wishes[room_id] for room_id in moved], now=now, facts=facts
    )
    nearest_by_room = dict(zip(moved, nearest, strict=True))
    return sorted(
        (_with_nearest(answer, nearest_by_room.get(answer.room.id), search) for answer in found),
        key=lambda answer: (
            bool(answer.hindrances),
            not (answer.other_times or answer.nearest),
            len(answer.hindrances),
            answer.room.capacity(),
        ),
    )


def _ask(room: RoomFacts, wish: Wish, search: Search) -> Found:
    reasons = broken_rules(wish, search.day_snapshot, search.now)
    missing = missing_in(
        room,
        step_free=search.wanted["stufenlos"],
        hearing_loop=search.wanted["hoerschleife"],
        equipment=search.wanted["ausstattung"],
    )
    hindrances = [reason for reason in reasons if reason.stops]
    is_only_time_wrong = (
        bool(hindrances) and not missing and all(reason.field in TIME_FIELDS for reason in hindrances)
    )
    other_times = _other_times(room, search) if is_only_time_wrong else []
    return Found(
        room=room,
        hindrances=missing + [str(reason.message) for reason in hindrances],
        warnings=[str(reason.message) for reason in reasons if not reason.stops],
        request_url=_request_url(room, search.net, search),
        other_times=other_times,
        needs_another_day=is_only_time_wrong and not other_times,
    )


def _with_nearest(answer: Found, nearest: Interval | None, search: Search) -> Found:
    if nearest is None:
        return answer
    return replace(
        answer,
        nearest=format_date_span(nearest.start, nearest.end, zone=search.facts.zone),
        nearest_url=_request_url(answer.room, nearest, search),
    )


def _request_url(room: RoomFacts, net: Interval, search: Search) -> str:
    return request_url(
        [room.slug],
        net,
        search.facts.zone,
        persons=search.wanted["personen"],
        layout=search.wanted["bestuhlung"],
        equipment_ids=_equipment_ids(search.wanted),
    )


def _other_times(room: RoomFacts, search: Search) -> list[FreeTime]:
    """Return free times of the same day that are long enough, the nearest first."""
    facts = search.facts
    day = day_of(search.net.start, facts.zone)
    times = search.day_snapshot.times(room.id).within(whole_day(day, facts.zone))
    needed = room.setup + search.net.duration + room.teardown
    long_enough = [
        free_time
        for free_time in free_times(room, times, search.now, facts.zone)
        if free_time.url and free_time.interval.duration >= needed
    ]
    nearest = sorted(long_enough, key=lambda free_time: _distance(free_time.interval, search.net))[
        :OTHER_TIMES
    ]
    needs = urlencode(
        wish_query(
            persons=search.wanted["personen"],
            layout=search.wanted["bestuhlung"],
            equipment_ids=_equipment_ids(search.wanted),
        )
    )
    return [replace(free_time, url=f"{free_time.url}&{needs}") for free_time in nearest] if needs else nearest


def _equipment_ids(wanted: dict[str, Any]) -> list[int]:
    return [item.id for item in wanted["ausstattung"]]


def _distance(gap: Interval, net: Interval) -> timedelta:
    return max(gap.start - net.start, net.end - gap.end, timedelta())
