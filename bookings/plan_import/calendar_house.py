"""What a calendar is read against: a house with its rooms and rules, its associations, and the options."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from bookings.access.associations import labelled
from bookings.enums import Visibility
from bookings.models import Association
from bookings.plan_import.calendar_events import CalendarOptions
from bookings.plan_import.calendar_reader import read_calendar
from bookings.plan_import.plan import PlanFile, PlanRoom
from bookings.plan_import.plan_reader import MAX_PERSONS
from bookings.plan_import.values import BrokenPlan, read_choice, read_day, read_number, read_text, refuse
from rooms.facts import house_facts
from rooms.models import House

OPTIONS = ("room", "association", "persons", "until", "visibility", "descriptions", "update", "tell")


def is_calendar(path: Path, raw: bytes) -> bool:
    """Whether a file is an iCalendar file, by its name or by how it starts."""
    return path.suffix.lower() == ".ics" or raw[:20].lstrip(b"\xef\xbb\xbf \r\n").upper().startswith(
        b"BEGIN:"
    )


def refuse_options(given: Mapping[str, Any]) -> None:
    """Refuse options that only a calendar has. Raises BrokenPlan."""
    for name in OPTIONS:
        if given[name]:
            refuse(f"--{name}", _("this belongs to a calendar file (.ics)."))


def read_calendar_into(house: House | None, raw: bytes, given: Mapping[str, Any]) -> PlanFile:
    """Return the plan of the house with the bookings of an iCalendar file; `given` are the options.

    Raises BrokenPlan where there is no house with rooms, or file or options are broken.
    """
    if given["tell"] and not given["update"]:
        refuse("--tell", _("people are told of what --update carries out."))
    if house is None:
        slug = given["house"]
        raise BrokenPlan(
            _("A calendar is read into a house that is there already; there is no house “%(slug)s”.")
            % {"slug": slug}
            if slug
            else _(
                "A calendar is read into a house that is there already. Please enter house and rooms "
                "first, or read them from a JSON file."
            )
        )
    plan = plan_of(house)
    if not plan.rooms:
        raise BrokenPlan(
            _("The house %(house)s has no rooms yet. Please enter them first.") % {"house": house}
        )
    return read_calendar(raw, plan, known_associations(), _options(given, [room.slug for room in plan.rooms]))


def plan_of(house: House) -> PlanFile:
    """Return the house as a plan without bookings."""
    facts = house_facts(house)
    slugs = {room.id: room.slug for room in facts.rooms.values()}
    return PlanFile(
        zone=house.zone,
        max_persons=house.max_persons,
        buffer_minutes=0,
        hours={},
        rooms=tuple(
            PlanRoom(
                room.slug,
                room.name,
                parts=tuple(sorted(slugs[part_id] for part_id in room.part_ids - {room.id})),
            )
            for room in facts.rooms.values()
        ),
        bookings=(),
        name=house.name,
        facts=facts,
    )


def known_associations() -> dict[str, str]:
    """Return what tells all associations apart by their names and e-mail addresses in small letters.

    An address that two have names none, and a name that two have stays as it is: it is refused later.
    """
    by_address: dict[str, set[str]] = {}
    by_name: dict[str, str] = {}
    for label, association in labelled(Association.objects.order_by("-pk")).items():
        by_address.setdefault(association.email.casefold(), set()).add(label)
        by_name[" ".join(association.name.split()).casefold()] = association.name
    known = {address: labels.pop() for address, labels in by_address.items() if address and len(labels) == 1}
    return known | by_name


def _options(given: Mapping[str, Any], slugs: Sequence[str]) -> CalendarOptions:
    places: dict[str, str] = {}
    for text in given["room"] or ():
        place, _equals, slug = text.rpartition("=")
        if slug.strip() not in slugs:
            refuse(
                "--room",
                _("there is no room “%(room)s” in the house. There are: %(rooms)s.")
                % {"room": slug.strip(), "rooms": ", ".join(slugs)},
            )
        if place.strip() in places:
            refuse("--room", _("“%(value)s” stands here twice.") % {"value": place.strip() or text})
        places[place.strip()] = slug.strip()
    return CalendarOptions(
        room=places.pop("", ""),
        places=places,
        association=_text(given, "association"),
        persons=_persons(given),
        until=read_day({"--until": given["until"]}, "--until", "") if given["until"] else None,
        visibility=read_choice(
            {"--visibility": given["visibility"] or Visibility.BUSY},
            "--visibility",
            "",
            {str(choice): choice for choice in Visibility},
        ),
        with_descriptions=bool(given["descriptions"]),
    )


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given[name]
    return "" if value is None else read_text({f"--{name}": value}, f"--{name}", "", longest=160)


def _persons(given: Mapping[str, Any]) -> int | None:
    text = given["persons"]
    if text is None:
        return None
    value = int(text) if re.fullmatch(r"\d{1,9}", str(text), re.ASCII) else text
    return read_number({"--persons": value}, "--persons", "", lowest=1, highest=MAX_PERSONS)
