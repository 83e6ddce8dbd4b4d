"""Links in mails: whoever holds one may see and act on one booking, or one date of it, without a login.

The tokens follow from the secret key and the booking, so that every mail can carry them; the
database keeps at most a hash, so that a copy of the database opens nothing.
"""

import hashlib
import uuid

from django.urls import reverse
from django.utils.crypto import salted_hmac

from bookings.models import Booking


def status_token(booking: Booking) -> str:
    """Return the secret part of the booking's status link."""
    return salted_hmac("bookings.links", booking.submission_key.hex, algorithm="sha256").hexdigest()[:32]


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def status_path(booking: Booking) -> str:
    """Return the path of the status page that opens without login."""
    return reverse("booking_status", args=[booking.reference, status_token(booking)])


def date_token(booking: Booking, uid: uuid.UUID | str) -> str:
    """Return the secret part of the link to the one date of the booking with that UID."""
    secret = f"{booking.submission_key.hex}:{uuid.UUID(str(uid)).hex}"
    return salted_hmac("bookings.links.date", secret, algorithm="sha256").hexdigest()[:32]


def date_path(booking: Booking, uid: uuid.UUID | str) -> str:
    """Return the path of the page that asks whether this one date takes place."""
    return reverse("date_confirmation", args=[uid, date_token(booking, uid)])
