"""Made-up mails of every kind, in the active language: for previews and test mails, about nobody."""

import uuid
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from bookings.enums import TRANSITIONS, SlotStatus, Verb
from notifications.models import Message
from notifications.wording.catalogue import Kind, is_replacement, is_whole_change
from notifications.wording.facts import letterhead_facts
from rooms.clock import day_of
from rooms.models import House

NOBODY = uuid.UUID(int=0)


def example_facts(kind: Kind, *, house: House, now: datetime) -> dict[str, Any]:
    """Return what a mail of this kind might say."""
    booking = made_up_booking(house, now=now)
    for verb in kind.told_on:
        if verb in TRANSITIONS:
            booking["dates"][0]["status"] = TRANSITIONS[verb].target
        elif verb is Verb.REQUEST:
            booking["dates"][0]["status"] = SlotStatus.REQUESTED
    if kind.only_if in {is_replacement, is_whole_change}:
        old = _date_facts(house, now, days=13)
        if Verb.APPROVE in kind.told_on:
            old |= {"status": SlotStatus.CANCELLED, "sequence": 1}
        booking["replaced"] = {"reference": _reference(house, now, 41), "dates": [old]}
    return kind.example(booking)


def example_message(kind: Kind, *, house: House, language: str, now: datetime) -> Message:
    """Return a made-up message of this kind, which is stored nowhere."""
    with translation.override(language):
        facts = example_facts(kind, house=house, now=now)
    return Message(
        kind=kind.name,
        recipient="maria@example.org",
        language=language,
        facts=facts,
        message_id="<example@example.org>",
        not_before=now,
        created_at=now,
    )


def made_up_booking(house: House, *, now: datetime) -> dict[str, Any]:
    """Return the facts of an approved booking in two weeks, as the facts of mails have them."""
    return {
        "house": letterhead_facts(house),
        "answer_days": house.answer_days,
        "reference": _reference(house, now, 42),
        "title": _("Language café"),
        "association": _("Example Association"),
        "contact_name": _("Maria Example"),
        "contact_email": "maria@example.org",
        "contact_phone": "0151 12345",
        "persons": 20,
        "layout": "tables",
        "remarks": _("We will bring cake."),
        "received_at": now.isoformat(),
        "note": _("A reason or a note by the person who decided stands here."),
        "dates": [_date_facts(house, now, days=14)],
        "replaced": None,
        # The page of a booking that does not exist.
        "status_url": settings.SITE_URL,
    }


def _reference(house: House, now: datetime, number: int) -> str:
    return f"{house.reference_prefix}-{day_of(now, house.zone).year}-{number:04}"


def _date_facts(house: House, now: datetime, *, days: int) -> dict[str, Any]:
    day = day_of(now, house.zone) + timedelta(days=days)
    starts_at = datetime.combine(day, time(16), tzinfo=house.zone)
    ends_at = starts_at + timedelta(hours=2)
    rooms = house.rooms.filter(is_active=True).order_by("position", "pk").values_list("name", flat=True)
    return {
        "starts_at": starts_at.isoformat(),
        "ends_at": ends_at.isoformat(),
        "gross_starts_at": (starts_at - timedelta(minutes=house.setup_minutes)).isoformat(),
        "gross_ends_at": (ends_at + timedelta(minutes=house.teardown_minutes)).isoformat(),
        "rooms": list(rooms[:2]) or [_("Hall")],
        "status": SlotStatus.APPROVED,
        "reason": "",
        "uid": str(NOBODY),
        "sequence": 0,
        "is_changed": True,
    }
