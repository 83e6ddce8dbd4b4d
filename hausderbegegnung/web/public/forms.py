"""What somebody looks for who needs a room at a time, or again and again."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from bookings.series.dates import Series
from hausderbegegnung.web.shared.forms.fields import ClockField, DayField, OfferField
from hausderbegegnung.web.shared.forms.series import NAMES, SeriesFields, minutes_on, series_query
from rooms.enums import Layout
from rooms.facts import house_facts
from rooms.models import House

EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)
LENGTHS = (30, 60, 90, 120, 150, 180, 240, 300, 360, 480, 600, 720)
USUAL_LENGTH = 120


def _length_label(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if not hours:
        return gettext("30 minutes")
    if rest:
        return gettext("%(hours)d½ hours") % {"hours": hours}
    return ngettext("%(hours)d hour", "%(hours)d hours", hours) % {"hours": hours}


class FindRoomForm(SeriesFields):
    """Date and time, how they repeat, and what the room has to offer. Names are German: they stand in the
    address.
    """

    field_order = (
        *(
            "datum",
            "von",
            "dauer",
            "personen",
            "bestuhlung",
            "stufenlos",
            "hoerschleife",
            "draussen",
            "ausstattung",
        ),
        *SeriesFields.base_fields,
    )

    datum = DayField(label=_("Date"))
    von = ClockField(label=_("From"))
    dauer = forms.TypedChoiceField(
        label=_("How long"),
        coerce=int,
        # Asked for each form: the labels are put together in the language of the page.
        choices=lambda: [(minutes, _length_label(minutes)) for minutes in LENGTHS],
        initial=USUAL_LENGTH,
        required=False,
    )
    personen = forms.IntegerField(
        label=_("Persons"),
        required=False,
        min_value=1,
        max_value=10_000,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    bestuhlung = forms.ChoiceField(
        label=_("Layout"), required=False, choices=[("", _("any")), *Layout.choices]
    )
    stufenlos = forms.BooleanField(label=_("step-free"), required=False)
    hoerschleife = forms.BooleanField(label=_("hearing loop"), required=False)
    draussen = forms.BooleanField(label=_("outdoors, too"), required=False)
    ausstattung = OfferField(label=_("Equipment"), required=False)

    def add_prefix(self, field_name: str) -> str:
        return super().add_prefix(NAMES.get(field_name, field_name))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("repeats") and {"datum", "von", "dauer"} <= cleaned.keys():
            starts = minutes_on(cleaned["datum"], cleaned["von"])
            self.read_series(starts, starts + timedelta(minutes=cleaned["dauer"] or USUAL_LENGTH))
        return cleaned

    def clean_datum(self) -> date:
        day: date = self.cleaned_data["datum"]
        if not EARLIEST <= day <= LATEST:
            raise ValidationError(_("Please enter a date of this century."), code="invalid")
        self.fields["until"].earliest = day  # type: ignore[attr-defined]
        return day

    def __init__(self, *args: Any, house: House, **options: Any) -> None:
        super().__init__(*args, **options)
        equipment: Any = self.fields["ausstattung"]
        equipment.offer({str(item.id): item for item in house_facts(house).equipment})

    @property
    def needs(self) -> list[str]:
        """What a valid form asks of the room, in words."""
        wanted = self.cleaned_data
        ticked = ("stufenlos", "hoerschleife", "draussen")
        words = [str(self.fields[name].label) for name in ticked if wanted[name]]
        if wanted["bestuhlung"]:
            words.insert(0, str(Layout(wanted["bestuhlung"]).label))
        if persons := wanted["personen"]:
            words.insert(0, in_persons(persons))
        return words + [equipment.name for equipment in wanted["ausstattung"]]


def in_persons(number: int) -> str:
    """Return a number of persons in words, “20 persons”."""
    return ngettext("%(number)d person", "%(number)d persons", number) % {"number": number}


def search_query(
    starts: datetime,
    ends: datetime,
    *,
    persons: int | None = None,
    layout: str = "",
    equipment_ids: Iterable[int] = (),
    series: Series | None = None,
) -> str:
    """Return what stands in an address that asks for rooms at these wall-clock times, and as they repeat."""
    minutes = (ends - starts) // timedelta(minutes=1)
    values: dict[str, Any] = {
        "datum": f"{starts:%d.%m.%Y}",
        "von": f"{starts:%H:%M}",
        "dauer": next((length for length in LENGTHS if length >= minutes), LENGTHS[-1]),
        "personen": persons,
        "bestuhlung": layout,
    }
    query = [(name, str(value)) for name, value in values.items() if value]
    query += [("ausstattung", str(number)) for number in sorted(equipment_ids)]
    return urlencode(query + (series_query(series) if series else []))
