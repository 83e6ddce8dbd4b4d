"""From one event of an iCalendar file to what a house keeps of it: title, time, rooms, association."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bookings.enums import BookingStatus, Visibility
from bookings.occupancy.guard import MAX_DAYS
from bookings.plan_import.calendar_lines import Component, Property
from bookings.plan_import.calendar_times import Moment, NotTakenOver, Zones, end_after, read_moment
from bookings.plan_import.plan import PlanFile
from rooms.enums import Severity
from rooms.errors import Reason
from rooms.validators import single_line

LONGEST_TITLE, LONGEST_LABEL, LONGEST_REMARKS = 120, 60, 5000

# What a house does not keep. It may hold personal data, or is of use in the calendar alone.
LEFT_DETAILS = {
    "DESCRIPTION": gettext_lazy("description"),
    "CATEGORIES": gettext_lazy("categories"),
    "ATTENDEE": gettext_lazy("participants"),
    "CONTACT": gettext_lazy("contact"),
    "COMMENT": gettext_lazy("comments"),
    "RESOURCES": gettext_lazy("equipment"),
    "ATTACH": gettext_lazy("attachments"),
    "URL": gettext_lazy("links"),
    "CONFERENCE": gettext_lazy("links"),
    "X-GOOGLE-CONFERENCE": gettext_lazy("links"),
    "X-MICROSOFT-SKYPETEAMSMEETINGURL": gettext_lazy("links"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarOptions:
    """What a calendar does not say of itself.

    `room` is the slug for events whose place is no room of the house, `places` gives slugs to
    other names of rooms. `association` is who has the rooms where the organizer is none that
    the house knows. `until` is the last day of series; `persons` None is not known.
    """

    room: str = ""
    places: Mapping[str, str] = field(default_factory=dict)
    association: str = ""
    persons: int | None = None
    until: date | None = None
    visibility: Visibility = Visibility.BUSY
    with_descriptions: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One event. Its `label` is what people know it by in a report; `told` is what they should know."""

    label: str
    title: str
    starts: Moment
    ends: Moment
    rooms: tuple[str, ...]
    association: str
    status: BookingStatus
    visibility: Visibility
    remarks: str
    sequence: int = 0
    reasons: tuple[Reason, ...] = ()

    def is_like(self, other: "Event") -> bool:
        """Whether both differ in nothing but their time."""
        return all(
            getattr(self, name) == getattr(other, name)
            for name in ("title", "rooms", "association", "status", "visibility", "remarks")
        )


class Surroundings:
    """What events are read against: rooms and associations of the house, and the options.

    `associations` maps names and e-mail addresses, in small letters, to names.
    """

    def __init__(self, house: PlanFile, associations: Mapping[str, str], options: CalendarOptions) -> None:
        self.associations = associations
        self.options = options
        self.names = {room.slug: room.name for room in house.rooms}
        by_name: dict[str, set[str]] = {}
        for room in house.rooms:
            for name in (room.slug, room.name):
                by_name.setdefault(_folded(name), set()).add(room.slug)
        # A name that two rooms have names none.
        self._slugs = {name: slugs.pop() for name, slugs in by_name.items() if len(slugs) == 1}
        self._slugs |= {_folded(place): slug for place, slug in options.places.items()}

    def find_rooms(self, place: str) -> tuple[tuple[str, ...], list[str]]:
        """Return the slugs of the rooms that a place names, and what else it says.

        Outlook writes several rooms with a semicolon between them.
        """
        if _folded(place) in self._slugs:
            return (self._slugs[_folded(place)],), []
        found: list[str] = []
        rest: list[str] = []
        for part in filter(None, (part.strip() for part in place.replace(";", ",").split(","))):
            slug = self._slugs.get(_folded(part))
            (rest if slug is None else found).append(part if slug is None else slug)
        return tuple(sorted(set(found))), rest


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def read_event(
    component: Component,
    zones: Zones,
    surroundings: Surroundings,
    *,
    is_cancelled: bool = False,
    series: Event | None = None,
) -> Event:
    """Return what a house keeps of an event. Raises NotTakenOver where it can keep none of it.

    A single date of a `series` that names neither place nor organizer has those of the series.
    """
    options = surroundings.options
    if is_cancelled or component.word("STATUS") == "CANCELLED":
        raise NotTakenOver("cancelled", _("It is cancelled."))
    status = _status(component)
    starts, ends = _times(component, zones)
    reasons: list[Reason] = []
    title = _title(component, reasons)
    if starts.is_day:
        reasons.append(note("all_day", _("It lasts all day; 00:00 to 24:00 was taken.")))
    return Event(
        label=label_of(component, zones),
        title=title,
        starts=starts,
        ends=ends,
        rooms=_rooms(component, surroundings, series, reasons),
        association=_association(component, surroundings, series, reasons),
        status=status,
        visibility=_visibility(component, options.visibility),
        remarks=_remarks(component, reasons) if options.with_descriptions else "",
        sequence=sequence_of(component),
        reasons=(*reasons, *_left_details(component, with_description=options.with_descriptions)),
    )


