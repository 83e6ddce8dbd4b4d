"""People, known by an e-mail address, their logins and tokens; what beats and workers share."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from rooms.fields import LineField


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user; without a password the user logs in by a code sent by mail."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_staff(self, email: str, **fields: Any) -> "User":
        """Create somebody who may decide on requests and set up the house."""
        return self.create_user(email, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email__iexact=email)


class User(AbstractUser):
    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail address"), unique=True)
    name = LineField(_("name"), max_length=150, blank=True)
    phone = LineField(_("phone"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=5, default="de")
    is_caretaker = models.BooleanField(
        _("caretaker"), default=False, help_text=_("Sees the day plan with rooms, set-up and contact.")
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique_ignoring_case")
        ]

    def become_staff(self, *, name: str = "") -> None:
        """Give all rights to the person, who can log in again if that was taken away."""
        self.is_staff = self.is_superuser = self.is_active = True
        self.name = name or self.name
        self.save(update_fields=["is_staff", "is_superuser", "is_active", "name"])

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name or self.email


class SessionManager(BaseSessionManager["Session"]):
    def get_queryset(self) -> models.QuerySet["Session"]:
        return super().get_queryset().select_related("user")


class Session(AbstractBaseSession):
    """What is kept of a visitor, and the person, where one is logged in (`accounts.sessions`)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")

    objects: ClassVar[SessionManager] = SessionManager()

    class Meta(AbstractBaseSession.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.user}: {self.expire_date}"


class ApiToken(models.Model):
    """What a program sends to act for a person: its hash, never the token itself.

    `hint` is the beginning of the token, by which it is looked up and people know it again; `scopes` are
    values of `hausderbegegnung.accounts.tokens.Scope`.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = LineField(_("name"), max_length=60)
    hint = models.CharField(max_length=12, db_index=True)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "name"], name="api_token_name_unique_for_its_person")
        ]

    def __str__(self) -> str:
        return self.name


class PendingCode(models.Model):
    """A login code under way: what is to be entered, how often that was tried, how often it was sent anew.

    The visitor's session holds the number of this row. What is counted stands here and not there, because
    a session is read and written as a whole: requests sent at once would all count the same guess.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    digest = models.CharField(max_length=64)
    guesses = models.PositiveSmallIntegerField(default=0)
    resends = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.id}: {self.expires_at}"


class AttemptCounter(models.Model):
    """How often somebody tried something since the current period of a limit began.

    `key` names the limit and whom it is about, by a keyed hash (`hausderbegegnung.accounts.limits`).
    """

    key = models.CharField(max_length=80, unique=True)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"


class Heartbeat(models.Model):
    """When something that runs beside the web server was last seen alive."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.at}"


class PlannedWork(models.Model):
    """When a planned task was last done, and since when somebody is at it: what beats share."""

    name = models.CharField(max_length=100, unique=True)
    claimed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name}: {self.done_at}"
