"""Forms of staff: they read what was typed and say what is unclear; rules are the services'."""
