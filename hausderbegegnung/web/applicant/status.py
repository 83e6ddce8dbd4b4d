"""What became of one request, for its applicant: by login, or by the link in the mail without one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from bookings.access import tokens
from bookings.access.actors import Actor, LinkHolder
from bookings.access.lookups import (
    dates_without_successor,
    get_booking,
    get_booking_by_token,
    pending_changes,
)
from bookings.access.permissions import can_act_for_applicant, can_decide_on
from bookings.desk.answer_dates import booking_answer_date
from bookings.enums import BookingStatus, SlotStatus
from bookings.models import Booking
from hausderbegegnung.web.shared.date_counts import DateCounts
from hausderbegegnung.web.shared.dates import BookingDates, booking_dates
from hausderbegegnung.web.shared.decorators import applicant_page
from hausderbegegnung.web.shared.history import history_of
from hausderbegegnung.web.shared.replacements import replaced_dates_of
from rooms.clock import day_of

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


@dataclass(frozen=True, slots=True)
class OpenedBooking:
    """A booking with whoever opened it, and where this visitor's pages of it are.

    `token` is empty for people who came by login.
    """

    booking: Booking
    actor: Actor
    token: str

    def url(self, name: str, *arguments: Any) -> str:
        return reverse(name, args=[self.booking.reference, *([self.token] if self.token else []), *arguments])

    @property
    def home(self) -> str:
        return self.url("booking_status")

    @property
    def afterwards(self) -> str:
        """Where this visitor goes on when something is done with the booking."""
        return self.after(self.booking)

    def after(self, booking: Booking) -> str:
        """Where this visitor goes on with a booking of the applicant: staff on the page that decides."""
        if can_decide_on(self.actor, booking):
            return reverse("decide", args=[booking.reference])
        return url_of(booking, by_link=bool(self.token))


def open_booking(request: HttpRequest, reference: str, token: str) -> OpenedBooking:
    """Return the booking that the link, or without a token the person who is logged in, may see.

    Raises BookingNotFound for unknown references, forged links and other people's bookings alike.
    """
    if not token:
        return OpenedBooking(get_booking(reference, actor=request.user), request.user, "")
    booking = get_booking_by_token(reference, token)
    actor = request.user if can_act_for_applicant(request.user, booking) else LinkHolder(booking.pk)
    return OpenedBooking(booking, actor, token)


def replacement_of(booking: Booking) -> Booking | None:
    """Return the booking that has taken the place of this one, if one has; dates that go on keep it alive."""
    if any(slot.status in SlotStatus.STANDING for slot in booking.slots.all()):
        return None
    taken_by = {slot.replaced_by_id for slot in booking.slots.all() if slot.replaced_by_id}
    return booking.replacements.filter(pk__in=taken_by).first() if taken_by else None


@applicant_page
@require_safe
def booking_status(request: HttpRequest, reference: str, token: str = "") -> HttpResponse:
    """One request as its applicant sees it; `token` is the secret part of the link."""
    opened = open_booking(request, reference, token)
    booking, now = opened.booking, timezone.now()
    changes = pending_changes(booking.slots.all())
    dates = booking_dates(
        booking,
        now=now,
        replacements=booking.replacements.all(),
        changes=changes,
        change_url=lambda slot: opened.url("change_date", slot.uid),
    )
    replacement = replacement_of(booking)
    answer_date = booking_answer_date(booking) if dates.counts.pending else None
    actions = _actions(opened, dates, now)
    context = {
        "booking": booking,
        "house": booking.house,
        "headline": _("This booking has been replaced.") if replacement else _headline(booking, dates.counts),
        "words_apart": dates.counts.apart_words if dates.counts.counting and not replacement else "",
        "explanation": "" if replacement else EXPLANATIONS.get(BookingStatus(booking.status), ""),
        "dates": dates,
        "dropped": dates_without_successor(booking),
        "replaced": replaced_dates_of(booking),
        "replaced_url": _led_to(opened, booking.replaces),
        "replaced_goes_on": _goes_on(booking.replaces, now),
        "replaced_by": replacement,
        "replaced_by_url": _led_to(opened, replacement),
        "answer_date": answer_date,
        "is_late": answer_date is not None and day_of(now, booking.house.zone) > answer_date,
        "history": history_of(booking),
        "open_change": next(iter(changes.values()), None) if not dates.is_series else None,
        "by_link": bool(token),
        **actions,
        "has_actions": any(actions.values()),
    }
    return render(request, "applicant/status.html", context)


def _led_to(opened: OpenedBooking, other: Booking | None) -> str:
    """Return where this visitor finds another booking; empty where the link does not lead there."""
    if other is None or (opened.token and not tokens.leads_to(opened.booking, other)):
        return ""
    return url_of(other, by_link=bool(opened.token))


def _goes_on(replaced: Booking | None, now: datetime) -> bool:
    """Whether dates of the booking that was changed are still to come."""
    return replaced is not None and replaced.slots.approved().filter(ends_at__gt=now).exists()


def _actions(opened: OpenedBooking, dates: BookingDates, now: datetime) -> dict[str, str]:
    """Return where the applicant can do what, by name; empty what is not possible."""
    coming = {line.slot.status for line in dates.coming}
    is_approved = SlotStatus.APPROVED in coming
    can_give_back = is_approved or (coming and can_act_for_applicant(opened.actor, opened.booking))
    can_change = not dates.is_series and any(line.change_url for line in dates.coming)
    has_stood = dates.counts.approved > 0
    return {
        "calendar_url": opened.url("booking_calendar") if has_stood else "",
        "give_back_url": opened.url("give_dates_back") if can_give_back else "",
        "change_url": opened.url("change_booking") if can_change else "",
        "change_from_url": opened.url("change_from") if dates.is_series and is_approved else "",
        "add_url": opened.url("add_dates") if dates.is_series and coming else "",
        # Asking needs a login, which the link alone is not.
        "repeat_url": f"{reverse('request_booking')}?{urlencode({'wie': opened.booking.reference})}"
        if has_stood and _is_ending(opened.booking, dates, now)
        else "",
    }


def _is_ending(booking: Booking, dates: BookingDates, now: datetime) -> bool:
    """Whether it is time to think of the next year: a series has begun, and its end is near or most is over.

    Near is what the house says for its notice that a series ends.
    """
    if not dates.is_series:
        return True
    stand = [slot for slot in booking.slots.all() if slot.status == SlotStatus.APPROVED]
    if stand[0].starts_at > now:
        return False
    near = timedelta(weeks=booking.house.series_end_weeks or 0)
    over = sum(slot.ends_at <= now for slot in stand)
    return stand[-1].starts_at <= now + near or 2 * over > len(stand)


def _headline(booking: Booking, counts: DateCounts) -> str:
    """Return how the booking stands, in one sentence; of several dates, how many of those that count."""
    numbers = {"approved": counts.approved, "counting": counts.counting, "pending": counts.pending}
    if counts.counting == 1 or not counts.approved:
        return str(HEADLINES[BookingStatus(booking.status)])
    if counts.approved == counts.counting:
        return _("All %(counting)d dates are approved.") % numbers
    parts = [
        ngettext(
            "%(approved)d of %(counting)d dates is approved",
            "%(approved)d of %(counting)d dates are approved",
            counts.approved,
        )
    ]
    if counts.pending:
        parts.append(
            ngettext("%(pending)d waits for an answer", "%(pending)d wait for an answer", counts.pending)
        )
    return f"{', '.join(parts) % numbers}."


def url_of(booking: Booking, *, by_link: bool) -> str:
    """Return where the same visitor finds another booking of the same applicant."""
    return tokens.status_path(booking) if by_link else reverse("booking_status", args=[booking.reference])
