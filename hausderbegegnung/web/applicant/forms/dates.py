"""What people enter about the dates of a booking: which of them they mean, and which further ones."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bookings.models import Slot
from bookings.services import WantedDate
from hausderbegegnung.web.applicant.forms.wish import WishForm
from hausderbegegnung.web.shared.forms.fields import ClockField, DayField
from hausderbegegnung.web.shared.forms.series import SeriesFields
from hausderbegegnung.web.staff.forms.decision import NoteForm
from hausderbegegnung.web.staff.forms.override import OverrideForm
from rooms.errors import DomainError
from rooms.formats import format_date_span
from rooms.models import House

SINGLE, FROM = "single", "from"
# So many dates are offered at once, the others behind a fold.
SHOWN = 12
GONE = _("This date cannot be chosen any more. Please look at it again.")


@dataclass(frozen=True, slots=True)
class DateChoice:
    """A date as it is offered to be ticked."""

    slot: Slot
    value: str
    is_checked: bool


class ChooseDates(forms.Form):
    """Which dates an action is about: single ones, or all from one on; of a single date nothing is asked.

    `slots` are those it can be about, in order. What was chosen while there were more is still a choice:
    the date that is left need not be the one that was ticked.
    """

    which = forms.ChoiceField(
        label=_("Which dates?"),
        choices=[(SINGLE, _("single dates")), (FROM, _("all from a date on"))],
        initial=SINGLE,
        widget=forms.RadioSelect,
    )
    dates = forms.MultipleChoiceField(
        label=_("Tick the dates"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please tick at least one date."), "invalid_choice": GONE},
    )
    first = forms.ChoiceField(
        label=_("All from this date on"), required=False, error_messages={"invalid_choice": GONE}
    )

    def __init__(self, *args: Any, slots: Iterable[Slot], **options: Any) -> None:
        super().__init__(*args, **options)
        self.slots = list(slots)
        if not self.slots or (len(self.slots) == 1 and self.add_prefix("which") not in self.data):
            for name in ChooseDates.base_fields:
                del self.fields[name]
            return
        choices = [
            (str(slot.uid), format_date_span(slot.starts_at, slot.ends_at, zone=slot.booking.house.zone))
            for slot in self.slots
        ]
        self.fields["dates"].choices = self.fields["first"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("which") == SINGLE and "dates" not in self.errors and not cleaned.get("dates"):
            self.add_error(
                "dates", ValidationError(self.fields["dates"].error_messages["required"], code="required")
            )
        return cleaned

    def date_choices(self) -> list[DateChoice]:
        """Return the dates as they are offered, with those ticked that were."""
        ticked = set(self["dates"].value() or [])
        return [DateChoice(slot, str(slot.uid), str(slot.uid) in ticked) for slot in self.slots]

    def first_choices(self) -> list[DateChoice]:
        """Return the next dates, which are offered at once."""
        return self.date_choices()[: self._shown()]

    def later_choices(self) -> list[DateChoice]:
        """Return the dates behind the fold."""
        return self.date_choices()[self._shown() :]

    def later_is_open(self) -> bool:
        return any(choice.is_checked for choice in self.later_choices())

    def _shown(self) -> int:
        return len(self.slots) if len(self.slots) <= SHOWN + 2 else SHOWN

    def slot_ids(self) -> list[int]:
        """Return the ids of the dates that the valid form is about."""
        if "which" not in self.fields:
            return [slot.pk for slot in self.slots]
        if self.cleaned_data["which"] == SINGLE:
            return [slot.pk for slot in self.slots if str(slot.uid) in self.cleaned_data["dates"]]
        values = [str(slot.uid) for slot in self.slots]
        start = values.index(self.cleaned_data["first"] or values[0])
        return [slot.pk for slot in self.slots[start:]]


class GiveBackForm(ChooseDates, NoteForm):
    """Which dates are given back, and a word along with it."""

    def refuse(self, error: DomainError, *, version: int) -> None:
        """Show what the domain refused; with the version of now it can be sent again."""
        data: Any = copy(self.data)
        data["version"] = version
        self.data = data
        self.add_error(None, str(error))


class OtherWishForm(OverrideForm, WishForm):
    """A wished date of a booking that is known: persons and layout are its own, and nothing repeats."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    dropped: tuple[str, ...] = ("persons", "layout", *SeriesFields.base_fields)

    def __init__(self, *args: Any, house: House, **options: Any) -> None:
        super().__init__(*args, house=house, **options)
        for name in self.dropped:
            del self.fields[name]


