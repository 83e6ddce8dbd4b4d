"""The one announcement of the domain."""

from django.dispatch import Signal

# Sent once per service call, inside its transaction, after everything is written.
# Arguments: booking (Booking), verb (Verb), slots (list[Slot] that changed), actor (Actor),
# note (str), now (datetime).
booking_changed = Signal()
