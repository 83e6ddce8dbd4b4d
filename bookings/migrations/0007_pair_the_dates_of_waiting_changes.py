from typing import Any
from zoneinfo import ZoneInfo

from django.db import migrations

from bookings.pairs import pair_dates
from rooms.intervals import Interval


def pair_waiting_changes(apps: Any, schema_editor: Any) -> None:
    """What waits in a change takes the place of what still stands of the dates it is about."""
    Booking = apps.get_model("bookings", "Booking")
    Slot = apps.get_model("bookings", "Slot")
    changes = Booking.objects.filter(replaces__isnull=False, status="requested").select_related("house")
    for booking in changes.iterator():
        old = list(booking.replaced_slots.filter(status="approved").order_by("starts_at", "pk"))
        new = list(booking.slots.filter(status="requested").order_by("starts_at", "pk"))
        times = [[Interval(slot.starts_at, slot.ends_at) for slot in slots] for slots in (old, new)]
        for old_number, new_number in pair_dates(*times, ZoneInfo(booking.house.time_zone)):
            new[new_number].replaces = old[old_number]
        Slot.objects.bulk_update(new, ["replaces"])


class Migration(migrations.Migration):

    dependencies = [
        ("bookings", "0006_name_the_date_a_date_replaces"),
    ]

    operations = [
        migrations.RunPython(pair_waiting_changes, migrations.RunPython.noop),
    ]
