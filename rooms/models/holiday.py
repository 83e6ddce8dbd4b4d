"""Holidays, and from when until when they are known."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rooms.enums import HolidayKind
from rooms.fields import LineField
from rooms.models.house import House, PlanModel


class Holiday(PlanModel):
    """A public holiday, or days without school: what series may pause on."""

    house = models.ForeignKey(
        House, on_delete=models.CASCADE, verbose_name=_("house"), related_name="holidays"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=HolidayKind)
    name = LineField(
        _("name"), max_length=80, help_text=_("For example: Osterferien, or movable day off school.")
    )
    first_date = models.DateField(_("first day"))
    last_date = models.DateField(_("last day"), help_text=_("Included."))

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        indexes: ClassVar = [models.Index(fields=["house", "last_date"], name="holiday_house_last_date")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(last_date__gte=F("first_date")),
                name="holiday_last_day_after_first",
                violation_error_message=_("The last day is not before the first."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class HolidayCoverage(models.Model):
    """From when until when holidays of one kind are known; what lies outside is unknown, not free."""

    house = models.ForeignKey(House, on_delete=models.CASCADE, related_name="holiday_coverage")
    kind = models.CharField(max_length=10, choices=HolidayKind)
    first_date = models.DateField()
    last_date = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["house", "kind"], name="holiday_coverage_unique_per_kind")
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.first_date}–{self.last_date}"
