"""The pages, by who uses them; what more than one group of people needs is in shared."""
