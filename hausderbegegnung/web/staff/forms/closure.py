"""A closure as staff enter it: whole days, unless times are named."""

from datetime import date, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.availability.wishes import LAST_YEAR
from hausderbegegnung.web.shared.forms.fields import MINUTES_OF_A_DAY, ClockField, DayField, OfferField
from rooms.clock import as_whole_days, exists, instant
from rooms.intervals import Interval
from rooms.models import Closure, House, Room


class ClosureForm(forms.Form):
    """Rooms, days and reason; `period` is when it is closed, by the clocks of the house."""

    rooms = OfferField(
        label=gettext_lazy("Rooms"),
        required=False,
        help_text=gettext_lazy("No room chosen: the whole house."),
    )
    first_day = DayField(
        label=gettext_lazy("First day"), help_text=gettext_lazy("DD.MM.YYYY, for example 20.04.2027")
    )
    last_day = DayField(
        label=gettext_lazy("Last day"), required=False, help_text=gettext_lazy("Empty: this day alone.")
    )
    starts = ClockField(
        label=gettext_lazy("From"),
        required=False,
        help_text=gettext_lazy("On the first day. Empty: from its start."),
    )
    ends = ClockField(
        label=gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy("On the last day. Empty: until its end."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=Closure._meta.get_field("reason").max_length,
        help_text=gettext_lazy("Shown to everybody, also on the display: no personal data."),
        error_messages={"required": gettext_lazy("Please say why it is closed.")},
    )

    def __init__(self, *args: Any, house: House, **options: Any) -> None:
        super().__init__(*args, **options)
        self.house = house
        rooms: Any = self.fields["rooms"]
        stored = Room.objects.filter(house=house).order_by("position", "name")
        rooms.offer({str(room.pk): room for room in stored})

    def clean_first_day(self) -> date:
        day: date = self.cleaned_data["first_day"]
        self.fields["last_day"].earliest = day  # type: ignore[attr-defined]
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        first = cleaned["first_day"]
        last = cleaned["last_day"] or first
        if last.year > LAST_YEAR:
            self.add_error("last_day" if cleaned["last_day"] else "first_day", _("Please check the year."))
            return cleaned
        starts_at = self._moment("starts", first, cleaned["starts"] or 0)
        ends_at = self._moment("ends", last, MINUTES_OF_A_DAY if cleaned["ends"] is None else cleaned["ends"])
        if last < first:
            self.add_error("last_day", _("The last day lies before the first."))
        elif ends_at <= starts_at:
            self.add_error("ends", _("The end lies before the start."))
        else:
            self.period = Interval(starts_at, ends_at)
        return cleaned

    def _moment(self, field: str, day: date, minutes: int) -> Any:
        day += timedelta(days=minutes // MINUTES_OF_A_DAY)
        clock = time(minutes % MINUTES_OF_A_DAY // 60, minutes % 60)
        if not exists(day, clock, self.house.zone):
            self.add_error(
                field,
                ValidationError(
                    _("This time does not exist: the clocks are put forward in this night."), code="gap"
                ),
            )
        return instant(day, clock, self.house.zone)


def values_of(closure: Closure, house: House) -> dict[str, Any]:
    """Return what the form shows of a stored closure."""
    starts_at, ends_at = closure.starts_at.astimezone(house.zone), closure.ends_at.astimezone(house.zone)
    values = {"rooms": [room.pk for room in closure.rooms.all()], "reason": closure.reason}
    whole_days = as_whole_days(Interval(starts_at, ends_at), house.zone)
    if whole_days:
        first, last = whole_days
        return values | {"first_day": first, "last_day": last}
    return values | {
        "first_day": starts_at.date(),
        "last_day": ends_at.date(),
        "starts": starts_at.time(),
        "ends": ends_at.time(),
    }
