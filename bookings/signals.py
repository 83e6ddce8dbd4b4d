"""What the domain announces, always inside the transaction and after everything is written."""

from django.dispatch import Signal

# Sent once per service call.
# Arguments: booking (Booking), verb (Verb), slots (list[Slot] that changed), before (dict of slot id
# to what a moved date was: a bookings.changes.Before), actor (Actor), note (str), now (datetime).
booking_changed = Signal()
