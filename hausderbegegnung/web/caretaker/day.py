"""The plan of a day for those who open the house, set up and lock."""

from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bookings.agenda.caretaker import day_plan
from hausderbegegnung.web.public.calendar import wanted_day, within_calendar
from hausderbegegnung.web.shared.decorators import PageRequest, caretaker_page
from rooms.clock import day_of


@caretaker_page
@require_safe
def caretaker_day(request: PageRequest, day: date | None = None) -> HttpResponse:
    """Show what is to be set up on one day, for whom, and whom to call."""
    house = request.house
    wanted, wanted_error = wanted_day(request)
    if wanted:
        return redirect("caretaker_day", wanted)
    today = day_of(timezone.now(), house.zone)
    shown = within_calendar(day or today)
    context = {
        "house": house,
        "day": shown,
        "is_today": shown == today,
        "previous_day": shown - timedelta(days=1),
        "next_day": shown + timedelta(days=1),
        "plan": day_plan(house, shown),
        "wanted": request.GET.get("datum", ""),
        "wanted_error": wanted_error,
    }
    return render(request, "caretaker/day.html", context)
