"""The page between a change of the house and the approved dates it hits: first, what becomes of them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib import messages
from django.contrib.messages.storage import default_storage
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.enums import Verb
from bookings.impact.errors import ChangeHitsDates
from bookings.impact.hits import Hit, fingerprint
from bookings.models import Association, Booking
from bookings.services import Decisions, Settled
from hausderbegegnung.web.staff.forms.impact import (
    KEEP,
    PREFIX,
    ImpactForm,
    choice_for_all,
    is_decided,
    read_decisions,
)
from rooms.errors import DomainError
from rooms.models import House, Room

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to be told, and what about."""

    name: str
    email: str
    phone: str
    references: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name}, {self.phone or _('no phone number')} ({', '.join(self.references)})"


@dataclass(frozen=True, slots=True)
class Concerned:
    """An association with its dates that are hit, each with its choices."""

    association: Association
    contacts: list[Contact]
    dates: list[tuple[Hit, BoundField]]


def settle_or_ask(
    request: HttpRequest,
    *,
    house_id: int,
    act: Callable[[Decisions | None], Settled[T]],
    done: Callable[[Settled[T]], HttpResponse],
    back_url: str,
    reason: str = "",
    what: str = "",
) -> HttpResponse:
    """Make the change that a form asks for; where it hits approved dates, ask first what becomes of them.

    `act` makes the change as `bookings.services.settle_change` does, with the decisions or without
    where there are none yet. The page that asks sends the form along with the answers, to the same
    address. `reason` is proposed as what people are told; `what` says what the change is.
    """
    decided = is_decided(request.POST)
    refusal: DomainError | None = None
    try:
        settled = act(read_decisions(request.POST) if decided else None)
    except DomainError as error:
        _drop_messages(request)
        if isinstance(error, ChangeHitsDates):
            hits, refusal = error.hits, error if decided else None
        elif decided:
            # Asked anew, to show the dates as they stand now.
            try:
                settled = act(None)
            except ChangeHitsDates as again:
                _drop_messages(request)
                hits, refusal = again.hits, error
            else:
                return done(settled)
        else:
            raise
    else:
        _tell(request, settled)
        return done(settled)
    house = House.objects.get(pk=house_id)
    # The page may stand in the administration, whose addresses name no house.
    request.house = house  # type: ignore[attr-defined]
    with timezone.override(house.zone):
        return _page(request, house, hits, refusal, back_url=back_url, reason=reason, what=what)


def _drop_messages(request: HttpRequest) -> None:
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
    what: str,
) -> HttpResponse:
    names = dict(Room.objects.filter(house=house).values_list("pk", "name"))
    form = ImpactForm(
        request.POST if refusal else None,
        hits=hits,
        room_names=names,
        for_all=choice_for_all(request.POST),
        initial={"reason": request.POST.get(f"{PREFIX}-reason", reason)},
    )
    if refusal and refusal.field in form.fields:
        form.add_error(refusal.field, str(refusal))
    contacts = contacts_of(hit.slot.booking for hit in hits)
    context = {
        "house": house,
        "hits": hits,
        "what": what,
        "all_stay": all(form.field_of(hit).value() == KEEP for hit in hits),
        "concerned": _by_association(hits, form),
        "common_reasons": _common_reasons(hits),
        "has_proposals": any(hit.proposals for hit in hits),
        "have_all_proposals": all(hit.proposals for hit in hits),
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
        "addresses": sorted({contact.email.lower() for contact in contacts if contact.email}),
        "to_call": [contact for contact in contacts if not contact.email],
        "back_url": back_url,
    }
    return render(request, "staff/impact.html", context, status=refusal.status if refusal else 200)


def _by_association(hits: Sequence[Hit], form: ImpactForm) -> list[Concerned]:
    """Return the associations in the order of their first date, the dates of each booking together."""
    grouped: dict[int, dict[int, list[Hit]]] = {}
    for hit in hits:
        booking = hit.slot.booking
        grouped.setdefault(booking.association_id, {}).setdefault(booking.pk, []).append(hit)
    concerned = []
    for bookings in grouped.values():
        sorted_hits = [hit for booking_hits in bookings.values() for hit in booking_hits]
        concerned.append(
            Concerned(
                sorted_hits[0].slot.booking.association,
                contacts_of(hit.slot.booking for hit in sorted_hits),
                [(hit, form.field_of(hit)) for hit in sorted_hits],
            )
        )
    return concerned


def contacts_of(bookings: Iterable[Booking]) -> list[Contact]:
    """Return the people behind the bookings, each once, with the references they know."""
    references: dict[tuple[str, str, str], dict[str, None]] = {}
    for booking in bookings:
        person = (booking.contact_name, booking.contact_email, booking.contact_phone)
        references.setdefault(person, {})[booking.reference] = None
    return [Contact(*person, tuple(known)) for person, known in references.items()]


def _common_reasons(hits: Sequence[Hit]) -> list[str]:
    """Return the sentences that hold for every date alike, so that they are read once."""
    sentences = {tuple(str(reason.message) for reason in hit.reasons) for hit in hits}
    return list(sentences.pop()) if len(sentences) == 1 else []


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
    contacts = contacts_of(change.booking for change in settled.changes)
    addresses = {contact.email.lower() for contact in contacts if contact.email}
    if number := len(addresses):
        sentences.append(
            ngettext("%(number)d mail is on its way.", "%(number)d mails are on their way.", number)
            % {"number": number}
        )
    if sentences:
        messages.success(request, " ".join(sentences))
    people = [str(contact) for contact in contacts if not contact.email]
    if people:
        messages.warning(
            request, _("There is no e-mail address. Please call: %(people)s.") % {"people": "; ".join(people)}
        )
