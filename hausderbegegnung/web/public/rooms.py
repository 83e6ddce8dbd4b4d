"""The rooms of the house, and one room with its week."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bookings.agenda.public import DaySchedule, week_of_room, week_schedule
from hausderbegegnung.web.public.calendar import wanted_day, within_calendar
from hausderbegegnung.web.public.floor_plan import RoomDrawing, draw_room
from hausderbegegnung.web.shared.converters import format_week, parse_week
from hausderbegegnung.web.shared.decorators import PageRequest, house_page, public_page
from hausderbegegnung.web.shared.fragments import (
    drawn,
    freshness,
    house_fragment,
    kept_page,
    plan_fragment,
)
from hausderbegegnung.web.shared.timeline import free_times, room_timeline
from rooms.clock import day_of, week_of, whole_day, whole_days
from rooms.enums import Weekday
from rooms.facts import EquipmentFacts, HouseFacts, RoomFacts, house_facts
from rooms.formats import format_span
from rooms.models import House, Room, SeatingLayout


@dataclass(frozen=True, slots=True)
class RoomCard:
    """A room as the lists show it."""

    room: Room
    capacity: int
    part_names: list[str]
    drawing: RoomDrawing


def shown_rooms(house: House) -> QuerySet[Room]:
    """Return the rooms that can be booked, with everything a card shows."""
    return (
        Room.objects.filter(house_id=house.pk, is_active=True)
        .order_by("position", "name")
        .prefetch_related(
            Prefetch("layouts", queryset=SeatingLayout.objects.order_by("-capacity", "kind")),
            Prefetch("parts", queryset=Room.objects.order_by("position", "name")),
            "equipment",
        )
    )


def room_cards(house: House) -> list[RoomCard]:
    return [room_card(room) for room in shown_rooms(house)]


def rooms_to_search(facts: HouseFacts, *, outdoors: bool) -> list[RoomFacts]:
    """Return the rooms a search looks at: nobody is sent outside who has not asked for it."""
    rooms = [room for room in facts.rooms.values() if room.is_active]
    inside = [room for room in rooms if not room.is_outdoors]
    return rooms if outdoors or not inside else inside


def room_card(room: Room) -> RoomCard:
    layouts = list(room.layouts.all())
    capacity = max((layout.capacity for layout in layouts), default=0)
    return RoomCard(
        room=room,
        capacity=capacity,
        part_names=[part.name for part in room.parts.all()],
        drawing=draw_room(room.pk, layouts[0].kind if layouts else "", capacity),
    )


def missing_in(
    room: RoomFacts, *, step_free: bool, hearing_loop: bool, equipment: Iterable[EquipmentFacts]
) -> list[str]:
    """Return in sentences what the room lacks of what somebody needs."""
    missing = []
    if step_free and not room.step_free:
        missing.append(_("This room is not step-free."))
    if hearing_loop and not room.hearing_loop:
        missing.append(_("This room has no hearing loop."))
    lacking = [
        item.name for item in equipment if item.mobile_count is None and item.id not in room.equipment_ids
    ]
    if lacking:
        missing.append(_("Missing here: %(equipment)s.") % {"equipment": ", ".join(lacking)})
    return missing


@public_page
@house_page
def room_list(request: PageRequest) -> HttpResponse:
    """Show every room of the house that can be booked."""
    house = request.house
    context = {"house": house, "cards": drawn_room_cards(house), "url_name": "room_list"}
    return render(request, "public/room_list.html", context)


def drawn_room_cards(house: House) -> SafeString:
    """Return the cards of all rooms, as the home page and the list of rooms show them."""
    return house_fragment(
        house,
        "room-cards",
        render=lambda: render_to_string("public/_room_cards.html", {"cards": room_cards(house)}),
    )


@public_page
@house_page
def room_detail(request: PageRequest, slug: str) -> HttpResponse:
    """Show what a room offers and its week: free, taken, closed."""
    house = request.house
    now = timezone.now()
    facts = house_facts(house)
    room = next((room for room in facts.rooms.values() if room.slug == slug and room.is_active), None)
    if room is None:
        raise Http404
    today = day_of(now, house.zone)
    wanted, wanted_error = wanted_day(request)
    if wanted:
        return redirect(
            f"{reverse('room_detail', args=[slug])}?woche={format_week(within_calendar(wanted))}#woche"
        )
    monday = within_calendar(_week_asked_for(request) or week_of(today)[0])
    days = week_of(monday)
    period = whole_days(days[0], days[-1], facts.zone)
    moment = freshness(facts, period, now)

    def page() -> HttpResponse:
        context = {
            "house": house,
            "room": room,
            "facts_html": house_fragment(
                house, "room-facts", room.id, today, render=lambda: _facts(house, facts, room, today)
            ),
            "days": days,
            "week_html": plan_fragment(
                house,
                "room-week",
                room.id,
                monday,
                moment=moment,
                render=lambda: _week(house, facts, room, monday, now, moment),
            ),
            "is_current": period.start <= now < period.end,
            "this_week": format_week(today),
            "previous_week": format_week(monday - timedelta(days=7)),
            "next_week": format_week(monday + timedelta(days=7)),
            "wanted": request.GET.get("datum", ""),
            "wanted_error": wanted_error,
            "url_name": "room_detail",
        }
        return render(request, "public/room_detail.html", context)

    return kept_page(request, house, "room", today, moment=moment, render=page)


def _facts(house: House, facts: HouseFacts, room: RoomFacts, today: date) -> str:
    """Draw what the room offers."""
    stored = shown_rooms(house).get(pk=room.id)
    context = {
        "card": room_card(stored),
        "room": stored,
        "combinations": [
            other for other in facts.rooms.values() if room.id in other.part_ids and other.id != room.id
        ],
        "opening": _opening_lines(facts, room.id, today),
    }
    return render_to_string("public/_room_facts.html", context)


def _week_asked_for(request: HttpRequest) -> date | None:
    try:
        return parse_week(request.GET["woche"])
    except (KeyError, ValueError):
        return None


def _week(house: House, facts: HouseFacts, room: RoomFacts, monday: date, now: datetime, moment: str) -> str:
    """Draw the week of the room; `moment` is all that it depends on `now` for."""
    schedules = week_schedule(house, monday)
    return drawn(
        "room-week",
        *(room.id, facts, *schedules, moment),
        render=lambda: render_to_string("public/_room_week.html", _week_context(facts, room, schedules, now)),
    )


def _week_context(
    facts: HouseFacts, room: RoomFacts, schedules: Iterable[DaySchedule], now: datetime
) -> dict[str, object]:
    parts = [part for part in facts.rooms.values() if part.id in room.part_ids]
    week = [
        (schedule, list(free_times(room, schedule.times[room.id], now, facts.zone)))
        for schedule in week_of_room(schedules, room)
    ]
    return {
        "timeline": room_timeline(room, parts, week, now, facts.zone),
        "days": [
            (
                schedule,
                [(entry, entry.state(now)) for entry in schedule.entries],
                [free_time for free_time in free if free_time.url],
                any(free_time.is_too_soon for free_time in free),
                not schedule.times[room.id].open,
            )
            for schedule, free in week
        ],
        "room": room,
        "today": day_of(now, facts.zone),
    }


def _opening_lines(facts: HouseFacts, room_id: int, today: date) -> list[tuple[str, str]]:
    """Return the hours of the coming week, days with the same hours together.

    As in ("Monday – Friday", "08:00–22:00").
    """
    lines: list[tuple[int, int, str]] = []
    for day in sorted((today + timedelta(days=n) for n in range(7)), key=lambda day: day.weekday()):
        spans = facts.open_hours(room_id, whole_day(day, facts.zone))
        hours = ", ".join(format_span(span.start, span.end, zone=facts.zone) for span in spans)
        if lines and lines[-1][2] == hours:
            lines[-1] = (lines[-1][0], day.weekday(), hours)
        else:
            lines.append((day.weekday(), day.weekday(), hours))
    return [
        (
            str(Weekday(first).label) if first == last else f"{Weekday(first).label} – {Weekday(last).label}",
            hours or _("closed"),
        )
        for first, last, hours in lines
    ]
