"""Looking up bookings for those who may see them, by reference, by a link or by person."""

import uuid

from django.db.models import Prefetch
from django.utils.crypto import constant_time_compare

from bookings.access.actors import Actor
from bookings.access.permissions import can_read
from bookings.access.tokens import date_token, hash_token
from bookings.errors import BookingNotFound
from bookings.models import Booking, BookingQuerySet, Slot, lines_with_before


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
        Prefetch("slots__transitions", lines_with_before(), to_attr="lines_with_before"),
    )


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


def get_booking_by_token(reference: str, token: str) -> Booking:
    """Return the booking a status link opens; raises BookingNotFound where link or reference is forged."""
    booking = bookings_with_dates().filter(token_hash=hash_token(token)).first()
    if booking is None or not constant_time_compare(booking.reference, reference):
        raise BookingNotFound
    return booking


def get_date_by_token(uid: uuid.UUID, token: str) -> Slot:
    """Return the date a link opens, with booking and house; raises BookingNotFound where it is forged."""
    slot = Slot.objects.select_related("booking__house").prefetch_related("rooms").filter(uid=uid).first()
    if slot is None or not constant_time_compare(date_token(slot.booking, uid), token):
        raise BookingNotFound
    return slot


def list_bookings_of(actor: Actor) -> BookingQuerySet:
    """Return the bookings of a person and of the person's associations, newest request first."""
    return bookings_listed().of_user(actor.pk).order_by("-received_at", "-pk")
