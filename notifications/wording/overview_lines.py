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


def planned_lines(
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
            {**series, "dates": [date_lines(one, zone) for one in series["dates"]]}
            for series in facts["series"]
        ]
    if "day" in facts:
        day = date.fromisoformat(facts["day"])
        lines["day"] = format_day_in_words(day)
        lines["caretaker_url"] = page_url("caretaker_day", day)
        lines["inbox_url"], lines["outbox_url"] = page_url("inbox"), page_url("outbox")
        lines["plan"] = [planned_date(one, day, zone) for one in facts["plan"]]
        lines["room_changes"] = [room_change(one, day, zone) for one in facts.get("room_changes", [])]
        lines["changes"] = [plan_change(one, day, zone) for one in facts.get("changes", [])]
        requests = [request_line(one, page_url) for one in facts.get("requests", [])]
        lines["late_requests"] = [one for one in requests if one["is_late"]]
        lines["open_requests"] = [one for one in requests if not one["is_late"]]
        lines["failed"] = [{**one, "label": kind_label(one["kind"])} for one in facts.get("failed", [])]
    return lines


def planned_date(one: Mapping[str, Any], day: date, zone: ZoneInfo) -> Lines:
    """Return one date as caretakers read it."""
    starts_at, ends_at, gross_starts_at, gross_ends_at = (
        datetime.fromisoformat(one[name])
        for name in ["starts_at", "ends_at", "gross_starts_at", "gross_ends_at"]
    )
    return {
        **one,
        "times": format_span_in_words(starts_at, ends_at, zone=zone),
        "setup": format_time_on(gross_starts_at, day, zone=zone) if gross_starts_at < starts_at else "",
        "teardown": format_time_on(gross_ends_at, day, zone=zone) if gross_ends_at > ends_at else "",
        "rooms": ", ".join(one["rooms"]),
        "layout": layout_label(one["layout"]),
        "equipment": ", ".join(one["equipment"]),
    }


def plan_change(one: Mapping[str, Any], day: date, zone: ZoneInfo) -> Lines:
    """Return what becomes of a date, with what is different now as it was before."""
    now = planned_date(one["date"], day, zone)
    before = planned_date(one["before"], day, zone) if one["before"] else None
    return {"what": one["what"], "date": now, "before": "; ".join(what_was(before, now)) if before else ""}


def what_was(before: Lines, now: Lines) -> list[str]:
    """Return what is different now, as it was, in the words of the plan."""
    told, tells = _said(before), _said(now)
    return [words for words, new in zip(told, tells, strict=True) if words != new]


def _said(one: Lines) -> list[str]:
    """Return what the plan says of a date, each part in words of its own."""
    phone, nothing = one["contact_phone"], _("not given")
    contact = [one["contact_name"], *([_("phone %(phone)s") % {"phone": phone}] if phone else [])]
    labelled = {
        _("Persons"): str(one["persons"]),
        _("Seating"): one["layout"],
        _("Equipment"): one["equipment"],
        _("Remarks"): " ".join(one["remarks"].split()),
        _("Contact person"): ", ".join(contact),
    }
    return [
        one["times"],
        one["rooms"],
        f"{one['title']}, {one['association']}",
        _("Set-up from %(time)s") % {"time": one["setup"]} if one["setup"] else _("no set-up"),
        _("Tear-down until %(time)s") % {"time": one["teardown"]} if one["teardown"] else _("no tear-down"),
        *(f"{label}: {value or nothing}" for label, value in labelled.items()),
    ]


def room_change(one: Mapping[str, Any], day: date, zone: ZoneInfo) -> Lines:
    """Return what is to be rearranged, and in which time."""
    starts_at, ends_at = (datetime.fromisoformat(one[name]) for name in ["starts_at", "ends_at"])
    return {
        "times": format_span_in_words(starts_at, ends_at, zone=zone)
        if starts_at < ends_at
        else format_time_on(starts_at, day, zone=zone),
        "before": furnishing(one["before"]),
        "after": furnishing(one["after"]),
    }


def furnishing(one: Mapping[str, Any]) -> str:
    rooms, layout = ", ".join(one["rooms"]), layout_label(one["layout"])
    return f"{rooms} ({layout})" if layout else rooms


def request_line(one: Mapping[str, Any], page_url: PageUrl) -> Lines:
    return {
        **one,
        "answer_date": format_day_in_words(date.fromisoformat(one["answer_date"])),
        "url": page_url("decide", one["reference"]),
    }


def layout_label(layout: str) -> str:
    return str(Layout(layout).label) if layout else ""