class AddDatesForm(OtherWishForm):
    """Further dates, a line with day and times for each; lines without a day are no dates.

    An end at or before the start is on the next day.
    """

    FIRST_LINES, MORE_LINES, MOST_LINES = 4, 4, 60
    lines = forms.IntegerField(
        required=False, min_value=1, max_value=MOST_LINES, initial=FIRST_LINES, widget=forms.HiddenInput
    )
    dropped = (*OtherWishForm.dropped, "day", "starts", "ends", "last_day")

    def __init__(self, *args: Any, house: House, usual: dict[str, Any], **options: Any) -> None:
        """`usual` are the values of a date like the others; its times stand in every line at first."""
        super().__init__(*args, house=house, initial=usual, **options)
        self.number = self.number_of_lines(self.data)
        for line in range(self.number):
            self.fields[f"day_{line}"] = DayField(label=_("Date"), required=False)
            for name, label in [("starts", _("From")), ("ends", _("Until"))]:
                self.fields[f"{name}_{line}"] = ClockField(label=label, required=False, initial=usual[name])

    @classmethod
    def number_of_lines(cls, data: Any) -> int:
        typed = str(data.get("lines", ""))
        number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 3 else cls.FIRST_LINES
        return min(max(number, 1), cls.MOST_LINES)

    @classmethod
    def with_more_lines(cls, data: Any, usual: dict[str, Any]) -> Any:
        """Return what was typed, with some more lines."""
        number = cls.number_of_lines(data)
        more = min(number + cls.MORE_LINES, cls.MOST_LINES)
        data = data.copy()
        data["lines"] = str(more)
        for line in range(number, more):
            data[f"starts_{line}"], data[f"ends_{line}"] = usual["starts"], usual["ends"]
        return data

    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField, forms.BoundField]]:
        """Return for each line its three fields."""
        return [(self[f"day_{n}"], self[f"starts_{n}"], self[f"ends_{n}"]) for n in range(self.number)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.wanted: list[WantedDate] = []
        for line in range(self.number):
            if cleaned.get(f"day_{line}"):
                self._read_line(line, cleaned)
        if not self.errors and not self.wanted:
            self.add_error("day_0", ValidationError(_("Please name a date."), code="required"))
        return cleaned

    def _read_line(self, line: int, cleaned: dict[str, Any]) -> None:
        names = [f"starts_{line}", f"ends_{line}"]
        for name in names:
            if name not in self.errors and cleaned.get(name) is None:
                message = self.fields[name].error_messages["required"]
                self.add_error(name, ValidationError(message, code="required"))
        if any(name in self.errors for name in names):
            return
        day, starts, ends = (cleaned[f"{name}_{line}"] for name in ("day", "starts", "ends"))
        moments = []
        for name, on, minutes in [
            (names[0], day, starts),
            (names[1], day + timedelta(days=ends <= starts), ends),
        ]:
            try:
                moments.append(self._instant(on, minutes))
            except ValidationError as error:
                self.add_error(name, error)
        if len(moments) == 2 and cleaned.get("rooms"):
            self.wanted.append(
                WantedDate(
                    moments[0],
                    moments[1],
                    tuple(room.id for room in cleaned["rooms"]),
                    cleaned.get("setup_minutes"),
                    cleaned.get("teardown_minutes"),
                )
            )
