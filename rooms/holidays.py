"""Public and school holidays of a house, from the `holidays` package, kept and mended by staff.

School holidays are known only as far as the ministries have published them, and the package
answers nothing, without an error, for every later year. So what is known is stored together with
how far it is known, and an empty answer is never read as "no holidays".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from holidays import Germany

from rooms.enums import HolidayKind
from rooms.models import Holiday, HolidayCoverage, House

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
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class HolidayCalendar:
    """The holidays of a house in a period: names by local date, and the days nothing is known of.

    `school_known_until` is the last day for which school holidays are known, None where none are.
    """

    public: Mapping[date, str]
    school: Mapping[date, str]
    school_known_until: date | None

    def school_is_known_on(self, day: date) -> bool:
        return self.school_known_until is not None and day <= self.school_known_until


def holiday_calendar(house: House, first: date, last: date) -> HolidayCalendar:
    """Return the stored holidays of the house from `first` to `last`, both included, in two queries."""
    names: dict[str, dict[date, str]] = {kind: {} for kind in HolidayKind.values}
    for kind, name, starts, ends in Holiday.objects.filter(
        house=house, first_date__lte=last, last_date__gte=first
    ).values_list("kind", "name", "first_date", "last_date"):
        for day in _days(max(starts, first), min(ends, last)):
            names[kind][day] = name
    known = HolidayCoverage.objects.filter(house=house, kind=HolidayKind.SCHOOL).first()
    return HolidayCalendar(
        names[HolidayKind.PUBLIC], names[HolidayKind.SCHOOL], known.last_date if known else None
    )


def load_holidays(house: House, first_year: int, last_year: int) -> int:
    """Store what the package knows of these years beyond what is stored; return how many rows are new.

    Years that were loaded before are left as staff made them: what they removed does not come back.
    """
    created = 0
    with transaction.atomic():
        for kind in HolidayKind:
            coverage = HolidayCoverage.objects.filter(house=house, kind=kind).first()
            days = _published(house.holiday_region, kind, first_year, last_year)
            if not days:
                continue
            first, last = date(first_year, 1, 1), _known_until(kind, days, last_year)
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
            HolidayCoverage.objects.update_or_create(
                house=house,
                kind=kind,
                defaults={
                    "first_date": min(first, coverage.first_date) if coverage else first,
                    "last_date": max(last, coverage.last_date) if coverage else last,
                },
            )
    return created


def _published(region: str, kind: str, first_year: int, last_year: int) -> dict[date, str]:
    """Return name by day; the two kinds are asked for one by one, else their names are joined."""
    renamed = SCHOOL_HOLIDAY_NAMES if kind == HolidayKind.SCHOOL else PUBLIC_HOLIDAY_NAMES
    found = Germany(
        subdiv=region,
        years=range(first_year, last_year + 1),
        language="de",
        categories=(kind,),
        observed=False,
    )
    return {day: renamed.get(name, name) for day, name in sorted(found.items())}


def _known_until(kind: str, days: Mapping[date, str], last_year: int) -> date:
    """Public holidays are known for every year; school holidays up to the last published day."""
    end_of_year = date(last_year, 12, 31)
    if kind == HolidayKind.PUBLIC:
        return end_of_year
    # Every school year ends the calendar year within the Christmas holidays.
    return end_of_year if end_of_year in days else max(days)


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
