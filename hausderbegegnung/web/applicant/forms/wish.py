"""The wished date: rooms, day and times, the part of a request that is checked while typing."""

from copy import copy
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundWidget
from django.utils.translation import gettext_lazy as _

from bookings.enums import activity_of
from bookings.services import WantedDate
from hausderbegegnung.web.shared.forms.fields import MINUTES_OF_A_DAY, ClockField, DayField, OfferField
from hausderbegegnung.web.shared.forms.series import SeriesFields, minutes_on
from rooms import clock
from rooms.enums import Activity, Layout
from rooms.errors import DomainError, Reason
from rooms.facts import RoomFacts, house_facts
from rooms.intervals import Interval
from rooms.models import House

# Where on the page the domain's fields stand.
PLACES = {
    "date": "day",
    "new_association_name": "association_name",
    "new_association_kind": "association_kind",
    "house_rules": "accept_rules",
}
LONGEST_DAYS = 31


class WishForm(SeriesFields):
    """Rooms, day and times as people type them; `wanted_date()` is what they mean.

    On its own it serves the check while typing, where persons may still be missing.
    """

    field_order = ("rooms", "day", "starts", "ends", "last_day", *SeriesFields.base_fields)

    rooms = OfferField(
        label=_("Rooms"),
        error_messages={
            "required": _("Please choose a room."),
            "invalid_choice": _("There is no room “%(value)s”. Please choose one from the list."),
        },
    )
    day = DayField(label=_("Date"), help_text=_("For example 20.04. or 20.04.2027"))
    starts = ClockField(
        label=_("From"), error_messages={"required": _("Please enter when the event starts.")}
    )
    ends = ClockField(label=_("Until"), error_messages={"required": _("Please enter when the event ends.")})
    last_day = DayField(
        label=_("Last day"),
        required=False,
        help_text=_("Only for events of several days. An end before the start is on the next day."),
    )
    setup_minutes = forms.IntegerField(
        label=_("Set-up in minutes"), required=False, min_value=0, max_value=MINUTES_OF_A_DAY
    )
    teardown_minutes = forms.IntegerField(
        label=_("Tear-down in minutes"), required=False, min_value=0, max_value=MINUTES_OF_A_DAY
    )
    persons = forms.IntegerField(
        label=_("Persons at once"),
        required=False,
        min_value=1,
        max_value=100_000,
        help_text=_("An estimate is enough."),
        error_messages={
            "required": _("Please enter how many persons come."),
            "min_value": _("At least one person comes."),
            "invalid": _("Please enter a number of persons."),
        },
    )
    layout = forms.ChoiceField(
        label=_("Seating"), required=False, choices=[("", _("not decided yet")), *Layout.choices]
    )

    def __init__(self, *args: Any, house: House, **options: Any) -> None:
        super().__init__(*args, **options)
        self.house, self.facts = house, house_facts(house)
        self.fields["rooms"].offer(  # type: ignore[attr-defined]
            {room.slug: room for room in self.facts.rooms.values() if room.is_active}
        )
        self._show_usual_buffers()

    def room_choices(self) -> list[tuple[BoundWidget, RoomFacts]]:
        """Return the rooms as they are offered, each with its box to tick."""
        field: Any = self.fields["rooms"]
        return list(zip(self["rooms"], field.offered.values(), strict=True))

    def _show_usual_buffers(self) -> None:
        """Show in the empty fields what the chosen rooms take for set-up and tear-down."""
        slugs = self["rooms"].value() or []
        chosen = [room for room in self.facts.rooms.values() if room.slug in slugs]
        if chosen:
            setup, teardown = max(room.setup for room in chosen), max(room.teardown for room in chosen)
            self.fields["setup_minutes"].widget.attrs["placeholder"] = setup // timedelta(minutes=1)
            self.fields["teardown_minutes"].widget.attrs["placeholder"] = teardown // timedelta(minutes=1)

    def clean_day(self) -> date:
        """Without a year, the days that follow are meant from this one on."""
        day: date = self.cleaned_data["day"]
        for name in {"last_day", "until"} & self.fields.keys():
            self.fields[name].earliest = day  # type: ignore[attr-defined]
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if {"day", "starts", "ends"} <= cleaned.keys():
            self._read_times(cleaned)
        return cleaned

    def _read_times(self, cleaned: dict[str, Any]) -> None:
        """Put the instants `starts_at` and `ends_at` into `cleaned`, or an error beside the field."""
        last_day = cleaned.get("last_day")
        if last_day is None:
            last_day = cleaned["day"] + timedelta(days=cleaned["ends"] < cleaned["starts"])
        if (last_day - cleaned["day"]).days > LONGEST_DAYS:
            self.add_error("last_day", ValidationError(_("An event lasts at most 31 days."), code="too_long"))
            return
        moments = {}
        for name, day, minutes in [
            ("starts", cleaned["day"], cleaned["starts"]),
            ("ends", last_day, cleaned["ends"]),
        ]:
            try:
                moments[name] = self._instant(day, minutes)
            except ValidationError as error:
                self.add_error(name, error)
        if len(moments) < 2:
            return
        if moments["ends"] <= moments["starts"]:
            self.add_error(
                "ends",
                ValidationError(
                    _("The end has to be after the start. Please check times and days."),
                    code="ends_before_start",
                ),
            )
            return
        cleaned["starts_at"], cleaned["ends_at"] = moments["starts"], moments["ends"]
        if cleaned.get("repeats"):
            self.read_series(
                minutes_on(cleaned["day"], cleaned["starts"]), minutes_on(last_day, cleaned["ends"])
            )

    def _instant(self, day: date, minutes: int) -> datetime:
        zone = self.house.zone
        day += timedelta(days=minutes // MINUTES_OF_A_DAY)
        at = time(minutes % MINUTES_OF_A_DAY // 60, minutes % 60)
        moment = clock.instant(day, at, zone)
        if not clock.exists(day, at, zone):
            raise ValidationError(
                _("This time does not exist on that night: the clocks are put forward."), code="no_such_time"
            )
        return moment

    @property
    def has_rare_wishes(self) -> bool:
        """Whether anything is said of what few single dates need; an end may lie on another day."""
        return "ends" in self.errors or self.is_said(
            "last_day", "setup_minutes", "teardown_minutes", "layout"
        )

    @property
    def activity(self) -> Activity:
        """What the chosen kind of event is to night rest and silent days; quiet while none is chosen."""
        return activity_of(str(self.data.get(self.add_prefix("kind"), "")))

    @property
    def has_wish(self) -> bool:
        """Whether rooms and times are complete and readable, whatever else is wrong."""
        cleaned = getattr(self, "cleaned_data", {})
        return bool(cleaned.get("rooms")) and "starts_at" in cleaned

    def wanted_date(self) -> WantedDate:
        """Return the wish in instants; only when `has_wish`."""
        cleaned = self.cleaned_data
        return WantedDate(
            starts_at=cleaned["starts_at"],
            ends_at=cleaned["ends_at"],
            room_ids=tuple(room.id for room in cleaned["rooms"]),
            setup_minutes=cleaned.get("setup_minutes"),
            teardown_minutes=cleaned.get("teardown_minutes"),
        )

    def fill_time(self, net: Interval) -> None:
        """Show another time than the one that was typed, for example the nearest free one."""
        self.change_typed(**time_values(net, self.house))

    def change_typed(self, **values: str) -> None:
        """Show other values than those that were typed."""
        data: Any = copy(self.data)
        for name, value in values.items():
            data[name] = value
        self.data = data

    def forget_errors_except(self, names: frozenset[str]) -> None:
        """Keep only the errors of some fields: what was not looked at yet is not wrong."""
        for name in set(self.errors) - names:
            del self.errors[name]

    def add_domain_error(self, error: DomainError) -> None:
        """Show what the domain refused beside the fields it is about; whatever was typed stays."""
        broken = [reason for reason in error.reasons if reason.stops]
        if not broken:
            self._add_sentence(error.field, str(error), error.code)
        for reason in broken:
            self._add_sentence(reason.field or error.field, str(reason.message), reason.code)

    def _add_sentence(self, field: str, sentence: str, code: str) -> None:
        place = PLACES.get(field, field)
        self.add_error(place if place in self.fields else None, ValidationError(sentence, code=code))


def time_values(net: Interval, house: House) -> dict[str, str]:
    """Return what stands in the fields of the form for the net time `net`, on the house's clock."""
    starts, ends = net.start.astimezone(house.zone), net.end.astimezone(house.zone)
    # The midnight that ends a day is its 24th hour.
    is_midnight = (ends.hour, ends.minute) == (0, 0) and ends.date() == starts.date() + timedelta(days=1)
    return {
        "day": f"{starts:%d.%m.%Y}",
        "starts": f"{starts:%H:%M}",
        "ends": "24:00" if is_midnight else f"{ends:%H:%M}",
        "last_day": "" if is_midnight or ends.date() == starts.date() else f"{ends:%d.%m.%Y}",
    }


def blocking(reasons: list[Reason]) -> list[Reason]:
    """Return the reasons that stop a wish of an applicant."""
    return [reason for reason in reasons if reason.stops]
