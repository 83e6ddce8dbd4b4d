"""What was read of dates that came from a calendar."""

from django.db import models

from bookings.enums import SlotStatus
from bookings.models.slot import Slot


class ImportedDate(models.Model):
    """A date of a calendar as it was read last into its slot: where that differs, it was changed here."""

    slot = models.OneToOneField(Slot, on_delete=models.CASCADE, related_name="imported")
    uid = models.CharField(max_length=255, db_index=True)
    calendar = models.CharField(max_length=50, blank=True)
    original = models.DateTimeField()
    sequence = models.PositiveIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    room_ids = models.JSONField()
    title = models.CharField(max_length=120)
    status = models.CharField(max_length=12, choices=SlotStatus)

    def __str__(self) -> str:
        return f"{self.uid}: {self.original}"
