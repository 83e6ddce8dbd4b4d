"""The first page: what is on today, how to find a room, which rooms there are."""

from datetime import date, datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone

from bookings.agenda.public import EntryState, day_schedule, next_day_with_entries
from hausderbegegnung.web.public.forms import FindRoomForm
from hausderbegegnung.web.public.rooms import drawn_room_cards
from hausderbegegnung.web.shared.decorators import PageRequest, house_page, public_page
from hausderbegegnung.web.shared.fragments import freshness, house_fragment, kept_page, plan_fragment
from rooms.clock import day_of, whole_day
from rooms.facts import house_facts
from rooms.models import House

# What the form to find a room starts with: an evening in a week.
A_WEEK = timedelta(days=7)
USUAL_START = 18 * 60
# More of today than this is on the page of the day.
TODAY_LINES = 6


@public_page
@house_page
def home(request: PageRequest) -> HttpResponse:
    """Welcome whoever comes, and show the way."""
    house = request.house
    now = timezone.now()
    facts = house_facts(house)
    today = day_of(now, house.zone)
    moment = freshness(facts, whole_day(today, facts.zone), now)

    def page() -> HttpResponse:
        context = {
            "house": house,
            "today": today,
            "find": house_fragment(house, "home-find", today, render=lambda: _find(house, today)),
            "today_html": plan_fragment(
                house, "home-today", moment=moment, render=lambda: _today(house, today, now)
            ),
            "cards": drawn_room_cards(house),
            "url_name": "home",
        }
        return render(request, "public/home.html", context)

    return kept_page(request, house, "home", moment=moment, render=page)


def _find(house: House, today: date) -> str:
    form = FindRoomForm(house=house, initial={"datum": today + A_WEEK, "von": USUAL_START})
    return render_to_string("public/_home_find.html", {"form": form})


def _today(house: House, today: date, now: datetime) -> str:
    schedule = day_schedule(house, today)
    entries = [(entry, entry.state(now)) for entry in schedule.entries]
    remaining = [entry for entry in entries if entry[1] != EntryState.OVER]
    context = {
        "schedule": schedule,
        "entries": remaining[:TODAY_LINES],
        "number_of_more": max(0, len(remaining) - TODAY_LINES),
        "was_something": bool(entries),
        "next_day_with_entries": None if remaining else next_day_with_entries(house, today),
    }
    return render_to_string("public/_home_today.html", context)
