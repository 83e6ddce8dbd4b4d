"""The forms of the account pages; each error is one sentence at its field."""

from datetime import timedelta
from typing import Any, ClassVar

from allauth.account.forms import ChangePasswordForm, LoginForm, SetPasswordForm
from allauth.account.forms import ReauthenticateForm as AllauthReauthenticateForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.forms.boundfield import BoundWidget
from django.utils.translation import gettext_lazy as _

from hausderbegegnung.accounts.limits import attempt_of
from hausderbegegnung.accounts.security import SecurityEvent
from hausderbegegnung.accounts.tokens import LONGEST_VALIDITY, Scope, open_scopes
from hausderbegegnung.models import User

# What a mail server takes, and what the columns hold.
LONGEST_ADDRESS = 254


class AddressForm(forms.Form):
    """Where the code shall go."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=LONGEST_ADDRESS,
        widget=forms.EmailInput(
            attrs={"autocomplete": "email", "autocapitalize": "off", "spellcheck": "false"}
        ),
        error_messages={
            "required": _("Please enter your e-mail address."),
            "invalid": _("This is not a complete e-mail address, such as name@example.org."),
        },
    )

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].strip().lower()
        return email


class CodeForm(forms.Form):
    """The code from the mail; spaces and dashes that people type are ignored."""

    code = forms.CharField(
        label=_("Code"),
        help_text=_("Six digits from the mail."),
        max_length=20,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "class": "code-input",
                "autofocus": True,
            }
        ),
        error_messages={"required": _("Please enter the code from the mail.")},
    )


class DetailsForm(forms.ModelForm):
    """Who the person is, taken over into requests."""

    class Meta:
        model = User
        fields = ("name", "phone")
        labels: ClassVar = {"name": _("First and last name"), "phone": _("Phone")}
        help_texts: ClassVar = {
            "name": _("So that the house knows whom it writes to."),
            "phone": _("For questions on the day itself."),
        }
        widgets: ClassVar = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "phone": forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        }


class TokenForm(forms.Form):
    """A token for a program: what it is called, what it may do and how long."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        help_text=_("By which you know it again, such as “Website of the club”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Please give it a name.")},
    )
    scopes = forms.MultipleChoiceField(
        label=_("What the program may do"),
        initial=[Scope.READ],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose what the program may do.")},
    )
    valid_for = forms.TypedChoiceField(
        label=_("Valid for"),
        coerce=lambda days: timedelta(days=int(days)),
        choices=[(30, _("30 days")), (90, _("90 days")), (LONGEST_VALIDITY.days, _("one year"))],
        initial=90,
        help_text=_("After that the program needs a new token."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [  # type: ignore[attr-defined]
            (scope.value, scope.label) for scope in open_scopes(user)
        ]

    def scope_boxes(self) -> list[tuple[BoundWidget, Scope]]:
        """Return each box to tick with the scope it stands for."""
        return [(box, Scope(box.data["value"])) for box in self["scopes"]]


def _plain(form: forms.Form) -> None:
    """Take the placeholders away that allauth puts in: a label says it, and does not vanish."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)


class PasswordLoginForm(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self)
        self.fields["login"].label = _("E-mail address")
        self.fields["password"].help_text = ""


class PasswordSetForm(SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self)


class PasswordChangeForm(ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self)


class PasswordAgainForm(AllauthReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self)


class RecordedCode:
    """A form for a code of the second factor, of which a wrong one is written to the log."""

    user: User

    def clean_code(self) -> str:
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except forms.ValidationError as error:
            attempt = attempt_of(context.request, self.user.email, self.user)
            attempt.record(SecurityEvent.SECOND_FACTOR_WRONG, reason=error.code)
            raise
        return code


class SecondFactorForm(RecordedCode, AuthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _as_code(self.fields["code"], _("The six digits your app shows now, or one of your recovery codes."))


class SecondFactorAgainForm(RecordedCode, ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _as_code(self.fields["code"], _("The six digits your app shows now, or one of your recovery codes."))


class SecondFactorAddForm(ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _as_code(self.fields["code"], _("The six digits your app shows now."))


def _as_code(field: forms.Field, help_text: Any) -> None:
    field.label, field.help_text = _("Code"), help_text
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update({"autocomplete": "one-time-code", "class": "code-input"})
