"""Times of an iCalendar file: days, wall-clock times of a zone, lengths; and the zones it names."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from io import StringIO
from zoneinfo import ZoneInfo, available_timezones

from dateutil.tz import tzical
from django.utils.translation import gettext as _
from icalendar.prop import vDDDTypes, vDuration
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from bookings.plan_import.calendar_lines import Component, Property
from bookings.plan_import.values import FIRST_YEAR, LAST_YEAR
from rooms.errors import DomainError

# What describes the clocks of a zone needs no more, and a rule that could run for ever is not followed.
MOST_CLOCK_RULES = 100
_CLOCK_RULE = re.compile(
    r"FREQ=YEARLY(;(BYDAY=[-+]?\d?(MO|TU|WE|TH|FR|SA|SU)|BYMONTH=\d\d?|BYMONTHDAY=[-\d,]{1,30}"
    r"|UNTIL=\d{8}(T\d{6}Z?)?|WKST=[A-Z]{2}|INTERVAL=1))*",
    re.ASCII,
)
_CLOCK_START = re.compile(r"\d{8}T\d{6}", re.ASCII)
_CLOCK_DATES = re.compile(r"\d{8}T\d{6}(,\d{8}T\d{6}){0,500}", re.ASCII)
_OFFSET = re.compile(r"[-+](0\d|1[0-4])[0-5]\d([0-5]\d)?", re.ASCII)


class NotTakenOver(DomainError):
    """An event, or a part of it, that the house cannot keep; the code says why, the sentence for people."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as it is written: `wall` on the clocks of `zone`, or a whole day, of which it is the start."""

    wall: datetime
    zone: tzinfo
    is_day: bool = False

    @property
    def at(self) -> datetime:
        """The instant, in UTC."""
        return self.wall.replace(tzinfo=self.zone).astimezone(UTC)

    def by_clocks_of(self, zone: tzinfo) -> datetime:
        """Return what the clocks of `zone` show then."""
        if zone is self.zone:
            return self.wall
        return self.at.astimezone(zone).replace(tzinfo=None, fold=0)


class Zones:
    """The time zones of a calendar: those everybody knows, and those that the file describes itself."""

    def __init__(self, house: ZoneInfo, described: Iterable[Component]) -> None:
        self.house = house
        self._described = {component.text("TZID"): component for component in described}
        self._known: dict[str, tzinfo] = {}

    def named(self, tzid: str) -> tzinfo:
        """Return the zone of that name. Raises NotTakenOver where nothing is known of it.

        A well-known name, also one of Windows, says more than what the file adds to it.
        """
        if tzid not in self._known:
            zone = _well_known(tzid) or self._from_description(tzid)
            if zone is None:
                raise NotTakenOver(
                    "unknown_time_zone",
                    _("The time zone “%(name)s” is not known, and the file does not describe it.")
                    % {"name": tzid[:60]},
                )
            self._known[tzid] = zone
        return self._known[tzid]

    def _from_description(self, tzid: str) -> tzinfo | None:
        component = self._described.get(tzid)
        lines = _clock_lines(component) if component else []
        try:
            return tzical(StringIO("\n".join(lines))).get() if lines else None
        except ValueError:
            return None


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


def _well_known(tzid: str) -> ZoneInfo | None:
    """Return the zone that a name means everywhere, also one of Windows, or `/example.org/Europe/Berlin`."""
    name = tzid.strip("/")
    pieces = name.split("/")
    ends = ["/".join(pieces[start:]) for start in range(1, min(len(pieces), 6))] if tzid[:1] == "/" else []
    for candidate in [name, WINDOWS_TO_OLSON.get(name, ""), *ends]:
        if candidate in _zone_names():
            return ZoneInfo(candidate)
    return None


def _clock_lines(zone: Component) -> list[str]:
    """Return what makes out the clocks of a zone; nothing where that cannot be followed."""
    lines = ["BEGIN:VTIMEZONE", "TZID:x"]
    for part in zone.parts[:MOST_CLOCK_RULES]:
        values = [
            ("DTSTART", part.text("DTSTART"), _CLOCK_START),
            ("TZOFFSETFROM", part.text("TZOFFSETFROM"), _OFFSET),
            ("TZOFFSETTO", part.text("TZOFFSETTO"), _OFFSET),
            *(("RRULE", line.value, _CLOCK_RULE) for line in part.all("RRULE")[:1]),
            *(("RDATE", line.value, _CLOCK_DATES) for line in part.all("RDATE")[:MOST_CLOCK_RULES]),
        ]
        if part.name not in {"STANDARD", "DAYLIGHT"} or not all(
            form.fullmatch(value) for _name, value, form in values
        ):
            return []
        lines += [f"BEGIN:{part.name}", *(f"{name}:{value}" for name, value, _form in values)]
        lines.append(f"END:{part.name}")
    return [*lines, "END:VTIMEZONE"]


# Values ----------------------------------------------------------------------------------------


def read_moment(written: Property, zones: Zones, value: str | None = None) -> Moment:
    """Return the time that a property (or one value of its list) says.

    A time that names no zone is one of the house. Raises NotTakenOver.
    """
    value = (written.value if value is None else value).strip()
    try:
        read = vDDDTypes.from_ical(value)
    except ValueError:
        read = None
    if not isinstance(read, date):
        raise NotTakenOver("bad_time", _("“%(value)s” is no date or time.") % {"value": value[:40]})
    if not FIRST_YEAR <= read.year <= LAST_YEAR:
        raise NotTakenOver(
            "year_out_of_range",
            _("The year lies between %(first)d and %(last)d.") % {"first": FIRST_YEAR, "last": LAST_YEAR},
        )
    if not isinstance(read, datetime):
        return Moment(datetime.combine(read, time.min), zones.house, is_day=True)
    if read.tzinfo is not None:
        return Moment(read.replace(tzinfo=None), UTC)
    tzid = written.params.get("TZID", "")
    return Moment(read, zones.named(tzid) if tzid else zones.house)


def read_moments(written: Iterable[Property], zones: Zones) -> list[Moment]:
    """Return all times of lists such as EXDATE."""
    return [
        read_moment(line, zones, value)
        for line in written
        for value in line.value.split(",")
        if value.strip()
    ]


def read_period(written: Property, zones: Zones, value: str) -> tuple[Moment, Moment]:
    """Return start and end of a PERIOD: `20270420T170000Z/PT2H`, or two times."""
    first, _slash, last = (part.strip() for part in value.partition("/"))
    start = read_moment(written, zones, first)
    if last[:1].upper() in {"P", "+", "-"}:
        return start, end_after(start, last)
    return start, read_moment(written, zones, last)


def end_after(start: Moment, length: str) -> Moment:
    """Return the end of what lasts `P1DT2H`: days by the clocks on the wall, then hours that really pass."""
    nominal, has_time, exact = length.strip().upper().partition("T")
    try:
        days = vDuration.from_ical(nominal) if nominal.lstrip("+-") != "P" else timedelta()
        rest = vDuration.from_ical(f"PT{exact}") if has_time else timedelta()
        end = Moment(start.wall + days, start.zone, start.is_day)
        if rest:
            end = Moment((end.at + rest).replace(tzinfo=None), UTC)
    except (ValueError, OverflowError):
        raise NotTakenOver(
            "bad_time", _("“%(value)s” is no length of time.") % {"value": length[:40]}
        ) from None
    if length.strip().startswith("-") or end.wall.year > LAST_YEAR + 1:
        raise NotTakenOver("bad_time", _("“%(value)s” is no length of time.") % {"value": length[:40]})
    return end
