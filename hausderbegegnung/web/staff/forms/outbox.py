"""What staff enter in the outbox."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from hausderbegegnung.web.shared.forms.fields import DayField
from notifications.models import Message, MessageState
from notifications.outbox.correction import contact_of, is_for_contact
from notifications.wording.catalogue import KINDS


def _kinds_of_mail() -> list[tuple[str, str]]:
    """The choice of kinds, in the language of whoever looks at it."""
    return [("", str(_("all"))), *((kind.name, capfirst(str(kind.label))) for kind in KINDS.values())]


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
        choices=_kinds_of_mail,
    )
    day = DayField(label=_("Date"), required=False, is_past=True)


class ResendForm(forms.Form):
    """Where a message goes when it is sent again: an address that failed can be corrected."""

    recipient = forms.EmailField(label=_("Send to"), max_length=254)
    for_booking = forms.BooleanField(
        label=_("Correct it at the booking as well"),
        required=False,
        help_text=_(
            "Further mails go to this address then. Those that wait or could not be sent are sent to it now."
        ),
    )

    def __init__(self, *args: Any, message: Message, **options: Any) -> None:
        super().__init__(*args, **options)
        if not is_for_contact(message):
            del self.fields["for_booking"]
        if contact_of(message):
            self.fields["recipient"].help_text = _(
                "A mail to any other address than that of the booking carries no link to it."
            )


class CorrectAddressForm(forms.Form):
    """The right address of an applicant."""

    address = forms.EmailField(label=_("E-mail address"), max_length=254)
    send_again = forms.BooleanField(
        label=_("Send mails again that could not be sent"), required=False, initial=True
    )


class RenewLinksForm(forms.Form):
    """Which links are to end: those that the page knew."""

    generation = forms.IntegerField(required=False)
