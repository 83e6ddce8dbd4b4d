"""Links in mails: whoever holds one may see and act on one booking, or one date of it, without a login.

The tokens follow from the secret key, the booking and its generation of links, so that every mail can
carry them and a copy of the database opens nothing. When the generation rises, those before it end.
"""

import uuid
from collections.abc import Callable

from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from bookings.errors import BookingNotFound, LinkEnded
from bookings.models import Booking

# That of every booking until its links are renewed.
FIRST_GENERATION = 1


def status_token(booking: Booking, generation: int | None = None) -> str:
    """Return the secret part of the booking's status link; of another generation where one is named."""
    return _token("bookings.links", booking.submission_key.hex, generation or booking.link_generation)


def status_path(booking: Booking) -> str:
    """Return the path of the status page that opens without login."""
    return reverse("booking_status", args=[booking.reference, status_token(booking)])


def date_token(booking: Booking, uid: uuid.UUID | str, generation: int | None = None) -> str:
    """Return the secret part of the link to the one date of the booking with that UID."""
    secret = f"{booking.submission_key.hex}:{uuid.UUID(str(uid)).hex}"
    return _token("bookings.links.date", secret, generation or booking.link_generation)


def date_path(booking: Booking, uid: uuid.UUID | str) -> str:
    """Return the path of the page that asks whether this one date takes place."""
    return reverse("date_confirmation", args=[uid, date_token(booking, uid)])


def require_token(
    booking: Booking, token: str, token_of: Callable[[int], str], *, may_be_ended: bool = False
) -> None:
    """Compare the token of a link with the one that `token_of` makes of the booking's generation.

    Raises LinkEnded for the token of an earlier generation, unless it `may_be_ended`, and BookingNotFound
    for any other.
    """
    if constant_time_compare(token_of(booking.link_generation), token):
        return
    earlier = range(FIRST_GENERATION, booking.link_generation)
    if not any(constant_time_compare(token_of(generation), token) for generation in earlier):
        raise BookingNotFound
    if not may_be_ended:
        raise LinkEnded


def leads_to(booking: Booking, other: Booking) -> bool:
    """Whether a link of the booking leads on to the other one: only where both have the same contact."""
    return booking.contact_email.lower() == other.contact_email.lower()


def _token(salt: str, secret: str, generation: int) -> str:
    # Links of a time before there were generations are those of the first.
    if generation > FIRST_GENERATION:
        secret = f"{secret}:{generation}"
    return salted_hmac(salt, secret, algorithm="sha256").hexdigest()[:32]
