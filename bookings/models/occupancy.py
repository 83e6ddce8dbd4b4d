"""What the database guards: who takes which room when."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from bookings.models.slot import Slot
from bookings.occupancy.expressions import ADayAfter
from rooms.models import Room


class Occupancy(models.Model):
    """The gross time a slot takes of one atomic part: what the database guards (bookings.occupancy.guard).

    `is_blocking` holds while the slot is approved, `is_long` where it takes a day or more. No row is
    longer than 31 days, which bounds every look-up of overlaps.
    """

    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, related_name="occupancies")
    part = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="occupancies")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_blocking = models.BooleanField(default=False)
    # Rare, and so it is cheap to look for them apart from the others; see bookings.occupancy.overlapping.
    is_long = models.GeneratedField(
        expression=ADayAfter("ends_at", "starts_at"), output_field=models.BooleanField(), db_persist=True
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["part", "starts_at", "ends_at"], name="occupancy_part_times"),
            models.Index(
                fields=["part", "starts_at"], name="occupancy_long_part_starts", condition=Q(is_long=True)
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["slot", "part"], name="occupancy_unique_per_part"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="occupancy_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part_id}: {self.starts_at}"
