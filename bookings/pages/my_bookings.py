"""The requests and bookings of whoever is logged in, and of the associations this person acts for."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bookings.enums import BookingStatus
from bookings.models import Booking
from bookings.pages.access import private_page
from bookings.pages.fragments import house_page
from bookings.selectors import list_bookings_of
from rooms.models import House

STANDING = frozenset({BookingStatus.APPROVED, BookingStatus.PARTLY_APPROVED})
SHOWN_PAST = 50
# Of the newest requests; a page of more than these is no help to anybody.
MOST = 300


@private_page
@login_required
@require_safe
@house_page
def my_bookings(request: HttpRequest, house: House) -> HttpResponse:
    """Three lists: coming up, waiting for an answer, and what is over or came to nothing."""
    now = timezone.now()
    upcoming: list[Booking] = []
    pending: list[Booking] = []
    past: list[Booking] = []
    for booking in list_bookings_of(request.user)[:MOST]:
        is_over = all(slot.ends_at <= now for slot in booking.slots.all())
        if booking.status == BookingStatus.REQUESTED and not is_over:
            pending.append(booking)
        elif booking.status in STANDING and not is_over:
            upcoming.append(booking)
        else:
            past.append(booking)
    upcoming.sort(key=_first_start)
    past.sort(key=_first_start, reverse=True)
    context = {"house": house, "upcoming": upcoming, "pending": pending, "past": past[:SHOWN_PAST]}
    return render(request, "bookings/my_bookings.html", context)


def _first_start(booking: Booking) -> float:
    return min((slot.starts_at.timestamp() for slot in booking.slots.all()), default=0)
