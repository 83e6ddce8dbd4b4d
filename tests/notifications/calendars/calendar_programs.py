"""Calendar programs of other people: what they make of a file, each by its own reading of the RFCs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import vobject
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar


@dataclass(frozen=True)
class Entry:
    """One date as a calendar program understands it; instants in UTC."""

    uid: str
    sequence: int
    stamp: datetime
    starts_at: datetime
    ends_at: datetime
    title: str
    place: str
    is_cancelled: bool


def read_with_icalendar(content: bytes) -> list[Entry]:
    """The library that writes the files; it also reads what others write."""
    calendar = Calendar.from_ical(content)
    complaints = [error for component in calendar.walk() for error in component.errors]
    assert complaints == []
    return [
        Entry(
            uid=str(event["UID"]),
            sequence=event["SEQUENCE"],
            stamp=event["DTSTAMP"].dt,
            starts_at=event["DTSTART"].dt.astimezone(UTC),
            ends_at=event["DTEND"].dt.astimezone(UTC),
            title=str(event["SUMMARY"]),
            place=str(event["LOCATION"]),
            is_cancelled=event["STATUS"] == "CANCELLED",
        )
        for event in calendar.walk("VEVENT")
    ]


def read_with_ical(content: bytes) -> list[Entry]:
    """The library of Home Assistant, which refuses what is against RFC 5545."""
    return [
        Entry(
            uid=event.uid,
            sequence=event.sequence,
            stamp=event.dtstamp,
            starts_at=event.dtstart.astimezone(UTC),
            ends_at=event.dtend.astimezone(UTC),
            title=event.summary,
            place=event.location,
            is_cancelled=event.status == "CANCELLED",
        )
        for event in IcsCalendarStream.calendar_from_ics(content.decode()).events
    ]


def read_with_vobject(content: bytes) -> list[Entry]:
    """The library of the calendar server Radicale."""
    calendar = vobject.readOne(content.decode())
    assert calendar.validate(raiseException=True)
    return [
        Entry(
            uid=event.uid.value,
            sequence=int(event.sequence.value),
            stamp=event.dtstamp.value,
            starts_at=event.dtstart.value.astimezone(UTC),
            ends_at=event.dtend.value.astimezone(UTC),
            title=event.summary.value,
            place=event.location.value,
            is_cancelled=event.status.value == "CANCELLED",
        )
        for event in calendar.vevent_list
    ]


READERS: list[Callable[[bytes], list[Entry]]] = [read_with_icalendar, read_with_ical, read_with_vobject]


class CalendarProgram:
    """A calendar that imports one file after the other, as RFC 5546 (2.1.5) wants it.

    Of the same UID the higher SEQUENCE counts, of the same SEQUENCE the later DTSTAMP.
    """

    def __init__(self, read: Callable[[bytes], list[Entry]]) -> None:
        self.read = read
        self.known: dict[str, Entry] = {}

    def take(self, content: bytes) -> None:
        for entry in self.read(content):
            known = self.known.get(entry.uid, entry)
            if (entry.sequence, entry.stamp) >= (known.sequence, known.stamp):
                self.known[entry.uid] = entry

    @property
    def shown(self) -> list[Entry]:
        standing = [entry for entry in self.known.values() if not entry.is_cancelled]
        return sorted(standing, key=lambda entry: entry.starts_at)
