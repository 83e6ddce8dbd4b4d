"""Pages for everybody: what is on, which rooms there are, which is free."""
