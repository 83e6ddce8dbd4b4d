"""Calendar files by the book (RFC 5545 and 5546), from the facts of a mail.

One date is an invitation (METHOD REQUEST) or its withdrawal (CANCEL): RFC 5546 wants one UID
there, and Outlook reads only the first event. Several dates are one published file (PUBLISH), in
which dates that are gone stand as CANCELLED, so that a calendar that imported an earlier file
learns of them.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parseaddr
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vRecur

from bookings.enums import SlotStatus

GONE = {SlotStatus.CANCELLED, SlotStatus.REVOKED}
WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """`method` is REQUEST, CANCEL or PUBLISH and belongs into the Content-Type as well."""

    method: str
    name: str
    content: bytes


def calendar_file(facts: dict[str, Any], *, recipient: str, now: datetime) -> CalendarFile | None:
    """Return the file with every date that stands or once stood in the applicant's calendar.

    None where there is none. The only person named is the recipient. `now` becomes DTSTAMP, so
    the same facts always give the same file.
    """
    dates = list(facts["dates"])
    if facts["replaced"] and any(each["status"] == SlotStatus.APPROVED for each in dates):
        dates += facts["replaced"]["dates"]
    shown = [each for each in dates if each["status"] == SlotStatus.APPROVED or each["status"] in GONE]
    if not shown:
        return None
    method = "PUBLISH"
    if len(shown) == 1:
        method = "CANCEL" if shown[0]["status"] in GONE else "REQUEST"
    zone = ZoneInfo(facts["house"]["zone"])
    calendar = Calendar()
    calendar.add("prodid", "-//Haus der Begegnung//hausderbegegnung//DE")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(time_zone(zone, min(instant_of(each, "starts_at") for each in shown).year))
    for each in shown:
        calendar.add_component(
            event(each, facts | each, zone=zone, recipient=recipient, method=method, now=now)
        )
    # Where the dates are of several bookings, each says of which it is.
    name = f"{(facts | shown[0])['reference']}.ics"
    return CalendarFile(method, name, calendar.to_ical())


def event(
    each: dict[str, Any], facts: dict[str, Any], *, zone: ZoneInfo, recipient: str, method: str, now: datetime
) -> Event:
    """Return one date as a VEVENT in the house's local time."""
    house = facts["house"]
    entry = Event()
    entry.add("uid", each["uid"])
    entry.add("sequence", each["sequence"])
    entry.add("dtstamp", now.astimezone(UTC))
    entry.add("dtstart", unambiguous(instant_of(each, "starts_at"), zone))
    entry.add("dtend", unambiguous(instant_of(each, "ends_at"), zone))
    entry.add("summary", facts["title"])
    entry.add("location", ", ".join(place(house, each["rooms"])))
    entry.add("description", _("Reference: %(reference)s") % {"reference": facts["reference"]})
    entry.add("status", "CANCELLED" if each["status"] in GONE else "CONFIRMED")
    entry.add("transp", "TRANSPARENT" if each["status"] in GONE else "OPAQUE")
    organizer = vCalAddress(f"mailto:{house['email'] or parseaddr(settings.REPLY_TO_EMAIL)[1]}")
    organizer.params["CN"] = house["name"]
    entry["organizer"] = organizer
    if method != "PUBLISH":
        # An invitation needs an attendee; this one has accepted already, and nobody waits for a reply.
        attendee = vCalAddress(f"mailto:{recipient}")
        attendee.params["PARTSTAT"] = "ACCEPTED"
        attendee.params["RSVP"] = "FALSE"
        entry["attendee"] = attendee
    return entry


def place(house: dict[str, Any], rooms: list[str]) -> list[str]:
    town = f"{house['postal_code']} {house['city']}".strip()
    return [part for part in [" + ".join(rooms), house["name"], house["street"], town] if part]


def instant_of(each: dict[str, Any], key: str) -> datetime:
    return datetime.fromisoformat(each[key])


def unambiguous(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant in local time; in UTC if it is the second of two with the same local time.

    A local time that exists twice means the first one to every calendar (RFC 5545, 3.3.5).
    """
    local = moment.astimezone(zone)
    return local.astimezone(UTC) if local.fold else local


def time_zone(zone: ZoneInfo, year: int) -> Timezone:
    """Return the VTIMEZONE with the rules that hold in `year`, as RRULE: Outlook reads no RDATE."""
    component = Timezone()
    component.add("tzid", zone.key)
    changes = changes_of(zone, year)
    if not changes:
        fixed = TimezoneStandard()
        moment = datetime(year, 1, 1, tzinfo=zone)
        fixed.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001 - local time by definition (RFC 5545, 3.6.5)
        fixed.add("tzoffsetfrom", moment.utcoffset())
        fixed.add("tzoffsetto", moment.utcoffset())
        fixed.add("tzname", moment.tzname() or zone.key)
        component.add_component(fixed)
    for before, after in changes:
        local = before.replace(tzinfo=None) + timedelta(seconds=1)
        part = TimezoneDaylight() if after.dst() else TimezoneStandard()
        nth = nth_weekday(local.date())
        part.add("dtstart", datetime.combine(first_by_rule(local.date(), nth), local.time()))
        part.add("rrule", vRecur({"FREQ": "YEARLY", "BYMONTH": local.month, "BYDAY": nth}))
        part.add("tzoffsetfrom", before.utcoffset())
        part.add("tzoffsetto", after.utcoffset())
        part.add("tzname", after.tzname() or zone.key)
        component.add_component(part)
    return component


def changes_of(zone: ZoneInfo, year: int) -> list[tuple[datetime, datetime]]:
    """Return the clock changes of the year, each as the last second before and the first after it."""
    start = datetime(year, 1, 1, tzinfo=UTC)
    hours = [(start + timedelta(hours=n)).astimezone(zone) for n in range(366 * 24)]
    return [
        ((after.astimezone(UTC) - timedelta(seconds=1)).astimezone(zone), after)
        for before, after in pairwise(hours)
        if before.utcoffset() != after.utcoffset() and after.year == year
    ]


def nth_weekday(day: date) -> str:
    """Return a day as `-1SU`, the last Sunday of its month, or as `2SU`, the second."""
    is_last = (day + timedelta(days=7)).month != day.month
    nth = -1 if is_last else (day.day - 1) // 7 + 1
    return f"{nth}{WEEKDAYS[day.weekday()]}"


def first_by_rule(day: date, nth: str) -> date:
    """Return the day of 1970 on which the rule that holds on `day` falls: a rule starts on itself."""
    first = date(1970, day.month, 1)
    days = (first + timedelta(days=n) for n in range(31))
    return next(each for each in days if each.month == day.month and nth_weekday(each) == nth)
