"""Forms of the pages: they read what people typed and say what is unclear; rules are the services'."""
