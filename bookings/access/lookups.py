"""Looking up bookings for those who may see them, by reference, by a link or by person."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.db.models import Exists, OuterRef, Prefetch, Q

from bookings.access.actors import Actor
from bookings.access.permissions import can_read
from bookings.access.tokens import date_token, leads_to, require_token, status_token
from bookings.enums import BookingStatus, SlotStatus, Verb
from bookings.errors import BookingNotFound
from bookings.models import Booking, BookingQuerySet, Slot, Transition


def bookings_in_full() -> BookingQuerySet:
    """Return bookings with all that belongs to them but their dates."""
    bookings: BookingQuerySet = Booking.objects.select_related(
        "house", "association", "applicant", "entered_by", "house_rules", "replaces", "event__rule"
    ).prefetch_related("equipment")
    return bookings


def bookings_with_dates() -> BookingQuerySet:
    """Return bookings with what pages show of them, in a fixed number of queries."""
    return bookings_in_full().prefetch_related(
        Prefetch("slots", Slot.objects.select_related("replaces").order_by("starts_at", "pk")),
        "slots__rooms",
        Prefetch("slots__transitions", Transition.objects.with_before(), to_attr="lines_with_before"),
    )


def bookings_to_change() -> BookingQuerySet:
    """Return bookings with their house and their dates: enough to ask a service to change them.

    It reads them again under its lock; what pages show is many times as much.
    """
    dates = Prefetch("slots", Slot.objects.order_by("starts_at", "pk"))
    bookings: BookingQuerySet = Booking.objects.select_related("house").prefetch_related(dates)
    return bookings


def bookings_listed() -> BookingQuerySet:
    """Return bookings with what lists show of them: their dates, and what they replace or is replaced."""
    return bookings_with_dates().prefetch_related("replacements", "replaced_slots", "replaces__slots")


def get_booking(reference: str, *, actor: Actor, bookings: BookingQuerySet | None = None) -> Booking:
    """Return the booking if the actor may see it, with its dates, or as `bookings` load it.

    Raises BookingNotFound for an unknown reference and for somebody else's alike, so that
    guessing references tells nothing.
    """
    if bookings is None:
        bookings = bookings_with_dates()
    booking = bookings.filter(reference=reference).first()
    if booking is None or not can_read(actor, booking):
        raise BookingNotFound
    return booking


def get_booking_by_token(reference: str, token: str, *, may_be_ended: bool = False) -> Booking:
    """Return the booking a status link opens, or with `may_be_ended` has opened once.

    Raises LinkEnded for an earlier link, BookingNotFound where link or reference is forged.
    """
    booking = bookings_with_dates().filter(reference=reference).first()
    if booking is None:
        raise BookingNotFound
    require_token(booking, token, partial(status_token, booking), may_be_ended=may_be_ended)
    return booking


def get_date_by_token(uid: uuid.UUID, token: str, *, may_be_ended: bool = False) -> Slot:
    """Return the date a link opens, with booking and house, or with `may_be_ended` has opened once.

    Raises LinkEnded for an earlier link, BookingNotFound where it is forged.
    """
    slot = Slot.objects.select_related("booking__house").prefetch_related("rooms").filter(uid=uid).first()
    if slot is None:
        raise BookingNotFound
    require_token(slot.booking, token, partial(date_token, slot.booking, uid), may_be_ended=may_be_ended)
    return slot


def bookings_led_to(booking: Booking) -> list[Booking]:
    """Return the bookings that whoever holds a link of this one reaches by it, itself first.

    These are what it changes, what changes it, and so on, as far as they have the same contact.
    """
    found = [booking]
    for known in found:
        near = Booking.objects.filter(Q(replaces=known) | Q(replacements=known))
        new = near.exclude(pk__in=[other.pk for other in found]).distinct().order_by("pk")
        found += [other for other in new if leads_to(known, other)]
    return found


def list_bookings_of(actor: Actor) -> BookingQuerySet:
    """Return the bookings of a person and of the person's associations, newest request first."""
    return bookings_listed().of_user(actor.pk).order_by("-received_at", "-pk")


def asked_at(slots: Iterable[Slot]) -> dict[int, datetime]:
    """Return by slot id when each date was asked for, in one query.

    That is the receipt of its booking, but for dates that were added later. The slots come with
    their bookings.
    """
    received = {slot.pk: slot.booking.received_at for slot in slots}
    added = Transition.objects.filter(slot__in=received, verb=Verb.ADD)
    return received | dict(added.values_list("slot_id", "at"))


def pending_changes(slots: Iterable[Slot]) -> dict[int, Booking]:
    """Return by slot id the change that waits to take the place of each of these dates, in one query.

    A date without a successor waits as long as anything of the change is open; any other one only
    for the answer to its own successor.
    """
    successors = Slot.objects.filter(booking=OuterRef("booking"), replaces=OuterRef("slot"))
    rows = (
        Booking.replaced_slots.through.objects.filter(
            slot__in=[slot.pk for slot in slots], booking__status=BookingStatus.REQUESTED
        )
        .exclude(Exists(successors.exclude(status=SlotStatus.REQUESTED)))
        .select_related("booking")
    )
    return {row.slot_id: row.booking for row in rows}


def dates_without_successor(booking: Booking) -> list[Slot]:
    """Return the dates a change is about that no date of it takes the place of: it gives them up."""
    if booking.replaces_id is None:
        return []
    paired = {slot.replaces_id for slot in booking.slots.all()}
    concerned = booking.replaced_slots.order_by("starts_at", "pk").prefetch_related("rooms")
    return [slot for slot in concerned if slot.pk not in paired]
