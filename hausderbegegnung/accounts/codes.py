"""The login by a code, other than allauth's in two things.

A new address becomes an account when its code is entered. allauth mails no code to an address it does not
know; here the code goes out either way, so that nobody can find out who has an account, and nothing is
stored of an address before it is proven. And guesses are counted in the database: allauth counts them in
the session, where those sent at once are counted as one.
"""

from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.models import EmailAddress, Login
from allauth.account.stages import LoginByCodeStage, LoginStageController
from allauth.core.internal.cryptokit import normalize_user_code
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import get_language

from hausderbegegnung.accounts.limits import Attempt, attempt_of
from hausderbegegnung.accounts.security import SecurityEvent
from hausderbegegnung.models import PendingCode, User

VALID_FOR = timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT)
MOST_GUESSES = settings.ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS
MOST_RESENDS = settings.ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND


class TooManyGuesses(Exception):
    """The guesses of this code are used up; it is worth nothing any more."""


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
    """One code under way: its row counts, the session of the visitor knows the row and the address."""

    @classmethod
    def begin(cls, *, request: HttpRequest, email: str) -> "LoginCode":
        """Send a code to the address and remember in the session what is to be entered.

        Raises TooOften.
        """
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

    @cached_property
    def attempt(self) -> Attempt:
        return attempt_of(self.request, self.state["email"], self.user)

    def is_valid(self) -> bool:
        return self._pending(timezone.now()).exists()

    @property
    def can_resend(self) -> bool:
        return self._pending(timezone.now()).filter(resends__lt=MOST_RESENDS).exists()

    def send(self) -> None:
        """Mail a first code. Raises TooOften."""
        now = timezone.now()
        self.attempt.count_code(now=now)
        pending, code = PendingCode(expires_at=now + VALID_FOR), get_adapter().generate_login_code()
        pending.digest = _digest(pending.pk, code)
        with transaction.atomic():
            pending.save(force_insert=True)
            self._mail(code)
        self.state["pending"] = str(pending.pk)

    def resend(self) -> bool:
        """Mail another code and give it the full time; the one before is worth nothing from now on.

        False when it was sent anew often enough. Raises TooOften.
        """
        now = timezone.now()
        self.attempt.count_code(now=now)
        code = get_adapter().generate_login_code()
        with transaction.atomic():
            is_renewed = (
                self._pending(now)
                .filter(resends__lt=MOST_RESENDS, guesses__lt=MOST_GUESSES)
                .update(
                    resends=F("resends") + 1,
                    digest=_digest(UUID(self.state["pending"]), code),
                    expires_at=now + VALID_FOR,
                )
            )
            if is_renewed:
                self._mail(code)
        return bool(is_renewed)

    def guess(self, typed: str) -> bool:
        """Whether this is the code. A guess is counted before it is compared.

        Raises TooManyGuesses where none is left, also when this one was the last and is wrong, and TooOften.
        """
        now = timezone.now()
        self.attempt.count_guess(now=now)
        if not self._pending(now).filter(guesses__lt=MOST_GUESSES).update(guesses=F("guesses") + 1):
            self.attempt.record(SecurityEvent.LOGIN_CODE_USED_UP)
            raise TooManyGuesses
        pending = PendingCode.objects.get(pk=self.state["pending"])
        if constant_time_compare(pending.digest, _digest(pending.pk, typed)):
            self.attempt.take_back_guess(now=now)
            return True
        self.attempt.record(SecurityEvent.LOGIN_CODE_WRONG)
        if pending.guesses >= MOST_GUESSES:
            self.abort()
            raise TooManyGuesses
        return False

    def finish(self, redirect_url: str | None) -> HttpResponse:
        """Log in; whoever is new gets the account here."""
        if self.user is None:
            self._user = get_or_create_user(self.state["email"], language=get_language() or "de")
            self.stage.login.user = self._user
        prove_address(self._user)
        return super().finish(redirect_url)

    def _pending(self, now: datetime) -> QuerySet[PendingCode]:
        return PendingCode.objects.filter(pk=self.state.get("pending"), expires_at__gte=now)

    def _mail(self, code: str) -> None:
        """Mail the code. An account that is switched off gets none, and its page looks like any other."""
        if self.user is None or self.user.is_active:
            get_adapter().send_mail("account/email/login_code", self.state["email"], {"code": code})
            self.attempt.record(SecurityEvent.LOGIN_CODE_SENT)


def _digest(number: UUID, code: str) -> str:
    """Return what is stored of a code: a keyed hash, for six digits are tried through in no time."""
    text = f"{number}:{normalize_user_code(code)}"
    return salted_hmac("hausderbegegnung.accounts.codes", text, algorithm="sha256").hexdigest()


def forget_codes(*, now: datetime) -> int:
    """Delete the codes that are too old to be entered; return how many."""
    deleted, _by_model = PendingCode.objects.filter(expires_at__lt=now).delete()
    return deleted
