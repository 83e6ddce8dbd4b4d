"""How a wished date repeats, as people say it: every week, the 1st Saturday, not in school holidays."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bookings.enums import SchoolHolidays
from bookings.series.dates import Series
from bookings.series.pattern import LAST, LONGEST_INTERVAL, Frequency, Pattern, PatternNotSupported
from hausderbegegnung.web.shared.forms.fields import MINUTES_OF_A_DAY, ClockField, DayField
from rooms.enums import Weekday
from rooms.formats import weekday_names

# What begins like a day, with or without mistakes behind it.
DAY = re.compile(r"\d{1,2}\.\d{1,2}\.|\d{4}-|(\d{8}|\d{6})$")
# Where a comma stands for a dot or a colon, as on the number pad of a phone: 20,04,2027 and 16,30.
COMMA_DAY = re.compile(r"(?<![\d.:])(\d{1,2}),(\d{1,2}),(\d{4})(?!\d)")
COMMA_CLOCK = re.compile(r"(\d{4}\s+\d{1,2}),(\d{2})(?![\d.:]|,\d)")
POSITIONS = [
    (1, _("1st")),
    (2, _("2nd")),
    (3, _("3rd")),
    (4, _("4th")),
    (5, _("5th")),
    (LAST, _("the last one")),
]


class Repeats(models.TextChoices):
    """The rhythms that are offered; a larger interval can be typed for each."""

    WEEKLY = "weekly", _("every week")
    FORTNIGHTLY = "fortnightly", _("every second week")
    MONTHLY_WEEKDAY = "monthly_weekday", _("every month on a weekday, such as the 1st Saturday")
    MONTHLY_DAY = "monthly_day", _("every month on the same day, such as the 15th")
    DAILY = "daily", _("every day")


FREQUENCIES = {
    Repeats.WEEKLY: Frequency.WEEKLY,
    Repeats.FORTNIGHTLY: Frequency.WEEKLY,
    Repeats.MONTHLY_WEEKDAY: Frequency.MONTHLY,
    Repeats.MONTHLY_DAY: Frequency.MONTHLY,
    Repeats.DAILY: Frequency.DAILY,
}
# What the fields are called in addresses, which people read and send to each other.
NAMES = {
    "repeats": "takt",
    "interval": "alle",
    "weekdays": "wochentage",
    "positions": "wievielter",
    "until": "bis_tag",
    "count": "anzahl",
    "skip_public": "feiertage",
    "school": "ferien",
    "skipped": "auslassen",
    "added": "weitere",
}
# Where on the form the fields of a pattern stand that are named otherwise.
PLACES = {"month_day": "day"}


class DaysField(forms.CharField):
    """Days in a text, apart by commas or lines: `06.05.2027, Do., 13.05.2027`; with `takes_times` also
    `08.05.2027 14:00`. Gives a list of days, and with times of naive local starts where one is named.
    """

    default_error_messages = {
        "invalid": _("“%(text)s” is no date. Please write dates as DD.MM.YYYY, separated by commas."),
        "too_many": _("At most %(most)d dates can be named here."),
    }
    most = 100

    def __init__(self, *, takes_times: bool = False, **options: Any) -> None:
        super().__init__(
            required=False,
            max_length=4000,
            widget=forms.Textarea(attrs={"rows": 2, "data-day": ""}),
            **options,
        )
        self.takes_times = takes_times
        self._day, self._clock = DayField(), ClockField()

    def to_python(self, value: Any) -> Any:
        found: list[tuple[date, int | None]] = []
        text = super().to_python(self.prepare_value(value)) or ""
        text = COMMA_DAY.sub(r"\1.\2.\3", text)
        if self.takes_times:
            text = COMMA_CLOCK.sub(r"\1:\2", text)
        for word in _words(text):
            if DAY.match(word):
                found.append((self._read(self._day, word), None))
            elif self.takes_times and found and found[-1][1] is None:
                found[-1] = (found[-1][0], self._read(self._clock, word))
            else:
                raise self._invalid(word)
        if len(found) > self.most:
            raise ValidationError(self.error_messages["too_many"], "too_many", {"most": self.most})
        return [
            day if minutes is None else datetime.combine(day, time.min) + timedelta(minutes=minutes)
            for day, minutes in found
        ]

    def _read(self, field: Any, word: str) -> Any:
        try:
            return field.clean(word)
        except ValidationError as error:
            raise self._invalid(word) from error

    def _invalid(self, word: str) -> ValidationError:
        return ValidationError(self.error_messages["invalid"], "invalid", {"text": word})

    def prepare_value(self, value: Any) -> Any:
        """Show days that were given as such the way they are typed."""
        if not isinstance(value, (list, tuple)):
            return value
        return ", ".join(
            f"{moment:%d.%m.%Y %H:%M}" if isinstance(moment, datetime) else f"{moment:%d.%m.%Y}"
            for moment in value
        )


# Weekdays in all languages, long and short, and what else people write between days.
PASSED_OVER = {"uhr", "und", "and"}.union(
    name[:length].lower()
    for language, _name in settings.LANGUAGES
    for name in weekday_names(language)
    for length in (2, 3, None)
)


def _words(text: str) -> Iterator[str]:
    """Yield what stands between commas, lines and blanks, without weekdays and the word for o'clock."""
    for word in re.split(r"[,;\s]+", text):
        if word and word.lower().rstrip(".") not in PASSED_OVER:
            yield word


