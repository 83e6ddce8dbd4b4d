"""Days, weeks and references in addresses."""

from datetime import date, timedelta


class DayConverter:
    """A day as in /tag/2027-04-20/; an impossible one is an unknown address."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


class ReferenceConverter:
    """The reference of a booking; what no database column takes is an unknown address."""

    regex = r"[^/\x00-\x1f]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class WeekConverter:
    """An ISO week as in /woche/2027-W16/, or a day of it as in /woche/2027-04-20/; in Python its Monday."""

    regex = r"\d{4}-W\d{2}|\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return parse_week(value)

    def to_url(self, value: date) -> str:
        return format_week(value)


def parse_week(value: str) -> date:
    """Return the Monday of a week written as 2027-W16, or as one of its days.

    Raises ValueError when there is no such week or day.
    """
    if "W" not in value:
        day = date.fromisoformat(value)
        return day - timedelta(days=day.weekday())
    year, week = value.split("-W")
    return date.fromisocalendar(int(year), int(week), 1)


def format_week(day: date) -> str:
    """Return the week of `day` as in 2027-W16."""
    year, week, _weekday = day.isocalendar()
    return f"{year:04}-W{week:02}"
