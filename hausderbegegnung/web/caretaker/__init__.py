"""Pages of those who open the house, set up and lock."""
