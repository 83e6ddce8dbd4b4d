"""What django-allauth asks of the house: mails through the outbox, our sentences, our next page."""

import uuid
from typing import Any, ClassVar
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bookings.access.permissions import May
from hausderbegegnung.accounts.codes import find_user
from hausderbegegnung.accounts.devices import remember_device
from hausderbegegnung.accounts.limits import TooOften, attempt_of
from hausderbegegnung.accounts.security import SecurityEvent
from hausderbegegnung.models import User
from notifications.outbox.entry import enqueue
from rooms.lookups import find_house

WRONG_CODE = _("This code is not right. Please use the code from the newest mail.")

# What happened to an account, by allauth's name of the mail, or one like it: heading and sentence.
NOTICES = {
    "account/email/password_changed": (
        _("Your password was changed"),
        _("Please use the new password from now on."),
    ),
    "account/email/password_set": (
        _("Your account now has a password"),
        _("You can now log in with a password, too. The code by email keeps working."),
    ),
    "mfa/email/totp_activated": (
        _("Your account now has a second factor"),
        _("From now on logging in needs a code from your authenticator app, too."),
    ),
    "mfa/email/totp_deactivated": (
        _("Your second factor was removed"),
        _("Logging in no longer needs a code from your authenticator app."),
    ),
    "account/email/token_made": (
        _("A token for a program was made"),
        _("With it a program can act for you, within the limits that were chosen with it."),
    ),
    "mfa/email/recovery_codes_generated": (
        _("Your recovery codes were renewed"),
        _("The old recovery codes no longer work."),
    ),
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "incorrect_code": WRONG_CODE,
        "incorrect_password": _("This password is not right."),
        "enter_current_password": _("This is not your current password."),
        "email_password_mismatch": _("The e-mail address or the password is not right."),
        "too_many_login_attempts": _("That was too often. Please wait a few minutes and try again."),
        "rate_limited": _("That was too often. Please wait a few minutes and try again."),
        "account_inactive": _("This account is switched off. Please contact the house."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts come into being by confirming a code, never by a sign-up form."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Enter the mail in the outbox; a prefix we have no mail for would be a new feature of allauth."""
        if template_prefix == "account/email/login_code":
            kind = "login_code"
            facts: dict[str, Any] = {
                "code": context["code"],
                "minutes": settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT // 60,
            }
        else:
            kind, (heading, sentence) = "account_notice", NOTICES[template_prefix]
            warning = _("If that was not you, please tell the house at once.")
            facts = {
                "heading": str(heading),
                "paragraphs": [str(sentence), str(warning)],
                "link": settings.SITE_URL + reverse("account"),
                "link_label": str(_("View your account")),
            }
        enqueue(
            kind=kind,
            recipient=email,
            facts=facts,
            dedupe_key=f"{kind}:{uuid.uuid4()}",
            now=timezone.now(),
            language=get_language() or settings.LANGUAGE_CODE,
        )

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count no tries in the cache, as allauth would: `authenticate` counts them in the database."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Return whose password this is, None for nobody's; too many tries are an error of the form."""
        now, address = timezone.now(), credentials.get("email", "")
        attempt = attempt_of(request, address, find_user(address))
        try:
            attempt.count_guess(now=now)
        except TooOften as refusal:
            raise ValidationError(refusal.sentence, code="too_many_login_attempts") from refusal
        user: User | None = super().authenticate(request, **credentials)
        if user is None:
            attempt.record(SecurityEvent.PASSWORD_WRONG)
        else:
            attempt.take_back_guess(now=now)
        return user

    def post_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponse:
        """Ask whoever is new for a name, go on to where the person wanted to go; know the device again."""
        attempt_of(request, user.email, user).record(SecurityEvent.LOGIN)
        response = self._next_page(request, user, **details)
        remember_device(request, response, user)
        return response

    def _next_page(self, request: HttpRequest, user: User, **details: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **details)
        if user.name or not isinstance(response, HttpResponseRedirect):
            return response
        # The request form asks for the name itself.
        if urlsplit(response.url).path == reverse("request_booking"):
            return response
        return HttpResponseRedirect(
            f"{reverse('account_details')}?{urlencode({REDIRECT_FIELD_NAME: response.url})}"
        )

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where somebody starts who did not want to go anywhere: where the work is."""
        may = May(request.user, find_house())
        if may.decide:
            return reverse("inbox")
        if may.administer:
            return reverse("admin:index")
        return reverse("caretaker_day" if may.see_day_plan else "my_bookings")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right. Please use the one your app shows now."),
    }

    def get_totp_issuer(self) -> str:
        """The name under which the app lists the account."""
        house = find_house()
        return house.name if house else "Haus der Begegnung"

    def build_totp_svg(self, url: str) -> str:
        """Draw the QR code as an element of the page: an XML declaration has no place there."""
        drawing = super().build_totp_svg(url)
        return drawing[drawing.index("<svg") :].replace("svg:", "")
