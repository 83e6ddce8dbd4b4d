"""The wall display: today in the house, in big letters, for whoever stands in front of it.

A display asks every half minute whether anything changed. The answer to "no" costs one query:
the house with its plan version; at which moments the picture changes by itself (something
begins, ends, drops out) is kept in the cache under that version.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from math import ceil

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from bookings.agenda.public import DaySchedule, EntryState, day_schedule, next_day_with_entries
from bookings.availability.cache import kept_with_plan
from hausderbegegnung.web.shared.decorators import PageRequest, house_page, public_page
from rooms.clock import day_of
from rooms.models import House

# An entry stays this long after its end, for those who come late to fetch somebody.
LINGER = timedelta(minutes=10)
# Up to so many entries stand on one page; more are spread over pages with larger letters.
ENTRIES_ON_ONE_PAGE = 8
ENTRIES_PER_PAGE = 6
SECONDS_PER_PAGE = 18
SECONDS_BETWEEN_LOOKS = 30


@dataclass(frozen=True, slots=True)
class DisplayedDay:
    """What the display shows on one day, as long as the plan does not change."""

    schedule: DaySchedule
    next_day: date | None


@public_page
@require_safe
@house_page
def display(request: PageRequest) -> HttpResponse:
    """Show today by start time; 304 as long as the display already shows the same."""
    house = request.house
    now = timezone.now()
    today = day_of(now, house.zone)
    page = _page_asked_for(request)
    etag = _etag(house, today, bisect_right(_changes(house, today), now.timestamp()), page)
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        context = _context(house, _displayed_day(house, today), now, page)
        # The page of the day is the first house's; another house has its display to look at.
        is_first = request.resolver_match is None or not request.resolver_match.kwargs
        own_address = reverse("day") if is_first else request.path
        context["address"] = own_address
        context["spoken_address"] = settings.SITE_URL.partition("://")[2] + own_address
        answer = render(request, "display/wall.html", context)
    answer.headers["ETag"] = etag
    patch_cache_control(answer, no_cache=True, private=True)
    return answer


def _displayed_day(house: House, today: date) -> DisplayedDay:
    return kept_with_plan(
        house,
        "wall",
        today,
        make=lambda: DisplayedDay(day_schedule(house, today), next_day_with_entries(house, today)),
    )


def _changes(house: House, today: date) -> list[float]:
    """Return the moments (as timestamps) at which what is shown changes although the plan stays the same."""

    def make() -> list[float]:
        schedule = _displayed_day(house, today).schedule
        moments = {closure.interval.end for closure in schedule.closures}
        for entry in schedule.entries:
            moments |= {entry.net.start, entry.net.end, entry.net.end + LINGER}
        return sorted(moment.timestamp() for moment in moments)

    return kept_with_plan(house, "wall-changes", today, make=make)


def _etag(house: House, today: date, moment: int, page: int) -> str:
    state = (house.pk, house.plan_version, today, moment, page, get_language(), settings.RELEASE)
    return f'"{sha256(repr(state).encode()).hexdigest()[:24]}"'


def _page_asked_for(request: HttpRequest) -> int:
    """Return the page a browser without JavaScript is turning to."""
    page = request.GET.get("seite", "")
    return int(page) if page.isdecimal() and len(page) < 4 else 1


def _context(house: House, displayed: DisplayedDay, now: datetime, page: int) -> dict[str, object]:
    shown = [
        (entry, entry.state(now)) for entry in displayed.schedule.entries if now < entry.net.end + LINGER
    ]
    # Running ones first, then by start as they are.
    shown.sort(key=lambda shown_entry: shown_entry[1] != EntryState.RUNNING)
    number_of_pages = 1 if len(shown) <= ENTRIES_ON_ONE_PAGE else ceil(len(shown) / ENTRIES_PER_PAGE)
    per_page = ceil(len(shown) / number_of_pages) or 1
    pages = [shown[start : start + per_page] for start in range(0, len(shown), per_page)]
    page = (page - 1) % number_of_pages + 1
    return {
        "house": house,
        "schedule": displayed.schedule,
        "closures": [closure for closure in displayed.schedule.closures if now < closure.interval.end],
        "pages": pages,
        "page": page,
        "number_of_pages": number_of_pages,
        "next_page": page % number_of_pages + 1,
        "is_airy": per_page < ENTRIES_PER_PAGE,
        "crowd": "few" if per_page <= 3 else "some" if per_page <= ENTRIES_PER_PAGE else "many",
        "next_day": displayed.next_day,
        "was_something": bool(displayed.schedule.entries),
        "now": now,
        "release": settings.RELEASE,
        "seconds_per_page": SECONDS_PER_PAGE,
        "seconds_between_looks": SECONDS_BETWEEN_LOOKS,
    }
