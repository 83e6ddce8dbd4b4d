"""The requests and bookings of whoever is logged in, and of the associations this person acts for."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bookings.access.lookups import list_bookings_of
from hausderbegegnung.web.shared.dates import ListedBooking, listed
from hausderbegegnung.web.shared.decorators import PageRequest, own_page

SHOWN_PAST = 50
# Of the newest requests; a page of more than these is no help to anybody.
MOST = 300


@own_page
@require_safe
def my_bookings(request: PageRequest) -> HttpResponse:
    """Three lists: coming up, waiting for an answer, and what is over or came to nothing."""
    house = request.house
    now = timezone.now()
    upcoming: list[ListedBooking] = []
    pending: list[ListedBooking] = []
    past: list[ListedBooking] = []
    for booking in list_bookings_of(request.user)[:MOST]:
        line = listed(booking, now=now)
        (pending if line.is_waiting else upcoming if line.is_coming else past).append(line)
    upcoming.sort(key=_start)
    past.sort(key=_start, reverse=True)
    context = {"house": house, "upcoming": upcoming, "pending": pending, "past": past[:SHOWN_PAST]}
    return render(request, "applicant/my_bookings.html", context)


def _start(line: ListedBooking) -> float:
    return line.slot.starts_at.timestamp() if line.slot else 0
