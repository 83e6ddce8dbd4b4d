"""The pages of bookings: parse the request, call the domain, render."""
