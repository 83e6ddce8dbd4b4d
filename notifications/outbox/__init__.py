"""From the entry of a message to its delivery."""
