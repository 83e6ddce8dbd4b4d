"""What a change of the house does to approved dates."""
