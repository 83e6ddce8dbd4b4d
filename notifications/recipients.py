"""Who is meant by applicant, staff and caretakers, with the language each of them reads."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from bookings.access.permissions import caretakers_of, deciders_of
from bookings.models import Booking
from notifications.wording.catalogue import Audience
from rooms.models import House


@dataclass(frozen=True, slots=True)
class Recipient:
    address: str
    language: str
    name: str = ""

    @property
    def person(self) -> str:
        return person_of(self.address)


def person_of(address: str) -> str:
    """Return what an address is known by in keys and links, which may end up in logs: not itself."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()[:16]


def is_contact(address: str, booking: Booking) -> bool:
    """Whether mails to the applicant of the booking go to this address."""
    return address.strip().lower() == booking.contact_email.strip().lower()


def applicant_of(booking: Booking) -> Iterator[Recipient]:
    """Yield the contact; nobody where staff entered a request of somebody without an address."""
    if booking.contact_email:
        yield Recipient(booking.contact_email, booking.language, booking.contact_name)


def staff_of(house: House) -> Iterator[Recipient]:
    """Yield the mailbox of the house; where it has none, everybody who decides."""
    if house.email:
        yield Recipient(house.email, settings.LANGUAGE_CODE)
    else:
        yield from _people(deciders_of(house))


def caretakers(house: House) -> list[Recipient]:
    """Return everybody who opens, sets up and locks the house."""
    return list(_people(caretakers_of(house)))


def recipients_of(audience: Audience, booking: Booking) -> Iterator[Recipient]:
    """Yield everybody in the audience of a mail about the booking."""
    if audience is Audience.APPLICANT:
        yield from applicant_of(booking)
    if audience is Audience.STAFF:
        yield from staff_of(booking.house)


def _people(people: QuerySet[Any]) -> Iterator[Recipient]:
    for address, language, name in people.order_by("pk").values_list("email", "language", "name"):
        yield Recipient(address, language, name)
