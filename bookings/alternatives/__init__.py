"""What could be changed about a date so that it fits."""
