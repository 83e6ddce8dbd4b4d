"""Does this date take place? Opened by the link in a mail, without a login, for this one date only."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bookings import services
from bookings.access.actors import DateHolder
from bookings.access.lookups import get_date_by_token
from bookings.enums import SlotStatus
from bookings.errors import TransitionNotAllowed
from bookings.services.confirmation import is_confirmed
from hausderbegegnung.web.shared.decorators import house_page
from hausderbegegnung.web.staff.forms.decision import TakesPlaceForm


@require_http_methods(["GET", "HEAD", "POST"])
@house_page
def date_confirmation(request: HttpRequest, uid: uuid.UUID, token: str) -> HttpResponse:
    """Ask, and take the answer. Opening the page changes nothing: mail scanners open every link."""
    slot, now = get_date_by_token(uid, token), timezone.now()
    form = TakesPlaceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        holder = DateHolder(booking_id=slot.booking_id, slot_id=slot.pk)
        try:
            if form.cleaned_data["answer"] == TakesPlaceForm.NO:
                services.give_dates_back(
                    booking_id=slot.booking_id, slot_ids=[slot.pk], actor=holder, now=now
                )
            else:
                services.confirm_date(slot_id=slot.pk, actor=holder, now=now)
                messages.success(request, _("Thank you. The date takes place."))
        except TransitionNotAllowed as error:
            # Answered twice, or cancelled meanwhile: the page says how it stands.
            messages.warning(request, str(error))
        return redirect(request.path)
    is_over = slot.ends_at <= now
    context = {
        "slot": slot,
        "booking": slot.booking,
        "house": slot.booking.house,
        "form": form,
        "is_over": is_over,
        "is_off": slot.status in SlotStatus.CALLED_OFF,
        "is_given_back": slot.status == SlotStatus.CANCELLED and not is_over,
        "is_open": slot.status == SlotStatus.APPROVED and not is_over,
        "is_confirmed": is_confirmed(slot),
    }
    status = 400 if form.errors else 200
    return render(request, "applicant/confirmation.html", context, status=status)
