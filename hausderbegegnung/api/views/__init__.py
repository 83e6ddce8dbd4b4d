"""What the interface answers, by subject."""