def sequence_of(component: Component) -> int:
    """Return the version of an event (SEQUENCE, RFC 5545 3.8.7.4); 0 where none can be read."""
    written = component.text("SEQUENCE")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else 0


def label_of(component: Component, zones: Zones) -> str:
    """Return title and start as far as they can be read; without a title the UID."""
    title = _clean(component.text("SUMMARY")) or _clean(component.text("UID")) or _("Without title")
    written = component.first("DTSTART") or Property("", {})
    for params in (written.params, {}):
        try:
            return label(title, read_moment(Property(written.value, params), zones), zones.house)
        except NotTakenOver:
            continue
    return title[:LONGEST_LABEL]


def label(title: str, start: Moment, house: ZoneInfo) -> str:
    """Return what a date is called in a report."""
    wall = start.by_clocks_of(house)
    return f"{title[:LONGEST_LABEL]}, {wall:%Y-%m-%d}" + ("" if start.is_day else f" {wall:%H:%M}")


def _clean(text: str) -> str:
    """Return a text in one line, without what no database stores and no screen shows."""
    return " ".join(single_line(text).split())


def _is_shown(sign: str) -> bool:
    return unicodedata.category(sign) not in {"Cc", "Cs"}


def note(code: str, sentence: str) -> Reason:
    return Reason(code, sentence, Severity.WARNING)


# What is said of the event ---------------------------------------------------------------------


def _status(component: Component) -> BookingStatus:
    """Return approved or requested. Raises NotTakenOver for a time that is marked as free."""
    busy = component.word("X-MICROSOFT-CDO-BUSYSTATUS")
    if busy == "FREE" or (not busy and component.word("TRANSP") == "TRANSPARENT"):
        raise NotTakenOver("marked_free", _("The time is marked as free, so nothing is booked."))
    # Whatever else it says: people decide.
    is_certain = component.word("STATUS") in {"", "CONFIRMED"} and busy != "TENTATIVE"
    return BookingStatus.APPROVED if is_certain else BookingStatus.REQUESTED


def _visibility(component: Component, usual: Visibility) -> Visibility:
    is_public = component.word("CLASS") in {"", "PUBLIC"}
    return Visibility.BUSY if usual == Visibility.PUBLIC and not is_public else usual


def _title(component: Component, reasons: list[Reason]) -> str:
    title = _clean(component.text("SUMMARY"))
    if not title:
        reasons.append(note("title_missing", _("It has no title.")))
        return _("Occupied")
    if len(title) > LONGEST_TITLE:
        reasons.append(
            note("title_cut", _("The title was cut after %(count)d characters.") % {"count": LONGEST_TITLE})
        )
        return title[: LONGEST_TITLE - 1] + "…"
    return title


def _remarks(component: Component, reasons: list[Reason]) -> str:
    lines = component.text("DESCRIPTION").splitlines()
    text = "\n".join("".join(filter(_is_shown, line)).rstrip() for line in lines).strip()
    if len(text) > LONGEST_REMARKS:
        reasons.append(
            note(
                "description_cut",
                _("The description was cut after %(count)d characters.") % {"count": LONGEST_REMARKS},
            )
        )
    return text[:LONGEST_REMARKS].rstrip()


def _left_details(component: Component, *, with_description: bool) -> Iterator[Reason]:
    """Say what of the event is not kept, and which of its lines nobody can read."""
    names = [name for name in LEFT_DETAILS if not (with_description and name == "DESCRIPTION")]
    left = [str(LEFT_DETAILS[name]) for name in names if component.text(name)]
    if component.parts:
        left.append(_("reminders"))
    if left:
        yield note(
            "details_left",
            _("Not taken over: %(details)s.") % {"details": ", ".join(dict.fromkeys(left))},
        )
    if component.broken_lines:
        yield note("line_not_understood", broken_line(component))


