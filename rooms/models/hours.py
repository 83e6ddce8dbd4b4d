"""When house and rooms are open."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rooms.enums import Weekday
from rooms.models.house import House, PlanModel
from rooms.models.room import Room


class OpeningHours(PlanModel):
    """One span of a weekly timetable of the house, or of one room that has its own.

    The rows with the same validity form one timetable. On a day the valid timetable that
    started last holds, alone: a summer timetable without a Sunday means closed on Sundays.
    A room with a timetable of its own that is valid on the day does not follow the house's.
    """

    house = models.ForeignKey(
        House, on_delete=models.CASCADE, verbose_name=_("house"), related_name="opening_hours"
    )
    room = models.ForeignKey(
        Room,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("room"),
        related_name="opening_hours",
        help_text=_("Empty: for the whole house."),
    )
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    opens_at = models.TimeField(_("opens at"))
    closes_at = models.TimeField(_("closes at"), help_text=_("00:00 means midnight at the end of the day."))
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(
        _("valid until"), null=True, blank=True, help_text=_("The last day, included. Empty: without end.")
    )

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")) | Q(closes_at="00:00"),
                name="opening_hours_close_after_opening",
                violation_error_message=_("The house closes after it opens."),
            ),
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("valid_from")) | Q(valid_until=None) | Q(valid_from=None),
                name="opening_hours_valid_until_after_from",
                violation_error_message=_("The last day is not before the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens_at:%H:%M}–{self.closes_at:%H:%M}"
