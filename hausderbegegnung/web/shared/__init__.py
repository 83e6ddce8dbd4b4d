"""What pages of more than one group of people need."""
