"""Associations, their bookings, each date of a booking, and what the database guards."""

from bookings.models.association import Association, Membership
from bookings.models.booking import Booking, BookingQuerySet, ReferenceCounter, is_of_user, public_title
from bookings.models.imported import ImportedDate
from bookings.models.occupancy import Occupancy
from bookings.models.slot import Slot, SlotQuerySet
from bookings.models.transition import Transition

__all__ = [
    "Association",
    "Booking",
    "BookingQuerySet",
    "ImportedDate",
    "Membership",
    "Occupancy",
    "ReferenceCounter",
    "Slot",
    "SlotQuerySet",
    "Transition",
    "is_of_user",
    "public_title",
]
