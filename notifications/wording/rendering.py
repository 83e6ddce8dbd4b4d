"""From facts to a mail: subject, text, HTML and calendar file.

Reads only what it is given and links to, and the words of the house.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.date_facts import Skip, skip_of
from bookings.desk.answer_dates import answer_date
from bookings.enums import SkippedBecause, SlotStatus
from bookings.models import Booking
from notifications.calendars.files import CalendarFile, calendar_file, is_gone, is_standing
from notifications.models import TRIAL_WORDS, Message
from notifications.preferences import decline_token, decline_url
from notifications.recipients import person_of
from notifications.wording.catalogue import KINDS, Audience, Kind
from notifications.wording.date_lists import in_short
from notifications.wording.facts import letterhead_facts
from notifications.wording.links import HIDDEN, Links
from notifications.wording.overview_lines import layout_label, overview_lines
from notifications.wording.placeholders import with_names_for_values
from notifications.wording.texts import fitted, house_words
from rooms.clock import day_of
from rooms.formats import format_day, format_day_in_words, format_span_in_words
from rooms.holidays import name_in_language
from rooms.lookups import find_house

# How mails say that the applicant left a date out.
LEFT_OUT = {
    SkippedBecause.CHOSEN: gettext_lazy("left out as requested"),
    SkippedBecause.CLASH: gettext_lazy("left out, because it was not free"),
    SkippedBecause.CLOSED: gettext_lazy("left out, because it was closed then"),
    SkippedBecause.OUTSIDE_HOURS: gettext_lazy("left out, because it was outside of the hours"),
    SkippedBecause.RULES: gettext_lazy("left out, because it was not possible"),
}
# Stands around what a house may word, when that is looked for; no text can contain it.
MARK = "\N{INFORMATION SEPARATOR TWO}"


@dataclass(frozen=True, slots=True)
class Mail:
    """A rendered message; `calendar` is None where nothing is attached."""

    subject: str
    text: str
    html: str
    calendar: CalendarFile | None


def render(message: Message, *, words: Mapping[str, str] | None = None, hide_secrets: bool = False) -> Mail:
    """Render the message in its language, with the house's own words where it has some.

    `words` are shown instead of those stored. A mail that only tries words out brings its own, says
    so in the subject, and leaves calendars alone. `hide_secrets` shows dots for a
    login code and for the tokens of links: that is what the log keeps, because a copy of the
    database must open nothing. Raises whatever a broken template or a missing fact raises; the
    caller records it as a failure.
    """
    kind = KINDS[message.kind]
    facts = dict(message.facts)
    if hide_secrets:
        facts |= dict.fromkeys(kind.secrets, HIDDEN)
    with translation.override(message.language):
        links = Links(message.recipient, hide_secrets)
        context = mail_context(kind, facts, booking=message.booking, links=links)
        context["decline_url"] = decline_url(message)
        if hide_secrets and context["decline_url"]:
            token = decline_token(kind, person_of(message.recipient))
            context["decline_url"] = context["decline_url"].replace(token, HIDDEN)
        if words is None:
            words = (
                facts[TRIAL_WORDS]
                if message.is_trial
                else house_words(message, house_id=context["house"].get("id"))
            )
        context["own"] = own_words = fitted(words, kind=kind, context=context)
        subject_name, *names = template_names(kind.name)
        text, html = (render_to_string(name, context) for name in names)
        subject = one_line(own_words.get("subject") or _subject(subject_name, context))
        calendar = None
        has_gone = kind.calendar_of_gone and bool((context.get("replaced") or {}).get("gone"))
        if (kind.has_calendar or has_gone) and not message.is_trial:
            calendar = calendar_file(
                facts_of_changed(facts) if kind.calendar_of_changed else facts,
                recipient=message.recipient,
                now=message.created_at,
            )
        return Mail(
            subject=_("Test: %(subject)s") % {"subject": subject} if message.is_trial else subject,
            text=tidy(text),
            html=html,
            calendar=calendar,
        )


def _subject(template: str, context: Mapping[str, Any]) -> str:
    """Return the matter first, for lists of mails show few letters, and then the house."""
    matter, house = render_to_string(template, context), context["house"].get("name", "")
    return one_line(f"{matter} – {house}" if house else matter)


def default_words(message: Message) -> dict[str, str]:
    """Return what the message says where a house may have words of its own, as staff would write it."""
    kind = KINDS[message.kind]
    subject_name, text_name, _html_name = template_names(kind.name)
    with translation.override(message.language):
        links = Links(message.recipient)
        context = with_names_for_values(
            mail_context(kind, message.facts, booking=message.booking, links=links)
        )
        subject = _subject(subject_name, context)
        _before, opening, _1, intro, _2, closing, _after = render_to_string(
            text_name, context | {"mark": MARK}
        ).split(MARK)
    return {
        "subject": subject,
        "opening": one_line(opening),
        "intro": tidy(intro).strip(),
        "closing": tidy(closing).strip(),
    }


def facts_of_changed(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts with only those dates that the mail is about."""
    return facts | {"dates": [date for date in facts["dates"] if date["is_changed"]], "replaced": None}


