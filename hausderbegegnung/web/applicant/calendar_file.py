"""The dates of a booking to take home, for whoever may see the booking."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from hausderbegegnung.web.applicant.status import open_booking
from hausderbegegnung.web.shared.decorators import applicant_page
from notifications.calendars.files import published_file
from notifications.wording.facts import booking_facts


@applicant_page
@require_safe
def booking_calendar(request: HttpRequest, reference: str, token: str = "") -> HttpResponse:
    """All dates of the booking that stand, and those that are gone, as a calendar file.

    `token` is the secret part of the status link.
    """
    booking = open_booking(request, reference, token).booking
    made = published_file(booking_facts(booking, changed=[], note=""), now=timezone.now())
    if made is None:
        raise Http404
    return HttpResponse(
        made.content,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{made.name}"'},
    )
