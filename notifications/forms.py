"""What staff enter in the outbox."""

from django import forms
from django.utils.translation import gettext_lazy as _

from notifications.models import MessageState


class OutboxFilterForm(forms.Form):
    q = forms.CharField(label=_("Reference, subject or address"), required=False)
    status = forms.ChoiceField(
        label=_("Result"), required=False, choices=[("", _("All")), *MessageState.choices]
    )


class ResendForm(forms.Form):
    """Where a message goes when it is sent again: an address that failed can be mended."""

    recipient = forms.EmailField(label=_("Send to"), max_length=254)
