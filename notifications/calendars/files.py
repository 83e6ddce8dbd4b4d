"""Calendar files by the book (RFC 5545, 5546 and 6047), from the facts of a mail.

One date is an invitation (METHOD REQUEST) or its withdrawal (CANCEL): RFC 5546 wants one UID
there, and Outlook reads only the first event. Several dates are one published file (PUBLISH), in
which dates that are gone stand as CANCELLED, so that a calendar that imported an earlier file
learns of them.
"""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from email.utils import parseaddr
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress, vText

from bookings.enums import SlotStatus
from notifications.calendars.time_zones import lasting_rules, time_zone


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """`method` is REQUEST, CANCEL or PUBLISH and belongs into the Content-Type as well."""

    method: str
    name: str
    content: bytes


class Text(vText):
    r"""A text of which every sign comes back; icalendar itself would make a line end of `\N`."""

    def to_ical(self) -> bytes:
        escaped = str(self)
        for sign, escape in [("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")]:
            escaped = escaped.replace(sign, escape)
        return escaped.encode()


def calendar_file(facts: dict[str, Any], *, recipient: str, now: datetime) -> CalendarFile | None:
    """Return the file a mail attaches: every date that stands or once stood in the recipient's calendar.

    None where there is none. The only person named is the recipient. `now` becomes DTSTAMP, so
    the same facts always give the same file.
    """
    dates = dates_to_tell(facts)
    if len(dates) != 1:
        return published_file(facts, now=now)
    method = "CANCEL" if is_gone(dates[0]) else "REQUEST"
    return file_of(dates, facts, method=method, attendee=recipient, now=now)


def published_file(facts: dict[str, Any], *, now: datetime) -> CalendarFile | None:
    """Return the same dates as a file that invites nobody, however many there are."""
    dates = dates_to_tell(facts)
    return file_of(dates, facts, method="PUBLISH", attendee="", now=now) if dates else None


def dates_to_tell(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the dates that stand or are gone, with those that an approved replacement took the place of."""
    dates = [each for each in facts["dates"] if is_standing(each) or is_gone(each)]
    if facts["replaced"] and any(is_standing(each) for each in dates):
        dates += [each for each in facts["replaced"]["dates"] if is_gone(each)]
    return dates


def is_standing(each: dict[str, Any]) -> bool:
    return bool(each["status"] == SlotStatus.APPROVED)


def is_gone(each: dict[str, Any]) -> bool:
    """Whether the date stood in a calendar and does not any more: leaving it has raised its SEQUENCE."""
    return each["status"] not in SlotStatus.STANDING and each["sequence"] > 0


def file_of(
    dates: list[dict[str, Any]], facts: dict[str, Any], *, method: str, attendee: str, now: datetime
) -> CalendarFile:
    """Return the dates as a file; `attendee` is the address that is invited, empty for nobody.

    Times are those of the house with the rules of its time zone. Where these change in the course
    of the dates, times are given in UTC, which is right everywhere.
    """
    zone = ZoneInfo(facts["house"]["zone"])
    starts = [instant_of(each, "starts_at").astimezone(zone) for each in dates]
    ends = [instant_of(each, "ends_at").astimezone(zone) for each in dates]
    rules = lasting_rules(zone, min(starts).year, max(ends).year)
    calendar = Calendar()
    calendar.add("prodid", "-//Haus der Begegnung//hausderbegegnung//DE")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    if rules is not None:
        calendar.add_component(time_zone(zone, rules))
    for each in dates:
        # Where the dates are of several bookings, each says of which it is.
        entry = event(each, facts | each, clocks=zone if rules else UTC, now=now)
        if attendee:
            # An invitation needs one; this one has accepted already, and nobody waits for a reply.
            entry["attendee"] = mailbox(attendee)
            entry["attendee"].params.update({"PARTSTAT": "ACCEPTED", "RSVP": "FALSE"})
        calendar.add_component(entry)
    name = f"{(facts | dates[0])['reference']}.ics"
    return CalendarFile(method, name, calendar.to_ical())


def event(each: dict[str, Any], facts: dict[str, Any], *, clocks: tzinfo, now: datetime) -> Event:
    """Return one date as a VEVENT, its times by these clocks."""
    house = facts["house"]
    entry = Event()
    entry.add("uid", each["uid"])
    entry.add("sequence", each["sequence"])
    entry.add("dtstamp", now.astimezone(UTC))
    entry.add("dtstart", unambiguous(instant_of(each, "starts_at"), clocks))
    entry.add("dtend", unambiguous(instant_of(each, "ends_at"), clocks))
    entry.add("summary", Text(plain(facts["title"])))
    entry.add("location", Text(plain(", ".join(place(house, each["rooms"])))))
    entry.add("description", _("Reference: %(reference)s") % {"reference": facts["reference"]})
    entry.add("status", "CONFIRMED" if is_standing(each) else "CANCELLED")
    entry.add("transp", "OPAQUE" if is_standing(each) else "TRANSPARENT")
    entry["organizer"] = mailbox(house["email"] or parseaddr(settings.REPLY_TO_EMAIL)[1])
    entry["organizer"].params["CN"] = plain(house["name"])
    return entry


def place(house: dict[str, Any], rooms: list[str]) -> list[str]:
    town = f"{house['postal_code']} {house['city']}".strip()
    return [part for part in [" + ".join(rooms), house["name"], house["street"], town] if part]


def mailbox(address: str) -> vCalAddress:
    """Return an e-mail address as a URI (RFC 6068)."""
    return vCalAddress("mailto:" + quote(address, safe="@!$'*+"))


def plain(text: str) -> str:
    """Return the text with simple line ends and without characters that no TEXT may hold (RFC 5545, 3.3.11).

    Line ends of other kinds look like the end of a content line to some calendar programs.
    """
    text = "\n".join(text.splitlines())
    return "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) not in {"Cc", "Cs"})


def instant_of(each: dict[str, Any], key: str) -> datetime:
    return datetime.fromisoformat(each[key])


def unambiguous(moment: datetime, clocks: tzinfo) -> datetime:
    """Return the instant as these clocks show it; in UTC where they show the same twice.

    RFC 5545 (3.3.5) means the first of the two, but calendar programs do not agree on it.
    """
    local = moment.astimezone(clocks)
    is_double = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return local.astimezone(UTC) if is_double else local
