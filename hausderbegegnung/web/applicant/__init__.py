"""Pages of those who ask for a room: the request, what became of it, what they want to be told."""
