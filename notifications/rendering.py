"""From facts to a mail: subject, text, HTML and calendar file. Reads nothing but what it is given."""

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
from bookings.links import date_path, date_token, status_path, status_token
from bookings.models import Booking
from bookings.promise import answer_date
from notifications.calendar_files import CalendarFile, calendar_file
from notifications.catalogue import KINDS, Audience
from notifications.facts import house_facts
from notifications.models import Message
from notifications.planned_lines import layout_label, planned_lines
from notifications.preferences import decline_token, decline_url
from notifications.recipients import person_of
from rooms.clock import day_of
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
        context["decline_url"] = decline_url(message)
        if hide_secrets and context["decline_url"]:
            token = decline_token(kind, person_of(message.recipient))
            context["decline_url"] = context["decline_url"].replace(token, HIDDEN)
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
    context |= planned_lines(facts, zone=zone, page_url=page_url, date_lines=date_lines)
    if "series" in facts:
        bookings = Booking.objects.in_bulk([series["booking_id"] for series in facts["series"]])
        for series in context["series"]:
            of_series = bookings.get(series["booking_id"])
            series["status_url"] = status_url(of_series, hide_secrets=hide_secrets) if of_series else ""
    if "reference" in facts:
        dates = [date_lines(date, zone) for date in facts["dates"]]
        received = datetime.fromisoformat(facts["received_at"])
        context |= {
            "dates": dates,
            "changed_dates": [date for date in dates if date["is_changed"]],
            "other_dates": [date for date in dates if not date["is_changed"]],
            "approved_count": sum(date["status"] == SlotStatus.APPROVED for date in dates),
            "replaced": replaced_lines(facts["replaced"], zone),
            "layout": layout_label(facts["layout"]),
            "first_day": format_day_in_words(
                datetime.fromisoformat(facts["dates"][0]["starts_at"]), zone=zone
            ),
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
    if "asked_uid" in facts and booking:
        context["taking_place_url"] = taking_place_url(booking, facts["asked_uid"], hide_secrets=hide_secrets)
    return context


def first_house_facts() -> dict[str, Any]:
    """Return how the first house signs: mails about an account belong to no booking."""
    house = find_house()
    return house_facts(house) if house else {"name": settings.SITE_URL}


def page_url(name: str, *arguments: object) -> str:
    return settings.SITE_URL + reverse(name, args=arguments)


def status_url(booking: Booking, *, hide_secrets: bool) -> str:
    """Return the address of the page that opens without login; with dots in place of its token."""
    path = status_path(booking)
    return settings.SITE_URL + (path.replace(status_token(booking), HIDDEN) if hide_secrets else path)


def taking_place_url(booking: Booking, uid: str, *, hide_secrets: bool) -> str:
    """Return the address of the page that asks for one date; with dots in place of its token."""
    path = date_path(booking, uid)
    return settings.SITE_URL + (path.replace(date_token(booking, uid), HIDDEN) if hide_secrets else path)


def date_lines(date: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """Return one date as people read it, in the active language."""
    starts_at, ends_at, gross_starts_at, gross_ends_at = (
        datetime.fromisoformat(date[name])
        for name in ["starts_at", "ends_at", "gross_starts_at", "gross_ends_at"]
    )
    is_one_day = day_of(starts_at, zone) == day_of(ends_at - timedelta(microseconds=1), zone)
    times = format_span_in_words(starts_at, ends_at, zone=zone)
    has_buffers = (starts_at, ends_at) != (gross_starts_at, gross_ends_at)
    return {
        "when": f"{format_day(starts_at, zone=zone)}, {times}" if is_one_day else times,
        "gross": format_span_in_words(gross_starts_at, gross_ends_at, zone=zone) if has_buffers else "",
        "rooms": ", ".join(date["rooms"]),
        "status": date["status"],
        "status_label": SlotStatus(date["status"]).label,
        "reason": date["reason"],
        "is_changed": date["is_changed"],
    }


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
