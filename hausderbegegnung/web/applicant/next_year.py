"""Going on with a series: as last year, or otherwise from a day on; both lead into the request form."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from bookings.access.permissions import can_enter_for_others
from bookings.enums import SlotStatus
from bookings.errors import TransitionNotAllowed
from bookings.series.stored import series_of
from hausderbegegnung.web.applicant.forms.next_year import values_from
from hausderbegegnung.web.applicant.request import change_page
from hausderbegegnung.web.applicant.status import open_booking
from hausderbegegnung.web.shared.decorators import applicant_page
from hausderbegegnung.web.shared.drafts import keeps_draft
from rooms.clock import day_of
from rooms.formats import format_day


@applicant_page
@keeps_draft
@require_http_methods(["GET", "POST"])
def change_from(request: HttpRequest, reference: str, token: str = "") -> HttpResponse:
    """The form filled with a series from a day on, which stands in the address as `ab`; else ask for the day.

    What is sent is a request that is to replace the approved dates from that day on.
    """
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
    if first is None:
        context = {"booking": booking, "house": booking.house, "days": days, "back_url": opened.home}
        return render(request, "applicant/next_year.html", context)
    slot_ids = [slot.pk for slot in coming if day_of(slot.starts_at, zone) >= first]
    return change_page(
        request,
        booking,
        opened.actor,
        slot_ids=slot_ids,
        lead=_lead(len(slot_ids), first, for_others=can_enter_for_others(opened.actor, booking.house)),
        initial=values_from(booking, series, first),
        done=opened.after,
    )


def _lead(number: int, first: date, *, for_others: bool) -> str:
    """Return what holds until the change is decided."""
    if for_others:
        sentence = ngettext(
            "The approved date on %(day)s stands until the change is approved.",
            "%(number)d approved dates from %(day)s on stand until the change is approved.",
            number,
        )
    else:
        sentence = ngettext(
            "Your approved date on %(day)s stands until the house has decided on the change.",
            "Your %(number)d approved dates from %(day)s on stand until the house has decided on the change.",
            number,
        )
    return sentence % {"number": number, "day": format_day(first)}
