"""Who acts, what they may do in which house, and how they find their bookings."""
