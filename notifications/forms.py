"""What staff enter in the outbox."""

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.forms.fields import DayField
from notifications.catalogue import KINDS
from notifications.models import MessageState


class OutboxFilterForm(forms.Form):
    """Which mails to show; what is entered wrongly does not filter, and says so."""

    q = forms.CharField(
        label=_("Reference, subject or address"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    status = forms.ChoiceField(
        label=_("Result"), required=False, choices=[("", _("all")), *MessageState.choices]
    )
    kind = forms.ChoiceField(
        label=_("Kind of mail"),
        required=False,
        choices=[("", _("all")), *((kind.name, kind.label) for kind in KINDS.values())],
    )
    day = DayField(label=_("Date"), required=False)


class ResendForm(forms.Form):
    """Where a message goes when it is sent again: an address that failed can be mended."""

    recipient = forms.EmailField(label=_("Send to"), max_length=254)
