"""Backups: an archive of rows and files that either engine can be filled from."""
