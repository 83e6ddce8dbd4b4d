"""What planned mails tell of months and days, as people read it in the active language."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from notifications.wording.catalogue import kind_label
from rooms.enums import Layout
from rooms.formats import format_day_in_words, format_month, format_span_in_words, format_time_on

Lines = dict[str, Any]
PageUrl = Callable[..., str]


def overview_lines(
    facts: Mapping[str, Any], *, zone: ZoneInfo, page_url: PageUrl, date_lines: Callable[..., Lines]
) -> Lines:
    """Return the facts of planned mails that are there, each in a readable form under its own name."""
    lines: Lines = {}
    if "month" in facts:
        lines["month"] = format_month(date.fromisoformat(facts["month"]))
    if "last_day" in facts:
        lines["last_day"] = format_day_in_words(date.fromisoformat(facts["last_day"]))
    if "series" in facts:
        lines["series"] = [
            {**series, "dates": [date_lines(slot, zone) for slot in series["dates"]]}
            for series in facts["series"]
        ]
    if "day" in facts:
        day = date.fromisoformat(facts["day"])
        lines["day"] = format_day_in_words(day)
        lines["caretaker_url"] = page_url("caretaker_day", day)
        lines["inbox_url"], lines["outbox_url"] = page_url("inbox"), page_url("outbox")
        lines["plan"] = [caretaker_date(slot, day, zone) for slot in facts["plan"]]
        lines["room_changes"] = [room_change(change, day, zone) for change in facts.get("room_changes", [])]
        lines["changes"] = [plan_change(change, day, zone) for change in facts.get("changes", [])]
        requests = [request_line(request, page_url) for request in facts.get("requests", [])]
        lines["late_requests"] = [request for request in requests if request["is_late"]]
        lines["open_requests"] = [request for request in requests if not request["is_late"]]
        lines["failed"] = [{**mail, "label": kind_label(mail["kind"])} for mail in facts.get("failed", [])]
    return lines


def caretaker_date(facts: Mapping[str, Any], day: date, zone: ZoneInfo) -> Lines:
    """Return one date as caretakers read it."""
    starts_at, ends_at, gross_starts_at, gross_ends_at = (
        datetime.fromisoformat(facts[name])
        for name in ["starts_at", "ends_at", "gross_starts_at", "gross_ends_at"]
    )
    return {
        **facts,
        "times": format_span_in_words(starts_at, ends_at, zone=zone),
        "setup": format_time_on(gross_starts_at, day, zone=zone) if gross_starts_at < starts_at else "",
        "teardown": format_time_on(gross_ends_at, day, zone=zone) if gross_ends_at > ends_at else "",
        "rooms": ", ".join(facts["rooms"]),
        "layout": layout_label(facts["layout"]),
        "equipment": ", ".join(facts["equipment"]),
    }


def plan_change(facts: Mapping[str, Any], day: date, zone: ZoneInfo) -> Lines:
    """Return what becomes of a date, with what is different now as it was before."""
    now = caretaker_date(facts["date"], day, zone)
    before = caretaker_date(facts["before"], day, zone) if facts["before"] else None
    return {"what": facts["what"], "date": now, "before": "; ".join(what_was(before, now)) if before else ""}


def what_was(before: Lines, now: Lines) -> list[str]:
    """Return what is different now, as it was, in the words of the plan."""
    pairs = zip(_said(before), _said(now), strict=True)
    return [old for old, new in pairs if old != new]


def _said(lines: Lines) -> list[str]:
    """Return what the plan says of a date, each part in words of its own."""
    phone, nothing = lines["contact_phone"], _("not given")
    contact = [lines["contact_name"], *([_("phone %(phone)s") % {"phone": phone}] if phone else [])]
    labelled = {
        _("Persons"): str(lines["persons"]),
        _("Seating"): lines["layout"],
        _("Equipment"): lines["equipment"],
        _("Remarks"): " ".join(lines["remarks"].split()),
        _("Contact person"): ", ".join(contact),
    }
    return [
        lines["times"],
        lines["rooms"],
        f"{lines['title']}, {lines['association']}",
        _("Set-up from %(time)s") % {"time": lines["setup"]} if lines["setup"] else _("no set-up"),
        _("Tear-down until %(time)s") % {"time": lines["teardown"]}
        if lines["teardown"]
        else _("no tear-down"),
        *(f"{label}: {value or nothing}" for label, value in labelled.items()),
    ]


def room_change(facts: Mapping[str, Any], day: date, zone: ZoneInfo) -> Lines:
    """Return what is to be rearranged, and in which time."""
    starts_at, ends_at = (datetime.fromisoformat(facts[name]) for name in ["starts_at", "ends_at"])
    return {
        "times": format_span_in_words(starts_at, ends_at, zone=zone)
        if starts_at < ends_at
        else format_time_on(starts_at, day, zone=zone),
        "before": furnishing(facts["before"]),
        "after": furnishing(facts["after"]),
    }


def furnishing(facts: Mapping[str, Any]) -> str:
    rooms, layout = ", ".join(facts["rooms"]), layout_label(facts["layout"])
    return f"{rooms} ({layout})" if layout else rooms


def request_line(facts: Mapping[str, Any], page_url: PageUrl) -> Lines:
    return {
        **facts,
        "answer_date": format_day_in_words(date.fromisoformat(facts["answer_date"])),
        "url": page_url("decide", facts["reference"]),
    }


def layout_label(layout: str) -> str:
    return str(Layout(layout).label) if layout else ""
