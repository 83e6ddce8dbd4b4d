"""The history of bookings."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from bookings.date_facts import Before
from bookings.enums import Verb
from bookings.models.booking import Booking
from bookings.models.slot import Slot
from rooms.fields import LineField
from rooms.intervals import Interval


class TransitionQuerySet(models.QuerySet["Transition"]):
    def with_before(self) -> Self:
        """The history of dates that were changed, the latest line first."""
        return self.filter(before_starts_at__isnull=False).order_by("-at", "-pk")


class Transition(models.Model):
    """One line of the history of a booking or of one of its slots; never changed or deleted."""

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="transitions")
    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, null=True, related_name="transitions")
    verb = models.CharField(_("what"), max_length=12, choices=Verb)
    from_status = models.CharField(_("from"), max_length=20, blank=True)
    to_status = models.CharField(_("to"), max_length=20)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    actor_kind = models.CharField(_("who"), max_length=12)
    note = models.TextField(_("note"), blank=True)
    # Of a date that was changed: its net time and the names of its rooms, as they were before.
    before_starts_at = models.DateTimeField(null=True)
    before_ends_at = models.DateTimeField(null=True)
    before_rooms = models.JSONField(default=list)
    before_email = models.EmailField(blank=True)
    # Of a decision that sets rules of the house aside: their codes, and why, as staff wrote it.
    overridden_rules = models.JSONField(default=list)
    override_reason = LineField(max_length=500, blank=True)
    at = models.DateTimeField(_("at"))

    objects = TransitionQuerySet.as_manager()

    class Meta:
        verbose_name = _("history entry")
        verbose_name_plural = _("history")

    def __str__(self) -> str:
        return f"{self.booking_id} {self.verb} {self.at}"

    @property
    def before(self) -> Before | None:
        """When and where the date was before; None of a line that changed neither."""
        if self.before_starts_at is None or self.before_ends_at is None:
            return None
        return Before(Interval(self.before_starts_at, self.before_ends_at), tuple(self.before_rooms))
