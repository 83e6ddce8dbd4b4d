"""What people want to get of what they need not get: kept by address, for accounts and links alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse

from bookings.access.permissions import can_decide, is_caretaker
from notifications.models import Declined, Message
from notifications.recipients import Recipient, person_of
from notifications.wording.catalogue import KINDS, Audience, Kind
from rooms.models import House

_signer = signing.Signer(salt="notifications.preferences")


@dataclass(frozen=True, slots=True)
class Choice:
    """One kind of mail that may be declined, and whether the person gets it."""

    kind: Kind
    is_wanted: bool


def choices_of(person: str, audiences: Iterable[Audience]) -> list[Choice]:
    """Return what a person in these audiences may decline, with what was chosen so far."""
    declined = set(Declined.objects.filter(person=person).values_list("kind", flat=True))
    return [
        Choice(kind, kind.name not in declined)
        for kind in KINDS.values()
        if kind.can_be_declined and kind.audience in set(audiences)
    ]


def always_told(audiences: Iterable[Audience]) -> list[Kind]:
    """Return what nobody in these audiences can decline."""
    return [kind for kind in KINDS.values() if not kind.can_be_declined and kind.audience in set(audiences)]


def choose_mail(*, person: str, kind: Kind, is_wanted: bool, now: datetime) -> None:
    """Store whether the person wants this kind of mail; to say it twice is the same as once."""
    if is_wanted:
        Declined.objects.filter(person=person, kind=kind.name).delete()
    elif kind.can_be_declined:
        Declined.objects.get_or_create(person=person, kind=kind.name, defaults={"at": now})


def declined_among(mails: Iterable[tuple[str, Recipient]]) -> set[tuple[str, str]]:
    """Return which of these mails (kind and recipient) were declined, as names of kind and person.

    Asks the database at most once, and not at all where nothing may be declined.
    """
    people = {recipient.person for kind, recipient in mails if KINDS[kind].can_be_declined}
    if not people:
        return set()
    return set(Declined.objects.filter(person__in=people).values_list("kind", "person"))


def audiences_of(person: Any) -> list[Audience]:
    """Return as whom somebody who has an account gets mails at the own address."""
    houses = list(House.objects.all())
    deciding = [house for house in houses if can_decide(person, house)]
    audiences = {
        Audience.APPLICANT: True,
        # Staff are reached in the mailbox of the house, where it has one.
        Audience.STAFF: any(house.email.lower() in {"", person.email.lower()} for house in deciding),
        Audience.CARETAKERS: any(is_caretaker(person, house) for house in houses),
    }
    return [audience for audience, holds in audiences.items() if holds]


def is_reached_by_mailbox(person: Any) -> bool:
    """Whether somebody decides, and what staff are told goes to another address, that of the house."""
    decides = any(can_decide(person, house) for house in House.objects.all())
    return decides and Audience.STAFF not in audiences_of(person)


def decline_url(message: Message) -> str:
    """Return the address of the page on which its recipient may decline this kind of mail.

    It takes the one-click POST of RFC 8058 as well, needs no login and holds no mail address.
    Empty for what nobody can decline.
    """
    kind = KINDS.get(message.kind)
    if kind is None or not kind.can_be_declined:
        return ""
    return settings.SITE_URL + decline_path(kind, person_of(message.recipient))


def decline_path(kind: Kind, person: str) -> str:
    return reverse("decline_mail", args=[decline_token(kind, person)])


def decline_token(kind: Kind, person: str) -> str:
    """Return the secret part of the link; it holds for good, because mails are read late."""
    return _signer.sign(f"{kind.name}.{person}")


def read_decline_token(token: str) -> tuple[Kind, str] | None:
    """Return kind and person of a link; None where it is forged, or there is no such kind any more."""
    try:
        kind_name, person = _signer.unsign(token).split(".")
    except (signing.BadSignature, ValueError):
        return None
    kind = KINDS.get(kind_name)
    return (kind, person) if kind is not None and kind.can_be_declined else None
