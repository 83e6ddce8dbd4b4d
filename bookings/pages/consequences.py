"""The page between a change of the house and the approved dates it hits: first, what becomes of them."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.contrib import messages
from django.contrib.messages.storage import default_storage
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.consequences import Hit, fingerprint
from bookings.enums import Verb
from bookings.errors import ChangeHitsDates
from bookings.forms.consequences import (
    PREFIX,
    ConsequencesForm,
    choice_for_all,
    is_decided,
    read_decisions,
)
from bookings.models import Association, Booking
from bookings.services import Decisions, Settled
from rooms.errors import DomainError
from rooms.models import House, Room

T = TypeVar("T")


# A booking, and each of its dates that is hit with its choices.
ConcernedBooking = tuple[Booking, list[tuple[Hit, BoundField]]]


def settle_or_ask(
    request: HttpRequest,
    *,
    house_id: int,
    act: Callable[[Decisions | None], Settled[T]],
    done: Callable[[Settled[T]], HttpResponse],
    back_url: str,
    reason: str = "",
) -> HttpResponse:
    """Make the change that a form asks for; where it hits approved dates, ask first what becomes of them.

    `act` makes the change as `bookings.services.settle_change` does, with the decisions or without
    where there are none yet. The page that asks sends the form along with the answers, to the same
    address. `reason` is proposed as what people are told.
    """
    decided = is_decided(request.POST)
    refusal: DomainError | None = None
    try:
        settled = act(read_decisions(request.POST) if decided else None)
    except DomainError as error:
        _forget_what_was_told(request)
        if isinstance(error, ChangeHitsDates):
            hits, refusal = error.hits, error if decided else None
        elif decided:
            # Asked anew, to show the dates as they stand now.
            try:
                settled = act(None)
            except ChangeHitsDates as again:
                _forget_what_was_told(request)
                hits, refusal = again.hits, error
            else:
                return done(settled)
        else:
            raise
    else:
        _tell(request, settled)
        return done(settled)
    house = House.objects.get(pk=house_id)
    with timezone.override(house.zone):
        return _page(request, house, hits, refusal, back_url=back_url, reason=reason)


def _forget_what_was_told(request: HttpRequest) -> None:
    """Drop the messages of a change that did not happen."""
    request._messages = default_storage(request)  # type: ignore[attr-defined]  # noqa: SLF001 - as the middleware


def _page(
    request: HttpRequest,
    house: House,
    hits: Sequence[Hit],
    refusal: DomainError | None,
    *,
    back_url: str,
    reason: str,
) -> HttpResponse:
    names = dict(Room.objects.filter(house=house).values_list("pk", "name"))
    form = ConsequencesForm(
        request.POST if refusal else None,
        hits=hits,
        room_names=names,
        for_all=choice_for_all(request.POST),
        initial={"reason": request.POST.get(f"{PREFIX}-reason", reason)},
    )
    groups = _grouped(hits, form)
    bookings = [booking for _association, concerned in groups for booking, _dates in concerned]
    context = {
        "house": house,
        "hits": hits,
        "groups": groups,
        "form": form,
        "refusal": refusal,
        "seen": fingerprint(hits),
        "sent": [
            (name, value)
            for name, values in request.POST.lists()
            for value in values
            if name != "csrfmiddlewaretoken" and not name.startswith(f"{PREFIX}-")
        ],
        "lost_files": bool(request.FILES),
        "addresses": sorted({booking.contact_email.lower() for booking in bookings if booking.contact_email}),
        "to_call": [booking for booking in bookings if not booking.contact_email],
        "back_url": back_url,
    }
    return render(request, "bookings/consequences.html", context, status=refusal.status if refusal else 200)


def _grouped(hits: Sequence[Hit], form: ConsequencesForm) -> list[tuple[Association, list[ConcernedBooking]]]:
    """Return the associations with their bookings and dates, each in the order of its first date."""
    associations: dict[int, dict[int, list[Hit]]] = {}
    for hit in hits:
        bookings = associations.setdefault(hit.slot.booking.association_id, {})
        bookings.setdefault(hit.slot.booking_id, []).append(hit)
    return [
        (
            next(iter(bookings.values()))[0].slot.booking.association,
            [
                (some[0].slot.booking, [(hit, form.field_of(hit)) for hit in some])
                for some in bookings.values()
            ],
        )
        for bookings in associations.values()
    ]


def _tell(request: HttpRequest, settled: Settled[Any]) -> None:
    """Say what became of the dates, and whom staff have to call."""
    numbers = {
        verb: sum(len(change.slots) for change in settled.changes if change.verb == verb)
        for verb in (Verb.REVOKE, Verb.MOVE)
    }
    sentences = []
    if number := numbers[Verb.REVOKE]:
        sentences.append(
            ngettext("%(number)d date is revoked.", "%(number)d dates are revoked.", number)
            % {"number": number}
        )
    if number := numbers[Verb.MOVE]:
        sentences.append(
            ngettext("%(number)d date has moved.", "%(number)d dates have moved.", number)
            % {"number": number}
        )
    if number := len(settled.kept):
        sentences.append(
            ngettext("%(number)d date stays all the same.", "%(number)d dates stay all the same.", number)
            % {"number": number}
        )
    bookings = {change.booking.pk: change.booking for change in settled.changes}.values()
    addresses = {booking.contact_email.lower() for booking in bookings if booking.contact_email}
    if number := len(addresses):
        sentences.append(
            ngettext("%(number)d mail is on its way.", "%(number)d mails are on their way.", number)
            % {"number": number}
        )
    if sentences:
        messages.success(request, " ".join(sentences))
    people = [call_told(booking) for booking in bookings if not booking.contact_email]
    if people:
        messages.warning(
            request, _("There is no e-mail address. Please call: %(people)s.") % {"people": "; ".join(people)}
        )


def call_told(booking: Booking) -> str:
    """Return who is to be called about a booking, in one line."""
    number = booking.contact_phone or _("no phone number")
    return f"{booking.contact_name}, {number} ({booking.reference})"
