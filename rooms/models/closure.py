"""When house and rooms are closed."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rooms.enums import ClosureOrigin
from rooms.fields import LineField
from rooms.models.house import House, PlanModel
from rooms.models.room import Room


class Closure(PlanModel):
    """Time in which the house, or some of its rooms, cannot be booked."""

    house = models.ForeignKey(
        House, on_delete=models.CASCADE, verbose_name=_("house"), related_name="closures"
    )
    rooms = models.ManyToManyField(
        Room,
        blank=True,
        verbose_name=_("rooms"),
        related_name="closures",
        help_text=_("Empty: the whole house."),
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    reason = LineField(
        _("reason"), max_length=120, help_text=_("Shown to everybody, also on the display: no personal data.")
    )
    origin = models.CharField(_("origin"), max_length=20, choices=ClosureOrigin, default=ClosureOrigin.MANUAL)

    class Meta:
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        indexes: ClassVar = [models.Index(fields=["house", "ends_at"], name="closure_house_ends_at")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="closure_ends_after_start",
                violation_error_message=_("A closure ends after it starts."),
            )
        ]

    def __str__(self) -> str:
        return self.reason
