"""Why there is no backup, or why it was not restored, as sentences for whoever runs the software."""


class BackupError(Exception):
    """Nothing was made or changed, and nothing is left behind; the text says why and what to do."""
