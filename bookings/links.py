"""The status link: whoever holds it may see and act on one booking without a login.

The token follows from the secret key and the booking, so that every mail can carry it; the
database keeps only its hash, so that a copy of the database opens nothing.
"""

import hashlib

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
