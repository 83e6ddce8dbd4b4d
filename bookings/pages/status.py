"""What became of one request, for its applicant: by login, or by the link in the mail without one."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from bookings import links, services
from bookings.actors import Actor, LinkHolder, can_act_for_applicant
from bookings.enums import BookingStatus, SlotStatus, Verb
from bookings.errors import TransitionNotAllowed
from bookings.forms.decisions import NoteForm
from bookings.forms.requests import values_of
from bookings.models import Booking
from bookings.pages.access import private_page
from bookings.pages.requests import change_page
from bookings.promise import promised_answer
from bookings.selectors import get_booking, get_booking_by_token
from rooms.clock import day_of
from rooms.errors import DomainError

HEADLINES = {
    BookingStatus.REQUESTED: gettext_lazy("Your request has arrived."),
    BookingStatus.APPROVED: gettext_lazy("Your booking is approved."),
    BookingStatus.PARTLY_APPROVED: gettext_lazy("A part of your dates is approved."),
    BookingStatus.REJECTED: gettext_lazy("Your request could not be approved."),
    BookingStatus.WITHDRAWN: gettext_lazy("You have withdrawn this request."),
    BookingStatus.CANCELLED: gettext_lazy("This booking is cancelled."),
    BookingStatus.REVOKED: gettext_lazy("The house had to revoke this booking."),
}
EXPLANATIONS = {
    BookingStatus.APPROVED: gettext_lazy(
        "The room is yours at this time. If you do not need it, please cancel: others are glad of it."
    ),
    BookingStatus.PARTLY_APPROVED: gettext_lazy("Below you see which dates stand and which do not."),
    BookingStatus.REJECTED: gettext_lazy("The reason stands below. You are welcome to ask for another date."),
    BookingStatus.WITHDRAWN: gettext_lazy("Nothing more happens. You are welcome to ask for another date."),
    BookingStatus.CANCELLED: gettext_lazy("The room is free for others again."),
    BookingStatus.REVOKED: gettext_lazy(
        "The reason stands below. Please talk to the house about another date."
    ),
}
# What happened, in the history: the verb in the past.
PAST = {
    Verb.REQUEST: gettext_lazy("Request received"),
    Verb.APPROVE: gettext_lazy("Approved"),
    Verb.REJECT: gettext_lazy("Rejected"),
    Verb.WITHDRAW: gettext_lazy("Withdrawn"),
    Verb.CANCEL: gettext_lazy("Cancelled"),
    Verb.REVOKE: gettext_lazy("Revoked"),
    Verb.FALL_OUT: gettext_lazy("Date fallen out"),
}
WHO = {
    "staff": gettext_lazy("the house"),
    "applicant": gettext_lazy("applicant"),
    "link": gettext_lazy("applicant, by the link in the mail"),
    "system": gettext_lazy("automatically"),
}


@dataclass(frozen=True, slots=True)
class Opened:
    """A booking with whoever opened it, and where this visitor's pages of it are.

    `token` is empty for people who came by login.
    """

    booking: Booking
    actor: Actor
    token: str

    def url(self, name: str) -> str:
        return reverse(name, args=[self.booking.reference, *([self.token] if self.token else [])])

    @property
    def home(self) -> str:
        return self.url("booking_status" if self.token else "booking_detail")


def open_booking(request: HttpRequest, reference: str, token: str) -> Opened:
    """Return the booking that the link, or without a token the person who is logged in, may see.

    Raises BookingNotFound for unknown references, forged links and other people's bookings alike.
    """
    if not token:
        return Opened(get_booking(reference, actor=request.user), request.user, "")
    booking = get_booking_by_token(reference, token)
    actor = request.user if can_act_for_applicant(request.user, booking) else LinkHolder(booking.pk)
    return Opened(booking, actor, token)


def history_of(booking: Booking) -> list[dict[str, Any]]:
    """Return what happened to the booking as a whole, the oldest first."""
    return [
        {
            "at": line.at,
            # The note of a replacement is the reference of what replaces it.
            "what": _("Replaced by %(reference)s") % {"reference": line.note}
            if line.verb == Verb.REPLACE
            else PAST[Verb(line.verb)],
            "who": WHO[line.actor_kind],
            "note": "" if line.verb == Verb.REPLACE else line.note,
            "line": line,
        }
        for line in booking.transitions.filter(slot=None).select_related("actor").order_by("at", "pk")
    ]


def replacement_of(booking: Booking) -> Booking | None:
    """Return the booking that has taken the place of this one, if one has; dates that go on keep it alive."""
    if any(slot.status in {SlotStatus.APPROVED, SlotStatus.REQUESTED} for slot in booking.slots.all()):
        return None
    references = {slot.reason for slot in booking.slots.all() if slot.status == SlotStatus.CANCELLED}
    return booking.replacements.filter(reference__in=references).first() if references - {""} else None


@private_page
@require_safe
def booking_status(request: HttpRequest, reference: str, token: str = "") -> HttpResponse:
    """One request as its applicant sees it; `token` is the secret part of the link."""
    if not (token or request.user.is_authenticated):
        return redirect_to_login(request.get_full_path())
    opened = open_booking(request, reference, token)
    booking, now = opened.booking, timezone.now()
    statuses = {slot.status for slot in booking.slots.all() if slot.ends_at > now}
    open_change = booking.replacements.pending().first()
    actions = {
        "withdraw_url": opened.url("withdraw_booking") if booking.status == BookingStatus.REQUESTED else "",
        "cancel_url": opened.url("cancel_booking") if SlotStatus.APPROVED in statuses else "",
        "change_url": opened.url("change_booking")
        if SlotStatus.APPROVED in statuses and len(booking.slots.all()) == 1 and not open_change
        else "",
        "calendar_url": opened.url("booking_calendar")
        if any(slot.status == SlotStatus.APPROVED for slot in booking.slots.all())
        else "",
    }
    replacement = replacement_of(booking)
    promised = promised_answer(booking) if booking.status == BookingStatus.REQUESTED else None
    context = {
        "booking": booking,
        "house": booking.house,
        "headline": _("This booking has been replaced.")
        if replacement
        else HEADLINES[BookingStatus(booking.status)],
        "explanation": "" if replacement else EXPLANATIONS.get(BookingStatus(booking.status), ""),
        "replaced_by": replacement,
        "replaced_by_url": _url_of(replacement, by_link=bool(token)) if replacement else "",
        "promised": promised,
        "is_late": promised is not None and day_of(now, booking.house.zone) > promised,
        "history": history_of(booking),
        "open_change": open_change,
        "by_link": bool(token),
        **actions,
    }
    with timezone.override(booking.house.zone):
        return render(request, "bookings/status.html", context)


def _url_of(booking: Booking, *, by_link: bool) -> str:
    """Return where the same visitor finds another booking of the same applicant."""
    return links.status_path(booking) if by_link else reverse("booking_detail", args=[booking.reference])


def withdraw_booking(request: HttpRequest, reference: str, token: str = "") -> HttpResponse:
    """Ask whether to take a pending request back, and do it."""
    return _give_back(request, reference, token, Verb.WITHDRAW)


def cancel_booking(request: HttpRequest, reference: str, token: str = "") -> HttpResponse:
    """Ask whether to give an approved booking back, and do it."""
    return _give_back(request, reference, token, Verb.CANCEL)


@private_page
@require_http_methods(["GET", "POST"])
def _give_back(request: HttpRequest, reference: str, token: str, verb: Verb) -> HttpResponse:
    if not (token or request.user.is_authenticated):
        return redirect_to_login(request.get_full_path())
    opened = open_booking(request, reference, token)
    booking = opened.booking
    form = NoteForm(request.POST if request.method == "POST" else None, initial={"version": booking.version})
    status = 200
    if request.method == "POST" and form.is_valid():
        service = services.withdraw_booking if verb == Verb.WITHDRAW else services.cancel_booking
        try:
            service(
                booking_id=booking.pk,
                actor=opened.actor,
                now=timezone.now(),
                note=form.cleaned_data["note"],
                version=form.cleaned_data["version"],
            )
        except TransitionNotAllowed as error:
            # Sent twice, or decided meanwhile: the status page says how it stands.
            messages.warning(request, str(error))
            return redirect(opened.home)
        except DomainError as error:
            status = error.status
            form = NoteForm({"note": form.cleaned_data["note"], "version": booking.version})
            form.add_error(None, str(error))
        else:
            messages.success(
                request,
                _("Your request is withdrawn.")
                if verb == Verb.WITHDRAW
                else _("Your booking is cancelled. Thank you for telling us."),
            )
            return redirect(opened.home)
    context = {
        "booking": booking,
        "house": booking.house,
        "form": form,
        "back_url": opened.home,
        "withdraw": verb == Verb.WITHDRAW,
    }
    with timezone.override(booking.house.zone):
        return render(request, "bookings/give_back.html", context, status=status)


@private_page
@require_http_methods(["GET", "POST"])
def change_booking(request: HttpRequest, reference: str, token: str = "") -> HttpResponse:
    """The form filled with an approved booking; what is sent is a request that is to replace it."""
    if not (token or request.user.is_authenticated):
        return redirect_to_login(request.get_full_path())
    opened = open_booking(request, reference, token)
    booking = opened.booking
    if booking.status not in {BookingStatus.APPROVED, BookingStatus.PARTLY_APPROVED}:
        raise TransitionNotAllowed(_("Only an approved booking can be changed."))

    def done(replacement: Booking) -> str:
        if opened.actor.is_staff:
            return reverse("decide", args=[replacement.reference])
        return _url_of(replacement, by_link=bool(token))

    with timezone.override(booking.house.zone):
        return change_page(
            request,
            booking,
            opened.actor,
            slot_ids=[slot.pk for slot in booking.slots.all() if slot.status == SlotStatus.APPROVED],
            initial=values_of(booking),
            done=done,
        )
