"""iCalendar files: of a date, of a booking."""
