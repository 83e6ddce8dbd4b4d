"""What the domain announces, always inside the transaction and after everything is written."""

from django.dispatch import Signal

# Sent once per service call.
# Arguments: booking (Booking), verb (Verb), slots (list[Slot] that changed), before (dict of slot id
# to what a moved date was: a bookings.changes.Before), actor (Actor), note (str), now (datetime).
booking_changed = Signal()

# Sent once when a change of the house, such as a closure, was made together with what becomes of the
# approved dates it hits. `booking_changed` is not sent for these; who is to be told is told once.
# Arguments: changes (list[bookings.changes.Change], one or two for each booking), reason (str),
# actor (Actor), now (datetime).
dates_settled = Signal()
