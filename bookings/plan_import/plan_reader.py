"""From the text of a plan file to a `PlanFile`, or to one sentence about what is broken and where."""

import re
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from bookings.enums import AssociationKind, BookingKind, BookingStatus, Visibility
from bookings.occupancy.guard import MAX_DAYS
from bookings.plan_import.dates import date_between
from bookings.plan_import.plan import PlanBooking, PlanDate, PlanFile, PlanRoom
from bookings.plan_import.series_reader import read_series
from bookings.plan_import.values import (
    BrokenPlan,
    at,
    parse,
    read_choice,
    read_flag,
    read_number,
    read_objects,
    read_text,
    read_texts,
    read_wall_clock,
    refuse,
    refuse_duplicates,
)
from bookings.series.dates import Series
from bookings.series.pattern import PatternNotSupported
from rooms.clock import instant
from rooms.enums import Layout

UTC = ZoneInfo("UTC")
MAX_MINUTES = MAX_DAYS * 24 * 60
MAX_PERSONS = 1_000_000

LAYOUTS = {
    "reihen": Layout.ROWS,
    "tische": Layout.TABLES,
    "parlament": Layout.CLASSROOM,
    "u-form": Layout.U_SHAPE,
    "stuhlkreis": Layout.CIRCLE,
    "stehend": Layout.STANDING,
}
WEEKDAYS = {"Mo": 0, "Di": 1, "Mi": 2, "Do": 3, "Fr": 4, "Sa": 5, "So": 6}
HEARING_LOOPS = {"induktive hoeranlage", "induktive höranlage"}
# Whole words, for a "Gartenzimmer" is a room.
OUTDOORS = re.compile(
    r"\b(au(ß|ss)en(fläche|flaeche|bereich|gelände|gelaende)|terrasse|garten|innenhof|wiese)\b", re.IGNORECASE
)
STATUSES = {
    "approved": BookingStatus.APPROVED,
    "requested": BookingStatus.REQUESTED,
    "rejected": BookingStatus.REJECTED,
}
# How the kind of an association shows in its name, first match wins; a file may name `org_kind` itself.
ASSOCIATION_KINDS = [
    (r"selbsthilfe", AssociationKind.SELF_HELP_GROUP),
    (r"\be\. ?v\.", AssociationKind.REGISTERED_ASSOCIATION),
    (r"\bstadt\b|gemeindeverwaltung|quartiersmanagement", AssociationKind.TOWN),
    (r"\bkita\b|kindergarten|schule", AssociationKind.SCHOOL),
    (r"pfarr|kirche|moschee|synagoge", AssociationKind.CHURCH),
    (r"privatperson|\bprivat\b", AssociationKind.PRIVATE_PERSON),
    (r"\bg?gmbh\b|\bag\b|\bkg\b", AssociationKind.COMPANY),
    (r"initiative|gruppe|treff", AssociationKind.INITIATIVE),
]


def read_plan(raw: bytes) -> PlanFile:
    """Return the plan that the bytes of a file describe.

    Raises BrokenPlan at the first thing that is broken: nothing is guessed, nothing left out.
    """
    document = parse(raw)
    if not isinstance(document, dict):
        raise BrokenPlan(_("The file has to hold one JSON object with rooms and bookings."))
    zone = _zone(document)
    buffer_minutes = read_number(document, "default_buffer_min", "", default=0, highest=MAX_MINUTES)
    rooms = _rooms(document)
    known = {room.slug for room in rooms}
    bookings = tuple(
        _booking(entry, f"bookings[{index}]", zone, known, buffer_minutes)
        for index, entry in enumerate(read_objects(document, "bookings"))
    )
    refuse_duplicates("bookings", [booking.id for booking in bookings])
    return PlanFile(
        zone=zone,
        max_persons=read_number(document, "house_max_persons", "", default=0, highest=MAX_PERSONS) or None,
        buffer_minutes=buffer_minutes,
        hours=_hours(document),
        rooms=rooms,
        bookings=bookings,
        name=read_text(document, "name", "", longest=120, default=""),
    )


# House and rooms -------------------------------------------------------------------------------


def _zone(document: dict[str, Any]) -> ZoneInfo:
    name = read_text(document, "timezone", "", longest=50, default="Europe/Berlin")
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise BrokenPlan(
            _("timezone: “%(name)s” is no known time zone, for example Europe/Berlin.") % {"name": name}
        ) from error


