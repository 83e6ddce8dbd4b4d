"""The plan of a day and of a week, all rooms together."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone

from bookings.agenda.public import (
    DAYS_IN_MEMORY,
    DaySchedule,
    ScheduleEntry,
    day_schedule,
    next_day_with_entries,
    week_schedule,
)
from hausderbegegnung.web.shared.decorators import PageRequest, house_page, public_page
from hausderbegegnung.web.shared.forms.fields import DayField
from hausderbegegnung.web.shared.fragments import drawn, freshness, kept_page, plan_fragment
from hausderbegegnung.web.shared.timeline import day_timeline, free_times, rooms_of_day
from rooms.clock import day_of, week_of, whole_day, whole_days
from rooms.facts import HouseFacts, RoomFacts, house_facts
from rooms.intervals import Interval, intersect
from rooms.models import House

# Plans are shown for days a calendar can go on from, on both sides.
EARLIEST, LATEST = date(2000, 1, 3), date(2199, 12, 22)


@public_page
@house_page
def day(request: PageRequest, day: date | None = None) -> HttpResponse:
    """Show who is in the house on one day, and what is still free."""
    house = request.house
    now = timezone.now()
    wanted, wanted_error = wanted_day(request)
    if wanted:
        return redirect("day", wanted)
    shown = within_calendar(day or day_of(now, house.zone))
    facts = house_facts(house)
    period = whole_day(shown, facts.zone)
    moment = freshness(facts, period, now)
    context = {
        "house": house,
        "day": shown,
        "is_today": period.start <= now < period.end,
        "previous_day": shown - timedelta(days=1),
        "next_day": shown + timedelta(days=1),
        "monday": week_of(shown)[0],
        "wanted": request.GET.get("datum", ""),
        "wanted_error": wanted_error,
        "url_name": "day",
    }

    def page() -> HttpResponse:
        context["plan"] = plan_fragment(
            house, "day", shown, moment=moment, render=lambda: _day_plan(house, facts, shown, now, moment)
        )
        return render(request, "public/day.html", context)

    return kept_page(request, house, "day", shown, moment=moment, render=page)


def _day_plan(house: House, facts: HouseFacts, shown: date, now: datetime, moment: str) -> str:
    """Draw the plan of a day; `moment` is all that it depends on `now` for."""
    schedule = day_schedule(house, shown)
    next_day = None if schedule.entries else next_day_with_entries(house, shown)
    return drawn(
        "day",
        *(schedule, facts, next_day, moment),
        render=lambda: render_to_string(
            "public/_day_plan.html", _day_context(house, facts, schedule, next_day, now)
        ),
    )


def _day_context(
    house: House, facts: HouseFacts, schedule: DaySchedule, next_day: date | None, now: datetime
) -> dict[str, object]:
    rooms = [
        (room, list(free_times(room, schedule.times[room.id], now, facts.zone)))
        for room in rooms_of_day(schedule, facts)
    ]
    free = [(room, [free_time for free_time in times if free_time.url]) for room, times in rooms]
    return {
        "house": house,
        "schedule": schedule,
        "entries": [(entry, entry.state(now)) for entry in schedule.entries],
        "timeline": day_timeline(schedule, rooms, now, facts.zone),
        "free": [(room, times) for room, times in free if times],
        "is_too_soon": any(free_time.is_too_soon for _room, times in rooms for free_time in times),
        "next_day_with_entries": next_day,
    }


@public_page
@house_page
def week(request: PageRequest, monday: date | None = None) -> HttpResponse:
    """Show the week of all rooms as a table to read, to print and to pin up."""
    house = request.house
    now = timezone.now()
    wanted, wanted_error = wanted_day(request)
    if wanted:
        return redirect("week", wanted)
    today = day_of(now, house.zone)
    days = week_of(within_calendar(monday or today))
    facts = house_facts(house)
    period = whole_days(days[0], days[-1], facts.zone)
    is_current = period.start <= now < period.end
    shown_today = today if is_current else None
    context = {
        "house": house,
        "days": days,
        "monday": days[0],
        "sunday": days[-1],
        "is_current": is_current,
        "previous_week": days[0] - timedelta(days=7),
        "next_week": days[0] + timedelta(days=7),
        "wanted": request.GET.get("datum", ""),
        "wanted_error": wanted_error,
        "url_name": "week",
    }

    def page() -> HttpResponse:
        context["plan"] = plan_fragment(
            house,
            "week",
            days[0],
            moment=str(shown_today),
            render=lambda: render_to_string(
                "public/_week_plan.html", _week_context(house, facts, days[0], shown_today)
            ),
        )
        return render(request, "public/week.html", context)

    return kept_page(request, house, "week", days[0], moment=str(shown_today), render=page)


def _week_context(house: House, facts: HouseFacts, monday: date, today: date | None) -> dict[str, object]:
    schedules = week_schedule(house, monday)
    shown = {room.id for day in schedules for room in rooms_of_day(day, facts)}
    rooms = [room for room in facts.rooms.values() if room.id in shown]
    room_ids = tuple(room.id for room in rooms)
    days = [room_days(schedule, facts, room_ids) for schedule in schedules]
    return {
        "days": list(zip(schedules, days, strict=True)),
        "today": today,
        "rows": list(zip(rooms, zip(*days, strict=True), strict=True)),
    }


@dataclass(frozen=True, slots=True, eq=False)
class RoomDay:
    """One room on one day of the week: what is on in it, and when it is closed.

    Only the same object is equal, so that what was drawn of it can be found again by it.

    `closures` are those of its hours that a closure takes, each with its reason; without those of the whole
    house, which are said of the day. `own_hours` are empty where it has the usual ones of the day.
    """

    schedule: DaySchedule
    room: RoomFacts
    entries: tuple[ScheduleEntry, ...]
    is_closed: bool
    closures: tuple[tuple[Interval, str], ...]
    own_hours: tuple[Interval, ...]

    @property
    def is_to_tell(self) -> bool:
        """Whether it is closed at times at which the house as a whole is not."""
        return not self.schedule.is_closed and bool(self.is_closed or self.closures or self.own_hours)


@lru_cache(maxsize=DAYS_IN_MEMORY)
def room_days(schedule: DaySchedule, facts: HouseFacts, room_ids: Sequence[int]) -> list[RoomDay]:
    """Return what a week says of each of the rooms on one day; of the same day the same objects."""
    rooms = [facts.rooms[room_id] for room_id in room_ids]
    hours = {room.id: tuple(schedule.times[room.id].hours) for room in rooms}
    (usual, _number), *_others = Counter(hours.values()).most_common(1) or [((), 0)]
    days = []
    for room in rooms:
        times = schedule.times[room.id]
        closures = [
            (part, closure.reason)
            for closure in times.closures
            if not closure.is_whole_house
            for part in intersect(times.hours, [closure.interval])
        ]
        days.append(
            RoomDay(
                schedule=schedule,
                room=room,
                entries=tuple(entry for entry in schedule.entries if room.id in entry.part_ids),
                is_closed=not times.open,
                closures=tuple(closures),
                own_hours=() if hours[room.id] == usual else hours[room.id],
            )
        )
    return days


def wanted_day(request: HttpRequest) -> tuple[date | None, str]:
    """Return the day typed into the form "go to a day", or what is wrong with it."""
    typed = request.GET.get("datum", "").strip()
    if not typed:
        return None, ""
    try:
        return DayField().clean(typed), ""
    except ValidationError as error:
        return None, " ".join(error.messages)


def within_calendar(day: date) -> date:
    return min(max(day, EARLIEST), LATEST)
