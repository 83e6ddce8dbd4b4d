"""The wall display at the entrance."""