def _hours(document: dict[str, Any]) -> dict[int, tuple[tuple[time, time], ...]]:
    """Read {"Mo-Fr": "08:00-22:00", "Sa": "09:00-12:00, 14:00-22:00"}; without any, it is always open."""
    entries = document.get("opening_hours")
    if entries is None:
        return dict.fromkeys(WEEKDAYS.values(), ((time.min, time.min),))
    if not isinstance(entries, dict):
        refuse("opening_hours", _("an object is expected here."))
    hours: dict[int, tuple[tuple[time, time], ...]] = {}
    for days, spans in entries.items():
        place = at("opening_hours", days)
        read = _spans(read_text(entries, days, "opening_hours", longest=200), place) if spans else ()
        for weekday in _weekdays(days, place):
            if weekday in hours:
                refuse(place, _("a weekday has its hours twice."))
            hours[weekday] = read
    return hours


def _weekdays(text: str, place: str) -> list[int]:
    weekdays: list[int] = []
    for part in text.split(","):
        first, dash, last = (piece.strip(" .") for piece in part.partition("-"))
        if first not in WEEKDAYS or (dash and last not in WEEKDAYS):
            refuse(place, _("weekdays are written like Mo, Mo-Fr or Sa,So."))
        start, end = WEEKDAYS[first], WEEKDAYS[last or first]
        if start > end:
            refuse(place, _("weekdays are written like Mo, Mo-Fr or Sa,So."))
        weekdays += range(start, end + 1)
    return weekdays


def _spans(text: str, place: str) -> tuple[tuple[time, time], ...]:
    spans: list[tuple[time, time]] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d\d):(\d\d)\s*[-–]\s*(\d\d):(\d\d)\s*", part, re.ASCII)
        if match is None:
            refuse(place, _("hours are written like 08:00-22:00."))
        opens, closes = (
            _clock(hour, minute, place) for hour, minute in (match.group(1, 2), match.group(3, 4))
        )
        if closes <= opens and closes != time.min:
            refuse(place, _("the house closes after it opens."))
        spans.append((opens, closes))
    return tuple(sorted(spans))


def _clock(hour: str, minute: str, place: str) -> time:
    if (hour, minute) == ("24", "00"):
        return time.min
    if int(hour) > 23 or int(minute) > 59:
        refuse(place, _("this time does not exist."))
    return time(int(hour), int(minute))


def _rooms(document: dict[str, Any]) -> tuple[PlanRoom, ...]:
    rooms = tuple(
        _room(entry, f"rooms[{index}]") for index, entry in enumerate(read_objects(document, "rooms"))
    )
    if not rooms:
        refuse("rooms", _("this must not be empty."))
    refuse_duplicates("rooms", [room.slug for room in rooms])
    by_slug = {room.slug: room for room in rooms}
    for room in rooms:
        for part in room.parts:
            where = _("room %(room)s, parts") % {"room": room.slug}
            if part not in by_slug:
                refuse(where, _("there is no room “%(room)s” in the file.") % {"room": part})
            if by_slug[part].parts or part == room.slug:
                refuse(
                    where, _("“%(room)s” is a combination itself; parts are single rooms.") % {"room": part}
                )
    return rooms


def _room(entry: dict[str, Any], place: str) -> PlanRoom:
    slug = read_text(entry, "id", place, longest=50)
    place = _("room %(room)s") % {"room": slug}
    if not re.fullmatch(r"[a-zA-Z0-9_-]+", slug):
        refuse(at(place, "id"), _("only letters without accents, digits, - and _ are possible."))
    capacity = entry.get("capacity", {})
    if not isinstance(capacity, dict):
        refuse(at(place, "capacity"), _("an object is expected here."))
    layouts: dict[str, int] = {}
    for name in capacity:
        layout = _layout(name, at(place, "capacity"))
        if layout in layouts:
            refuse(at(place, "capacity"), _("“%(value)s” stands here twice.") % {"value": name})
        layouts[layout] = read_number(capacity, name, at(place, "capacity"), lowest=1, highest=MAX_PERSONS)
    equipment = read_texts(entry, "equipment", place, longest=80)
    name = read_text(entry, "name", place, longest=80)
    return PlanRoom(
        slug=slug,
        name=name,
        area_m2=read_number(entry, "area_m2", place, default=0, highest=MAX_PERSONS) or None,
        parts=read_texts(entry, "parts", place, longest=50),
        layouts=layouts,
        equipment=tuple(item for item in equipment if item.lower() not in HEARING_LOOPS),
        is_outdoors=read_flag(entry, "outdoors", place)
        if "outdoors" in entry
        else bool(OUTDOORS.search(name)),
        step_free=read_flag(entry, "step_free", place),
        hearing_loop=read_flag(entry, "hearing_loop", place)
        or any(item.lower() in HEARING_LOOPS for item in equipment),
    )


def _layout(name: str, place: str) -> Layout:
    layout = LAYOUTS.get(name.lower())
    if layout is None:
        refuse(
            place,
            _("“%(value)s” is unknown. Possible are: %(choices)s.")
            % {"value": name, "choices": ", ".join(LAYOUTS)},
        )
    return layout


