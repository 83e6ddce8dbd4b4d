"""The outbox for staff: what was sent to whom about which booking, with which result."""

from django.conf import settings
from django.contrib import messages as notices
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_safe

from bookings import services
from bookings.access.lookups import get_booking
from hausderbegegnung.web.shared.decorators import contact_page, form_target, outbox_page
from hausderbegegnung.web.staff.forms.outbox import (
    CorrectAddressForm,
    OutboxFilterForm,
    RenewLinksForm,
    ResendForm,
)
from notifications.models import Message, MessageState
from notifications.outbox.correction import contact_of, correct_address
from notifications.outbox.entry import can_be_resent, resend
from notifications.outbox.lookups import count_undelivered, list_messages, mails_about
from notifications.wording.preview import Preview, preview_of
from rooms.clock import whole_day

PAGE_SIZE = 50
# Mails need inline styles. Nothing else is allowed to the frame that shows one, above all no scripts.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"


@outbox_page
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """All messages, the newest first, filtered by words, result, kind and day."""
    form = OutboxFilterForm(request.GET)
    form.full_clean()
    # What is wrong is told at its field; the other fields filter all the same.
    wanted = form.cleaned_data
    day = wanted.get("day")
    found = list_messages(
        words=wanted.get("q", ""),
        state=wanted.get("status", ""),
        kind=wanted.get("kind", ""),
        period=whole_day(day, timezone.get_current_timezone()) if day else None,
    )
    query = request.GET.copy()
    query.pop("seite", None)
    context = {
        "form": form,
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("seite")),
        "query": query.urlencode(),
        "undelivered": 0 if wanted.get("status") else count_undelivered(),
        "mail_folder": getattr(settings, "EMAIL_FILE_PATH", None),
    }
    return render(request, "staff/outbox.html", context)


@outbox_page
@require_safe
def message(request: HttpRequest, message_id: int) -> HttpResponse:
    """One message: its text, how mail programs show it, and what became of it."""
    shown = get_object_or_404(Message.objects.select_related("booking"), pk=message_id)
    initial = {
        "recipient": contact_of(shown) or shown.recipient,
        "for_booking": shown.state == MessageState.FAILED,
    }
    return _message_page(request, shown, ResendForm(message=shown, initial=initial))


def _message_page(
    request: HttpRequest, shown: Message, form: ResendForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "message": shown,
        "preview": preview_of(shown),
        "form": form if can_be_resent(shown) else None,
        "kept_days": settings.MAIL_RETENTION_DAYS,
        "is_waiting": shown.state in {MessageState.PENDING, MessageState.SENDING},
        "is_failed": shown.state == MessageState.FAILED,
    }
    return render(request, "staff/message.html", context, status=status)


@outbox_page
@xframe_options_sameorigin
@require_safe
def message_html(request: HttpRequest, message_id: int) -> HttpResponse:
    """The HTML part alone, for the frame in the page of the message."""
    shown = get_object_or_404(Message.objects.select_related("booking"), pk=message_id)
    preview = preview_of(shown) or Preview("", "", "")
    return HttpResponse(preview.html, headers={"Content-Security-Policy": MAIL_POLICY})


@outbox_page
@form_target
def resend_message(request: HttpRequest, message_id: int) -> HttpResponse:
    """Send a message again whose result is known, to the address entered."""
    shown = get_object_or_404(Message.objects.select_related("booking"), pk=message_id)
    if not can_be_resent(shown):
        notices.error(request, _("This mail cannot be sent again."))
        return redirect("message", shown.pk)
    form = ResendForm(request.POST, message=shown)
    if not form.is_valid():
        return _message_page(request, shown, form, status=400)
    recipient, now = form.cleaned_data["recipient"], timezone.now()
    if form.cleaned_data.get("for_booking") and shown.booking is not None:
        correct_address(
            booking_id=shown.booking.pk, actor=request.user, address=recipient, now=now, send_again=True
        )
    again = resend(message=shown, recipient=recipient, now=now)
    notices.success(request, _("The mail will be sent again."))
    return redirect("message", again.pk)


@contact_page
@require_http_methods(["GET", "POST"])
def correct_address_page(request: HttpRequest, reference: str) -> HttpResponse:
    """The address of an applicant, to be corrected."""
    booking = get_booking(reference, actor=request.user)
    sent = request.POST if request.method == "POST" else None
    form = CorrectAddressForm(sent, initial={"address": booking.contact_email})
    undelivered = mails_about(booking).undelivered
    if not undelivered:
        del form.fields["send_again"]
    if form.is_valid():
        correct_address(
            booking_id=booking.pk,
            actor=request.user,
            address=form.cleaned_data["address"],
            now=timezone.now(),
            send_again=form.cleaned_data.get("send_again", False),
        )
        notices.success(
            request, _("Mails about this booking go to the new address. Links in earlier ones have ended.")
        )
        return redirect("decide", booking.reference)
    context = {"booking": booking, "form": form, "undelivered": len(undelivered)}
    return render(request, "staff/correct_address.html", context, status=400 if form.errors else 200)


@contact_page
@form_target
def renew_links(request: HttpRequest, reference: str) -> HttpResponse:
    """Let the links end that mails about the booking have carried."""
    booking = get_booking(reference, actor=request.user)
    form = RenewLinksForm(request.POST)
    form.full_clean()
    services.renew_links(
        booking_id=booking.pk,
        actor=request.user,
        now=timezone.now(),
        generation=form.cleaned_data.get("generation"),
    )
    if booking.contact_email:
        sentence = _("Links in earlier mails have ended. The new one is on its way to %(address)s.")
    else:
        sentence = _(
            "Earlier links have ended. There is no e-mail address that the new one could be sent to."
        )
    notices.success(request, sentence % {"address": booking.contact_email})
    return redirect("decide", booking.reference)
