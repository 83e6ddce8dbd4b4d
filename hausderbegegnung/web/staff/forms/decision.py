"""What staff and applicants enter when a booking is decided, given back or looked for."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.enums import BookingStatus
from bookings.models import Slot
from hausderbegegnung.web.shared.forms.fields import DayField
from hausderbegegnung.web.staff.forms.override import OverrideForm
from rooms.models import Room

LONGEST_NOTE = 1000


class NoteForm(forms.Form):
    """A word along with an action, and the version of the booking the page showed."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("Message"), required=False, max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReasonForm(forms.Form):
    """A reason, which the applicant is told."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The applicant reads this sentence."),
        error_messages={"required": _("Please give a reason. It is told to the applicant.")},
    )


class ApproveForm(OverrideForm, NoteForm):
    """An approval with the set-up and tear-down time of each date, which staff may shorten."""

    override = forms.BooleanField(label=_("Approve all the same"), required=False)

    def __init__(self, *args: Any, slots: Iterable[Slot], **options: Any) -> None:
        super().__init__(*args, **options)
        self.slots = list(slots)
        self.fields["note"].help_text = _("For example where the key is. The applicant reads it in the mail.")
        for slot in self.slots:
            for name, label, minutes in [
                ("setup", _("Set-up in minutes"), slot.setup_minutes),
                ("teardown", _("Tear-down in minutes"), slot.teardown_minutes),
            ]:
                self.fields[f"{name}_{slot.pk}"] = forms.IntegerField(
                    label=label, initial=minutes, required=False, min_value=0, max_value=24 * 60
                )

    def buffer_rows(self) -> list[tuple[Slot, forms.BoundField, forms.BoundField]]:
        """Return for each date its two fields."""
        return [(slot, self[f"setup_{slot.pk}"], self[f"teardown_{slot.pk}"]) for slot in self.slots]

    def buffers(self) -> dict[int, tuple[int, int]]:
        """Return slot id -> (set-up, tear-down) in minutes, of the dates where staff changed them."""
        changed = {}
        for slot in self.slots:
            before = (slot.setup_minutes, slot.teardown_minutes)
            setup, teardown = (
                before[index]
                if self.cleaned_data[f"{name}_{slot.pk}"] is None
                else self.cleaned_data[f"{name}_{slot.pk}"]
                for index, name in enumerate(["setup", "teardown"])
            )
            if (setup, teardown) != before:
                changed[slot.pk] = (setup, teardown)
        return changed


class TakesPlaceForm(forms.Form):
    """The answer to "Does your date take place?", given by the button that was pressed."""

    YES, NO = "yes", "no"

    answer = forms.ChoiceField(
        choices=[(YES, _("Yes, it takes place")), (NO, _("No, it does not take place"))],
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), _("Please answer with one of the two buttons.")
        ),
    )


class SearchForm(forms.Form):
    """How staff find a booking while somebody is on the phone."""

    q = forms.CharField(
        label=_("Reference, association, title or contact"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    day = DayField(label=_("Date"), required=False)
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("all")), *BookingStatus.choices]
    )


class InboxFilterForm(forms.Form):
    """Which of the pending requests to show."""

    room = forms.ModelChoiceField(
        Room.objects.none(), label=_("Room"), required=False, to_field_name="slug", empty_label=_("all rooms")
    )
    only = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[
            ("", _("all requests")),
            ("ready", _("without obstacles")),
            ("obstacles", _("with broken rules, clashes or rivals")),
        ],
    )

    def __init__(self, *args: Any, house_id: int, **options: Any) -> None:
        super().__init__(*args, **options)
        rooms = self.fields["room"]
        rooms.queryset = Room.objects.filter(house_id=house_id).order_by("position", "name")  # type: ignore[attr-defined]
