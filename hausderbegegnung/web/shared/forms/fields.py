"""How dates and times are typed here: 20.04.2027 and 16:00, with the usual short cuts.

The fields do not switch autocomplete off: browsers would then come back to an empty form.
"""

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MINUTES_OF_A_DAY = 24 * 60
# Beyond these, reckoning with days ends at the edge of the calendar.
KNOWN_YEARS = range(1000, 9000)
# 16 | 16:30 | 16.30 | 16,30 | 16h30 | 1630, with or without "Uhr" behind it. The number pad of a German
# phone has a comma and no other sign.
CLOCK = re.compile(r"(?P<hour>\d{1,2})(?:h|[:.,h]?(?P<minute>\d{2}))?")
# 20.04.2027 | 20,4,27 | 20 4 2027, and without anything between: 20042027 | 200427.
DAY = re.compile(r"(\d{1,2})\s*[.,\s]\s*(\d{1,2})\s*[.,\s]\s*(\d{4}|\d{2})|(\d\d)(\d\d)(\d{4}|\d{2})")
# 20.04. | 20,4 | 20 4
DAY_OF_A_YEAR = re.compile(r"(\d{1,2})\s*[.,\s]\s*(\d{1,2})\s*[.,]?")
# At most so many years go from one 29 February to the next.
MOST_YEARS = 8


class DayField(forms.DateField):
    """A date typed as 20.04.2027.

    20.4.27, 20,04,2027, 20042027, 200427, "Di., 20.04.2027" and 2027-04-20 are understood too, and 20.04.
    as the next one from `earliest` on, which is today; with `is_past` as the last one up to today.
    """

    earliest: date | None = None

    widget = forms.DateInput(format="%d.%m.%Y", attrs={"inputmode": "decimal", "data-day": "", "size": 12})
    default_error_messages = {
        "invalid": _("Please enter the date as DD.MM.YYYY, for example 20.04.2027."),
        "required": _("Please enter the date."),
    }

    def __init__(self, *, is_past: bool = False, **options: Any) -> None:
        super().__init__(input_formats=["%d.%m.%Y", "%d.%m.%y", "%Y-%m-%d"], **options)
        self.is_past = is_past

    def to_python(self, value: Any) -> date | None:
        if isinstance(value, str):
            value = re.sub(r"^[^\W\d]+[.,\s]*(?=\d)", "", value.strip())
            if match := DAY.fullmatch(value):
                value = ".".join(part for part in match.groups() if part)
            elif match := DAY_OF_A_YEAR.fullmatch(value):
                value = self._nearest(int(match[1]), int(match[2])) or value
        day = super().to_python(value)
        if day is not None and day.year not in KNOWN_YEARS:
            raise ValidationError(_("This date is too far away."), code="beyond_horizon")
        return day

    def _nearest(self, number: int, month: int) -> date | None:
        """Return the next such day of a year, or the last one; None where no year has it."""
        start = self.earliest or timezone.localdate()
        step = -1 if self.is_past else 1
        for year in range(start.year, start.year + step * (MOST_YEARS + 1), step):
            try:
                day = date(year, month, number)
            except ValueError:
                continue
            if (day - start).days * step >= 0:
                return day
        return None


class ClockField(forms.Field):
    """A time of day as minutes after midnight; 24:00 is 1440, the end of the day."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "data-clock": "", "size": 6})
    default_error_messages = {
        "invalid": _("Please enter a time such as 18:30."),
        "invalid_in": _("Please enter a time such as 18:30 for “%(field)s”."),
        "required": _("Please enter the time."),
    }

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values:
            return None
        text = re.sub(r"\s+", "", str(value).lower()).removesuffix("uhr")
        match = CLOCK.fullmatch(text)
        if not match:
            raise self._invalid()
        hour, minute = int(match["hour"]), int(match["minute"] or 0)
        if minute > 59 or hour * 60 + minute > MINUTES_OF_A_DAY:
            raise self._invalid()
        return hour * 60 + minute

    def _invalid(self) -> ValidationError:
        if not self.label:
            return ValidationError(self.error_messages["invalid"], "invalid")
        return ValidationError(self.error_messages["invalid_in"], "invalid", {"field": self.label})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            return f"{value // 60:02}:{value % 60:02}"
        return f"{value:%H:%M}" if isinstance(value, time) else value


class OfferField(forms.MultipleChoiceField):
    """Several of what a house offers, from what is known of it: they are looked up nowhere else.

    Gives what was chosen in the order it is offered in.
    """

    widget = forms.CheckboxSelectMultiple

    def offer(self, offered: Mapping[str, Any]) -> None:
        """Offer each by its name; the key is what the form sends."""
        self.offered = offered
        self.choices = [(key, item.name) for key, item in offered.items()]

    def clean(self, value: Any) -> list[Any]:
        chosen = set(super().clean(value))
        return [item for key, item in self.offered.items() if key in chosen]

    def valid_value(self, value: Any) -> bool:
        return value in self.offered