def template_names(kind: str) -> tuple[str, str, str]:
    """Return the templates of a kind's subject, text and HTML."""
    path = f"notifications/{kind}"
    return f"{path}_subject.txt", f"{path}.txt", f"{path}.html"


def mail_context(
    kind: Kind, facts: dict[str, Any], *, booking: Booking | None, links: Links
) -> dict[str, Any]:
    """Return what the templates may use: the facts, readable dates, and links that open pages."""
    house = facts.get("house") or first_house_facts()
    zone = ZoneInfo(house.get("zone") or settings.TIME_ZONE)
    context = {**facts, "house": house, "site_url": settings.SITE_URL}
    if kind.audience is not Audience.STAFF:
        context["greeted"] = facts.get("contact_name", "")
    context |= overview_lines(facts, zone=zone, page_url=page_url, date_lines=date_lines)
    if "series" in facts:
        bookings = Booking.objects.in_bulk([series["booking_id"] for series in facts["series"]])
        for series in context["series"]:
            of_series = bookings.get(series["booking_id"])
            if of_series:
                series["status_url"] = links.of_booking(of_series)
    if "reference" in facts:
        dates = [date_lines(date, zone) for date in facts["dates"]]
        changed = [date for date in dates if date["is_changed"]]
        received = datetime.fromisoformat(facts["received_at"])
        context |= {
            "dates": dates,
            "changed_dates": changed,
            "other_dates": [date for date in dates if not date["is_changed"]],
            "dates_in_short": in_short(dates_of_subject(kind, changed) or dates),
            "first_date": next((date for date in dates if date["is_changed"]), None),
            "approved_count": sum(date["status"] == SlotStatus.APPROVED for date in dates),
            "changed_approved_count": sum(date["status"] == SlotStatus.APPROVED for date in changed),
            "changed_pending_count": sum(date["status"] == SlotStatus.REQUESTED for date in changed),
            "has_buffers": any(date["gross"] for date in changed or dates),
            "decision": decision_lines(dates),
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
            "status_url": links.of_booking(booking) if booking else facts.get("status_url", ""),
        }
    if "asked_uid" in facts:
        context["taking_place_url"] = (
            links.of_date(booking, facts["asked_uid"]) if booking else facts.get("status_url", "")
        )
    if "bookings" in facts:
        settled = settled_lines(facts, zone, links)
        context |= {
            "bookings": settled,
            "dates_in_short": in_short(
                [date for lines in settled for date in (*lines["revoked"], *lines["moved"])]
            ),
            "revoked_count": sum(len(lines["revoked"]) for lines in settled),
            "moved_count": sum(len(lines["moved"]) for lines in settled),
            "find_room_url": page_url("find_room"),
        }
    return context


def first_house_facts() -> dict[str, Any]:
    """Return how the first house signs: mails about an account belong to no booking."""
    house = find_house()
    return letterhead_facts(house) if house else {"name": settings.SITE_URL}


def page_url(name: str, *arguments: object) -> str:
    return settings.SITE_URL + reverse(name, args=arguments)


