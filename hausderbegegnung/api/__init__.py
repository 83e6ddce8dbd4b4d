"""The API /api/v1/: what the pages do, by the same services, for other programs."""
