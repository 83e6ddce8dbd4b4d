"""Deciding one request, and taking an approved booking back: everything on one page, each verb a POST."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bookings import links, services
from bookings.enums import BookingStatus, SlotStatus
from bookings.errors import StalePage, TransitionNotAllowed, WishBreaksRules
from bookings.forms.decisions import ApproveForm, NoteForm, ReasonForm
from bookings.inbox import by_receipt, inbox_entry, neighbours_of
from bookings.models import Booking
from bookings.pages.access import staff_page
from bookings.pages.status import history_of, replacement_of
from bookings.pages.strip import strip_of
from bookings.selectors import get_booking
from rooms.enums import Severity
from rooms.errors import DomainError
from rooms.facts import house_facts

# After these nothing of what was typed can apply; the page shows how the booking stands now.
OVERTAKEN = (StalePage, TransitionNotAllowed)


@staff_page
@require_safe
def decide(request: HttpRequest, reference: str) -> HttpResponse:
    """Everything staff need to decide the request, or to take the booking back."""
    return _page(request, get_booking(reference, actor=request.user))


@staff_page
@require_POST
def approve_booking(request: HttpRequest, reference: str) -> HttpResponse:
    booking = get_booking(reference, actor=request.user)
    form = ApproveForm(request.POST, slots=_slots(booking, SlotStatus.REQUESTED), prefix="approve")

    def approve(data: dict[str, Any]) -> None:
        services.approve_booking(
            booking_id=booking.pk,
            actor=request.user,
            now=timezone.now(),
            note=data["note"],
            version=data["version"],
            buffers=form.buffers(),
            override=data["override"],
        )

    return _act(request, booking, "approve", form, approve, _("%(reference)s is approved."))


@staff_page
@require_POST
def reject_booking(request: HttpRequest, reference: str) -> HttpResponse:
    return _with_reason(
        request, reference, "reject", services.reject_booking, _("%(reference)s is rejected.")
    )


@staff_page
@require_POST
def revoke_booking(request: HttpRequest, reference: str) -> HttpResponse:
    return _with_reason(request, reference, "revoke", services.revoke_booking, _("%(reference)s is revoked."))


@staff_page
@require_POST
def cancel_for_applicant(request: HttpRequest, reference: str) -> HttpResponse:
    """The applicant has phoned: staff give the approved booking back in the applicant's place."""
    booking = get_booking(reference, actor=request.user)
    form = NoteForm(request.POST, prefix="cancel")

    def cancel(data: dict[str, Any]) -> None:
        services.cancel_booking(
            booking_id=booking.pk,
            actor=request.user,
            now=timezone.now(),
            note=data["note"],
            version=data["version"],
        )

    return _act(request, booking, "cancel", form, cancel, _("%(reference)s is cancelled."))


def _with_reason(
    request: HttpRequest, reference: str, name: str, service: Callable[..., Booking], success: str
) -> HttpResponse:
    booking = get_booking(reference, actor=request.user)
    form = ReasonForm(request.POST, prefix=name)

    def decide_with_reason(data: dict[str, Any]) -> None:
        service(
            booking_id=booking.pk,
            actor=request.user,
            now=timezone.now(),
            reason=data["reason"],
            version=data["version"],
        )

    return _act(request, booking, name, form, decide_with_reason, success)


def _act(
    request: HttpRequest,
    booking: Booking,
    name: str,
    form: forms.Form,
    action: Callable[[dict[str, Any]], None],
    success: str,
) -> HttpResponse:
    """Do what a valid form says, and show the page again with the sentence where it is refused."""
    if not form.is_valid():
        return _page(request, booking, forms_in_use={name: form}, status=400)
    try:
        action(form.cleaned_data)
    except OVERTAKEN as error:
        fresh = get_booking(booking.reference, actor=request.user)
        return _page(request, fresh, refusal=error, status=error.status)
    except DomainError as error:
        fresh = get_booking(booking.reference, actor=request.user)
        return _page(request, fresh, forms_in_use={name: form}, refusal=error, status=error.status)
    sentence = success % {"reference": booking.reference}
    if booking.contact_email:
        sentence += " " + _("The mail to %(name)s is on its way.") % {"name": booking.contact_name}
    elif booking.contact_phone:
        sentence += " " + _("There is no e-mail address: please call %(name)s, %(phone)s.") % {
            "name": booking.contact_name,
            "phone": booking.contact_phone,
        }
    else:
        sentence += " " + _(
            "There is neither an e-mail address nor a phone number: please tell %(name)s."
        ) % {"name": booking.contact_name}
    messages.success(request, sentence)
    return redirect(
        "inbox" if name in {"approve", "reject"} else "decide",
        *([] if name in {"approve", "reject"} else [booking.reference]),
    )


def _slots(booking: Booking, status: SlotStatus) -> list:
    return [slot for slot in booking.slots.all() if slot.status == status]


def _page(
    request: HttpRequest,
    booking: Booking,
    *,
    forms_in_use: dict[str, forms.Form] | None = None,
    refusal: DomainError | None = None,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    is_pending = booking.status == BookingStatus.REQUESTED
    entry = inbox_entry(booking, now=now) if is_pending else None
    neighbours = neighbours_of(booking)
    facts = house_facts(booking.house)
    context: dict[str, Any] = {
        "booking": booking,
        "house": booking.house,
        "entry": entry,
        "compared": by_receipt([booking, *entry.rivals]) if entry else [],
        "neighbours": neighbours,
        "strips": [(slot, strip_of(slot, neighbours, facts)) for slot in booking.slots.all()],
        "history": history_of(booking),
        "replacements": list(booking.replacements.order_by("pk")),
        "status_path": links.status_path(booking),
        "replaced_by": replacement_of(booking),
        "refusal": refusal,
        "override_would_do": isinstance(refusal, WishBreaksRules)
        and all(reason.severity != Severity.NOBODY for reason in refusal.reasons),
        "forms_with_errors": [form for form in (forms_in_use or {}).values() if form.errors],
    }
    offered = forms_in_use or {}
    start = {"version": booking.version}
    if is_pending:
        slots = _slots(booking, SlotStatus.REQUESTED)
        context["approve_form"] = offered.get("approve") or ApproveForm(
            slots=slots, prefix="approve", initial=start
        )
        context["reject_form"] = offered.get("reject") or ReasonForm(prefix="reject", initial=start)
    elif any(slot.ends_at > now for slot in _slots(booking, SlotStatus.APPROVED)):
        context["revoke_form"] = offered.get("revoke") or ReasonForm(prefix="revoke", initial=start)
        context["cancel_form"] = offered.get("cancel") or NoteForm(prefix="cancel", initial=start)
    with timezone.override(booking.house.zone):
        return render(request, "bookings/decide.html", context, status=status)