# Bookings --------------------------------------------------------------------------------------


def _booking(
    entry: dict[str, Any], place: str, zone: ZoneInfo, known_rooms: set[str], buffer_minutes: int
) -> PlanBooking:
    booking_id = read_text(entry, "id", place, longest=60)
    place = _("booking %(booking)s") % {"booking": booking_id}
    rooms = read_texts(entry, "rooms", place, longest=50)
    if not rooms:
        refuse(at(place, "rooms"), _("this must not be empty."))
    for slug in rooms:
        if slug not in known_rooms:
            refuse(at(place, "rooms"), _("there is no room “%(room)s” in the file.") % {"room": slug})
    setup = read_number(entry, "setup", place, default=buffer_minutes, highest=MAX_MINUTES)
    teardown = read_number(entry, "teardown", place, default=buffer_minutes, highest=MAX_MINUTES)
    single = _date(entry, place, zone, setup, teardown)
    series, not_supported = _series(entry, place, zone)
    association = read_text(entry, "org", place, longest=160)
    return PlanBooking(
        id=booking_id,
        title=read_text(entry, "title", place, longest=120),
        association=association,
        association_kind=_association_kind(entry, place, association),
        rooms=rooms,
        dates=() if series or not_supported else (single,),
        setup_minutes=setup,
        teardown_minutes=teardown,
        persons=read_number(entry, "persons", place, lowest=1, highest=MAX_PERSONS),
        status=read_choice(entry, "status", place, STATUSES),
        persons_total=read_number(entry, "persons_total", place, default=0, highest=MAX_PERSONS) or None,
        display_title=read_text(entry, "display", place, longest=80, default=""),
        visibility=_one_of(entry, "visibility", place, Visibility, Visibility.PUBLIC),
        kind=_one_of(entry, "kind", place, BookingKind, BookingKind.OTHER),
        layout=_layout(read_text(entry, "layout", place, longest=60), at(place, "layout"))
        if entry.get("layout")
        else "",
        purpose=read_text(entry, "purpose", place, longest=5000, default=""),
        contact_name=read_text(entry, "contact", place, longest=150, default=""),
        contact_email=_email(entry, place),
        contact_phone=read_text(entry, "phone", place, longest=40, default=""),
        received_at=_instant(entry, "received", place, zone) if entry.get("received") else None,
        remarks=read_text(entry, "note", place, longest=5000, default=""),
        series=series,
        not_supported=not_supported,
    )


def _email(entry: dict[str, Any], place: str) -> str:
    address = read_text(entry, "email", place, longest=254, default="")
    try:
        if address:
            validate_email(address)
    except ValidationError:
        refuse(at(place, "email"), _("this is no e-mail address."))
    return address


def _one_of(entry: dict[str, Any], key: str, place: str, choices: type[Any], default: Any) -> Any:
    if entry.get(key) is None:
        return default
    return read_choice(entry, key, place, {str(choice): choice for choice in choices})


def _series(
    entry: dict[str, Any], place: str, zone: ZoneInfo
) -> tuple[Series | None, tuple[str, str] | None]:
    """Return how the booking repeats, or why that cannot be taken over; neither for a single date."""
    try:
        return read_series(entry, place, zone), None
    except PatternNotSupported as error:
        return None, (error.code, str(error))


def _association_kind(entry: dict[str, Any], place: str, name: str) -> AssociationKind:
    kind: AssociationKind = _one_of(entry, "org_kind", place, AssociationKind, guess_kind(name))
    return kind


def guess_kind(name: str) -> AssociationKind:
    """Return the kind of an association that its name tells."""
    fitting = (kind for pattern, kind in ASSOCIATION_KINDS if re.search(pattern, name.lower()))
    return next(fitting, AssociationKind.OTHER)


def _date(entry: dict[str, Any], place: str, zone: ZoneInfo, setup: int, teardown: int) -> PlanDate:
    starts, ends = (read_wall_clock(entry, key, place) for key in ("dtstart", "dtend"))
    single = date_between(starts, ends, zone, setup, teardown)
    if single is None:
        refuse(at(place, "dtend"), _("the end does not lie after the start."))
    if single.gross.duration > timedelta(days=MAX_DAYS):
        refuse(at(place, "dtend"), _("a date lasts at most %(days)d days.") % {"days": MAX_DAYS})
    return single


def _instant(entry: dict[str, Any], key: str, place: str, zone: ZoneInfo) -> datetime:
    wall = read_wall_clock(entry, key, place)
    return instant(wall.date(), wall.time(), zone).astimezone(UTC)
