"""Forms of applicants: they read what people typed and say what is unclear; rules are the services'."""