def date_lines(date: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """Return one date as people read it, in the active language."""
    starts_at, ends_at, gross_starts_at, gross_ends_at = (
        datetime.fromisoformat(date[name])
        for name in ["starts_at", "ends_at", "gross_starts_at", "gross_ends_at"]
    )
    has_buffers = (starts_at, ends_at) != (gross_starts_at, gross_ends_at)
    return {
        "when": when(date, zone),
        "day": day_of(starts_at, zone),
        "times": format_span_in_words(starts_at, ends_at, zone=zone),
        "gross": format_span_in_words(gross_starts_at, gross_ends_at, zone=zone) if has_buffers else "",
        "rooms": ", ".join(date["rooms"]),
        "status": date["status"],
        "status_label": SlotStatus(date["status"]).label,
        "reason": reason_told(date),
        "fate": fate_of(date),
        "is_changed": date["is_changed"],
        "before": before_lines(date["before"], zone) if date.get("before") else None,
    }


def fate_of(date: dict[str, Any]) -> str:
    """Return what became of a date and why, in one phrase."""
    status, skip = SlotStatus(date["status"]), _skip(date)
    if skip is not None and skip.because in LEFT_OUT:
        return str(LEFT_OUT[skip.because])
    if skip is not None and skip.day_name:
        return f"{status.label}: {name_in_language(skip.day_name)}"
    if replaced_by := date.get("replaced_by"):
        return _("replaced by %(reference)s") % {"reference": replaced_by}
    reason = reason_told(date)
    return f"{status.label}: {reason}" if reason else str(status.label)


def reason_told(date: dict[str, Any]) -> str:
    """Return why a date does not take place, in the active language but for what somebody wrote."""
    if date["status"] in SlotStatus.STANDING:
        return ""
    return str(_skip(date) or date["reason"])


def _skip(date: dict[str, Any]) -> Skip | None:
    return skip_of(date.get("skipped_because", ""), date.get("skipped_day_name", ""))


def before_lines(before: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """Return when and where a moved date was."""
    starts_at, ends_at = (datetime.fromisoformat(before[name]) for name in ["starts_at", "ends_at"])
    return {
        "when": when(before, zone),
        "day": day_of(starts_at, zone),
        "times": format_span_in_words(starts_at, ends_at, zone=zone),
        "rooms": ", ".join(before["rooms"]),
    }


def dates_of_subject(kind: Kind, changed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the dates that the mail is about; of an approval, whole or partial, those that are approved."""
    approved = [date for date in changed if date["status"] == SlotStatus.APPROVED]
    return (kind.names_each_decision and approved) or changed


def decision_lines(dates: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what a partial approval says: its table, and what is the same for many dates.

    The table and all numbers are of the dates that were decided and those still open; what became of the
    `rest` was told before. `reason` is why dates were rejected, `gross` the set-up and tear-down of all
    approved ones; each is empty where they differ, and then stands in the table.
    """
    decided = [date for date in dates if date["is_changed"]]
    asked = [date for date in dates if date["is_changed"] or date["status"] == SlotStatus.REQUESTED]
    reasons = {date["reason"] for date in decided if date["status"] == SlotStatus.REJECTED}
    grosses = {date["gross"] for date in decided if date["status"] == SlotStatus.APPROVED}
    reason = reasons.pop() if len(reasons) == 1 else ""
    gross = grosses.pop() if len(grosses) == 1 else ""
    return {
        "reason": reason,
        "gross": gross,
        "asked_count": len(asked),
        "approved_count": sum(date["status"] == SlotStatus.APPROVED for date in asked),
        "open_count": sum(date["status"] == SlotStatus.REQUESTED for date in asked),
        "rejected_count": sum(date["status"] == SlotStatus.REJECTED for date in asked),
        "rest": [date for date in dates if not date["is_changed"] and date["status"] != SlotStatus.REQUESTED],
        "rows": [
            date
            | {
                "gross": date["gross"] if date["status"] == SlotStatus.APPROVED and not gross else "",
                "reason": "" if date["is_changed"] and date["reason"] == reason else date["reason"],
            }
            for date in asked
        ],
    }


def settled_lines(facts: dict[str, Any], zone: ZoneInfo, links: Links) -> list[dict[str, Any]]:
    """Return each booking with its dates that are revoked or have moved, and its link."""
    # One that is made up has a page already, and a number that a real booking may have as well.
    references = [named["reference"] for named in facts["bookings"] if "status_url" not in named]
    stored = {booking.reference: booking for booking in Booking.objects.filter(reference__in=references)}
    lines = []
    for named in facts["bookings"]:
        dates = [
            date for date in facts["dates"] if date["reference"] == named["reference"] and date["is_changed"]
        ]
        booking = stored.get(named["reference"])
        lines.append(
            named
            | {
                "revoked": [date_lines(date, zone) for date in dates if not date["before"]],
                "moved": [date_lines(date, zone) for date in dates if date["before"]],
                "status_url": links.of_booking(booking) if booking else named.get("status_url", ""),
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
    """Return the old dates of a change: all of them, those that are gone, and those that still stand."""
    if replaced is None:
        return None
    dates = [(date, date_lines(date, zone)) for date in replaced["dates"]]
    return {
        "reference": replaced["reference"],
        "dates": [lines for _date, lines in dates],
        "gone": [lines for date, lines in dates if is_gone(date)],
        "standing": [lines for date, lines in dates if is_standing(date)],
    }


def one_line(text: str) -> str:
    return " ".join(text.split())


def tidy(text: str) -> str:
    """Return the text without the blank lines that template tags leave behind."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    words, mark, signature = re.sub(r"\n{3,}", "\n\n", lines).strip().rpartition("\n--\n")
    # With its space, mail programs know the line as the start of the signature.
    return words + ("\n-- \n" if mark else "") + signature + "\n"
