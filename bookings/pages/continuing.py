"""Going on with a series: as last year, or otherwise from a day on; both lead into the request form."""

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bookings.enums import SlotStatus
from bookings.errors import TransitionNotAllowed
from bookings.forms.continuing import values_from
from bookings.models import Booking
from bookings.pages.access import private_page
from bookings.pages.requests import change_page
from bookings.pages.status import open_booking, url_of
from bookings.selectors import series_of
from rooms.clock import day_of


@private_page
@require_http_methods(["GET", "POST"])
def change_from(request: HttpRequest, reference: str, token: str = "") -> HttpResponse:
    """The form filled with a series from a day on, which stands in the address as `ab`; else ask for the day.

    What is sent is a request that is to replace the approved dates from that day on.
    """
    if not (token or request.user.is_authenticated):
        return redirect_to_login(request.get_full_path())
    opened = open_booking(request, reference, token)
    booking, now = opened.booking, timezone.now()
    series = series_of(booking)
    coming = [
        slot for slot in booking.slots.all() if slot.status == SlotStatus.APPROVED and slot.ends_at > now
    ]
    if series is None or not coming:
        raise TransitionNotAllowed(_("Only an approved booking can be changed."))
    zone = booking.house.zone
    days = sorted({day_of(slot.starts_at, zone) for slot in coming})
    first = next((day for day in days if f"{day:%Y-%m-%d}" == request.GET.get("ab")), None)

    def done(replacement: Booking) -> str:
        if opened.actor.is_staff:
            return reverse("decide", args=[replacement.reference])
        return url_of(replacement, by_link=bool(token))

    with timezone.override(zone):
        if first is None:
            context = {"booking": booking, "house": booking.house, "days": days, "back_url": opened.home}
            return render(request, "bookings/change_from.html", context)
        return change_page(
            request,
            booking,
            opened.actor,
            slot_ids=[slot.pk for slot in coming if day_of(slot.starts_at, zone) >= first],
            initial=values_from(booking, series, first),
            done=done,
        )
