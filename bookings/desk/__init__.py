"""What staff have to decide."""
