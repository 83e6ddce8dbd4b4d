"""What staff and applicants enter when a booking is decided, given back or looked for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.enums import BookingStatus
from hausderbegegnung.web.shared.forms.fields import DayField
from rooms.models import Room

LONGEST_NOTE = 1000


class NoteForm(forms.Form):
    """A word along with an action, and the version of the booking the page showed."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("Message"), required=False, max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 3})
    )


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
