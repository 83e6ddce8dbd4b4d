"""Setting rules aside, which staff do for a reason."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.errors import OverrideReasonRequired


class OverrideForm(forms.Form):
    """A tick against rules that staff may override, and why they do."""

    override = forms.BooleanField(label=_("Do it all the same"), required=False)
    override_reason = forms.CharField(
        label=_("Reason of the exception"),
        required=False,
        max_length=500,
        help_text=_("It is kept in the history, which the applicant reads too."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("override") and not cleaned.get("override_reason", "").strip():
            self.add_error("override_reason", OverrideReasonRequired.sentence)
        return cleaned

    @property
    def offers_override(self) -> bool:
        """Whether rules could be set aside now, or the reason for it was typed already."""
        reason = self["override_reason"] if "override_reason" in self.fields else None
        return "override" in self.fields or bool(reason and (reason.errors or reason.value()))

    def forbid_override(self) -> None:
        """Leave out both fields, for who may not set rules aside."""
        del self.fields["override"], self.fields["override_reason"]
