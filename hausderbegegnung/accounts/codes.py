"""The login by a code, widened by one thing: a new address becomes an account when its code is entered.

allauth mails no code to an address it does not know. Here the code goes out either way, so that
nobody can find out who has an account, and no row is written before the address is proven.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.models import EmailAddress, Login
from allauth.account.stages import LoginByCodeStage, LoginStageController
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language

from hausderbegegnung.models import User


def find_user(email: str) -> User | None:
    """Return the person with this address, however it is capitalised."""
    return User.objects.filter(email__iexact=email).first()


def get_or_create_user(email: str, *, language: str) -> User:
    """Return the person with this address, created when new. Two at once get the same one."""
    user = find_user(email)
    if user is None:
        try:
            with transaction.atomic():
                user = User.objects.create_user(email, language=language)
        except IntegrityError:
            user = User.objects.get_by_natural_key(email)
    return user


def prove_address(user: User) -> None:
    """Store that the person reads mail at the own address; second factors ask for that."""
    EmailAddress.objects.update_or_create(
        user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
    )


class LoginCode(LoginCodeVerificationProcess):
    """One code under way, kept in the session until it is entered, too old or guessed too often."""

    @classmethod
    def begin(cls, *, request: HttpRequest, email: str) -> "LoginCode":
        """Send a code to the address and remember in the session what is to be entered."""
        user = find_user(email)
        # To the address as stored: look-alike letters must not lead a code elsewhere.
        address = user.email if user else email.lower()
        login = Login(user=user, email=address)
        login.state["stages"] = {"current": LoginByCodeStage.key}
        stage = LoginByCodeStage(LoginStageController(request, login), request, login)
        stage.state.update(cls.initial_state(user=user, email=address), initiated_by_user=True)
        process = cls(stage=stage)
        process.send()
        process.persist()
        return process

    @classmethod
    def resume_or_none(cls, stage: LoginByCodeStage) -> "LoginCode | None":
        """Take up the code of this session; None when it is too old."""
        return cls(stage=stage).abort_if_invalid()

    def send(self, **options: Any) -> None:
        """Mail a new code; the one before is worth nothing from now on.

        An account that is switched off gets none, and its page looks like any other.
        """
        code = self.generate_code()
        if self.user is None or self.user.is_active:
            get_adapter().send_mail("account/email/login_code", self.state["email"], {"code": code})

    def resend(self) -> None:
        """Mail another code and give it the full time."""
        self.state["at"] = timezone.now().timestamp()
        self.send()
        self.record_resend()
        self.persist()

    def finish(self, redirect_url: str | None) -> HttpResponse:
        """Log in; whoever is new gets the account here."""
        if self.user is None:
            self._user = get_or_create_user(self.state["email"], language=get_language() or "de")
            self.stage.login.user = self._user
        prove_address(self._user)
        return super().finish(redirect_url)
