"""From facts to a mail: subject, text, HTML and calendar file. Reads only what it is given and links to."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from bookings.enums import SlotStatus
from bookings.links import status_path, status_token
from bookings.models import Booking
from bookings.promise import answer_date
from notifications.calendar_files import CalendarFile, calendar_file
from notifications.catalogue import KINDS, Audience
from notifications.facts import house_facts
from notifications.models import Message
from rooms.clock import day_of
from rooms.enums import Layout
from rooms.formats import format_day, format_day_in_words, format_span_in_words
from rooms.selectors import find_house

HIDDEN = "••••••"


@dataclass(frozen=True, slots=True)
class Mail:
    """A rendered message; `calendar` is None where nothing is attached."""

    subject: str
    text: str
    html: str
    calendar: CalendarFile | None


def render(message: Message, *, hide_secrets: bool = False) -> Mail:
    """Render the message in its language.

    `hide_secrets` shows dots for a login code and for the token of the status link: that is what
    the log keeps, because a copy of the database must open nothing. Raises whatever a broken text
    or a missing fact raises; the caller records it as a failure.
    """
    kind = KINDS[message.kind]
    facts = dict(message.facts)
    if hide_secrets:
        facts |= dict.fromkeys(kind.secrets, HIDDEN)
    with translation.override(message.language):
        context = mail_context(facts, booking=message.booking, hide_secrets=hide_secrets)
        if kind.audience is not Audience.STAFF:
            context["greeted"] = facts.get("contact_name", "")
        subject, text, html = (render_to_string(name, context) for name in template_names(kind.name))
        return Mail(
            subject=" ".join(subject.split()),
            text=tidy(text),
            html=html,
            calendar=calendar_file(facts, recipient=message.recipient, now=message.created_at)
            if kind.has_calendar
            else None,
        )


def template_names(kind: str) -> tuple[str, str, str]:
    """Return the templates of a kind's subject, text and HTML."""
    path = f"notifications/{kind}"
    return f"{path}_subject.txt", f"{path}.txt", f"{path}.html"


def mail_context(
    facts: dict[str, Any], *, booking: Booking | None, hide_secrets: bool = False
) -> dict[str, Any]:
    """Return what the templates may use: the facts, readable dates, and links that open pages."""
    house = facts.get("house") or first_house_facts()
    zone = ZoneInfo(house.get("zone") or settings.TIME_ZONE)
    context = {**facts, "house": house, "site_url": settings.SITE_URL}
    if "reference" in facts:
        dates = [date_lines(date, zone) for date in facts["dates"]]
        received = datetime.fromisoformat(facts["received_at"])
        context |= {
            "dates": dates,
            "changed_dates": [date for date in dates if date["is_changed"]],
            "other_dates": [date for date in dates if not date["is_changed"]],
            "approved_count": sum(date["status"] == SlotStatus.APPROVED for date in dates),
            "replaced": replaced_lines(facts["replaced"], zone),
            "layout": Layout(facts["layout"]).label if facts["layout"] else "",
            "answer_day": format_day_in_words(
                answer_date(
                    received=day_of(received, zone),
                    working_days=facts["answer_days"],
                    region=house.get("region", ""),
                )
            ),
            "house_rules_url": page_url("house_rules"),
            "find_room_url": page_url("find_room"),
            "decide_url": page_url("decide", facts["reference"]),
            "status_url": status_url(booking, hide_secrets=hide_secrets) if booking else "",
        }
    if "bookings" in facts:
        bookings = settled_lines(facts, zone, hide_secrets=hide_secrets)
        context |= {
            "bookings": bookings,
            "references": ", ".join(one["reference"] for one in bookings),
            "revoked_count": sum(len(one["revoked"]) for one in bookings),
            "moved_count": sum(len(one["moved"]) for one in bookings),
            "find_room_url": page_url("find_room"),
        }
    return context


def first_house_facts() -> dict[str, Any]:
    """Return how the first house signs: mails about an account belong to no booking."""
    house = find_house()
    return house_facts(house) if house else {"name": settings.SITE_URL}


def page_url(name: str, *arguments: str) -> str:
    return settings.SITE_URL + reverse(name, args=arguments)


def status_url(booking: Booking, *, hide_secrets: bool) -> str:
    """Return the address of the page that opens without login; with dots in place of its token."""
    path = status_path(booking)
    return settings.SITE_URL + (path.replace(status_token(booking), HIDDEN) if hide_secrets else path)


def date_lines(date: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """Return one date as people read it, in the active language."""
    starts_at, ends_at, gross_starts_at, gross_ends_at = (
        datetime.fromisoformat(date[name])
        for name in ["starts_at", "ends_at", "gross_starts_at", "gross_ends_at"]
    )
    has_buffers = (starts_at, ends_at) != (gross_starts_at, gross_ends_at)
    return {
        "when": when(date, zone),
        "gross": format_span_in_words(gross_starts_at, gross_ends_at, zone=zone) if has_buffers else "",
        "rooms": ", ".join(date["rooms"]),
        "status": date["status"],
        "status_label": SlotStatus(date["status"]).label,
        "reason": date["reason"],
        "is_changed": date["is_changed"],
    }


def settled_lines(facts: dict[str, Any], zone: ZoneInfo, *, hide_secrets: bool) -> list[dict[str, Any]]:
    """Return each booking with its dates that are revoked or have moved, and its link."""
    references = [one["reference"] for one in facts["bookings"]]
    stored = {booking.reference: booking for booking in Booking.objects.filter(reference__in=references)}
    lines = []
    for one in facts["bookings"]:
        dates = [date for date in facts["dates"] if date["reference"] == one["reference"]]
        booking = stored.get(one["reference"])
        lines.append(
            one
            | {
                "revoked": [date_lines(date, zone) for date in dates if not date["before"]],
                "moved": [
                    date_lines(date, zone)
                    | {
                        "was_when": when(date["before"], zone),
                        "was_rooms": ", ".join(date["before"]["rooms"]),
                    }
                    for date in dates
                    if date["before"]
                ],
                "status_url": status_url(booking, hide_secrets=hide_secrets) if booking else "",
            }
        )
    return lines


def when(date: dict[str, Any], zone: ZoneInfo) -> str:
    """Return day and times of a date as people read them, in the active language."""
    starts_at, ends_at = (datetime.fromisoformat(date[name]) for name in ["starts_at", "ends_at"])
    is_one_day = day_of(starts_at, zone) == day_of(ends_at - timedelta(microseconds=1), zone)
    times = format_span_in_words(starts_at, ends_at, zone=zone)
    return f"{format_day(starts_at, zone=zone)}, {times}" if is_one_day else times


def replaced_lines(replaced: dict[str, Any] | None, zone: ZoneInfo) -> dict[str, Any] | None:
    if replaced is None:
        return None
    return {
        "reference": replaced["reference"],
        "dates": [date_lines(date, zone) for date in replaced["dates"]],
    }


def tidy(text: str) -> str:
    """Return the text without the blank lines that template tags leave behind."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"
