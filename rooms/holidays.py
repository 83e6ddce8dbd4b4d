"""Public and school holidays of a house, from the `holidays` package, kept and corrected by staff.

School holidays are known only as far as the ministries have published them, and the package
answers nothing, without an error, for every later year. So what is known is stored together with
how far it is known, and an empty answer is never read as "no holidays".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import get_language
from holidays import Germany

from rooms.enums import HolidayKind
from rooms.models import Holiday, HolidayCoverage, House, raise_plan_version

# The package names school holidays as the ministers' conference does; people in the region say:
SCHOOL_HOLIDAY_NAMES = {
    "Oster-/Frühjahrsferien": "Osterferien",
    "Himmelfahrts-/Pfingstferien": "Pfingstferien",
}
PUBLIC_HOLIDAY_NAMES = {
    "Erster Mai": "Tag der Arbeit",
    "Erster Weihnachtstag": "1. Weihnachtstag",
    "Zweiter Weihnachtstag": "2. Weihnachtstag",
}
_RENAMED = {HolidayKind.PUBLIC.value: PUBLIC_HOLIDAY_NAMES, HolidayKind.SCHOOL.value: SCHOOL_HOLIDAY_NAMES}
# A year of which all kinds of holidays are published, to find out their names in other languages.
KNOWN_YEAR = 2026
ONE_DAY = timedelta(days=1)
SUNDAY = 6
# Rules and holidays change; nobody plans for longer, whatever horizon a house has.
MOST_AHEAD = timedelta(days=10 * 365)


@dataclass(frozen=True, slots=True)
class HolidayCalendar:
    """The holidays of a house in a period: names by local date, and the days nothing is known of.

    `school_known_until` is the last day for which school holidays are known, None where none
    are; `school_known_from` the first, None where that is before everything asked for. The
    same for public holidays.
    """

    public: Mapping[date, str]
    school: Mapping[date, str]
    school_known_until: date | None
    school_known_from: date | None = None
    public_known_until: date | None = None
    public_known_from: date | None = None

    def school_is_known_on(self, day: date) -> bool:
        return _is_within(day, self.school_known_from, self.school_known_until)

    def public_is_known_on(self, day: date) -> bool:
        return _is_within(day, self.public_known_from, self.public_known_until)


NO_HOLIDAYS = HolidayCalendar({}, {}, None)


def _is_within(day: date, first: date | None, last: date | None) -> bool:
    return last is not None and day <= last and (first is None or first <= day)


# What a house has stored ------------------------------------------------------------------------


def holiday_calendar(house: House, first: date, last: date) -> HolidayCalendar:
    """Return the stored holidays of the house from `first` to `last`, both included, in two queries."""
    names: dict[str, dict[date, str]] = {kind: {} for kind in HolidayKind.values}
    for kind, name, starts, ends in (
        Holiday.objects.filter(house=house, first_date__lte=last, last_date__gte=first)
        .order_by("first_date", "pk")
        .values_list("kind", "name", "first_date", "last_date")
    ):
        for day in _days(max(starts, first), min(ends, last)):
            names[kind].setdefault(day, name)
    known = {row.kind: row for row in HolidayCoverage.objects.filter(house=house)}
    school, public = known.get(HolidayKind.SCHOOL), known.get(HolidayKind.PUBLIC)
    return HolidayCalendar(
        public=names[HolidayKind.PUBLIC],
        school=names[HolidayKind.SCHOOL],
        school_known_until=school.last_date if school else None,
        school_known_from=school.first_date if school else None,
        public_known_until=public.last_date if public else None,
        public_known_from=public.first_date if public else None,
    )


def complete_calendar(house: House, first: date, last: date) -> HolidayCalendar:
    """Return what the house has stored from `first` to `last`, and what is published where it has nothing.

    Within the days the house knows its own rows hold, so that what staff removed stays away.
    """
    published = published_calendar(house.holiday_region, first, last)
    stored = holiday_calendar(house, first, last)
    public = {day: name for day, name in published.public.items() if not stored.public_is_known_on(day)}
    school = {day: name for day, name in published.school.items() if not stored.school_is_known_on(day)}
    return HolidayCalendar(
        public=public | dict(stored.public),
        school=school | dict(stored.school),
        school_known_until=_latest(stored.school_known_until, published.school_known_until),
        school_known_from=_earliest(stored.school_known_from, published.school_known_from),
        public_known_until=_latest(stored.public_known_until, published.public_known_until),
        public_known_from=_earliest(stored.public_known_from, published.public_known_from),
    )


def _latest(first: date | None, second: date | None) -> date | None:
    return max((day for day in (first, second) if day is not None), default=None)


def _earliest(first: date | None, second: date | None) -> date | None:
    return min((day for day in (first, second) if day is not None), default=None)


def load_holidays(house: House, first_year: int, last_year: int) -> int:
    """Store what the package knows of these years beyond what is stored; return how many rows are new.

    Years that were loaded before are left as staff made them: what they removed does not come
    back. The years between them and the wanted ones are loaded too, so that no gap is taken for
    a time without holidays.
    """
    created = 0
    is_known_further = False
    with transaction.atomic():
        for kind in HolidayKind:
            coverage = HolidayCoverage.objects.filter(house=house, kind=kind).first()
            first, last = first_year, last_year
            if coverage is not None:
                first, last = min(first, coverage.last_date.year), max(last, coverage.first_date.year)
            days = _published(house.holiday_region, kind, first, last)
            if not days:
                continue
            known_from, known_until = _known_from(days), _known_until(kind, days, last)
            fresh = {
                day: name
                for day, name in days.items()
                if coverage is None or not coverage.first_date <= day <= coverage.last_date
            }
            rows = [
                Holiday(house=house, kind=kind, name=name, first_date=starts, last_date=ends)
                for name, starts, ends in _ranges(fresh)
            ]
            Holiday.objects.bulk_create(rows)
            created += len(rows)
            if coverage is not None:
                known_from = min(known_from, coverage.first_date)
                known_until = max(known_until, coverage.last_date)
            HolidayCoverage.objects.update_or_create(
                house=house, kind=kind, defaults={"first_date": known_from, "last_date": known_until}
            )
            if coverage is None or (coverage.first_date, coverage.last_date) != (known_from, known_until):
                is_known_further = True
        if created or is_known_further:
            raise_plan_version(house.pk)
    return created


def load_coming_holidays(house: House, today: date) -> int:
    """Store the holidays of the years in which the house can be asked for; return how many rows are new.

    Meant to be called again and again: where these years are known already, nothing is written.
    """
    longest = house.rooms.aggregate(longest=Max("horizon_days"))["longest"] or 0
    ahead = max(house.horizon_days, longest)
    last_year = (today + min(timedelta(days=ahead), MOST_AHEAD)).year
    known = {row.kind: row for row in HolidayCoverage.objects.filter(house=house)}
    public = known.get(HolidayKind.PUBLIC)
    school = known.get(HolidayKind.SCHOOL)
    published = published_calendar(house.holiday_region, date(last_year, 1, 1), date(last_year, 12, 31))
    is_known = all(
        until is None or (row is not None and row.first_date.year <= today.year and row.last_date >= until)
        for row, until in (
            (public, published.public_known_until),
            (school, published.school_known_until),
        )
    )
    return 0 if is_known else load_holidays(house, today.year, last_year)


# What is published ------------------------------------------------------------------------------


def published_calendar(region: str, first: date, last: date) -> HolidayCalendar:
    """Return what the package knows of a region from `first` to `last`, both included. Pure.

    Of a region it does not know, nothing is known.
    """
    found: dict[str, Mapping[date, str]] = {}
    known: dict[str, tuple[date | None, date | None]] = {}
    for kind in HolidayKind:
        days = _published(region, kind, first.year, last.year)
        found[kind] = {day: name for day, name in days.items() if first <= day <= last}
        known[kind] = (
            (_known_from(days), _known_until(kind, days, last.year))
            if days
            else (None, _last_published(region, kind, first.year))
        )
    return HolidayCalendar(
        public=found[HolidayKind.PUBLIC],
        school=found[HolidayKind.SCHOOL],
        school_known_until=known[HolidayKind.SCHOOL][1],
        school_known_from=known[HolidayKind.SCHOOL][0],
        public_known_until=known[HolidayKind.PUBLIC][1],
        public_known_from=known[HolidayKind.PUBLIC][0],
    )


def name_in_language(name: str) -> str:
    """Return the name of a holiday in the active language; one that staff entered stays as it is."""
    language = (get_language() or settings.LANGUAGE_CODE).split("-")[0]
    found = next(
        (supported for supported in Germany.supported_languages if supported.split("_")[0] == language), "de"
    )
    return name if found == "de" else _names_in(found).get(name, name)


@lru_cache
def _names_in(language: str) -> Mapping[str, str]:
    """Return the names of holidays in a language of the package, by those that are stored."""
    names: dict[str, str] = {}
    for region in Germany.subdivisions:
        for kind, renamed in _RENAMED.items():
            days, translated = (_holidays(region, kind, KNOWN_YEAR, spoken) for spoken in ("de", language))
            names |= {renamed.get(name, name): translated[day] for day, name in days.items()}
    return names


def is_day_of_rest(day: date, region: str) -> bool:
    """Whether the day is a Sunday, or published as a public holiday of the region."""
    return day.weekday() == SUNDAY or day in _published_in(region, HolidayKind.PUBLIC, day.year)


def _published(region: str, kind: str, first_year: int, last_year: int) -> dict[date, str]:
    """Return name by day for whole years, in order."""
    return {
        day: name
        for year in range(first_year, last_year + 1)
        for day, name in _published_in(region, kind, year).items()
    }


@lru_cache(maxsize=1024)
def _published_in(region: str, kind: str, year: int) -> Mapping[date, str]:
    """Return name by day of one year; the two kinds are asked for one by one, else their names are joined."""
    if region not in Germany.subdivisions:
        return {}
    found, renamed = _holidays(region, kind, year, "de"), _RENAMED[kind]
    return {day: renamed.get(name, name) for day, name in sorted(found.items())}


def _holidays(region: str, kind: str, year: int, language: str) -> Germany:
    return Germany(subdiv=region, years=year, language=language, categories=(kind,), observed=False)


def _known_from(days: Mapping[date, str]) -> date:
    """What is published is published from the first of a year on."""
    return date(min(days).year, 1, 1)


def _known_until(kind: str, days: Mapping[date, str], last_year: int) -> date:
    """Public holidays are known for whole years; school holidays up to the last published day."""
    end_of_year = date(min(last_year, max(days).year), 12, 31)
    if kind == HolidayKind.PUBLIC:
        return end_of_year
    # Every school year ends the calendar year within the Christmas holidays.
    return end_of_year if end_of_year in days else max(days)


def _last_published(region: str, kind: str, before: int) -> date | None:
    """Return the last day known before the year `before`, None where nothing is."""
    for year in range(min(before, Germany.end_year + 1) - 1, Germany.start_year - 1, -1):
        if days := _published_in(region, kind, year):
            return _known_until(kind, days, year)
    return None


def _ranges(days: Mapping[date, str]) -> Iterator[tuple[str, date, date]]:
    """Yield name, first and last day of each unbroken run of days with the same name."""
    run: list[date] = []
    for day in sorted(days):
        if run and (day != run[-1] + ONE_DAY or days[day] != days[run[-1]]):
            yield days[run[0]], run[0], run[-1]
            run = []
        run.append(day)
    if run:
        yield days[run[0]], run[0], run[-1]


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