def broken_line(component: Component) -> str:
    return _("A line cannot be read: “%(line)s”.") % {"line": _clean(component.broken_lines[0])[:60]}


def lines_after(calendar: Component) -> str:
    count = len(calendar.lines_after)
    return ngettext(
        "Behind the end of the calendar stands %(count)d line that was not read: “%(line)s”.",
        "Behind the end of the calendar stand %(count)d lines that were not read: “%(line)s” …",
        count,
    ) % {"count": count, "line": _clean(calendar.lines_after[0])[:60]}


# Place and organizer ---------------------------------------------------------------------------


def _rooms(
    component: Component, surroundings: Surroundings, series: Event | None, reasons: list[Reason]
) -> tuple[str, ...]:
    place = _clean(component.text("LOCATION"))
    if series is not None and not place:
        return series.rooms
    rooms, rest = surroundings.find_rooms(place)
    if rooms:
        if rest:
            reasons.append(
                note(
                    "place_partly_unknown",
                    _("“%(place)s” of its place is no room of the house.") % {"place": ", ".join(rest)[:80]},
                )
            )
        return rooms
    room = surroundings.options.room
    if not room:
        raise NotTakenOver(
            "room_unknown",
            _("Its place “%(place)s” is no room of the house; --room says which is meant.")
            % {"place": place[:80]}
            if place
            else _("It names no place; --room says which room is meant."),
        )
    if place:
        reasons.append(
            note(
                "room_assumed",
                _("Its place “%(place)s” is no room of the house; it was put into %(room)s.")
                % {"place": place[:80], "room": surroundings.names[room]},
            )
        )
    return (room,)


def _association(
    component: Component, surroundings: Surroundings, series: Event | None, reasons: list[Reason]
) -> str:
    """Return the association that organizes, else the one of the options: a person's name is none."""
    organizer = component.first("ORGANIZER")
    if organizer is None:
        if series is not None:
            return series.association
        names = []
    else:
        address = organizer.value.strip()
        address = address[7:] if address.lower().startswith("mailto:") else address
        names = [name for name in (_clean(organizer.params.get("CN", "")), _clean(address)) if name]
    for name in names:
        if known := surroundings.associations.get(_folded(name)):
            return known
    association = surroundings.options.association
    if not association:
        raise NotTakenOver(
            "association_unknown",
            _("Its organizer “%(name)s” is no association that the house knows; --association names one.")
            % {"name": names[0][:80]}
            if names
            else _("It names no organizer; --association says whose it is."),
        )
    if names and _folded(association) not in map(_folded, names):
        reasons.append(
            note(
                "organizer_not_taken_over",
                _(
                    "Its organizer “%(name)s” is no association that the house knows; "
                    "it is booked for “%(association)s”."
                )
                % {"name": names[0][:80], "association": association},
            )
        )
    return association


# Times -----------------------------------------------------------------------------------------


def _times(component: Component, zones: Zones) -> tuple[Moment, Moment]:
    start = component.first("DTSTART")
    if start is None:
        raise NotTakenOver("without_start", _("It has no start."))
    starts = read_moment(start, zones)
    end, length = component.first("DTEND"), component.text("DURATION")
    if end is not None:
        ends = read_moment(end, zones)
    elif length:
        ends = end_after(starts, length)
    elif starts.is_day:
        ends = starts
    else:
        raise NotTakenOver("without_end", _("It has neither an end nor a length."))
    # Some programs write the same day twice for one day.
    if starts.is_day and ends == starts:
        ends = Moment(starts.wall + timedelta(days=1), starts.zone, is_day=True)
    check_length(starts, ends)
    return starts, ends


def check_length(starts: Moment, ends: Moment) -> None:
    if ends.at <= starts.at:
        raise NotTakenOver("ends_before_start", _("The end does not lie after the start."))
    if ends.at - starts.at > timedelta(days=MAX_DAYS):
        raise NotTakenOver("too_long", _("A date lasts at most %(days)d days.") % {"days": MAX_DAYS})
