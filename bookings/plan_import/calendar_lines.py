"""From the bytes of an iCalendar file (RFC 5545) to its components; their values stay as they are written.

The icalendar library takes each line apart. Its reader of whole files is not used: it forgives
a component that is never closed, and remembers the time zones of one file for the next.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from icalendar.parser import Contentline

from bookings.plan_import.values import BrokenPlan, check_size, decode

CALENDAR, EVENT, TIME_ZONE = "VCALENDAR", "VEVENT", "VTIMEZONE"
# A calendar, an event or a time zone in it, an alarm or a rule of the clocks in that.
DEEPEST = 3
# Twenty years of three events a day.
MOST_EVENTS = 20_000


@dataclass(frozen=True, slots=True)
class Property:
    value: str
    params: Mapping[str, str]


@dataclass(slots=True)
class Component:
    """What stands between a BEGIN and its END; `broken_lines` are those nobody can take apart.

    `lines_after` are those behind the END of a calendar that belong to no other one.
    """

    name: str
    properties: dict[str, list[Property]] = field(default_factory=dict)
    parts: list["Component"] = field(default_factory=list)
    broken_lines: list[str] = field(default_factory=list)
    lines_after: list[str] = field(default_factory=list)

    def all(self, name: str) -> list[Property]:
        return self.properties.get(name, [])

    def first(self, name: str) -> Property | None:
        return next(iter(self.all(name)), None)

    def text(self, name: str) -> str:
        """Return a value without space around it, empty where it is not given."""
        found = self.first(name)
        return found.value.strip() if found else ""

    def word(self, name: str) -> str:
        """Return a value that is one of a few words, in capitals."""
        return self.text(name).upper()


def read_calendars(raw: bytes) -> list[Component]:
    """Return the calendars of a file; several may stand one after the other.

    Raises BrokenPlan where it is too large, no text, no calendar, cut off, or its components
    do not stand in each other as they should.
    """
    check_size(raw)
    calendars: list[Component] = []
    open_components: list[Component] = []
    events = 0
    for line in _unfolded(raw).split("\n"):
        if not line.strip():
            continue
        if calendars and not open_components and not _starts_calendar(line):
            calendars[-1].lines_after.append(line)
            continue
        try:
            name, params, value = Contentline(line).parts()
        except ValueError:
            if not open_components:
                raise BrokenPlan(_no_calendar()) from None
            open_components[-1].broken_lines.append(line)
            continue
        name = name.upper()
        if name == "BEGIN":
            component = Component(value.strip().upper())
            _check_place(component.name, [outer.name for outer in open_components])
            events += component.name == EVENT
            if events > MOST_EVENTS:
                raise BrokenPlan(
                    _(
                        "The calendar has more than %(most)d events. "
                        "Please save a shorter time of it, for example a year."
                    )
                    % {"most": MOST_EVENTS}
                )
            (open_components[-1].parts if open_components else calendars).append(component)
            open_components.append(component)
        elif name == "END":
            _check_end(value.strip().upper(), open_components)
            open_components.pop()
        elif not open_components:
            raise BrokenPlan(_no_calendar())
        else:
            open_components[-1].properties.setdefault(name, []).append(Property(value, _plain(params)))
    if open_components:
        raise BrokenPlan(
            _("The file is cut off: END:%(name)s is missing.") % {"name": open_components[-1].name}
        )
    if not calendars:
        raise BrokenPlan(_no_calendar())
    return calendars


def _starts_calendar(line: str) -> bool:
    return re.fullmatch(rf"BEGIN:\s*{CALENDAR}\s*", line, re.IGNORECASE) is not None


def _unfolded(raw: bytes) -> str:
    """Return the text with each line in one piece; some programs fold in the middle of a letter.

    Files that were put together have a byte order mark before each calendar.
    """
    lines = re.sub(rb"[\r\n]+(\xef\xbb\xbf)?", b"\n", raw)
    try:
        return lines.replace(b"\n ", b"").replace(b"\n\t", b"").decode("utf-8-sig")
    except UnicodeDecodeError:
        # Says at which byte of the file.
        return decode(raw)


def _plain(params: Mapping[str, str | list[str]]) -> dict[str, str]:
    return {name: value if isinstance(value, str) else ", ".join(value) for name, value in params.items()}


def _no_calendar() -> str:
    return _("The file is no calendar: it has to start with BEGIN:VCALENDAR and end with END:VCALENDAR.")


def _check_place(name: str, around: list[str]) -> None:
    if (name == CALENDAR) == bool(around):
        raise BrokenPlan(_no_calendar() if not around else _not_closed(around[-1]))
    # An event in something else would be read by nobody.
    if name in {EVENT, TIME_ZONE} and len(around) > 1:
        raise BrokenPlan(_not_closed(around[-1]))
    if len(around) >= DEEPEST:
        raise BrokenPlan(
            _("The file is broken: %(name)s stands too deep in other components.") % {"name": name[:40]}
        )


def _check_end(name: str, open_components: list[Component]) -> None:
    if not open_components:
        raise BrokenPlan(_no_calendar())
    if open_components[-1].name != name:
        raise BrokenPlan(_not_closed(open_components[-1].name))


def _not_closed(name: str) -> str:
    return _("The file is broken: a BEGIN:%(name)s has no END:%(name)s.") % {"name": name[:40]}
