"""The table the database guards against double booking, and how it is searched."""