class SeriesFields(forms.Form):
    """The part of a form that says how the wished date repeats; without `repeats` it is a single one.

    `read_series` is called by the form that knows day and times.
    """

    repeats = forms.ChoiceField(
        label=_("Does it repeat?"),
        required=False,
        choices=[("", _("no, a single date")), *Repeats.choices],
        initial="",
    )
    interval = forms.IntegerField(
        label=_("Every how many weeks or months?"),
        required=False,
        min_value=1,
        max_value=LONGEST_INTERVAL,
        help_text=_("Only if it is rarer, for example 3 for every third week."),
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On which weekdays?"),
        required=False,
        coerce=int,
        choices=Weekday.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Without a choice it is the weekday of the first date."),
    )
    positions = forms.TypedMultipleChoiceField(
        label=_("Which one in the month?"),
        required=False,
        coerce=int,
        choices=POSITIONS,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Without a choice it is that of the first date."),
    )
    until = DayField(
        label=_("Last day of the series"),
        required=False,
        help_text=_("Every series has an end. You can ask for the next one in time."),
    )
    count = forms.IntegerField(
        label=_("Or a number of dates"),
        required=False,
        min_value=1,
        max_value=9999,
    )
    skip_public = forms.BooleanField(label=_("not on public holidays"), required=False, initial=True)
    school = forms.ChoiceField(
        label=_("School holidays"),
        required=False,
        choices=SchoolHolidays.choices,
        initial=SchoolHolidays.IGNORED,
    )
    skipped = DaysField(
        label=_("Leave out these days"),
        help_text=_("For example 06.05.2027, 13.05.2027."),
    )
    added = DaysField(
        label=_("Further dates"),
        takes_times=True,
        help_text=_("With the same length; a time of day only if it differs: 08.05.2027, 15.05.2027 14:00."),
    )

    @property
    def series(self) -> Series | None:
        """Return how the wish repeats; None for a single date, and while it cannot be read."""
        return getattr(self, "cleaned_data", {}).get("series")

    @property
    def is_repeated(self) -> bool:
        """Whether a rhythm is chosen, whatever else is wrong."""
        return bool(getattr(self, "cleaned_data", {}).get("repeats"))

    @property
    def has_exceptions(self) -> bool:
        """Whether anything is said of what few series need."""
        return self.is_said("interval", "skipped", "added")

    def is_said(self, *names: str) -> bool:
        """Whether something stands in one of these fields, or is wrong with it."""
        return any(name in self.errors or self[name].value() for name in names)

    @property
    def is_series_wrong(self) -> bool:
        """Whether something is wrong with what is said of the repetition."""
        return any(name in self.errors for name in SeriesFields.base_fields)

    def read_series(self, starts: datetime, ends: datetime) -> None:
        """Put the series into `cleaned_data`, or an error beside its field; the times are naive and local."""
        cleaned = self.cleaned_data
        if ends - starts > timedelta(days=1):
            sentence = gettext("A date of a series ends within 24 hours.")
            self.add_error("last_day", ValidationError(sentence, code="too_long"))
            return
        if self.is_series_wrong:
            return
        try:
            pattern = self._pattern(cleaned, starts, ends)
        except PatternNotSupported as error:
            place = PLACES.get(error.field, error.field)
            self.add_error(
                place if place in self.fields else "repeats", ValidationError(str(error), code=error.code)
            )
            return
        cleaned["series"] = Series(
            starts=starts,
            ends=ends,
            pattern=pattern,
            skipped=tuple(cleaned["skipped"]),
            added=tuple(
                moment if isinstance(moment, datetime) else datetime.combine(moment, starts.time())
                for moment in cleaned["added"]
            ),
            skip_public=cleaned["skip_public"],
            school=SchoolHolidays(cleaned["school"] or SchoolHolidays.IGNORED),
        )

    def _pattern(self, cleaned: dict[str, Any], starts: datetime, ends: datetime) -> Pattern:
        repeats, first = Repeats(cleaned["repeats"]), starts.date()
        interval = cleaned.get("interval") or (2 if repeats == Repeats.FORTNIGHTLY else 1)
        weekdays = tuple(sorted(cleaned["weekdays"])) or (first.weekday(),)
        by_weekday = repeats == Repeats.MONTHLY_WEEKDAY
        if by_weekday and len(weekdays) > 1:
            sentence = gettext("A monthly series is on one weekday. Please ask for the others separately.")
            raise PatternNotSupported(sentence, field="weekdays")
        if cleaned.get("until") and cleaned.get("count"):
            sentence = gettext("Please enter either a last day or a number of dates.")
            raise PatternNotSupported(sentence, field="count")
        return Pattern(
            frequency=FREQUENCIES[repeats],
            first_day=first,
            starts=starts.time(),
            ends=ends.time(),
            interval=interval,
            weekdays=weekdays if by_weekday or FREQUENCIES[repeats] == Frequency.WEEKLY else (),
            positions=tuple(cleaned["positions"]) or ((first.day - 1) // 7 + 1,) if by_weekday else (),
            month_day=first.day if repeats == Repeats.MONTHLY_DAY else None,
            until=cleaned.get("until"),
            count=cleaned.get("count"),
        )


def series_values(series: Series) -> dict[str, Any]:
    """Return the values of the fields that describe `series`; empty where it has no pattern."""
    pattern = series.pattern
    if pattern is None:
        return {}
    if pattern.frequency == Frequency.MONTHLY:
        repeats = Repeats.MONTHLY_WEEKDAY if pattern.positions else Repeats.MONTHLY_DAY
    elif pattern.frequency == Frequency.DAILY:
        repeats = Repeats.DAILY
    else:
        repeats = Repeats.FORTNIGHTLY if pattern.interval == 2 else Repeats.WEEKLY
    is_usual = pattern.interval == (2 if repeats == Repeats.FORTNIGHTLY else 1)
    return {
        "repeats": repeats.value,
        "interval": None if is_usual else pattern.interval,
        "weekdays": list(pattern.weekdays),
        "positions": list(pattern.positions),
        "until": pattern.until and f"{pattern.until:%d.%m.%Y}",
        "count": pattern.count,
        "skip_public": series.skip_public,
        "school": series.school,
        "skipped": list(series.skipped),
        "added": list(series.added),
    }


def series_query(series: Series) -> list[tuple[str, str]]:
    """Return what stands in an address that fills in the fields with `series`."""
    values = series_values(series)
    values["skip_public"] = "1" if series.skip_public else None
    for name in ("skipped", "added"):
        values[name] = SeriesFields.base_fields[name].prepare_value(values[name])
    return [
        (NAMES[name], str(item))
        for name, value in values.items()
        for item in (value if isinstance(value, list) else [value])
        if item not in {None, ""}
    ]


def minutes_on(day: date, minutes: int) -> datetime:
    """Return the naive local time so many minutes after midnight; 1440 is the midnight that ends the day."""
    return datetime.combine(day, time.min) + timedelta(minutes=min(minutes, MINUTES_OF_A_DAY))
