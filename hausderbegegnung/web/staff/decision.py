"""Deciding one request, and taking an approved booking back: everything on one page, each verb a POST."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from bookings import services
from bookings.access import tokens
from bookings.access.lookups import bookings_to_change, dates_without_successor, get_booking
from bookings.availability.snapshot import closed_times
from bookings.desk.inbox import InboxEntry, compared_dates, inbox_entry, neighbours_of, unchecked_dates
from bookings.enums import BookingStatus, SlotStatus
from bookings.errors import StalePage, TransitionNotAllowed
from bookings.models import Booking, Slot
from hausderbegegnung.web.applicant.status import replacement_of
from hausderbegegnung.web.shared.date_counts import count_dates
from hausderbegegnung.web.shared.dates import SHOWN, booking_dates
from hausderbegegnung.web.shared.decorators import decider_page, form_target
from hausderbegegnung.web.shared.history import history_of
from hausderbegegnung.web.shared.replacements import replaced_dates_of
from hausderbegegnung.web.staff.calls import call_of
from hausderbegegnung.web.staff.day_chart import DayChart, day_chart_of, day_of_slot, on_day_of
from hausderbegegnung.web.staff.forms.dates import (
    NOTHING_CHOSEN,
    Answer,
    DecideDatesForm,
    TakeBackForm,
    outcome_words,
)
from hausderbegegnung.web.staff.single_date import SingleDate, single_date
from rooms.errors import DomainError
from rooms.facts import house_facts
from rooms.intervals import hull

# After these nothing of what was typed can apply; the page shows how the booking stands now.
OVERTAKEN = (StalePage, TransitionNotAllowed)
# Of the dates with something against them, so many days are drawn.
SHOWN_DAYS = 20

# Makes a form, given the dates that it is about.
MakeForm = Callable[..., forms.Form]


@dataclass(frozen=True, slots=True)
class Day:
    """The day of one date: drawn as bars, and what else is on in its rooms."""

    slot: Slot
    chart: DayChart
    neighbours: list[Slot]


@decider_page
@require_safe
def decide(request: HttpRequest, reference: str) -> HttpResponse:
    """Everything staff need to decide the request, or to take the booking back."""
    return _page(request, get_booking(reference, actor=request.user))


@decider_page
@form_target
def decide_dates(request: HttpRequest, reference: str, every: Answer | None = None) -> HttpResponse:
    """An answer for each pending date, or `every` for all of them, in one step and with one mail."""
    booking = get_booking(reference, actor=request.user, bookings=bookings_to_change())
    make_form = partial(DecideDatesForm, request.POST, every=every, prefix="decide")
    form = make_form(dates=unchecked_dates(booking))

    def answer(data: dict[str, Any]) -> Booking:
        return services.decide_booking(
            booking_id=booking.pk,
            actor=request.user,
            now=timezone.now(),
            approve=form.ids(Answer.APPROVE),
            reject=form.ids(Answer.REJECT),
            reason=data["reason"],
            note=data["note"],
            version=data["version"],
            buffers=form.buffers(),
            override=data["override"],
            override_reason=data["override_reason"],
        )

    return _act(request, booking, "decide", make_form, form, answer, _decided)


@decider_page
@form_target
def revoke_booking(request: HttpRequest, reference: str) -> HttpResponse:
    """The house takes the approved booking, or dates of it, back."""
    return _take_back(request, reference, services.revoke_booking, "reason", _revoked)


@decider_page
@form_target
def cancel_for_applicant(request: HttpRequest, reference: str) -> HttpResponse:
    """The applicant has phoned: staff give the approved booking, or dates of it, back in their place.

    Nothing brings them back, so it is asked once more.
    """
    return _take_back(request, reference, services.give_dates_back, "note", _cancelled, is_asked=True)


def _take_back(
    request: HttpRequest,
    reference: str,
    service: Callable[..., Booking],
    word_field: str,
    success: Callable[[int], str],
    *,
    is_asked: bool = False,
) -> HttpResponse:
    """Revoke or cancel chosen dates; `word_field` is what the service calls the word along with it.

    With `is_asked` only after a further question.
    """
    booking = get_booking(reference, actor=request.user)
    now = timezone.now()
    make_form = partial(TakeBackForm, request.POST, prefix="back", needs_reason=word_field == "reason")
    form = make_form(slots=_coming(booking, now))
    chosen = set(form.slot_ids()) if form.is_valid() else set()
    if is_asked and chosen and "sure" not in request.POST:
        slots = [slot for slot in form.slots if slot.pk in chosen]
        return _confirm_page(request, booking, slots, is_all=len(slots) == len(form.slots))

    def take_back(data: dict[str, Any]) -> Booking:
        return service(
            booking_id=booking.pk,
            actor=request.user,
            now=now,
            slot_ids=form.slot_ids(),
            version=data["version"],
            **{word_field: data["reason"]},
        )

    return _act(request, booking, "back", make_form, form, take_back, lambda _booking: success(len(chosen)))


def _decided(booking: Booking) -> str:
    """Return how the booking stands now: of several dates, how many of which status."""
    if len(booking.dates) > 1:
        words = count_dates(date.status for date in booking.dates).words
        return _("%(reference)s: %(dates)s.") % {"reference": booking.reference, "dates": words}
    sentence = (
        _("%(reference)s is approved.")
        if booking.status == BookingStatus.APPROVED
        else _("%(reference)s is rejected.")
    )
    return sentence % {"reference": booking.reference}


def _revoked(number: int) -> str:
    return ngettext("The date is revoked.", "The dates are revoked.", number)


def _cancelled(number: int) -> str:
    return ngettext("The date is cancelled.", "The dates are cancelled.", number)


def _confirm_page(request: HttpRequest, booking: Booking, slots: list[Slot], *, is_all: bool) -> HttpResponse:
    """Ask whether to cancel these dates; the answer brings along what was sent."""
    context = {
        "booking": booking,
        "house": booking.house,
        "slots": slots,
        "first_slots": slots[:SHOWN],
        "later_slots": slots[SHOWN:],
        "is_all": is_all,
        "sent": [
            (name, value)
            for name, values in request.POST.lists()
            for value in values
            if name != "csrfmiddlewaretoken"
        ],
    }
    return render(request, "staff/cancel_for_applicant.html", context)


def _act(
    request: HttpRequest,
    booking: Booking,
    name: str,
    make_form: MakeForm,
    form: forms.Form,
    action: Callable[[dict[str, Any]], Booking],
    success: Callable[[Booking], str],
) -> HttpResponse:
    """Do what a valid form says, and show the page again with the sentence where it is refused.

    There the form is made anew, of the booking as it stands by then.
    """

    def page(*, keeps_form: bool, **context: Any) -> HttpResponse:
        fresh = get_booking(booking.reference, actor=request.user)
        return _page(request, fresh, sent={name: make_form} if keeps_form else {}, **context)

    if not form.is_valid():
        if form.cleaned_data.get("version") not in {None, booking.version}:
            # What was chosen may be offered no more, and that is all that is wrong.
            return page(keeps_form=False, refusal=StalePage(), status=StalePage.status)
        return page(keeps_form=True, status=400)
    try:
        changed = action(form.cleaned_data)
    except DomainError as error:
        return page(keeps_form=not isinstance(error, OVERTAKEN), refusal=error, status=error.status)
    messages.success(request, f"{success(changed)} {_notice_of_contact(booking)}")
    # A request that is decided leaves the inbox, unless dates stay open.
    if name == "decide" and changed.status != BookingStatus.REQUESTED:
        return redirect("inbox")
    return redirect("decide", booking.reference)


def _notice_of_contact(booking: Booking) -> str:
    """Return whether the applicant is told by mail, or whom staff have to call."""
    contact = {"name": booking.contact_name, "phone": booking.contact_phone}
    if booking.contact_email:
        return _("The mail to %(name)s is on its way.") % contact
    if booking.contact_phone:
        return _("There is no e-mail address: please call %(name)s, %(phone)s.") % contact
    return _("There is neither an e-mail address nor a phone number: please tell %(name)s.") % contact


def is_series(booking: Booking) -> bool:
    """Whether the booking has several dates, which are decided one by one."""
    return len(booking.slots.all()) > 1


def _slots(booking: Booking, status: SlotStatus) -> list[Slot]:
    return [slot for slot in booking.slots.all() if slot.status == status]


def _coming(booking: Booking, now: datetime) -> list[Slot]:
    """Return the approved dates that can still be taken back."""
    return [slot for slot in _slots(booking, SlotStatus.APPROVED) if slot.ends_at > now]


def _page(
    request: HttpRequest,
    booking: Booking,
    *,
    sent: Mapping[str, MakeForm] | None = None,
    refusal: DomainError | None = None,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    entry = inbox_entry(booking, now=now) if _slots(booking, SlotStatus.REQUESTED) else None
    days = _days(booking, entry)
    single = (
        single_date(booking, entry.dates[0], days[0].neighbours, now)
        if entry and not is_series(booking)
        else None
    )
    offered = _forms(booking, entry, single, sent or {}, now)
    replacements = list(booking.replacements.order_by("pk"))
    context: dict[str, Any] = {
        "booking": booking,
        "house": booking.house,
        "dates": booking_dates(booking, now=now, replacements=replacements),
        "replaced": replaced_dates_of(booking),
        "replaced_url": reverse("decide", args=[booking.replaces.reference]) if booking.replaces else "",
        "dropped": dates_without_successor(booking),
        "entry": entry,
        "compared": compared_dates(entry) if entry else [],
        "days": days,
        "single": single,
        "call": call_of(booking, now),
        "outcome_words": outcome_words(),
        "nothing_chosen": NOTHING_CHOSEN,
        "history": history_of(booking),
        "replacements": replacements,
        "status_path": tokens.status_path(booking),
        "replaced_by": replacement_of(booking),
        "refusal": refusal,
        "override_would_do": refusal is not None and refusal.is_overridable,
        "forms_with_errors": [form for form in offered.values() if form.errors],
        **offered,
    }
    return render(request, "staff/decide.html", context, status=status)


def _forms(
    booking: Booking,
    entry: InboxEntry | None,
    single: SingleDate | None,
    sent: Mapping[str, MakeForm],
    now: datetime,
) -> dict[str, forms.Form]:
    """Return the forms that the booking can be answered with as it stands, by name.

    `sent` makes those that were sent, with what was typed.
    """
    start = {"version": booking.version}
    coming = _coming(booking, now)
    offered: dict[str, forms.Form] = {}
    if entry:
        initial = start | (single.initial() if single else {})
        make_form = sent.get("decide", partial(DecideDatesForm, prefix="decide", initial=initial))
        offered["decide_form"] = make_form(dates=entry.dates)
    if coming:
        make_form = sent.get("back", partial(TakeBackForm, prefix="back", initial=start))
        offered["back_form"] = make_form(slots=coming)
    return offered


def _days(booking: Booking, entry: InboxEntry | None) -> list[Day]:
    """Return the days to look at: that of a single date, of several those with something against them."""
    slots = list(booking.slots.all())
    if is_series(booking):
        slots = [date.slot for date in entry.dates if not date.is_ready][:SHOWN_DAYS] if entry else []
    neighbours = neighbours_of(booking, slots)
    facts = house_facts(booking.house)
    closed = list(closed_times(facts, hull(day_of_slot(slot, facts) for slot in slots))) if slots else []
    near = [(slot, on_day_of(slot, neighbours, facts)) for slot in slots]
    return [Day(slot, day_chart_of(slot, others, facts, closed), others) for slot, others in near]
