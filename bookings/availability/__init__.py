"""What a house offers in a period, and what a wanted date breaks."""
