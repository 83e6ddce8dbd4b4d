"""The outbox, which is the log of mails as well, and the words of a house."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

# The fact that holds the words of a mail to try them out.
TRIAL_WORDS = "trial_words"


class MessageState(models.TextChoices):
    PENDING = "pending", _("waiting")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")
    # What it said was no longer so when its turn came: a date had moved, or was over.
    DROPPED = "dropped", _("dropped")
    BUNDLED = "bundled", _("part of another mail")


class Fault(models.TextChoices):
    """Why a mail did not get out, in words for staff; `Message.last_error` has what the server said."""

    ADDRESS = "address", _("The mail server does not take this address.")
    REFUSED = "refused", _("The mail server does not take this mail.")
    BUSY = "busy", _("The mail server asks to come again later.")
    AWAY = "away", _("The mail server cannot be reached, or takes no mails from this house.")
    TEXT = "text", _("The text could not be made.")
    LATE = "late", _("It could not be sent while it was of use.")
    OUTDATED = "outdated", _("What it says was no longer so.")
    CRASH = "crash", _("Sending broke off again and again, so the mail may have arrived all the same.")


class Message(models.Model):
    """One mail to one person: what is to be told, and what became of it.

    Written in the transaction of the business action with facts only; a worker renders and sends.
    """

    kind = models.CharField(_("kind"), max_length=40)
    booking = models.ForeignKey(
        "bookings.Booking",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="messages",
        verbose_name=_("booking"),
    )
    recipient = models.EmailField(_("recipient"))
    language = models.CharField(_("language"), max_length=5, default="de")
    facts = models.JSONField(_("facts"), default=dict)
    # Only a key: whatever somebody wants to know of a message has a column of its own.
    dedupe_key = models.CharField(max_length=200)
    # Whom it is meant for (`notifications.recipients.person_of`), also where it was sent elsewhere since.
    person = models.CharField(max_length=16, editable=False, default="")
    # Of a planned mail about a day of a house.
    house = models.ForeignKey(
        "rooms.House", on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    day = models.DateField(null=True, editable=False)
    copy_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, editable=False, related_name="copies"
    )
    message_id = models.CharField(_("Message-ID"), max_length=200, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=MessageState, default=MessageState.PENDING)
    not_before = models.DateTimeField(_("not before"))
    created_at = models.DateTimeField(_("entered at"))
    claimed_at = models.DateTimeField(_("claimed at"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    takeovers = models.PositiveSmallIntegerField(
        _("taken over"),
        default=0,
        help_text=_(
            "How often sending broke off without a result, so that the mail may be there more than once."
        ),
    )
    fault = models.CharField(_("problem"), max_length=10, choices=Fault, blank=True)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)
    bundled_into = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="bundled",
        verbose_name=_("told in"),
        help_text=_("The mail that tells this as well, so that it does not go out on its own."),
    )
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    body = models.TextField(_("text as sent"), blank=True)
    html = models.TextField(_("HTML as sent"), blank=True)
    erased_at = models.DateTimeField(
        _("text erased at"),
        null=True,
        blank=True,
        help_text=_("Since when only the fact of the mail is kept, and not what it said."),
    )

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes: ClassVar = [
            models.Index(fields=["state", "not_before"], name="message_state_not_before"),
            models.Index(fields=["created_at"], name="message_created_at"),
            # Few, and counted by monitoring.
            models.Index(
                fields=["takeovers"], name="message_taken_over", condition=models.Q(takeovers__gt=0)
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dedupe_key", "person"], name="message_once_per_person")
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.recipient}"

    @property
    def is_trial(self) -> bool:
        """Whether it only tries out the words of a house, about a made-up booking."""
        return TRIAL_WORDS in self.facts


class MailText(models.Model):
    """What a house says in its own words in one kind of mail, in one language.

    Only what differs from the default is stored, so that the rest follows when the default gets better.
    """

    house = models.ForeignKey(
        "rooms.House", on_delete=models.CASCADE, related_name="mail_texts", verbose_name=_("house")
    )
    kind = models.CharField(_("kind"), max_length=40)
    language = models.CharField(_("language"), max_length=5)
    words = models.JSONField(_("text"))

    class Meta:
        verbose_name = _("text of a mail")
        verbose_name_plural = _("texts of mails")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["house", "kind", "language"], name="mail_text_unique_in_house")
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.language})"


class Declined(models.Model):
    """A kind of mail that somebody does not want; see `notifications.preferences`.

    The person is known by a hash of the address, so that nobody who reads the table learns who it is.
    """

    person = models.CharField(max_length=16)
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "kind"], name="declined_once_per_person")
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.kind}"


class FailingAddress(models.Model):
    """An address that did not take the last mails; gone as soon as one gets through, or staff correct it."""

    address = models.EmailField(_("address"), unique=True)
    failures = models.PositiveSmallIntegerField(_("failures in a row"), default=0)
    last_failed_at = models.DateTimeField(_("last failure"))
    last_error = models.TextField(_("last error"), blank=True)

    class Meta:
        verbose_name = _("failing address")
        verbose_name_plural = _("failing addresses")

    def __str__(self) -> str:
        return self.address
