"""From what was sent to what a service understands."""
