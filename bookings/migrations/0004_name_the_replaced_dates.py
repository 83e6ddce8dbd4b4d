from typing import Any

from django.db import migrations


def name_replaced_dates(apps: Any, schema_editor: Any) -> None:
    """A change that waits for its decision replaces what is approved of the booking it names."""
    Booking = apps.get_model("bookings", "Booking")
    Slot = apps.get_model("bookings", "Slot")
    for booking in Booking.objects.filter(replaces__isnull=False, status="requested").iterator():
        booking.replaced_slots.set(Slot.objects.filter(booking_id=booking.replaces_id, status="approved"))


class Migration(migrations.Migration):

    dependencies = [
        ("bookings", "0003_series"),
    ]

    operations = [
        migrations.RunPython(name_replaced_dates, migrations.RunPython.noop),
    ]
